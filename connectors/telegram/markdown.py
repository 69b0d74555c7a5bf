"""A persona's text in Telegram's MarkdownV2, and in pieces that fit into one message.

All that Telegram would read as markup is escaped, but for bold words, code and blocks of code. A link stays as it is
written, so that no text can hide where it leads. What comes out is always well-formed.
Rules: https://core.telegram.org/bots/api#markdownv2-style
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 4096  # UTF-16 code units of a message, after its markup was read
LONGEST_CAPTION = 1024

_RESERVED = re.compile(r"[_*\[\]()~`>#+\-=|{}.!\\]")
_IN_CODE = re.compile(r"[`\\]")
_MARKED = re.compile(
    r"```(?:[A-Za-z0-9_+-]*\n)?(?P<block>[^`]+?)\n?```"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>(?=\S)[^*\n]+(?<=\S))\*\*"
)
_BREAKS = (  # the best place to cut first
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[。！？；…])[”’」』）]*|(?<=[.!?…])[\"'”’)\]]*\s+"),
    re.compile(r"(?<=[，、；：])|(?<=[,;:])\s+"),
    re.compile(r"\s+"),
)


def units(text: str) -> int:
    """Return the length as Telegram counts it, in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def escape(text: str) -> str:
    """Return a text that Telegram shows as it is."""
    return _RESERVED.sub(r"\\\g<0>", text)


def to_markdown(text: str) -> str:
    """Return a text with its bold words and code as MarkdownV2."""
    made: list[str] = []
    end = 0
    for match in _MARKED.finditer(text):
        made.append(escape(text[end : match.start()]))
        made.append(_marked(match))
        end = match.end()
    return "".join(made) + escape(text[end:])


def _marked(match: re.Match[str]) -> str:
    if match["block"] is not None:
        return "```\n" + _IN_CODE.sub(r"\\\g<0>", match["block"]) + "\n```"
    if match["code"] is not None:
        return "`" + _IN_CODE.sub(r"\\\g<0>", match["code"]) + "`"
    return "*" + escape(match["bold"]) + "*"


def quoted(lines: Iterable[str]) -> str:
    """Return lines of plain text as a quotation."""
    return "\n".join(">" + escape(" ".join(line.split())) for line in lines)


def pieces(text: str, longest: int = LONGEST) -> list[str]:
    """Return a text in pieces of at most `longest` UTF-16 units, cut between paragraphs, sentences or words."""
    rest, found = text.strip(), []
    while units(rest) > longest:
        window = _fitting(rest, longest)
        cut = _cut(rest, window)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, rest] if rest or not found else found


def _fitting(text: str, longest: int) -> int:
    """Return how many characters of a text fit."""
    used = 0
    for place, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > longest:
            return place
    return len(text)


def _cut(text: str, window: int) -> int:
    """Return where to cut at the latest place of the best kind; a kind must leave a piece that is worth sending."""
    for kind in _BREAKS:
        ends = [match.end() for match in kind.finditer(text, 0, window) if match.end() >= window // 3]
        if ends:
            return ends[-1]
    return window
