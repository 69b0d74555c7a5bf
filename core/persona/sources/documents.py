"""Read any document that people write for people (Markdown, text, HTML, PDF, Word) into blocks.

Each kind's library is imported when a file of that kind is there.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from pathlib import Path

from ...diagnostics import Diagnostic, Span
from ..source import decode, read_bytes, read_text
from .blocks import Document

MAX_BYTES = 20_000_000
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)


def read_document(path: Path) -> Document:
    """Return the blocks of a document; a file without words is a finding."""
    document = _READERS[path.suffix.lower()](path)
    if not document.blocks and not document.diagnostics:
        message = "there is no text to answer from in this file"
        document.diagnostics.append(Diagnostic("P0206", "warning", message, Span(str(path), 1, 1, 1, 1)))
    return document


def _markdown(path: Path) -> Document:
    from .markdown import read_markdown

    return _of_text(path, read_markdown)


def _plain(path: Path) -> Document:
    from .plaintext import read_plain

    return _of_text(path, read_plain)


def _of_text(path: Path, reader: Callable[[str], Document]) -> Document:
    content, diagnostics = read_text(path, MAX_BYTES)
    document = Document() if content is None else reader(content)
    document.diagnostics += diagnostics
    return document


def _html(path: Path) -> Document:
    from .html import read_html

    data, diagnostics = read_bytes(path, MAX_BYTES)
    if data is None:
        return Document(diagnostics=diagnostics)
    content = _declared(data)
    if content is None:
        content, diagnostics = decode(data, str(path))
    document = Document() if content is None else read_html(content)
    document.diagnostics += diagnostics
    return document


def _declared(data: bytes) -> str | None:
    """Return the text of a page that says in which encoding it is, where that is not UTF-8 and true."""
    said = _CHARSET.search(data[:4096])
    if said is None:
        return None
    try:
        codec = codecs.lookup(said[1].decode("ascii"))
        name = "gb18030" if codec.name in ("gb2312", "gbk") else codec.name
        return None if name == "utf-8" or not getattr(codec, "_is_text_encoding", True) else data.decode(name)
    except (LookupError, UnicodeError):
        return None


def _pdf(path: Path) -> Document:
    from .pdf import read_pdf

    return read_pdf(path)


def _docx(path: Path) -> Document:
    from .docx import read_docx

    return read_docx(path)


_READERS: dict[str, Callable[[Path], Document]] = {
    ".md": _markdown, ".txt": _plain, ".html": _html, ".htm": _html, ".pdf": _pdf, ".docx": _docx,
}  # fmt: skip
DOCUMENTS = tuple(_READERS)
