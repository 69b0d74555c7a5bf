"""Cut blocks into pieces that can be found and quoted: by structure first, then by sentences.

A piece weighs at most `LIMIT` where a sentence does, and stays under one heading. A list keeps the sentence that
leads to it, a table its caption; very short paragraphs are joined with their neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil

from .blocks import Block, Kind, Line, is_wide, joined, weight
from .sentences import split_long, split_sentences

LIMIT = 600  # of weight: 600 Latin characters, 250 Chinese ones
ROWS = 250  # of a table: few rows, because each says something of its own and is asked for by itself
SHORT = 80
_LEADS = re.compile(r"[:：]\s*\Z|(?:如下|下列|以下)[^。！？]{0,12}[。：]?\s*\Z")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold what becomes one passage; `place` is where it begins."""

    headings: tuple[str, ...]
    text: str
    place: int
    image: str | None = None
    kind: Kind = "paragraph"


def cut(blocks: Iterable[Block]) -> list[Piece]:
    """Return the pieces of a document, in its order."""
    pieces: list[Piece] = []
    for _, section in groupby(blocks, key=lambda block: block.headings):
        pieces += _joined_short([piece for group in _groups(list(section)) for piece in _pieces(group)])
    return pieces


def _groups(section: Sequence[Block]) -> Iterator[tuple[Block | None, Block]]:
    """Yield each block with the paragraph that leads to it, if one does."""
    waiting: Block | None = None
    for block in section:
        if waiting is not None:
            if block.kind in ("list", "table", "code") and (block.tight or _leads(waiting)):
                yield waiting, block
                waiting = None
                continue
            yield None, waiting
            waiting = None
        if block.kind == "paragraph" and not block.image:
            waiting = block
        else:
            yield None, block
    if waiting is not None:
        yield None, waiting


def _leads(block: Block) -> bool:
    return bool(_LEADS.search(block.lines[-1].text))


def _pieces(group: tuple[Block | None, Block]) -> Iterator[Piece]:
    before, block = group
    if block.kind in ("paragraph", "picture"):
        yield from _of_paragraph(block)
        return
    first = before.lines if before is not None else ()
    leading = [*first, *([Line(block.lead, block.lines[0].place)] if block.lead else [])]
    sentences = split_sentences("\n".join(filter(None, (joined(line.text for line in first), block.lead))))
    lead = "".join(sentences).strip()
    whole = "\n".join([*([lead] if lead else []), *_shown(block.lines)])
    place = (leading or block.lines)[0].place
    limit = ROWS if block.kind == "table" else LIMIT
    if weight(whole) <= limit:
        yield Piece(block.headings, whole, place, block.image, block.kind)
        return
    if weight(lead) > LIMIT / 3:
        yield from _of_paragraph(replace(block, lines=tuple(leading), image=None))
        lead = sentences[-1].strip() if weight(sentences[-1]) <= LIMIT / 3 else ""
        place = block.lines[0].place
    yield from _of_lines(block, lead, place, max(limit - weight(lead), limit / 2))


def _of_paragraph(block: Block) -> Iterator[Piece]:
    text = joined(line.text for line in block.lines)
    if not text:
        return
    if weight(text) <= LIMIT:
        yield Piece(block.headings, text, block.lines[0].place, block.image)
        return
    sentences = [part for sentence in split_sentences(text) for part in split_long(sentence, LIMIT)]
    heavy = [weight(sentence) for sentence in sentences]
    lengths = [len(_BLANKS.sub("", line.text)) for line in block.lines]
    seen = 0
    for start, end in balanced(heavy, LIMIT):
        part = "".join(sentences[start:end])
        yield Piece(block.headings, part.strip(), block.lines[_line_of(lengths, seen)].place, block.image)
        seen += len(_BLANKS.sub("", part))


def balanced(weights: Sequence[float], limit: float) -> Iterator[tuple[int, int]]:
    """Yield ranges that cover all weights, none above `limit` where it can be helped, of about the same weight."""
    left = sum(weights)
    start, total = 0, 0.0
    share = left / max(1, ceil(left / limit))
    for position, heavy in enumerate(weights):
        if position > start and (total + heavy > limit or total + heavy / 2 > share):
            yield start, position
            left -= total
            start, total = position, 0.0
            share = left / max(1, ceil(left / limit))
        total += heavy
    if start < len(weights):
        yield start, len(weights)


def _of_lines(block: Block, lead: str, place: int, room: float) -> Iterator[Piece]:
    """Cut a list, a table or code between its lines; each part of it begins with the lead."""
    lines = [part for line in block.lines for part in _short_lines(line)]
    heavy = [weight(line.text) + 2 * line.depth + 1 for line in lines]
    for start, end in balanced(heavy, room):
        above = _ancestors(lines, start) if block.kind == "list" else []
        shown = _shown([*above, *lines[start:end]])
        text = "\n".join([lead, *shown] if lead else shown)
        if text.strip():
            yield Piece(block.headings, text, place if start == 0 else lines[start].place, block.image, block.kind)


def _short_lines(line: Line) -> Iterator[Line]:
    if weight(line.text) <= LIMIT / 2:
        yield line
        return
    sentences = [part for sentence in split_sentences(line.text) for part in split_long(sentence, LIMIT / 2)]
    for start, end in balanced([weight(sentence) for sentence in sentences], LIMIT / 2):
        yield line._replace(text="".join(sentences[start:end]).rstrip())


def _shown(lines: Sequence[Line]) -> list[str]:
    return ["  " * line.depth + line.text for line in lines]


def _ancestors(lines: Sequence[Line], position: int) -> list[Line]:
    """Return the items that an item of a nested list stands under."""
    found: list[Line] = []
    depth = lines[position].depth
    for above in range(position - 1, -1, -1):
        if not depth:
            break
        if lines[above].depth < depth:
            found.insert(0, lines[above])
            depth = lines[above].depth
    return found if sum(weight(line.text) for line in found) <= LIMIT / 3 else []


def _line_of(lengths: Sequence[int], seen: int) -> int:
    """Return in which line the character after `seen` others stands, blanks not counted."""
    for index, length in enumerate(lengths):
        if seen < length:
            return index
        seen -= length
    return max(0, len(lengths) - 1)


def _joined_short(pieces: Sequence[Piece]) -> list[Piece]:
    """Join a very short paragraph or list with the one after it, or at the end with the one before."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        short = last is not None and (weight(last.text) < SHORT or (weight(piece.text) < SHORT and piece is pieces[-1]))
        if last is None or not short or not _may_join(last, piece):
            found.append(piece)
        else:
            found[-1] = replace(last, text=f"{last.text}\n{piece.text}")
    return found


def _may_join(first: Piece, second: Piece) -> bool:
    plain = all(piece.kind in ("paragraph", "list") and piece.image is None for piece in (first, second))
    return plain and is_wide(first.text) == is_wide(second.text) and weight(first.text) + weight(second.text) < LIMIT
