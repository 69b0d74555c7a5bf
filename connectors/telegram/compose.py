"""A reply as Telegram messages: what was heard, the words, the sources, the buttons below.

Pure: knows neither the network nor the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardMarkup

from ...core.message import IN_PRIVATE, Reply
from . import keyboards
from .markdown import LONGEST, pieces, quoted, to_markdown, units
from .phrases import say

HEARD = 300  # characters of a transcript that are shown
SOURCES = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold one message as MarkdownV2, and as plain text should Telegram not take that."""

    markdown: str
    plain: str


def compose(reply: Reply, *, sources: bool) -> list[Piece]:
    """Return the messages of a reply, at least one."""
    heard = _heard(reply)
    named = _sources(reply) if sources else ""
    room = LONGEST - sum(units(line) + 2 for line in (heard, named) if line)
    text = "\n\n".join(filter(None, [reply.text.strip(), _note(reply), reply.consent])) or "…"
    words = pieces(text, room)  # Telegram takes no empty message
    made = []
    for number, piece in enumerate(words):
        plain, marked = [piece], [to_markdown(piece)]
        if heard and number == 0:
            plain.insert(0, heard)
            marked.insert(0, quoted([heard]) + "\n")
        if named and number == len(words) - 1:
            plain.append(named)
            marked.append("\n" + quoted([named]))
        made.append(Piece("\n".join(marked), "\n\n".join(plain)))
    return made


def _note(reply: Reply) -> str:
    """Return what only Telegram can erase."""
    return say("forgotten", reply.language) if reply.erased else ""


def _heard(reply: Reply) -> str:
    text = " ".join((reply.transcript or "").split())
    return f"🎙 {text[:HEARD]}{'…' if len(text) > HEARD else ''}" if text else ""


def _sources(reply: Reply) -> str:
    names = list(dict.fromkeys(source.source.removeprefix("knowledge/") for source in reply.sources if source.source))
    return f"📄 {' · '.join(names[:SOURCES])}"[:200] if names else ""


def keyboard(payload: dict[str, Any], reply: Reply, username: str, feedback: bool) -> InlineKeyboardMarkup | None:
    """Return the buttons that belong below the answer to a message."""
    if reply.skill == IN_PRIVATE:
        return keyboards.private_chat(reply.language, username)
    if reply.consent:
        return keyboards.consent(reply.language, reply.choices)
    of_a_turn = bool(reply.milliseconds) and not reply.about_data  # what is about the bot itself is nobody's to judge
    return keyboards.under_answer(reply.choices, payload["message"] if feedback and of_a_turn else None)
