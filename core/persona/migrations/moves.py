"""What steps are made of: renaming a key, opening brackets, moving an entry into a block, joining lists.

Each takes a layout and returns edits; where the text is written in a way that cannot be edited safely, `Refused` says
why. Comments on the line of an entry and right above it go along with it.
"""

from __future__ import annotations

import re

from .edits import Edit, indent, leading_comments, shifted
from .layout import Entry, Layout, Piece

STEP = 2


class Refused(Exception):
    """Say that a text cannot be migrated: what is wrong, at which piece of it, and what to do."""

    def __init__(self, code: str, message: str, piece: Piece, advice: str) -> None:
        super().__init__(message)
        self.code, self.message, self.piece, self.advice = code, message, piece, advice


def written_like(layout: Layout, key: Piece, name: str) -> str:
    """Return a name in quotes where the key of an entry beside it stands in quotes."""
    quote = layout.text[key.body]
    return f"{quote}{name}{quote}" if quote in "\"'" else name


def rename(layout: Layout, entry: Entry, name: str) -> list[Edit]:
    """Give a key another name; an anchor before it stays."""
    return [Edit(entry.key.body, entry.key.end, written_like(layout, entry.key, name))]


def colon(layout: Layout, entry: Entry) -> int:
    """Return where the colon of an entry stands; refuse `? key`, and comments between key and value."""
    found = re.compile(r"[ \t]*:").match(layout.text, entry.key.end)
    line = layout.line_start(entry.key.start)
    before = layout.text[line : entry.key.start]
    if found is None or "?" in before:
        raise unusual(entry.key)
    return found.end() - 1


def unusual(piece: Piece) -> Refused:
    """Return a refusal of what is written in too unusual a way."""
    message = "this is written in a way that migrate cannot change without risk"
    return Refused("P0603", message, piece, "write it as `key: value`, on lines of its own, and migrate again")


def opened(layout: Layout, entry: Entry) -> list[Edit]:
    """Write the value of an entry on lines of its own, where it stands in brackets: for one in a block.

    A list gets a dash for each item, a block a line for each key; comments go with what they follow.
    """
    value = entry.value
    edits = [Edit(at + 1, at + 1, " ") for pair in value.entries if (at := colon(layout, pair)) + 1 == pair.value.start]
    parts = [(item.start, item.end) for item in value.items]
    parts += [(pair.key.start, max(pair.value.end, colon(layout, pair) + 1)) for pair in value.entries]
    column = layout.column(entry.key.start) + STEP
    lead = layout.newline + " " * column
    before = len(layout.text[: value.body].rstrip(" \t"))
    ends, starts = [before, *(end for _, end in parts)], [*(start for start, _ in parts), value.end]
    for number, (start, stop) in enumerate(zip(ends, starts, strict=True)):
        first, *more = re.findall(r"#[^\r\n]*", layout.text[start:stop]) or [""]
        kept = ("  " + first if first else "") + "".join(lead + comment for comment in more)
        dash = "" if number == len(parts) else lead + ("- " if value.kind == "list" else "")
        edits.append(Edit(start, stop, kept + dash))
    return edits


def listed(layout: Layout, entry: Entry) -> list[Edit]:
    """Make a list of one item of a single value, on a line of its own."""
    value = entry.value
    stop = colon(layout, entry) + 1
    _nothing_between(layout, stop, value)
    lead = layout.newline + " " * (layout.column(entry.key.start) + STEP) + "- "
    return [Edit(stop, value.start, lead), *_deeper(layout, value, 2 * STEP)]


def nest(layout: Layout, parent: Piece, entry: Entry, home: str, name: str) -> list[Edit]:
    """Move an entry of a block into the block that its neighbour `home` has, under a new name; make that if need be."""
    target = parent.entry(home)
    if parent.flow:
        return _nest_in_brackets(layout, parent, entry, target, home, name)
    start, end = _lines(layout, entry)
    column = layout.column(entry.key.start)
    if target is None:
        key = " " * column + written_like(layout, entry.key, home) + ":" + layout.newline
        return [Edit(start, start, key), *indent(layout, start, end, STEP), *rename(layout, entry, name)]
    above = leading_comments(layout, start)
    lines = (
        layout.text[above : entry.key.body] + written_like(layout, entry.key, name) + layout.text[entry.key.end : end]
    )
    inside, cleared = layout.column(target.key.start) + STEP, []
    if target.value.empty() or (target.value.flow and not target.value.entries + target.value.items):
        cleared = [Edit(colon(layout, target) + 1, target.value.end, "")]
    elif target.value.kind == "block" and not target.value.flow:
        inside = layout.column(target.value.entries[0].key.start)
    else:
        raise unusual(target.value)
    return [_gone(layout, above, end), *cleared, _inserted(layout, target.value.end, shifted(lines, inside - column))]


