"""Read HTML into blocks: headings, paragraphs, lists, tables and pictures with their alternative texts.

Scripts, styles, navigation, forms and what is hidden are passed over. Places are lines of the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from .blocks import Block, Document, Headings, Kind, Line, tabular

if TYPE_CHECKING:
    from lxml.etree import _Element

_SKIPPED = frozenset({
    "script", "style", "nav", "head", "template", "noscript", "svg", "math", "iframe", "object", "embed", "canvas",
    "audio", "video", "form", "button", "select", "option", "input", "textarea", "datalist", "dialog", "map",
})  # fmt: skip
_BLOCKS = frozenset({
    "html", "body", "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "header", "hgroup", "hr", "legend", "li", "main", "ol", "p",
    "pre", "section", "summary", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "ul",
})  # fmt: skip
_HEADING = re.compile(r"h([1-6])\Z")
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_REMOTE = re.compile(r"[a-zA-Z][\w+.-]*:|//")
_ROLES = frozenset({"navigation", "search", "menu", "menubar", "dialog", "alertdialog"})
_SPANS = frozenset(map(str, range(1, 51)))
_SUMMARY, _TERM = 7, 8  # levels, below those of headings, of what stands above an answer
_SPACE = re.compile(r"[ \t\n\r\f\xa0]+")


def read_html(content: str, line: int = 1) -> Document:
    """Return the blocks of HTML whose first line is `line`; broken markup is read as browsers do."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content.replace("\x00", "").encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # nothing but blanks and comments
        root = None
    reader = _Reader(line - 1)
    if root is not None:
        skipped: Any = None
        for event, element in etree.iterwalk(root, events=("start", "end")):
            if skipped is None and event == "start" and _is_skipped(element):
                skipped = element
            if skipped is None:
                reader.open(element) if event == "start" else reader.close(element)
            if event == "end":
                skipped = None if skipped is element else skipped
                if skipped is None:
                    reader.text(element.tail)
        reader.flush()
    return Document(reader.blocks)


def _is_skipped(element: _Element) -> bool:
    tag = element.tag
    if not isinstance(tag, str) or tag in _SKIPPED:
        return True
    if "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    return element.get("role") in _ROLES or bool(_UNSEEN.search(element.get("style", "")))


