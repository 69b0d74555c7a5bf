"""Read Markdown (CommonMark, with tables) into blocks.

Knows nothing of passages. Places are lines of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from .blocks import Block, Document, Headings, Line, tabular

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_COLUMNS = 200
_FRONT = re.compile(r"---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SUMMARY = re.compile(r"<summary\b[^>]*>(.*?)</summary\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_REMOTE = re.compile(r"[a-zA-Z][\w+.-]*:|//")


def read_markdown(content: str) -> Document:
    """Return the blocks of a Markdown text; front matter and comments are passed over."""
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT.match(content)
    if front:
        content = "\n" * front[0].count("\n") + content[front.end() :]
    return Document(_Reader(_parser().parse(content)).blocks)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": 20}).enable(["table", "strikethrough"])


class _Reader:
    """Walk the tokens of a Markdown text."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.blocks: list[Block] = []
        self._headings = Headings()
        self._lists: list[tuple[str, int]] = []
        self._items: list[Line] = []
        self._began = -1
        self._ended = -1
        position = 0
        while position < len(tokens):
            position = self._take(tokens, position)

    def _take(self, tokens: Sequence[Token], position: int) -> int:
        """Read one token and those that belong to it; return where to go on."""
        token = tokens[position]
        line = (token.map or [0])[0] + 1
        if token.type == "heading_open":
            self._close()
            self._headings.take(
                int(token.tag[1]), " ".join(line.text.strip() for line, _ in _inline(tokens[position + 1]))
            )
            return position + 3
        if token.type in ("bullet_list_open", "ordered_list_open"):
            if not self._lists:
                self._close()
                self._began = line
            self._lists.append((token.type, int(token.attrs.get("start", 1))))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
            if not self._lists:
                self._close()
        elif token.type == "list_item_open":
            self._item(line)
        elif token.type == "paragraph_open":
            self._paragraph(tokens[position + 1])
            self._ended = (token.map or [0, 0])[1]
            return position + 3
        elif token.type in ("fence", "code_block"):
            self._code(token, line)
        elif token.type == "html_block":
            self._html(token, line)
        elif token.type == "table_open":
            end = next(n for n in range(position, len(tokens)) if tokens[n].type == "table_close")
            self._table(tokens[position:end])
            return end + 1
        return position + 1

    def _item(self, line: int) -> None:
        kind, number = self._lists[-1]
        self._lists[-1] = (kind, number + 1)
        mark = "- " if kind == "bullet_list_open" else f"{number}. "
        self._items.append(Line(mark, line, min(len(self._lists) - 1, 6)))

    def _paragraph(self, inline: Token) -> None:
        found = list(_inline(inline))
        images = [image for _, image in found if image]
        lines = tuple(line for line, _ in found)
        if self._lists and self._items:
            self._said(" ".join(line.text.strip() for line in lines))
        elif images and not "".join(_beside_images(inline)).strip():
            for line, image in found:
                if line.text.strip():
                    self._add(Block("picture", self._headings.path, (line,), image))
        elif any(line.text.strip() for line in lines):
            self._add(Block("paragraph", self._headings.path, lines, next(iter(images), None)))

    def _said(self, text: str) -> None:
        """Add words to the list's last item."""
        last = self._items[-1]
        glue = "" if last.text.endswith(" ") else "\n" + "  " * (last.depth + 1)
        self._items[-1] = last._replace(text=f"{last.text}{glue}{text}" if text else last.text)

    def _code(self, token: Token, line: int) -> None:
        rows = token.content.rstrip("\n").split("\n")
        if self._lists and self._items:
            self._said("\n".join(rows))
            return
        first = line + 1 if token.type == "fence" else line
        lines = tuple(Line(row.rstrip(), first + number) for number, row in enumerate(rows))
        if any(line.text for line in lines):
            self._add(Block("code", self._headings.path, lines))

    def _html(self, token: Token, line: int) -> None:
        content = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), token.content)
        if not content.strip():
            return
        summary = _SUMMARY.search(content)
        if summary and not self._lists:  # what it opens goes on after this piece of HTML
            self._close()
            self._headings.take(7, " ".join(_TAG.sub("", summary[1]).split()))
            content = content[: summary.start()] + "\n" * summary[0].count("\n") + content[summary.end() :]
        from .html import read_html

        for block in read_html(content, line).blocks:
            if self._lists and self._items:
                self._said(" ".join(line.text.strip() for line in block.lines))
            else:
                self._add(Block(block.kind, self._headings.path + block.headings, block.lines, block.image, block.lead))
        if "</details" in content.lower():
            self._headings.take(7, "")

    def _table(self, tokens: Sequence[Token]) -> None:
        header: list[str] = []
        rows: list[Line] = []
        cells: list[str] = []
        line = 1
        for number, token in enumerate(tokens):
            if token.type == "tr_open":
                cells, line = [], (token.map or [0])[0] + 1
            elif token.type in ("th_open", "td_open"):
                cells.append(" ".join(part.text.strip() for part, _ in _inline(tokens[number + 1])))
            elif token.type == "tr_close" and not header:
                header = cells[:MAX_COLUMNS]
            elif token.type == "tr_close" and (text := tabular(header, cells[:MAX_COLUMNS])):
                rows.append(Line(text, line))
        if self._lists and self._items:
            self._said("\n".join(row.text for row in rows))
        elif rows:
            began = (tokens[0].map or [0])[0]
            self._add(Block("table", self._headings.path, tuple(rows), tight=began == self._ended))

    def _add(self, block: Block) -> None:
        self._close()
        self.blocks.append(block)

    def _close(self) -> None:
        """End the list that is being read."""
        items = tuple(item for item in self._items if not item.text.endswith(" "))
        self._items = []
        if items:
            tight = self._began == self._ended + 1
            self.blocks.append(Block("list", self._headings.path, items, tight=tight))


def _inline(token: Token) -> Iterator[tuple[Line, str | None]]:
    """Yield the lines of inline text, each with the picture that stands in it."""
    number = (token.map or [0])[0] + 1
    text, image = "", None
    for child in token.children or ():
        wanted = child.type == "hardbreak" or (child.type == "html_inline" and bool(_BREAK.fullmatch(child.content)))
        if wanted or child.type == "softbreak":
            yield Line(text + ("\n" if wanted else ""), number), image
            text, image = "", None
            number += child.type != "html_inline"
        elif child.type == "image":
            source = str(child.attrs.get("src", ""))
            text += child.content or str(child.attrs.get("title", ""))
            image = image or (None if _REMOTE.match(source) else unquote(source))
        elif child.type != "html_inline":
            text += child.content
    yield Line(text, number), image


def _beside_images(token: Token) -> Iterator[str]:
    yield from (child.content for child in token.children or () if child.type in ("text", "code_inline"))
