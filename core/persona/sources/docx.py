"""Read Word documents (DOCX) into blocks: headings, paragraphs, lists and tables in their order.

Text that is hidden or deleted with its changes tracked is left out, what was inserted is in. Places count the
paragraphs and tables that hold something, from 1.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...diagnostics import Diagnostic, Span
from ..source import read_bytes
from .blocks import Block, Document, Headings, Line, tabular

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

MAX_BYTES = 50_000_000
MAX_UNPACKED = 200_000_000
MAX_TEXT = 60_000_000  # bytes of one part that is not a picture
MAX_PARTS = 5_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEFT_OUT = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}txbxContent", f"{_W}instrText", f"{_W}fldData"})
_BULLETS = frozenset({"bullet", "none"})
_HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])\Z", re.IGNORECASE)
_STUMBLING = (
    zipfile.BadZipFile, zlib.error, LookupError, AttributeError, TypeError, ValueError, OSError, NotImplementedError,
    EOFError, RuntimeError,
)  # fmt: skip
_OLD_WORD = b"\xd0\xcf\x11\xe0"
_AGAIN = "open it in a word processor and save it again as .docx"


def read_docx(path: Path) -> Document:
    """Return the blocks of a Word document; places are numbers of paragraphs."""
    document = Document(mark="¶")
    data, document.diagnostics = read_bytes(path, MAX_BYTES)
    if data is None:
        return document
    fault = _fault(data, Span(str(path), 1, 1, 1, 1))
    if fault is not None:
        document.diagnostics.append(fault)
        return document
    from docx import Document as open_document
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        opened = open_document(io.BytesIO(data))
        document.blocks = _Reader(opened).blocks
    except (OpcError, LxmlError, *_STUMBLING):
        # python-docx passes on whatever it stumbles over in a damaged package
        message = "this is not a Word document that can be read"
        document.diagnostics.append(Diagnostic("P0230", "error", message, Span(str(path), 1, 1, 1, 1), _AGAIN))
    return document


def _fault(data: bytes, start: Span) -> Diagnostic | None:
    """Return what keeps a file from being opened, looking only at its list of contents."""
    if data.startswith(_OLD_WORD):
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        if encrypted:
            advice = "open it with its password, and save it without one"
            return Diagnostic("P0231", "error", "the document is locked with a password", start, advice)
        message = "this is a document of the old Word format (.doc) with the ending .docx"
        return Diagnostic("P0230", "error", message, start, _AGAIN)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        message = "the file is not a Word document, though its name says so"
        return Diagnostic("P0230", "error", message, start, _AGAIN)
    texts = [part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))]
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or max(texts, default=0) > MAX_TEXT:
        message = f"the document unpacks to more than can be read ({unpacked / 1e6:,.0f} MB in {len(parts):,} parts)"
        return Diagnostic("P0234", "error", message, start, "split it into several files, with smaller pictures")
    return None


class _Reader:
    """Walk the paragraphs and tables of a document."""

    def __init__(self, document: WordDocument) -> None:
        from docx.table import Table

        self.blocks: list[Block] = []
        self._headings = Headings()
        self._items: list[Line] = []
        self._numbers: dict[tuple[str, int], int] = {}
        self._levels = dict(_style_levels(document))
        self._formats = dict(_number_formats(document))
        self._adjacent = False
        number = 0
        for part in document.iter_inner_content():
            if isinstance(part, Table):
                number += self._table(part, number + 1)
            else:
                number += self._paragraph(part, number + 1)
        self._close()

    def _paragraph(self, paragraph: Any, number: int) -> int:
        """Take a paragraph; return 1 when it holds something."""
        text = _text(paragraph._p)
        if not text:
            self._adjacent = False
            return 0
        level = self._level(paragraph)
        if level:
            self._close()
            self._headings.take(level, " ".join(text.split()))
            return 1
        item = self._numbering(paragraph)
        if item is None:
            self._close()
            lines = tuple(Line(part + "\n", number) for part in text.split("\n"))
            self.blocks.append(Block("paragraph", self._headings.path, lines))
            self._adjacent = True
        else:
            mark, depth = item
            self._items.append(Line(mark + " ".join(text.split()), number, min(depth, 6)))
        return 1

    def _table(self, table: Any, number: int) -> int:
        self._close()
        rows: list[list[str]] = []
        for row in table.rows:
            seen: list[Any] = []
            words = []
            for cell in row.cells:
                words.append("" if cell._tc in seen else " ".join(_text(cell._tc).split()))
                seen.append(cell._tc)
            if any(words):
                rows.append(words)
        header = rows[0] if len(rows) > 1 and len(list(filter(None, rows[0]))) > 1 else []
        lines = tuple(Line(text, number) for row in (rows[1:] if header else rows) if (text := tabular(header, row)))
        if lines:
            self.blocks.append(Block("table", self._headings.path, lines, tight=self._adjacent))
        return int(bool(lines))

    def _close(self) -> None:
        """End the list that is being read."""
        items, self._items = tuple(self._items), []
        if items:
            self.blocks.append(Block("list", self._headings.path, items, tight=self._adjacent))
        self._adjacent = False

    def _level(self, paragraph: Any) -> int:
        """Return the level of a heading, by its own outline level or its style's; 0 for other text."""
        own = paragraph._p.find(f"{_W}pPr/{_W}outlineLvl")
        if own is not None and (own.get(f"{_W}val") or "").isdigit():
            return min(int(own.get(f"{_W}val")), 9) + 1 if int(own.get(f"{_W}val")) < 9 else 0
        return self._levels.get(_style(paragraph._p), 0)

    def _numbering(self, paragraph: Any) -> tuple[str, int] | None:
        """Return the mark and depth of a list's item."""
        properties = paragraph._p.find(f"{_W}pPr/{_W}numPr")
        style = _style(paragraph._p)
        if properties is None and not style.startswith("List"):
            return None
        id = _value(properties, "numId") if properties is not None else ""
        depth = _value(properties, "ilvl") if properties is not None else ""
        level = int(depth) if depth.isdigit() else int(style[-1]) - 1 if style[-1:].isdigit() else 0
        if id == "0":
            return None
        kind = self._formats.get((id, level), "decimal" if style.startswith("ListNumber") else "bullet")
        if kind in _BULLETS:
            return "- ", level
        if not self._items and not id:
            self._numbers.clear()
        self._numbers = {key: n for key, n in self._numbers.items() if key[0] != id or key[1] <= level}
        self._numbers[id, level] = self._numbers.get((id, level), 0) + 1
        return f"{self._numbers[id, level]}. ", level


