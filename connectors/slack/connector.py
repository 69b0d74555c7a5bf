"""Bring Slack: the entry point `slack` of `personac.connectors`. Slack's packages are loaded when a channel opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.contracts import Bot, Channel, Desk
from ...core.errors import ExtensionInvalid
from .settings import faults, read_settings


class SlackConnector:
    """Connect personas with Slack workspaces."""

    name = "slack"

    def check(self, settings: Mapping[str, Any]) -> Mapping[str, str]:
        """Return what is wrong with a block as it is written, by its keys."""
        return faults(settings)

    def open(self, bot: Bot, settings: Mapping[str, Any], desk: Desk) -> Channel:
        """Return the channel of a persona.

        Raise SettingsInvalid with what is missing and where to get it, ExtensionInvalid when the extra is missing.
        """
        read = read_settings(settings)
        try:
            from .channel import SlackChannel
        except ModuleNotFoundError as error:
            text = f"Slack needs the package {error.name}; install it with: pip install 'personac[slack]'"
            raise ExtensionInvalid(text) from error
        return SlackChannel(bot, read, desk)
