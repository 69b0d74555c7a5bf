"""Read PDF files: the lines of each page with their size and place on it, as pypdf finds them.

Knows nothing of paragraphs; `layout.py` puts the lines together. A file that cannot be read is a finding.
"""

from __future__ import annotations

import io
import logging
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...diagnostics import Diagnostic, Span
from ..source import read_bytes
from .blocks import Document
from .layout import Outline, PageLine, lay_out, same

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

MAX_BYTES = 50_000_000
MAX_PAGES = 2_000
MAX_CONTENT = 4_000_000  # bytes of instructions on one page, unpacked
_AGAIN = "open it in a PDF reader; if it shows well there, print or export it to a new PDF"
_SCANNED = "run text recognition (OCR) over it and save it again, or write what matters into a .md file"
_UNLOCK = "open it with its password, and print or export it to a new PDF without one"


def read_pdf(path: Path) -> Document:
    """Return the blocks of a PDF file; places are pages."""
    document = Document(mark="p")
    data, document.diagnostics = read_bytes(path, MAX_BYTES)
    if data is None:
        return document
    start = Span(str(path), 1, 1, 1, 1)
    if b"%PDF-" not in data[:1024]:
        message = "the file is not a PDF, though its name says so"
        document.diagnostics.append(Diagnostic("P0230", "error", message, start, "give it the ending of its real kind"))
        return document
    from pypdf.errors import DependencyError, FileNotDecryptedError, WrongPasswordError

    try:
        reader = _open(data)
        if reader.is_encrypted and not reader.decrypt(""):
            raise WrongPasswordError("")
        count = _count(reader)
        count = count if count > MAX_PAGES else len(reader.pages)
    except (DependencyError, FileNotDecryptedError, WrongPasswordError):
        document.diagnostics.append(Diagnostic("P0231", "error", "the PDF is locked with a password", start, _UNLOCK))
        return document
    except _faults() as error:
        document.diagnostics.append(Diagnostic("P0230", "error", f"the PDF is damaged{_why(error)}", start, _AGAIN))
        return document
    if count > MAX_PAGES:
        message = f"the PDF has more than {MAX_PAGES:,} pages"
        document.diagnostics.append(Diagnostic("P0234", "error", message, start, "split it into several files"))
        return document
    lines, empty = _pages(reader, count, document, str(path))
    _report_empty(document, str(path), count, empty)
    document.blocks = lay_out(lines, _outline(reader))
    return document


def _open(data: bytes) -> PdfReader:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it mends in silence is no news for authors
    return PdfReader(io.BytesIO(data), strict=False)


def _count(reader: PdfReader) -> int:
    """Count pages only so far that it is sure there are too many: a small file may stand for millions of them."""
    stack: list[Any] = [reader.root_object["/Pages"]]
    pages = visited = 0
    while stack and pages <= MAX_PAGES and visited <= MAX_PAGES * 4:
        node = stack.pop().get_object()
        visited += 1
        kids = node.get("/Kids") if hasattr(node, "get") else None
        if kids is None:
            pages += 1
        else:
            stack += kids.get_object()
    return pages if visited <= MAX_PAGES * 4 else MAX_PAGES + 1


def _faults() -> tuple[type[Exception], ...]:
    """Return what pypdf raises on damaged files: its own errors, and those of whatever it stumbles over."""
    from pypdf.errors import PyPdfError

    stumbling = (ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, OSError)
    return (PyPdfError, *stumbling, RecursionError, TypeError, ValueError)


def _why(error: Exception) -> str:
    """Return pypdf's own words, where it has some."""
    from pypdf.errors import PyPdfError

    said = " ".join(str(error).split())[:80] if isinstance(error, PyPdfError) else ""
    return f": {said}" if said else ""


def _pages(reader: PdfReader, count: int, document: Document, path: str) -> tuple[list[PageLine], list[int]]:
    """Return the lines of all pages, and the numbers of the pages that have none but a picture."""
    lines: list[PageLine] = []
    empty = []
    for number in range(1, count + 1):
        place = Span(path, number, 1, number, 1)
        try:
            page = reader.pages[number - 1]
            found = list(_lines(page, number))
            pictured = not found and _has_picture(page)
        except _TooMuch:
            message = f"page {number} holds more drawing than can be read"
            document.diagnostics.append(Diagnostic("P0234", "warning", message, place, _SCANNED))
            continue
        except _faults() as error:
            message = f"page {number} cannot be read{_why(error)}"
            document.diagnostics.append(Diagnostic("P0235", "warning", message, place, _AGAIN))
            continue
        lines += found
        if pictured:
            empty.append(number)
    return lines, empty


def _report_empty(document: Document, path: str, count: int, empty: list[int]) -> None:
    if not empty:
        return
    first = Span(path, empty[0], 1, empty[0], 1)
    if len(empty) == count:
        message = "the PDF has no text: its pages are pictures (scanned)"
        document.diagnostics.append(Diagnostic("P0232", "error", message, first, _SCANNED))
        return
    listed = ", ".join(map(str, empty[:10])) + (f" and {len(empty) - 10} more" if len(empty) > 10 else "")
    what = "page {} is a picture" if len(empty) == 1 else "pages {} are pictures"
    message = f"{what.format(listed)} without text"
    document.diagnostics.append(Diagnostic("P0233", "warning", message, first, _SCANNED))


class _TooMuch(Exception):
    """Stop at a page that would take too long."""


def _lines(page: PageObject, number: int) -> Iterator[PageLine]:
    contents = page.get_contents()
    if contents is None:
        return
    if len(contents.get_data()) > MAX_CONTENT:
        raise _TooMuch
    runs: list[tuple[str, float, float, float, bool]] = []

    def visit(text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:
        scale = math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3])
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        bold = "bold" in str(font.get("/BaseFont", "")).lower() if font else False
        if text:
            runs.append((text, abs(float(size)) * scale, float(x), float(y), bold))

    page.extract_text(visitor_text=visit)
    waiting: list[tuple[str, float, float, float, bool]] = []
    for text, *rest in runs:
        first, *others = text.split("\n")
        waiting.append((first, *rest))  # type: ignore[arg-type]
        for part in others:
            yield from _line(waiting, number)
            waiting = [(part, *rest)]  # type: ignore[list-item]
    yield from _line(waiting, number)


def _line(runs: list[tuple[str, float, float, float, bool]], number: int) -> Iterator[PageLine]:
    text = re.sub(r"\s+", " ", "".join(run[0] for run in runs)).strip()
    said = [run for run in runs if run[0].strip()]
    if text and said:
        longest = max(said, key=lambda run: len(run[0]))
        yield PageLine(text, number, longest[1], said[0][2], said[0][3], all(run[4] for run in said))


def _has_picture(page: PageObject) -> bool:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    return any(
        item.get_object().get("/Subtype") == "/Image"
        for item in (objects.get_object().values() if objects is not None else ())
    )


def _outline(reader: PdfReader) -> Outline:
    """Return the titles of the bookmarks of each page, with their level from 1."""
    found: Outline = {}
    try:
        stack: list[tuple[Any, int]] = [(entry, 1) for entry in reversed(reader.outline)]
        while stack:
            entry, level = stack.pop()
            if isinstance(entry, list):
                stack += [(inner, level + 1) for inner in reversed(entry)]
                continue
            page = reader.get_destination_page_number(entry)
            if page is not None and entry.title:
                found.setdefault(page + 1, {}).setdefault(same(str(entry.title)), min(level, 6))
    except _faults():
        return {}
    return found
