"""What a tool answered, as a skill's answer: data of a named source, cut to size, never an instruction.

Knows results of the protocol, not sessions.
"""

from __future__ import annotations

import base64
import binascii
import json
import unicodedata
from typing import Any

from ...core.message import Media
from ...core.plugin import SkillResult
from ...core.turn import Passage
from .fitting import fault
from .schemas import Tool
from .words import say

PICTURES, PICTURE_BYTES = 4, 1024 * 1024
_MAGIC = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}


class Lie(Exception):
    """Report a result that is not what its tool declares."""


class Failed(Exception):
    """Report that a tool says that it failed, with its words, for the operator."""


def result_of(server: str, tool: Tool, answer: Any, language: str, longest: int) -> SkillResult:
    """Return the answer of a skill; raise Lie, or Failed."""
    texts, pictures = _contents(answer)
    told = _clean("\n".join(texts), longest)
    if answer.is_error:
        raise Failed(repr(told[:300]))
    if tool.output is not None:
        if answer.structured_content is None:
            raise Lie("its result is not structured, though its outputSchema says so")
        wrong = fault(answer.structured_content, tool.output)
        if wrong:
            raise Lie(f"its result does not fit its outputSchema: {wrong}")
    if not told and answer.structured_content is not None:
        told = _clean(json.dumps(answer.structured_content, ensure_ascii=False, indent=1), longest)
    if not told and not pictures:
        return SkillResult(say("nothing", language, tool=tool.name, server=server))
    words = say("from", language, tool=tool.name, server=server, text=told or say("picture", language))
    passage = Passage(f"mcp:{server}/{tool.name}", f"MCP: {server}/{tool.name}", tool.name, told, language)
    return SkillResult(words, [passage] if told else (), media=pictures, foreign=True)


def _contents(answer: Any) -> tuple[list[str], list[Media]]:
    texts: list[str] = []
    pictures: list[Media] = []
    for part in answer.content:
        if part.type == "text":
            texts.append(part.text)
        elif part.type == "resource" and hasattr(part.resource, "text"):
            texts.append(part.resource.text)
        elif part.type == "image" and len(pictures) < PICTURES:
            pictures += _picture(part.data)
    return texts, pictures


def _picture(data: str) -> list[Media]:
    """Return a picture by what it is, not by what it is called; nothing for what is none."""
    if len(data) * 3 // 4 > PICTURE_BYTES:
        return []
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return []
    return [Media("image", raw, mime) for magic, mime in _MAGIC.items() if raw.startswith(magic)]


def _clean(text: str, longest: int) -> str:
    """Return a text without control and invisible characters, cut to size."""
    text = text[: 4 * longest]
    kept = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co"))
    kept = kept.strip()
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"
