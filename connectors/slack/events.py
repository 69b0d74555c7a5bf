"""What Slack delivers, as messages to be taken: a pure translation, with no network and no state.

Only people's own words become messages. Bots (this one too), edits, deletions, joins and the like become None. Fields
are described at https://docs.slack.dev/reference/events/message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.message import Incoming
from .formatting import names_someone_else, typed
from .settings import Settings

CHANNEL = "slack"
_OWN_WORDS = {None, "", "file_share", "thread_broadcast", "me_message"}
_FILE_FIELDS = (
    "id",
    "name",
    "mimetype",
    "size",
    "url_private_download",
    "url_private",
    "file_access",
    "mode",
    "subtype",
)


def conversation_of(team: str, channel: str, thread: str | None) -> str:
    """Return the name of a conversation: a direct message's channel, or a thread."""
    return ":".join(filter(None, [CHANNEL, team, channel, thread]))


def user_of(team: str, user: str) -> str:
    """Return the name under which a person is known to the store."""
    return f"{CHANNEL}:{team}:{user}"


def bot_user_of(body: Mapping[str, Any]) -> str:
    """Return the bot's own user id, which Slack names with each event."""
    for one in body.get("authorizations") or ():
        if one.get("is_bot") and isinstance(one.get("user_id"), str):
            return str(one["user_id"])
    return ""


def message_of(body: Mapping[str, Any], settings: Settings) -> Incoming | None:
    """Return the message that an event brings, None for what is not a person's own words for the bot to look at.

    `payload.kind` is `message`, `relay` (words in a thread of the people's channel), or `overheard` (words in a thread
    without a mention: for the bot only if it takes part in that thread).
    """
    event = body.get("event")
    if not isinstance(event, Mapping) or event.get("type") not in ("message", "app_mention"):
        return None
    team, channel, user, ts = (_text(value) for value in (body.get("team_id"), *map(event.get, _NEEDED)))
    if not (team and channel and user and ts) or event.get("subtype") not in _OWN_WORDS or event.get("hidden"):
        return None
    bot_user = bot_user_of(body)
    if event.get("bot_id") or event.get("bot_profile") or user in (bot_user, "USLACKBOT"):
        return None
    thread = _text(event.get("thread_ts")) or None
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    mentioned = event["type"] == "app_mention" or (bot_user != "" and f"<@{bot_user}" in str(event.get("text")))
    kind = "message"
    if channel == settings.people and thread:
        kind = "relay"
    elif not direct and not mentioned:
        if thread is None or settings.threads == "mentioned" or names_someone_else(event, bot_user):
            return None
        kind = "overheard"
    answer = thread or (ts if not direct or settings.direct == "threads" else None)
    files = [item for item in event.get("files") or () if isinstance(item, Mapping)]
    payload = {
        "kind": kind,
        "team": team,
        "channel": channel,
        "thread": answer,
        "ts": ts,
        "user": user,
        "user_team": _text(event.get("user_team")) or _text(event.get("team")) or team,
        "text": typed(event, bot_user),
        "files": [{key: item[key] for key in _FILE_FIELDS if key in item} for item in files[:10]],
        "mentioned": mentioned or direct,
        "direct": direct,
    }
    return Incoming(
        CHANNEL, f"{team}:{channel}:{ts}", conversation_of(team, channel, answer), user_of(team, user), payload
    )


_NEEDED = ("channel", "user", "ts")


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= 100 else ""


def own_of(kind: str, key: str, team: str, user: str, channel: str, thread: str | None = None, **more: Any) -> Incoming:
    """Return a message for what is not typed into a conversation: a command, a button, a greeting."""
    payload: dict[str, Any] = {
        "kind": kind,
        "team": team,
        "user": user,
        "user_team": team,
        "channel": channel,
        "thread": thread,
    }
    payload |= {"ts": "", "text": "", "files": [], "mentioned": True, "direct": channel.startswith("D")} | more
    return Incoming(CHANNEL, key, conversation_of(team, channel, thread), user_of(team, user), payload)
