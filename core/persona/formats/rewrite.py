"""Change a YAML text where it says something else than it should, and leave the rest as its author wrote it.

Knows nothing of what the text is about. A text that cannot be changed in parts (a list on one line, say) is written
anew in its smallest part that can; the result is read again, and what does not say what it should is written anew as
a whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from ..nodes import Mapping, Node, Scalar, Sequence, plain
from ..source import parse
from ..writing import dump

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def rewrite(content: str, wanted: Any) -> tuple[str, bool]:
    """Return a YAML text that says `wanted` (plain values), and whether all that did not change stands as it was."""
    node, _ = parse(content, "")
    if node is not None and same(plain(node), wanted):
        return content, True
    if node is not None and isinstance(node, Mapping | Sequence) and type(plain(node)) is type(wanted):
        changed = _Changes(content).apply(node, wanted)
        again, findings = parse(changed, "")
        if again is not None and not findings and same(plain(again), wanted):
            return changed, True
    return dump(wanted), False


def same(first: Any, second: Any) -> bool:
    """Tell whether two plain values are equal, also in their types (1, 1.0 and true are three)."""
    return _key(first) == _key(second)


def _key(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


@dataclass(slots=True)
class _Changes:
    """Gather replacements of parts of a text, each (start, end, text), and make them."""

    content: str
    lines: list[int] = field(default_factory=list)
    parts: list[tuple[int, int, str]] = field(default_factory=list)
    newline: str = "\n"

    def __post_init__(self) -> None:
        breaks = list(_BREAK.finditer(self.content))
        self.lines = [0, *(match.end() for match in breaks)]
        self.newline = breaks[0][0] if breaks else "\n"

    def apply(self, node: Node, wanted: Any) -> str:
        """Return the text with `wanted` in the place of a node."""
        self._walk(node, wanted, 0)
        content = self.content
        for start, end, text in sorted(self.parts, reverse=True):
            content = content[:start] + text.replace("\n", self.newline) + content[end:]
        return content

    def _walk(self, node: Node, wanted: Any, indent: int) -> None:
        if same(plain(node), wanted):
            return
        if isinstance(node, Mapping) and isinstance(wanted, dict) and wanted and self._is_block(node):
            self._mapping(node, wanted)
        elif isinstance(node, Sequence) and isinstance(wanted, list) and wanted and self._is_block(node):
            self._sequence(node, wanted)
        else:
            self._replace(node, wanted, indent)

    def _mapping(self, node: Mapping, wanted: dict[str, Any]) -> None:
        names = list(node.entries)
        column = min(span.column for span in node.keys.values()) - 1
        if any(name not in wanted for name in names[:1]) and not self._alone(node.keys[names[0]].line, column):
            self._replace(node, wanted, column - 2)
            return
        for name in names:
            if name in wanted:
                self._walk(node.entries[name], wanted[name], column)
            else:
                start = self._line_start(node.keys[name].line)
                self.parts.append((start, self._after(node.entries[name]), ""))
        for name in wanted:
            if name not in node.entries:
                self._insert(self._after(node), _indented(dump({name: wanted[name]}), column))

    def _sequence(self, node: Sequence, wanted: list[Any]) -> None:
        column = node.span.column - 1
        before = [_key(plain(item)) for item in node.items]
        after = [_key(item) for item in wanted]
        for what, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if what == "equal":
                continue
            pairs = min(j - i, m - k)
            for item, value in zip(node.items[i : i + pairs], wanted[k : k + pairs]):
                self._walk(item, value, column)
            if j > i + pairs:
                start, end = self._line_start(node.items[i + pairs].span.line), self._after(node.items[j - 1])
                self.parts.append((start, end, ""))
            if m > k + pairs:
                last = i + pairs
                place = self._after(node.items[last - 1]) if last else self._line_start(node.span.line)
                self._insert(place, _indented(_block(wanted[k + pairs : m]), column))

    def _replace(self, node: Node, wanted: Any, indent: int) -> None:
        start = self._offset(node.span.line, node.span.column)
        sign = self.content[start : start + 1]
        if self._is_block(node) or self._is_literal(node):
            end = self._after(node)
            ended = self.content[end - 1 : end] in ("\n", "\r")
            text = self._value(wanted, indent, start)
            self.parts.append((start, end, text.rstrip("\n") + ("\n" if ended else "")))
            return
        end = self._offset(node.span.end_line, node.span.end_column)
        if isinstance(node, Scalar) and start == end:  # a key with nothing after it
            self.parts.append((start, end, (" " if self.content[start - 1 : start] == ":" else "") + _inline(wanted)))
        else:
            quoted = sign in "'\"[{" or isinstance(wanted, dict | list)
            self.parts.append((start, end, _inline(wanted) if quoted else _plain(wanted)))

    def _value(self, wanted: Any, indent: int, start: int) -> str:
        """Return a value as it stands after a key or a dash."""
        if isinstance(wanted, str) and "\n" in wanted:
            head, _, body = dump({"x": wanted}).removeprefix("x: ").partition("\n")
            return head + "\n" + _indented(body, indent) if head[:1] in "|>" else _inline(wanted)
        if not isinstance(wanted, dict | list) or not wanted:
            return _plain(wanted)
        after_dash = self.content[:start].rstrip(" ").endswith("-")
        text = _indented(_block(wanted), indent + 2)
        return text.lstrip(" ") if after_dash or self._alone_at(start) else "\n" + text

    def _insert(self, place: int, text: str) -> None:
        ended = place == 0 or self.content[place - 1] in "\n\r\x85\u2028\u2029"
        self.parts.append((place, place, text if ended else "\n" + text.rstrip("\n")))

    def _after(self, node: Node) -> int:
        """Return where the line after a node begins."""
        while isinstance(node, Mapping | Sequence) and self._is_block(node):
            children = list(node.entries.values()) if isinstance(node, Mapping) else list(node.items)
            if not children:
                break
            node = max(children, key=lambda child: (child.span.line, child.span.column))
        if not self._is_literal(node):
            return self._line_start(node.span.end_line + 1)
        line = last = node.span.line
        indent = None
        while line < len(self.lines):
            text = self.content[self._line_start(line + 1) : self._line_start(line + 2)]
            if text.strip():
                indent = len(text) - len(text.lstrip(" ")) if indent is None else indent
                if len(text) - len(text.lstrip(" ")) < max(indent, 1):
                    break
                last = line + 1
            line += 1
        return self._line_start(last + 1)

    def _is_block(self, node: Node) -> bool:
        sign = self.content[self._offset(node.span.line, node.span.column) :][:1]
        return isinstance(node, Mapping | Sequence) and sign not in ("{", "[", "&", "*", "")

    def _is_literal(self, node: Node) -> bool:
        start = self._offset(node.span.line, node.span.column)
        head = self.content[start : start + 80]
        return isinstance(node, Scalar) and bool(re.match(r"[|>][-+0-9]*[ \t]*(#|[\r\n])", head))

    def _alone_at(self, start: int) -> bool:
        return not self.content[self.lines[self._line_of(start) - 1] : start].strip()

    def _alone(self, line: int, column: int) -> bool:
        """Tell whether nothing but blanks stands before a column."""
        start = self._line_start(line)
        return not self.content[start : start + column].strip()

    def _line_of(self, offset: int) -> int:
        return sum(1 for start in self.lines if start <= offset)

    def _line_start(self, line: int) -> int:
        return self.lines[line - 1] if line <= len(self.lines) else len(self.content)

    def _offset(self, line: int, column: int) -> int:
        return min(self._line_start(line) + column - 1, len(self.content))


def _inline(value: Any) -> str:
    """Return a value on one line."""
    if isinstance(value, str | dict | list):
        return json.dumps(value, ensure_ascii=False)
    return dump(value).removesuffix("...\n").strip()


def _plain(value: Any) -> str:
    """Return a value on one line, without quotes where it needs none."""
    if isinstance(value, str) and "\n" not in value and len(value) < 90:
        return dump({"x": value}).removeprefix("x: ").strip()
    return _inline(value)


def _block(value: Any) -> str:
    """Return a list or a mapping with each item on its own line."""
    return (
        "".join(dump([item]) if not _flat(item) else f"- {_plain(item)}\n" for item in value)
        if isinstance(value, list)
        else dump(value)
    )


def _flat(value: Any) -> bool:
    return not isinstance(value, dict | list) and not (isinstance(value, str) and "\n" in value)


def _indented(text: str, indent: int) -> str:
    return re.sub(r"(?m)^(?=.)", " " * indent, text)
