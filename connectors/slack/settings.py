"""A persona's block `connectors.slack`, checked. Knows no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
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
    direct messages are answered flat or each in a thread of its own, where Slack lets words be streamed.
    """

    bot_token: str
    signing_secret: str = ""
    app_token: str = ""
    people: str = ""
    threads: Literal["follow", "mentioned"] = "follow"
    direct: Literal["flat", "threads"] = "flat"
    feedback: bool = True
    api: str = API


_CHOICES = {"threads": ("follow", "mentioned"), "direct": ("flat", "threads")}


def read_settings(block: Mapping[str, Any]) -> Settings:
    """Return the settings of a block; raise SettingsInvalid with all that is wrong with it."""
    known = [field.name for field in fields(Settings)]
    wrong = [f"`{key}` is not known (known are {', '.join(known)})" for key in block if key not in known]
    values = {key: value.strip() if isinstance(value, str) else value for key, value in block.items() if key in known}
    for key, value in values.items():
        if key == "feedback":
            if not isinstance(value, bool):
                wrong.append("`feedback` is true or false")
        elif not isinstance(value, str):
            wrong.append(f"`{key}` is a text")
        elif key in _CHOICES and value not in _CHOICES[key]:
            wrong.append(f"`{key}` is {' or '.join(_CHOICES[key])}")
    if not wrong:
        token = values.get("bot_token", "")
        if not token:
            wrong.append(f"`bot_token` is missing: the Bot User OAuth Token under OAuth & Permissions ({WHERE})")
        elif not token.startswith(("xoxb-", "xoxe.")):
            wrong.append("`bot_token` must be a bot's token, which begins with xoxb-")
        if not values.get("signing_secret") and not values.get("app_token"):
            wrong.append(f"`signing_secret` (HTTP) or `app_token` (Socket Mode) is missing ({WHERE})")
        if values.get("app_token") and not values["app_token"].startswith("xapp-"):
            wrong.append("`app_token` must be an app-level token, which begins with xapp-")
        if values.get("people") and not values["people"].startswith(("C", "G")):
            wrong.append("`people` is the id of a channel (it begins with C; Slack shows it in the channel's details)")
    if wrong:
        raise SettingsInvalid("connectors.slack: " + "; ".join(wrong))
    return Settings(**values)  # type: ignore[arg-type]
