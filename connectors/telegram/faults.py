"""What Telegram's refusals mean for an answer: try later, never, or in another way.

Texts of these errors go into logs and lists; Telegram's own words hold none of the message's.
"""

from __future__ import annotations

import httpx
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from ...core.errors import PersonacError, RetryLater, Undeliverable

NO_TOKEN = 60.0  # seconds until a refused token is tried again: only a person can mend that

_SENT_NOTHING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def meaning(error: TelegramError) -> PersonacError:
    """Return the error of the contract for one of Telegram."""
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return RetryLater(float(wait if isinstance(wait, int | float) else wait.total_seconds()), "Telegram is busy")
    if isinstance(error, InvalidToken):
        return RetryLater(NO_TOKEN, "Telegram does not know the bot's token; look at connectors.telegram.token")
    if isinstance(error, Forbidden):
        return Undeliverable(f"Telegram: {error.message}")
    if isinstance(error, BadRequest):  # a subclass of NetworkError
        return Undeliverable(f"Telegram: {error.message}")
    if isinstance(error, TimedOut):
        return RetryLater(None, "Telegram did not answer in time")
    return RetryLater(None, f"Telegram could not be reached ({type(error.__cause__ or error).__name__})")


def may_have_arrived(error: TelegramError) -> bool:
    """Tell whether a call that failed may have been carried out: no answer came, or one of a broken server."""
    if isinstance(error, BadRequest) or not isinstance(error, NetworkError):
        return False
    return not isinstance(error.__cause__, _SENT_NOTHING)


def is_unchanged(error: TelegramError) -> bool:
    """Tell whether an edit was refused because the message already is as it should be."""
    return isinstance(error, BadRequest) and "not modified" in error.message.lower()


def is_markup(error: TelegramError) -> bool:
    """Tell whether a text was refused for its markup."""
    return isinstance(error, BadRequest) and "parse entities" in error.message.lower()


def is_missing(error: TelegramError) -> bool:
    """Tell whether an edit was refused because there is no message of ours of that kind to edit."""
    words = error.message.lower()
    return isinstance(error, BadRequest) and any(
        sign in words
        for sign in (
            "to edit not found",
            "can't be edited",
            "message_id_invalid",
            "no text in the",
            "no caption in the",
        )
    )