def _text(element: Any) -> str:
    """Return the words of a paragraph or cell, and what its pictures are said to show; line breaks stay."""
    said: list[str] = []
    skipped: Any = None
    from lxml.etree import iterwalk

    for event, node in iterwalk(element, events=("start", "end")):
        if skipped is not None:
            skipped = None if event == "end" and node is skipped else skipped
        elif event == "end":
            said += ["\n"] if node.tag == f"{_W}p" else []
        elif node.tag in _LEFT_OUT or (node.tag == f"{_W}r" and node.find(f"{_W}rPr/{_W}vanish") is not None):
            skipped = node
        elif node.tag == f"{_W}t":
            said.append(node.text or "")
        elif node.tag in (f"{_W}br", f"{_W}cr"):
            said.append("\n")
        elif node.tag in (f"{_W}tab", f"{_W}noBreakHyphen"):
            said.append(" " if node.tag == f"{_W}tab" else "-")
        elif str(node.tag).endswith("}docPr") and node.get("descr"):
            said.append(f" {node.get('descr')} ")
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(said).split("\n")]
    return "\n".join(line for line in lines if line)


def _style(paragraph: Any) -> str:
    return _value(paragraph.find(f"{_W}pPr"), "pStyle")


def _value(parent: Any, name: str) -> str:
    found = parent.find(f"{_W}{name}") if parent is not None else None
    return (found.get(f"{_W}val") or "") if found is not None else ""


def _style_levels(document: WordDocument) -> Iterator[tuple[str, int]]:
    """Yield for each style of headings its id and level; a style may take the level from the one it is based on."""
    styles = {style.get(f"{_W}styleId") or "": style for style in document.styles.element.iter(f"{_W}style")}
    for id in styles:
        current, seen = id, set()
        while current in styles and current not in seen:
            seen.add(current)
            style = styles[current]
            outline = _value(style.find(f"{_W}pPr"), "outlineLvl")
            name = _HEADING.match(_value(style, "name"))
            if (
                _value(style, "name").casefold() in ("title", "标题")
                or name
                or (outline.isdigit() and int(outline) < 9)
            ):
                yield id, int(name[1]) + 1 if name else int(outline) + 2 if outline.isdigit() else 1
                break
            current = _value(style, "basedOn")


def _number_formats(document: WordDocument) -> Iterator[tuple[tuple[str, int], str]]:
    """Yield the kind of number (bullet, decimal, …) of each level of each list."""
    if not any(part.reltype.endswith("/numbering") for part in document.part.rels.values()):
        return
    numbering: Any = document.part.numbering_part.element
    kinds: dict[str, dict[int, str]] = {}
    for abstract in numbering.iter(f"{_W}abstractNum"):
        levels = kinds.setdefault(abstract.get(f"{_W}abstractNumId") or "", {})
        for level in abstract.iter(f"{_W}lvl"):
            depth = level.get(f"{_W}ilvl") or ""
            if depth.isdigit():
                levels[int(depth)] = _value(level, "numFmt")
    for number in numbering.iter(f"{_W}num"):
        for depth_number, kind in kinds.get(_value(number, "abstractNumId"), {}).items():
            yield (number.get(f"{_W}numId") or "", depth_number), kind
