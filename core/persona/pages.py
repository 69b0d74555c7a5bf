"""Cut Markdown and plain text into pieces that can be quoted, each with its headings and its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARACTERS = 600

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_SENTENCE = re.compile(r"(?<=[。！？；])(?=.)|(?<=[.!?])\s+|(?<=[.!?][\"')\]])\s+|\n")
_HAN = "\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef"
_JOINT = re.compile(rf"(?<=[{_HAN}])\s*\n\s*(?=[{_HAN}])")


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold a paragraph or a part of one; `headings` lead to it from the outside in."""

    headings: tuple[str, ...]
    text: str
    line: int


def cut_markdown(content: str) -> list[Piece]:
    """Return the paragraphs, lists and tables of a Markdown text."""
    lines = _without_front_matter(_COMMENT.sub(lambda match: "\n" * match[0].count("\n"), content))
    pieces: list[Piece] = []
    headings: list[tuple[int, str]] = []
    block: list[str] = []
    began = 1
    fence = ""

    def close() -> None:
        path = tuple(title for _, title in headings)
        pieces.extend(Piece(path, text, line) for text, line in _parts(block, began))
        block.clear()

    for number, line in enumerate(lines, start=1):
        marker = _FENCE.match(line)
        if fence or marker:
            if marker and (not fence or marker[1] == fence):
                fence = "" if fence else marker[1]
                continue
        elif heading := _HEADING.match(line):
            close()
            headings = [*(h for h in headings if h[0] < len(heading[1])), (len(heading[1]), _inline(heading[2]))]
            continue
        elif len(block) == 1 and _UNDERLINE.match(line) and not _ITEM.match(block[0]):
            title, level = _inline(block.pop()), 1 if "=" in line else 2
            headings = [*(h for h in headings if h[0] < level), (level, title.strip())]
            continue
        elif not line.strip() or _RULE.match(line):
            close()
            continue
        elif _TABLE_RULE.match(line) and "-" in line:
            continue
        if not block:
            began = number
        block.append(line if fence else _inline(line))
    close()
    return pieces


def cut_text(content: str) -> list[Piece]:
    """Return the paragraphs of a plain text."""
    pieces: list[Piece] = []
    block: list[str] = []
    began = 1
    for number, line in enumerate([*content.split("\n"), ""], start=1):
        if line.strip():
            began = began if block else number
            block.append(line)
        else:
            pieces.extend(Piece((), text, at) for text, at in _parts(block, began))
            block = []
    return pieces


def _without_front_matter(content: str) -> list[str]:
    lines = content.split("\n")
    if lines[0].rstrip() == "---":
        for number, line in enumerate(lines[1:], start=1):
            if line.rstrip() in ("---", "..."):
                return [""] * (number + 1) + lines[number + 1 :]
    return lines


def _parts(block: list[str], began: int) -> Iterator[tuple[str, int]]:
    """Yield a block as one text, or in parts of whole sentences where it is long, each with its line."""
    lines = [line.strip() for line in block]
    listed = any(_ITEM.match(line) or line.startswith("|") for line in block)
    if not any(lines):
        return
    text = "\n".join(lines) if listed else _joined(lines)
    if len(text) <= MAX_CHARACTERS:
        yield text, began
        return
    part = ""
    at, seen = began, 0
    flat = [re.sub(r"\s", "", line) for line in lines]
    for sentence in _sentences(text):
        glue = "\n" if listed else "" if part and re.match(f"[{_HAN}]", part[-1]) else " "
        if part and len(part) + len(glue) + len(sentence) > MAX_CHARACTERS:
            yield part, at
            part, at = "", began + _line_of(flat, seen)
        part = part + glue + sentence if part else sentence
        seen += len(re.sub(r"\s", "", sentence))
    if part:
        yield part, at


def _sentences(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(text):
        sentence = sentence.strip()
        while len(sentence) > MAX_CHARACTERS:
            cut = sentence.rfind(" ", 0, MAX_CHARACTERS)
            cut = cut if cut > MAX_CHARACTERS // 2 else MAX_CHARACTERS
            yield sentence[:cut].strip()
            sentence = sentence[cut:].strip()
        if sentence:
            yield sentence


def _line_of(flat: list[str], seen: int) -> int:
    """Return in which line the character after `seen` others stands, blanks not counted."""
    for index, line in enumerate(flat):
        if seen < len(line):
            return index
        seen -= len(line)
    return max(0, len(flat) - 1)


def _joined(lines: list[str]) -> str:
    """Join the lines of a paragraph: with a blank, but not between Chinese characters."""
    return _JOINT.sub("", "\n".join(lines)).replace("\n", " ")


def _inline(text: str) -> str:
    """Return a line without the marks of Markdown that are not to be said."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])", r"\1", text)
    text = re.sub(r"`([^`]+)`", r"\1", text)
    return re.sub(r"^ {0,3}>[ \t]?", "", text)
