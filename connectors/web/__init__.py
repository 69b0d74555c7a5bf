"""The web connector: a page, a WebSocket, and a small HTTP interface for each persona."""

from .connector import WebConnector

__all__ = ["WebConnector"]
