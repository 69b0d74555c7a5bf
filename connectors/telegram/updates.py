"""Updates of the Bot API into messages to be written down: what is for the bot, and no more of it than is needed.

Pure: asks nobody, fetches nothing. In a group only that is for the bot which mentions it, replies to it, or is one of
its commands; Telegram's privacy mode sends little else anyway.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from telegram import CallbackQuery, Message, MessageEntity, Update, User

from ...core.message import Incoming
from .phrases import COMMANDS

CHANNEL = "telegram"
WANTED = ("message", "edited_message", "callback_query")
ANONYMOUS_ADMIN = 1087968824  # the account by which Telegram names an admin who writes as the group

_TYPES = {
    "chat": int, "message": int, "from": int, "thread": int, "code": str, "text": str, "query": str, "data": str,
    "label": str, "album": str, "command": str,
}  # fmt: skip
_SERVED = ("sticker", "location", "venue", "contact", "poll", "dice")
_OTHERS = ("giveaway", "giveaway_winners", "checklist", "web_app_data")


def to_incoming(update: Update, me: User, albums: Container[str] = ()) -> Incoming | None:
    """Return what is to be answered, None for what is not for the bot; parts of `albums` are for it."""
    if update.callback_query is not None:
        return _tap(update)
    edited = update.edited_message
    message = edited or update.message
    if message is None or message.from_user is None or not _by_a_person(message):
        return None
    if edited is not None and (edited.edit_date is None or edited.location is not None):
        return None  # a reaction or a live location, not an edit of the user's
    payload = _payload(message, me, message.media_group_id in albums if message.media_group_id else False)
    if payload is None:
        return None
    key = f"{message.chat.id}:{message.message_id}"
    if edited is not None:
        payload["edit"] = True
        key = f"{key}:edit:{update.update_id}"
    return _incoming(key, payload)


def bare(values: dict[str, Any]) -> dict[str, Any]:
    """Return an update with nothing but who wrote in which chat, for one whose content the library cannot read."""
    message = values.get("message")
    if not isinstance(message, dict):
        return {"update_id": values["update_id"]}
    kept = {key: message[key] for key in ("message_id", "date", "chat", "from") if key in message}
    return {"update_id": values["update_id"], "message": {**kept, "unreadable": True}}


def conversation(payload: dict[str, Any]) -> str:
    """Return whose memory a message belongs to: in a group, everybody has their own."""
    own = f"{CHANNEL}-{payload['chat']}"
    return own if payload["type"] == "private" else f"{own}-{payload['from']}"


def key_of(payload: dict[str, Any], message: int | None = None) -> str:
    """Return the key of a message of the same chat, as it was before any edit."""
    return f"{payload['chat']}:{payload['message'] if message is None else message}"


def _incoming(key: str, payload: dict[str, Any]) -> Incoming:
    """Return what is written down; raise TypeError for a payload of values that Telegram never sends."""
    for name, kind in _TYPES.items():
        if not isinstance(payload.get(name, kind()), kind):
            raise TypeError(name)
    for media in payload.get("media", ()):
        if not (isinstance(media["file"], str) and isinstance(media["mime"], str) and isinstance(media["size"], int)):
            raise TypeError("media")
    return Incoming(CHANNEL, key, f"{CHANNEL}-{payload['chat']}", f"{CHANNEL}-{payload['from']}", payload)


def _by_a_person(message: Message) -> bool:
    return message.from_user is not None and (
        not message.from_user.is_bot or message.from_user.id == ANONYMOUS_ADMIN
    )  # two bots would talk for ever


def _payload(message: Message, me: User, belongs: bool) -> dict[str, Any] | None:
    sender = message.from_user
    assert sender is not None
    private = message.chat.type == "private"
    payload: dict[str, Any] = {
        "chat": message.chat.id,
        "type": str(message.chat.type),
        "message": message.message_id,
        "from": message.sender_chat.id if message.sender_chat and sender.is_bot else sender.id,
        "code": sender.language_code or "",
    }
    if message.is_topic_message and message.message_thread_id:
        payload["thread"] = message.message_thread_id
    if any(member.id == me.id for member in message.new_chat_members) or message.group_chat_created:
        return {**payload, "joined": True}
    command = _command(message, me)
    if not (private or belongs or command in COMMANDS or _addressed(message, me)):
        return None
    if command is not None and (private or command in COMMANDS):
        return {**payload, "command": command}
    text = _without_mentions(message, me)
    media, other = _media(message)
    if message.media_group_id:
        payload["album"] = message.media_group_id
    if not (text or media or other):
        if not private and (message.text or message.caption):
            other = {"kind": "greeting"}  # nothing but our name
        elif private and message.api_kwargs:
            other = {"kind": "unknown_kind"}  # newer than this library
        else:
            return None  # somebody left, a photo of the chat changed, …
    return {
        **payload,
        **({"text": text} if text else {}),
        **({"media": media} if media else {}),
        **({"other": other} if other else {}),
        **({"spoken": True} if message.voice or message.video_note else {}),
    }


def _entities(message: Message) -> dict[MessageEntity, str]:
    return message.parse_entities() if message.text else message.parse_caption_entities()


def _command(message: Message, me: User) -> str | None:
    """Return a command without its slash; one that names another bot is none."""
    for entity, words in _entities(message).items():
        if entity.type == "bot_command" and entity.offset == 0:
            name, _, bot = words[1:].partition("@")
            return name.lower() if not bot or bot.lower() == (me.username or "").lower() else None
    return None


def _mentions(message: Message, me: User) -> Iterator[MessageEntity]:
    for entity, words in _entities(message).items():
        if (entity.type == "mention" and words.lower() == f"@{me.username or ''}".lower()) or (
            entity.type == "text_mention" and entity.user is not None and entity.user.id == me.id
        ):
            yield entity


def _addressed(message: Message, me: User) -> bool:
    if any(True for _ in _mentions(message, me)):
        return True
    before = message.reply_to_message
    if before is None or before.from_user is None or before.from_user.id != me.id:
        return False
    return before.forum_topic_created is None  # in a topic, every message is a reply to its beginning


def _without_mentions(message: Message, me: User) -> str:
    """Return the text or the caption without the bot's own name; entities count UTF-16 units."""
    text = (message.text or message.caption or "").encode("utf-16-le")
    called = False
    for entity in sorted(_mentions(message, me), key=lambda found: -found.offset):
        text = text[: entity.offset * 2] + text[(entity.offset + entity.length) * 2 :]
        called = entity.offset == 0
    words = text.decode("utf-16-le", "ignore").strip()
    return words.lstrip(" ,，:：\n\t") if called else words


