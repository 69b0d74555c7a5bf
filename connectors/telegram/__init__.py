"""Telegram: a persona as a bot, by webhook or long polling."""

from .connector import TelegramConnector

__all__ = ["TelegramConnector"]
