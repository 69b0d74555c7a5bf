"""A persona's block `connectors.slack`, checked. Knows no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any, Literal

from ...core.errors import SettingsInvalid

API = "https://slack.com/api/"
WHERE = "see https://api.slack.com/apps, your app, and docs/slack.md"


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold how one persona is connected to one workspace.

    With a signing secret Slack's requests are taken over HTTP; with an app token they are fetched in Socket Mode; one
    of the two is needed. `people` is the id of the channel whose members take over what is handed off. `threads` says
    whether the bot goes on in a thread where it has answered, or waits to be mentioned each time; `direct` whether
    direct messages are answered flat or each in a thread of its own, where Slack lets words be streamed; `voice`
    whether answers are spoken: to who speaks, `always`, or `never`.
    """

    bot_token: str = field(repr=False)
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    people: str = ""
    threads: Literal["follow", "mentioned"] = "follow"
    direct: Literal["flat", "threads"] = "flat"
    voice: Literal["auto", "always", "never"] = "auto"
    feedback: bool = True
    api: str = API


_CHOICES = {"threads": ("follow", "mentioned"), "direct": ("flat", "threads"), "voice": ("auto", "always", "never")}


def read_settings(block: Mapping[str, Any]) -> Settings:
    """Return the settings of a block; raise SettingsInvalid with all that is wrong with it."""
    if wrong := faults(block):
        raise SettingsInvalid("connectors.slack: " + "; ".join(wrong.values()))
    values: dict[str, Any] = {key: value.strip() if isinstance(value, str) else value for key, value in block.items()}
    return Settings(**values)


def faults(block: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with a block, by its keys, under "" what is missing; a `${VARIABLE}` fits everywhere."""
    wrong: dict[str, str] = {}
    for key, value in block.items():
        if key not in _KNOWN:
            near = get_close_matches(str(key), _KNOWN, 1)
            advice = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(_KNOWN)}"
            wrong[key] = f"`{key}` is not known; {advice}"
        elif key == "feedback":
            if not isinstance(value, bool):
                wrong[key] = "`feedback` is true or false"
        elif not isinstance(value, str):
            wrong[key] = f"`{key}` is a text"
        elif "${" not in value and (said := _misfit(key, value.strip())):
            wrong[key] = said
    missing = []
    if not block.get("bot_token"):
        missing.append(f"`bot_token` is missing: the Bot User OAuth Token under OAuth & Permissions ({WHERE})")
    if not block.get("signing_secret") and not block.get("app_token"):
        missing.append(f"`signing_secret` (HTTP) or `app_token` (Socket Mode) is missing ({WHERE})")
    return wrong | ({"": "; ".join(missing)} if missing and not wrong else {})


def _misfit(key: str, value: str) -> str:
    if key in _CHOICES and value not in _CHOICES[key]:
        return f"`{key}` is one of {', '.join(_CHOICES[key])}"
    if value and key in _BEGINS and not value.startswith(_BEGINS[key][0]):
        return f"`{key}` {_BEGINS[key][1]}"
    return ""


_KNOWN = [one.name for one in fields(Settings)]
_BEGINS = {
    "bot_token": (("xoxb-", "xoxe."), "must be a bot's token, which begins with xoxb-"),
    "app_token": (("xapp-",), "must be an app-level token, which begins with xapp-"),
    "people": (("C", "G"), "is the id of a channel (it begins with C; Slack shows it in the channel's details)"),
    "api": (("http://", "https://"), "is an address that begins with https://"),
}
