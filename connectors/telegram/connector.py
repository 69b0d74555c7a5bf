"""The entry point: a persona's block `connectors.telegram` in, its channel out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ...core.contracts import Bot, Channel, Desk
from .channel import TelegramChannel
from .settings import faults, read_settings


class TelegramConnector:
    """Bring personas to Telegram, each as a bot of its own."""

    name = "telegram"

    def check(self, settings: Mapping[str, Any]) -> Mapping[str, str]:
        """Return what is wrong with a block as it is written, by its keys."""
        return faults(settings)

    def open(self, bot: Bot, settings: Mapping[str, Any], desk: Desk) -> Channel:
        """Return the channel of a persona, not yet connected; raise SettingsInvalid."""
        for name in ("httpx", "httpcore", "telegram"):  # they log addresses, which hold the token, and what is said
            if logging.getLogger(name).level < logging.WARNING:
                logging.getLogger(name).setLevel(logging.WARNING)
        return TelegramChannel(bot, read_settings(settings, bot.profile.slug), desk)
