"""Put the lines of printed pages together into headings, paragraphs and lists.

Knows no PDF. Paragraphs end at a gap, an indent or a line that stops early; words that were cut at the margin are
made whole; what stands at the head or foot of most pages is left out. Headings come from bookmarks, else from
letters that are clearly larger than the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TypeAlias

from .blocks import Block, Headings, Line, weight

Outline: TypeAlias = dict[int, dict[str, int]]

LARGER = 1.12
FEW_HEADINGS = 0.25  # of the lines: if more look like headings, size tells nothing
_GAP = 1.3
_ENDED = re.compile(r"[.!?。！？…:：;；][\"'”’」』)）]*\Z")
_BULLET = re.compile(r"(?:[•·●▪■◦‣–—○◆►\uf0b7]|[-*](?=\s)|\(?\d{1,3}[.)、](?!\d))\s*")
_PAGE = re.compile(
    r"[\W\d]*|\W*(?:page|p\.|第)?\s*\d{1,4}\s*(?:页|頁)?\s*(?:(?:of|/|共|／)\s*\d{1,4}\s*(?:页|頁)?)?\W*", re.IGNORECASE
)
_CUT = re.compile(r"([^\W\d_]+)([-\xad])\Z")
_BEGINS = re.compile(r"([^\W\d_]+)[^\s(“\"]*\s*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LETTERS = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})


@dataclass(frozen=True, slots=True)
class PageLine:
    """Hold one printed line: the size of its letters and where it begins, in points from the lower left corner."""

    text: str
    page: int
    size: float
    x: float
    y: float
    bold: bool = False


def same(title: str) -> str:
    """Return a title without what a bookmark may have otherwise: blanks, case, numbering."""
    return re.sub(r"[\W\d_]+", "", title.casefold())


def lay_out(lines: Sequence[PageLine], outline: Outline) -> list[Block]:
    """Return the blocks of all pages; the place of a line is its page."""
    lines = _without_margins(_with_bullets([replace(line, text=line.text.translate(_LETTERS)) for line in lines]))
    levels = _levels(lines, outline)
    headings = Headings()
    blocks: list[Block] = []
    waiting: list[PageLine] = []
    leading = _leading(lines)
    widest = max((weight(line.text) for line in lines), default=0.0)
    margin = median([line.x for line in lines]) if lines else 0.0
    words = set(re.findall(r"[^\W\d_]+-[^\W\d_]+", " ".join(line.text for line in lines).casefold()))
    title: tuple[int, PageLine] | None = None

    def close() -> None:
        if waiting:
            blocks.append(_paragraph(waiting, headings.path, words))
            waiting.clear()

    for line, level in zip(lines, levels):
        if level:
            close()
            if title and title[0] == level and _goes_on(title[1], line):
                headings.take(level, f"{headings.path[-1]} {line.text}")
            else:
                headings.take(level, line.text)
            title = (level, line)
            continue
        title = None
        if waiting and _begins(waiting[-1], line, leading, widest, margin):
            close()
        waiting.append(line)
    close()
    return _lists(blocks)


def _with_bullets(lines: Sequence[PageLine]) -> list[PageLine]:
    """Put bullets that stand alone before the line that they belong to; signs without a shape are bullets, too."""
    found: list[PageLine] = []
    bullet = ""
    for line in lines:
        text = _CONTROL.sub("•", line.text)
        if _BULLET.fullmatch(text) and not text[0].isdigit():
            bullet = f"{text.strip()} "
            continue
        found.append(replace(line, text=bullet + text.replace("•", " ").strip() if bullet else text))
        bullet = ""
    return found


def _without_margins(lines: Sequence[PageLine]) -> list[PageLine]:
    """Leave out page numbers, and what stands first or last on most pages but for its digits."""
    pages: dict[int, list[int]] = {}
    for position, line in enumerate(lines):
        pages.setdefault(line.page, []).append(position)
    edges = {n for found in pages.values() for n in [*found[:2], *found[-2:]]}
    forms = {n: re.sub(r"\d+", "0", same(lines[n].text) or lines[n].text) for n in edges}
    counts = Counter(form for found in pages.values() for form in {forms[n] for n in found if n in edges})
    often = {form for form, count in counts.items() if len(pages) >= 3 and count > len(pages) / 2}
    return [
        line
        for n, line in enumerate(lines)
        if not (n in edges and (forms[n] in often or (_PAGE.fullmatch(line.text) and len(pages) > 1)))
    ]


def _levels(lines: Sequence[PageLine], outline: Outline) -> list[int]:
    """Return the level of each line that is a heading, else 0."""
    marked = [outline.get(line.page, {}).get(same(line.text), 0) if same(line.text) else 0 for line in lines]
    if any(marked):
        return marked
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    body = max(sizes, key=lambda size: (sizes[size], -size), default=0.0)
    large = [_looks_like_a_title(line) and line.size >= body * LARGER for line in lines]
    if body <= 0 or not any(large) or sum(large) > max(2, len(lines) * FEW_HEADINGS):
        return [0] * len(lines)
    ranks = sorted({round(line.size, 1) for line, is_large in zip(lines, large) if is_large}, reverse=True)
    return [min(ranks.index(round(line.size, 1)) + 1, 6) if is_large else 0 for line, is_large in zip(lines, large)]


def _looks_like_a_title(line: PageLine) -> bool:
    return weight(line.text) <= 120 and bool(same(line.text)) and not re.search(r"[.。；;,，]\Z", line.text)


def _leading(lines: Sequence[PageLine]) -> float:
    """Return the usual distance between the lines of a paragraph."""
    gaps = [a.y - b.y for a, b in pairwise(lines) if a.page == b.page and 0 < a.y - b.y < 4 * max(a.size, 1)]
    return median(gaps) if gaps else 0.0


def _goes_on(above: PageLine, line: PageLine) -> bool:
    return above.page == line.page and 0 < above.y - line.y <= above.size * 1.35


def _begins(above: PageLine, line: PageLine, leading: float, widest: float, margin: float) -> bool:
    """Tell whether a line begins a paragraph."""
    ended = bool(_ENDED.search(above.text))
    if _BULLET.match(line.text):
        return True
    if above.page != line.page or above.y < line.y:  # the next page or column
        return ended or not (line.text[0].islower() or not line.text[0].isascii())
    if leading and above.y - line.y > leading * _GAP:
        return True
    indent = max(line.size, 1) * 1.2
    if line.x - margin > indent and abs(above.x - margin) < indent and not _BULLET.match(above.text):
        return True
    return ended and weight(above.text) < widest * 0.75


def _paragraph(lines: Sequence[PageLine], headings: tuple[str, ...], words: Collection[str]) -> Block:
    made: list[Line] = []
    for line in lines:
        text = line.text
        cut, rest = _CUT.search(made[-1].text) if made else None, _BEGINS.match(text)
        if cut and rest:  # a word was cut at the margin: its rest goes up to it
            known = not rest[1][0].islower() or f"{cut[1]}-{rest[1]}".casefold() in words
            kept = "-" if cut[2] == "-" and known else ""
            made[-1] = made[-1]._replace(text=made[-1].text[:-1] + kept + rest[0].rstrip())
            text = text[rest.end() :]
        if text:
            made.append(Line(text, line.page))
    return Block("paragraph", headings, tuple(made))


def _lists(blocks: Iterable[Block]) -> list[Block]:
    """Make paragraphs that begin with a bullet one list."""
    found: list[Block] = []
    for block in blocks:
        bullet = _BULLET.match(block.lines[0].text)
        if bullet is None:
            found.append(block)
            continue
        said = " ".join(line.text for line in block.lines)
        mark = bullet[0].strip()
        text = ("- " if not mark[:1].isdigit() and mark[:1] != "(" else f"{mark} ") + said[bullet.end() :]
        item = Line(text, block.lines[0].place)
        last = found[-1] if found else None
        if last is not None and last.kind == "list" and last.headings == block.headings:
            found[-1] = replace(last, lines=(*last.lines, item))
        else:
            found.append(
                Block("list", block.headings, (item,), tight=last is not None and last.headings == block.headings)
            )
    return found