def _media(message: Message) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Return the file that the persona can hear or see, else what the message holds instead."""
    found: Any = None
    kind = ""
    if message.photo:
        kind, found = "image", max(message.photo, key=lambda size: size.width * size.height)
    elif sound := message.voice or message.audio:
        kind, found = "audio", sound
    elif video := message.video_note or message.video or message.animation:  # an animation is sent as a document too
        kind, found = "video", video
    elif message.document is not None:
        kind, found = (message.document.mime_type or "").split("/")[0], message.document
    if found is not None:
        if kind not in ("image", "audio", "video"):
            return [], {"kind": "file"}
        mime = getattr(found, "mime_type", None) or ""
        size = found.file_size or 0
        return [{"kind": kind, "file": found.file_id, "mime": mime, "size": size}], None
    for name in _SERVED:
        if getattr(message, name):
            return [], _other(message, name)
    if message.effective_attachment or any(getattr(message, name, None) for name in _OTHERS):
        return [], {"kind": "unknown_kind"}
    return [], None


def _other(message: Message, name: str) -> dict[str, Any]:
    if name == "sticker" and message.sticker is not None:
        return {"kind": name, "emoji": message.sticker.emoji or "🙂"}
    if name == "dice" and message.dice is not None:
        return {"kind": name, "value": message.dice.value}
    return {"kind": "location" if name == "venue" else name}


def _tap(update: Update) -> Incoming | None:
    query = update.callback_query
    if query is None or query.message is None or not query.data:
        return None
    below = query.message
    payload: dict[str, Any] = {
        "chat": below.chat.id,
        "type": str(below.chat.type),
        "message": below.message_id,
        "from": query.from_user.id,
        "code": query.from_user.language_code or "",
        "query": query.id,
        "data": query.data,
    }
    key, edited = f"tap:{query.id}", 0.0
    if isinstance(below, Message):
        edited = below.edit_date.timestamp() if below.edit_date else 0.0
        if below.is_topic_message and below.message_thread_id:
            payload["thread"] = below.message_thread_id
        for row in below.reply_markup.inline_keyboard if below.reply_markup else ():
            for button in row:
                if button.callback_data == query.data:
                    payload["label"] = button.text
    if query.data.startswith("choice:"):  # a question is answered once, however often its buttons are tapped
        key = f"tap:{below.chat.id}:{below.message_id}:{query.from_user.id}:{edited:.0f}"
    return _incoming(key, payload)


def is_of_another(query: CallbackQuery) -> bool:
    """Tell whether a button stands below an answer to somebody else, as it may in a group."""
    below = query.message
    asked = below.reply_to_message if isinstance(below, Message) else None
    who = asked.from_user if asked else None
    return who is not None and not who.is_bot and who.id != query.from_user.id


def fingerprint(payload: dict[str, Any]) -> int:
    """Return what is the same for two versions of a message in which the user changed nothing."""
    return hash((payload.get("text"), payload.get("command"), *(media["file"] for media in payload.get("media", ()))))
