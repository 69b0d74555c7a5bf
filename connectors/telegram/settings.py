"""A persona's block `connectors.telegram`, read and checked.

Knows nothing of messages; says where each thing that is missing is to be had.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from ...core.errors import SettingsInvalid

API = "https://api.telegram.org/bot"
FILES = "https://api.telegram.org/file/bot"

_TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{20,100}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what setWebhook takes
_KEYS = ("token", "secret_token", "webhook", "voice", "feedback", "sources", "base_url", "base_file_url")
_VOICES = ("auto", "always", "never")


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold how a persona is on Telegram; `webhook` is the whole public address, empty for long polling."""

    token: str = field(repr=False)
    secret_token: str = field(default="", repr=False)
    webhook: str = ""
    voice: Literal["auto", "always", "never"] = "auto"  # auto: who speaks is answered with a voice note too
    feedback: bool = True
    sources: bool = True
    base_url: str = API
    base_file_url: str = FILES


def read_settings(block: Mapping[str, Any], slug: str) -> Settings:
    """Return the settings of a persona's block; raise SettingsInvalid."""
    for key in block:
        if key not in _KEYS:
            near = get_close_matches(str(key), _KEYS, 1)
            advice = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(_KEYS)}"
            raise SettingsInvalid(f"connectors.telegram has no setting `{key}`; {advice}")
    token = _text(block, "token")
    if not token:
        raise SettingsInvalid(
            "connectors.telegram needs `token: ${TELEGRAM_TOKEN}`; @BotFather gives one in Telegram, with /newbot"
        )
    if not _TOKEN.fullmatch(token):
        raise SettingsInvalid(
            "connectors.telegram.token is not a bot's token; one looks like 123456:ABC-DEF and comes from @BotFather"
        )
    secret = _text(block, "secret_token")
    if secret and not _SECRET.fullmatch(secret):
        raise SettingsInvalid(
            "connectors.telegram.secret_token may hold 1 to 256 of A-Z, a-z, 0-9, _ and -; "
            "`openssl rand -hex 32` makes a good one"
        )
    webhook = _webhook(_text(block, "webhook"), slug)
    if webhook and not secret:
        raise SettingsInvalid(
            "connectors.telegram.webhook needs `secret_token: ${TELEGRAM_SECRET}` beside it, or anybody could send "
            "messages in Telegram's name; `openssl rand -hex 32` makes one"
        )
    voice = block.get("voice", "auto")
    if voice not in _VOICES:
        raise SettingsInvalid(f"connectors.telegram.voice is one of: {', '.join(_VOICES)}")
    return Settings(
        token=token,
        secret_token=secret,
        webhook=webhook,
        voice=cast("Literal['auto', 'always', 'never']", voice),
        feedback=_flag(block, "feedback"),
        sources=_flag(block, "sources"),
        base_url=_text(block, "base_url") or API,
        base_file_url=_text(block, "base_file_url") or FILES,
    )


def faults(block: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with a block as it is written, by its keys; a `${VARIABLE}` fits everywhere."""
    texts = {key: str(value) for key, value in block.items() if isinstance(value, str) and "${" in value}
    stand_ins: dict[str, Any] = {"token": f"123456:{'A' * 35}", "webhook": "https://example.org", "voice": "auto"}
    stand_ins |= {"feedback": True, "sources": True}
    try:
        read_settings({**block, **{key: stand_ins.get(key, "x") for key in texts}}, "persona")
    except SettingsInvalid as error:
        told = str(error)
        about = next((key for key in block if f"telegram.{key} " in told or f"setting `{key}`" in told), "")
        return {about: told}
    return {}


def _text(block: Mapping[str, Any], key: str) -> str:
    value = block.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SettingsInvalid(f"connectors.telegram.{key} is a text")
    return value.strip()


def _flag(block: Mapping[str, Any], key: str) -> bool:
    value = block.get(key, True)
    if not isinstance(value, bool):
        raise SettingsInvalid(f"connectors.telegram.{key} is true or false")
    return value


def _webhook(address: str, slug: str) -> str:
    """Return the whole address; one without a path gets the persona's own."""
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.netloc or parts.query or parts.fragment:
        raise SettingsInvalid(
            "connectors.telegram.webhook is the server's public address, such as https://bots.example.com; "
            "Telegram calls nothing but https"
        )
    return address if parts.path.strip("/") else f"https://{parts.netloc}/p/{slug}/telegram/"