def join(layout: Layout, source: Entry, target: Piece) -> list[Edit]:
    """Move the items of an entry's list to the end of another list, and delete the entry; both on lines."""
    if source.value.kind != "list" or target.kind != "list" or source.value.flow or target.flow:
        raise unusual(source.value)
    start, end = _lines(layout, source)
    above = leading_comments(layout, start)
    first = layout.next_line(source.key.end)
    lines = layout.text[first:end]
    by = _dash(layout, target.items[0]) - _dash(layout, source.value.items[0])
    comments = shifted(layout.text[above:start], _dash(layout, target.items[0]) - layout.column(source.key.start))
    return [_gone(layout, above, end), _inserted(layout, target.end, comments + shifted(lines, by))]


def join_in_brackets(layout: Layout, parent: Piece, source: Entry, target: Piece) -> list[Edit]:
    """Move the items of an entry's list to the end of another list, and delete the entry; both in brackets."""
    if source.value.kind != "list" or target.kind != "list" or not (source.value.flow and target.flow):
        raise unusual(source.value)
    items = source.value.items
    text = layout.text[items[0].start : items[-1].end] if items else ""
    return [*_cut(layout, parent, source), _appended(target, target.items[-1].end if target.items else None, text)]


def _nest_in_brackets(
    layout: Layout, parent: Piece, entry: Entry, target: Entry | None, home: str, name: str
) -> list[Edit]:
    if target is None:
        outer = written_like(layout, entry.key, home)
        edit, *_ = rename(layout, entry, name)
        return [Edit(edit.start, edit.end, f"{outer}: {{{edit.text}"), Edit(entry.value.end, entry.value.end, "}")]
    if target.value.kind != "block":
        raise unusual(target.value)
    text = written_like(layout, entry.key, name) + layout.text[entry.key.end : entry.value.end]
    last = target.value.entries[-1].value.end if target.value.entries else None
    return [*_cut(layout, parent, entry), _appended(target.value, last, text)]


def _appended(target: Piece, last: int | None, text: str) -> Edit:
    """Add a text behind the last part of what stands in brackets."""
    place = target.body + 1 if last is None else last
    return Edit(place, place, text if last is None else f", {text}")


def _cut(layout: Layout, parent: Piece, entry: Entry) -> list[Edit]:
    """Delete an entry among brackets, with one comma."""
    at = parent.entries.index(entry)
    if at + 1 < len(parent.entries):
        start, end = entry.key.start, parent.entries[at + 1].key.start
    else:
        start, end = parent.entries[at - 1].value.end, entry.value.end
    if "#" in layout.text[start : entry.key.start] + layout.text[entry.value.end : end]:
        raise unusual(entry.key)
    return [Edit(start, end, "")]


def _lines(layout: Layout, entry: Entry) -> tuple[int, int]:
    """Return where the lines of an entry begin and end; refuse when something else stands on them."""
    colon(layout, entry)
    start = layout.line_start(entry.key.start)
    end = max(entry.value.end, entry.key.end)
    after = layout.text[end : layout.line_end(end)].lstrip(" \t:")
    if layout.text[start : entry.key.start].strip() or (after and not after.startswith("#")):
        raise unusual(entry.key)
    return start, layout.next_line(end)


def _gone(layout: Layout, start: int, end: int) -> Edit:
    """Delete whole lines; of the empty lines before and after them one goes too."""
    alone = (
        not start
        or not layout.text[layout.line_start(start - 1 - layout.text[:start].endswith("\r\n")) : start].strip()
    )
    empty = end < len(layout.text) and not layout.text[end : layout.line_end(end)].strip()
    return Edit(start, layout.next_line(end) if alone and empty else end, "")


def _inserted(layout: Layout, after: int, lines: str) -> Edit:
    """Insert whole lines below the line of a place."""
    place = layout.next_line(after)
    alone = layout.text[:place].endswith(("\n", "\r"))
    lines = lines if lines.endswith(("\n", "\r")) else lines + layout.newline
    return Edit(place, place, lines if alone else layout.newline + lines)


def _dash(layout: Layout, item: Piece) -> int:
    """Return the column of the dash before an item of a list."""
    line = layout.line_start(item.start)
    dash = layout.text.rfind("-", line, item.start)
    if dash < 0 or layout.text[line:dash].strip(" -"):
        raise unusual(item)
    return dash - line


def _deeper(layout: Layout, value: Piece, by: int) -> list[Edit]:
    """Move the lines of a value that follow its first to the right."""
    return indent(layout, layout.next_line(value.start), value.end, by)


def _nothing_between(layout: Layout, start: int, value: Piece) -> None:
    if layout.text[start : value.start].strip():
        raise unusual(value)
