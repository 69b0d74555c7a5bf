"""The Slack connector: Events API over HTTP and Socket Mode, streamed answers, files, buttons, hand-off to people."""

from .connector import SlackConnector

__all__ = ["SlackConnector"]