class _Reader:
    """Take elements and texts in the order of the page."""

    def __init__(self, offset: int) -> None:
        self.blocks: list[Block] = []
        self._offset = offset
        self._headings = Headings()
        self._line = 1
        self._words: list[str] = []
        self._began = 1
        self._image: str | None = None
        self._written = False  # whether there are words beside those of a picture
        self._figure: int | None = None
        self._preformatted = 0
        self._lists: list[list[Any]] = []  # tag, number of the next item
        self._items: list[Line] = []
        self._tables: list[_Table] = []

    def open(self, element: _Element) -> None:
        """Begin an element, and take its first words."""
        tag = str(element.tag)
        self._line = max(self._line, element.sourceline or 0)
        if tag == "br":
            self._words.append("\n")
        elif tag == "img":
            self._picture(element)
        elif tag in _BLOCKS or _HEADING.match(tag):
            self._open_block(tag, element)
        self.text(element.text)

    def _open_block(self, tag: str, element: _Element) -> None:
        if tag in ("td", "th") and self._tables:
            span = element.get("colspan", "1")
            self._tables[-1].open(tag, self._line + self._offset, int(span) if span in _SPANS else 1)
            return
        if self._tables:
            if tag == "table":
                self._tables.append(_Table())
            elif tag == "tr":
                self._tables[-1].end_row()
            else:
                self._words.append(" ")
            return
        self.flush()
        if tag == "table":
            self._close_list()
            self._tables.append(_Table())
        elif tag in ("ul", "ol"):
            if not self._lists:
                self._close_list()
            self._lists.append([tag, 1])
        elif tag == "li":
            kind, number = self._lists[-1] if self._lists else ("ul", 1)
            if self._lists:
                self._lists[-1][1] += 1
            depth = min(max(0, len(self._lists) - 1), 6)
            self._items.append(Line("- " if kind == "ul" else f"{number}. ", self._line + self._offset, depth))
        elif tag == "pre":
            self._preformatted += 1
        elif not self._lists or _HEADING.match(tag):
            self._close_list()
            self._figure = len(self.blocks) if tag == "figure" else self._figure

    def close(self, element: _Element) -> None:
        """End an element."""
        tag = str(element.tag)
        if self._tables:
            self._close_in_table(tag)
        elif (heading := _HEADING.match(tag)) or (tag in ("summary", "dt") and not self._lists):
            title = _SPACE.sub(" ", "".join(self._words)).strip()
            self._words, self._image, self._written = [], None, False
            self._headings.take(int(heading[1]) if heading else _SUMMARY if tag == "summary" else _TERM, title)
        elif tag in _BLOCKS:
            self.flush()
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
                if not self._lists:
                    self._close_list()
            elif tag == "figure":
                self._captioned()
            elif tag in ("details", "dl"):
                self._headings.take(_SUMMARY if tag == "details" else _TERM, "")
            elif tag == "pre":
                self._preformatted = max(0, self._preformatted - 1)

    def _close_in_table(self, tag: str) -> None:
        table = self._tables[-1]
        said = _SPACE.sub(" ", "".join(self._words)).strip()
        if tag in ("td", "th"):
            self._words = []
            table.said(said)
        elif tag == "caption":
            self._words = []
            table.caption = said
        elif tag == "tr":
            table.end_row()
        elif tag == "table":
            table.end_row()
            self._tables.pop()
            rows = table.rows()
            if self._tables:
                self._words.append(" " + " ".join(row.text for row in rows))
            elif rows:
                image, self._image = self._image, None
                self.blocks.append(Block("table", self._headings.path, tuple(rows), image, table.caption))

    def text(self, words: str | None) -> None:
        """Take words."""
        if not words:
            return
        if not "".join(self._words).strip() and words.strip():
            before = words[: len(words) - len(words.lstrip())]
            self._began = self._line + before.count("\n")
        self._written = self._written or bool(words.strip())
        self._words.append(words if self._preformatted else _SPACE.sub(" ", words))
        self._line += words.count("\n")

    def _picture(self, element: _Element) -> None:
        alternative = _SPACE.sub(" ", element.get("alt", "") or element.get("title", "")).strip()
        source = element.get("src", "").strip()
        if alternative:
            if not "".join(self._words).strip():
                self._began = self._line
            self._words.append(alternative)
        if source and not _REMOTE.match(source) and self._image is None:
            self._image = unquote(source)

    def flush(self) -> None:
        """End a paragraph."""
        said, self._words = "".join(self._words), []
        image, self._image = self._image, None
        alone, self._written = not self._written, False
        place = self._began + self._offset
        if self._preformatted and said.strip() and not self._lists:
            rows = said.strip("\n").split("\n")
            lines = tuple(Line(row.rstrip(), place + n) for n, row in enumerate(rows))
            self.blocks.append(Block("code", self._headings.path, lines))
            return
        text = "\n".join(_SPACE.sub(" ", part).strip() for part in said.split("\n")).strip()
        if self._lists and self._items:
            last = self._items[-1]
            glue = "" if last.text.endswith(" ") else "\n" + "  " * (last.depth + 1)
            self._items[-1] = last._replace(text=f"{last.text}{glue}{text}" if text else last.text)
        elif text or (image is not None and self._figure is not None):
            kind: Kind = "picture" if image is not None and alone else "paragraph"
            lines = tuple(Line(part + "\n", place) for part in text.split("\n"))
            self.blocks.append(Block(kind, self._headings.path, lines, image))

    def _captioned(self) -> None:
        """Make a figure's picture and its caption one block."""
        start, self._figure = self._figure or 0, None
        inside = self.blocks[start:]
        image = next((block.image for block in inside if block.image), None)
        said = [block for block in inside if block.lines[0].text.strip()]
        if image is not None and said and all(block.kind in ("paragraph", "picture") for block in inside):
            self.blocks[start:] = [Block("picture", said[-1].headings, said[-1].lines, image)]
        else:
            self.blocks[start:] = [block for block in inside if block.lines[0].text.strip()]

    def _close_list(self) -> None:
        items = tuple(item for item in self._items if not item.text.endswith(" "))
        self._items = []
        if items:
            self.blocks.append(Block("list", self._headings.path, items, tight=True))


class _Table:
    """Gather the cells of a table; rows whose cells are all headers name the columns."""

    def __init__(self) -> None:
        self.caption = ""
        self._header: list[str] = []
        self._rows: list[Line] = []
        self._cells: list[tuple[str, str]] = []
        self._line = 1
        self._tag, self._columns = "td", 1

    def open(self, tag: str, line: int, columns: int) -> None:
        """Begin a cell."""
        self._line = self._line if self._cells else line
        self._tag, self._columns = tag, columns

    def said(self, text: str) -> None:
        """End a cell; it counts for as many as it spans."""
        self._cells += [(self._tag, text), *[(self._tag, "")] * (self._columns - 1)]

    def end_row(self) -> None:
        """End a row."""
        cells, self._cells = self._cells, []
        if not any(text for _, text in cells):
            return
        words = [text for _, text in cells]
        if not self._rows and not self._header and len(cells) > 1 and all(tag == "th" for tag, _ in cells):
            self._header = words
        elif text := tabular(self._header, words):
            self._rows.append(Line(text, self._line))

    def rows(self) -> list[Line]:
        """Return the rows as texts; a header alone is a row too."""
        return self._rows or ([Line("; ".join(filter(None, self._header)), self._line)] if self._header else [])
