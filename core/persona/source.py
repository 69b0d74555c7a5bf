"""Read YAML (and JSON, which is YAML) into nodes with a place for each, within limits.

Knows nothing of personas. The events of PyYAML's parser are built into nodes here and not by its composer, so that
depth, aliases and duplicate keys are looked at on the way and nothing recurses. Only `true` and `false` are
booleans; `no`, `on`, 22:30 and 007 stay texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Environment
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ..diagnostics import Diagnostic, Span
from ..errors import Unavailable
from .nodes import Mapping, Node, Scalar, Sequence
from .scanner import Loader
from .syntax import explain_syntax

MAX_BYTES = 5_000_000
MAX_DEPTH = 60
MAX_NODES = 200_000

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_CONTROL_BYTES = bytes({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0D})
_CONTROL_C2 = re.compile(b"\xc2[\x80-\x84\x86-\x9f]")
_TAGS = {"!": "str"} | {
    f"tag:yaml.org,2002:{kind}": kind for kind in ("str", "int", "float", "bool", "null", "seq", "map")
}


class _Stop(Exception):
    """End reading at a finding after which the rest makes no sense."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


def read(path: Path) -> tuple[Node | None, list[Diagnostic]]:
    """Read a YAML or JSON file; the node is None when nothing can be made of it."""
    content, diagnostics = read_text(path, MAX_BYTES)
    if content is None:
        return None, diagnostics
    return parse(content, str(path))


def read_bytes(path: Path, limit: int) -> tuple[bytes | None, list[Diagnostic]]:
    """Read a file of at most `limit` bytes."""
    start = Span(str(path), 1, 1, 1, 1)
    try:
        if path.stat().st_size > limit:
            message, advice = f"the file is larger than {limit / 1e6:.0f} MB", "split it into several"
            return None, [Diagnostic("P0102", "error", message, start, advice)]
        return path.read_bytes(), []
    except FileNotFoundError:
        return None, [Diagnostic("P0101", "error", "there is no such file", start)]
    except OSError as error:
        return None, [Diagnostic("P0101", "error", f"the file cannot be read: {error.strerror}", start)]


def read_text(path: Path, limit: int) -> tuple[str | None, list[Diagnostic]]:
    """Read a file of UTF-8 text of at most `limit` bytes; a byte-order mark is dropped."""
    data, diagnostics = read_bytes(path, limit)
    return (None, diagnostics) if data is None else decode(data, str(path))


def decode(data: bytes, name: str) -> tuple[str | None, list[Diagnostic]]:
    """Return the text of UTF-8 without control characters; findings name the file."""
    start = Span(name, 1, 1, 1, 1)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None, [Diagnostic("P0103", "error", "the file is UTF-16, not UTF-8", start, _save(name))]
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at, guess = error.start, ""
        if _is_gbk(data):  # bytes before that may be UTF-8 by chance
            at, guess = next(i for i, byte in enumerate(data) if byte >= 0x80), "; it looks like GBK"
        before = data[:at].decode("utf-8", errors="replace").removeprefix("\ufeff")
        message = f"the byte 0x{data[at]:02X} here is not UTF-8{guess}"
        return None, [Diagnostic("P0103", "error", message, _place(name, before, 1), _save(name))]
    control = _CONTROL.search(content) if _may_hold_control(data) else None
    if control:
        message = f"an invisible control character (U+{ord(control[0]):04X}) stands here"
        span = _place(name, content[: control.start()], 1)
        return None, [Diagnostic("P0103", "error", message, span, "delete it, or write the line again")]
    return content, []


def _may_hold_control(data: bytes) -> bool:
    """Tell quickly whether a text could hold a control character: a search through all of it takes long."""
    if len(data.translate(None, _CONTROL_BYTES)) != len(data):
        return True
    return bool((b"\xc2" in data and _CONTROL_C2.search(data)) or b"\xef\xbf\xbe" in data or b"\xef\xbf\xbf" in data)


def _save(name: str) -> str:
    if name.lower().endswith(".csv"):
        return "save the table as UTF-8: in Excel, Save As > CSV UTF-8; in an editor, Save with Encoding > UTF-8"
    return "save the file as UTF-8: in most editors, File > Save with Encoding > UTF-8"


def _is_gbk(data: bytes) -> bool:
    try:
        return any("\u4e00" <= c <= "\u9fff" for c in data.decode("gb18030"))
    except UnicodeDecodeError:
        return False


def _place(path: str, before: str, length: int) -> Span:
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Span(path, line, column, line, column + length)


def parse(content: str, path: str) -> tuple[Node | None, list[Diagnostic]]:
    """Build the nodes of one YAML document; findings name `path`."""
    builder = _Builder(path)
    try:
        for event in yaml.parse(content, Loader=Loader):
            builder.take(event)
    except _Stop as stop:
        return None, [*builder.diagnostics, stop.diagnostic]
    except yaml.MarkedYAMLError as error:
        return None, [*builder.diagnostics, explain_syntax(error, content, path)]
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        return None, [*builder.diagnostics, _unreadable(error, content, path)]
    if builder.root is None:
        message = "the file is empty" if not content.strip() else "the file has only comments"
        return None, [*builder.diagnostics, Diagnostic("P0104", "error", message, Span(path, 1, 1, 1, 1))]
    return builder.root, builder.diagnostics


def _unreadable(error: Exception, content: str, path: str) -> Diagnostic:
    r"""Explain what PyYAML passes on from chr(): a number after \U or \u that is no character."""
    escape = re.search(r"\\U(?!00(0|10))[0-9A-Fa-f]{8}", content)
    if escape is None:
        return Diagnostic("P0105", "error", f"this is not YAML: {error}", Span(path, 1, 1, 1, 1))
    message = f"`{escape[0]}` is no character"
    return Diagnostic(
        "P0105", "error", message, _place(path, content[: escape.start()], 10), "write the character itself"
    )


def resolve_environment(value: Any, environ: Environment[str, str]) -> Any:
    """Return a value with each `${NAME}` in its texts replaced; raise Unavailable naming a variable that is not set."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _variable(match[1], environ), value)
    if isinstance(value, dict):
        return {key: resolve_environment(item, environ) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(resolve_environment(item, environ) for item in value)
    return value


def is_variable(value: str) -> bool:
    """Tell whether a text is nothing but `${NAME}`."""
    return bool(_VARIABLE.fullmatch(value.strip()))


def _variable(name: str, environ: Environment[str, str]) -> str:
    found = environ.get(name)
    if not found:
        raise Unavailable(f"the environment variable {name} is not set, and the persona needs it: export {name}=…")
    return found


@dataclass(slots=True)
class _Open:
    """Hold a list or mapping that is still being read."""

    kind: type[Sequence] | type[Mapping]
    start: Any
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Span] = field(default_factory=dict)
    merges: list[tuple[Node, Span]] = field(default_factory=list)
    key: tuple[str | None, Span] | None = None
    nodes: int = 1
    height: int = 1


class _Builder:
    """Build nodes from events."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.root: Node | None = None
        self.diagnostics: list[Diagnostic] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._documents = 0
        self._nodes = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the parser."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                message, advice = "a second document starts here", "keep one persona in a file: delete the line ---"
                self._stop("P0106", message, self._span(event), advice)
        elif isinstance(event, yaml.ScalarEvent):
            self._add(self._scalar(event), event.anchor, 1, 0)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            kind = Sequence if isinstance(event, yaml.SequenceStartEvent) else Mapping
            self._tag(event, "seq" if kind is Sequence else "map")
            self._deeper(len(self._stack) + 1, event)
            if event.anchor:
                self._anchors.pop(event.anchor, None)
            self._stack.append(_Open(kind, event.start_mark, event.anchor))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            self._close(event)

    def _close(self, event: yaml.Event) -> None:
        opened = self._stack.pop()
        span = self._extent(opened, event)
        if opened.kind is Sequence:
            node: Node = Sequence(tuple(opened.items), span)
        else:
            self._merge(opened)
            node = Mapping(opened.entries, opened.keys, span)
        self._add(node, opened.anchor, opened.nodes, opened.height)

    def _extent(self, opened: _Open, event: yaml.Event) -> Span:
        """Return where a collection stands; a block ends, for YAML, where the next thing begins."""
        start: Any = opened.start
        closing: Any = event.start_mark
        end: Any = event.end_mark
        if closing.index != end.index:
            return self._marks(start, end)
        children = list(opened.entries.values()) if opened.kind is Mapping else opened.items
        last = max((child.span for child in children), key=lambda s: (s.end_line, s.end_column), default=None)
        if last is None or (last.end_line, last.end_column) <= (start.line + 1, start.column + 1):
            return self._marks(start, start)
        return Span(self.path, start.line + 1, start.column + 1, last.end_line, last.end_column)

    def _alias(self, event: yaml.AliasEvent) -> None:
        span = self._span(event)
        found = self._anchors.get(event.anchor or "")
        if found is None:
            inside = any(opened.anchor == event.anchor for opened in self._stack)
            if inside:
                self._stop("P0111", f"`*{event.anchor}` stands inside of what it repeats", span, "write the text out")
            self._stop(
                "P0121",
                f"`*{event.anchor}` repeats something that was never marked `&{event.anchor}`",
                span,
                "if the text is meant to begin with *, put quotes around it",
            )
            return
        node, nodes, height = found
        self._deeper(len(self._stack) + height, event)
        self._add(node, None, nodes, height)

    def _add(self, node: Node, anchor: str | None, nodes: int, height: int) -> None:
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        parent.nodes += nodes
        parent.height = max(parent.height, height + 1)
        if parent.nodes > MAX_NODES:
            message = f"the file stands for more than {MAX_NODES:,} values"
            self._stop("P0111", message, node.span, "repeat less with * or <<, or split the file")
        if anchor:
            self._anchors[anchor] = (node, nodes, height)
        if parent.kind is Sequence:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._key(node)
        else:
            (name, span), parent.key = parent.key, None
            if name == "<<":
                parent.merges.append((node, span))
            elif name is not None:
                self._entry(parent, name, span, node)

    def _key(self, node: Node) -> tuple[str | None, Span]:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value, node.span
        if isinstance(node, Scalar):
            what = f"the key `{node.written}` is not a text" if node.written else "there is no key before this colon"
            advice = f'put quotes around it: "{node.written}":' if node.written else "write a name before the colon"
        else:
            what, advice = "a list or a block cannot be a key", "use a plain name as the key"
            if node.span.line == node.span.end_line:
                advice += "; a text that begins with { or [ needs quotes around it"
        self.diagnostics.append(Diagnostic("P0109", "error", what, node.span, advice))
        return None, node.span

    def _entry(self, parent: _Open, name: str, span: Span, node: Node) -> None:
        if name in parent.entries:
            message = f"the key `{name}` stands here twice; the first is on line {parent.keys[name].line}"
            advice = "keep one of them, or join what they hold"
            self.diagnostics.append(Diagnostic("P0108", "error", message, span, advice))
            return
        parent.entries[name] = node
        parent.keys[name] = span

    def _merge(self, opened: _Open) -> None:
        """Take over the entries of `<<: *other`; what the mapping says itself wins."""
        for node, span in opened.merges:
            for source in node.items if isinstance(node, Sequence) else (node,):
                if not isinstance(source, Mapping):
                    message, advice = "`<<` can only take over a block of keys", "write <<: *name of a block"
                    self.diagnostics.append(Diagnostic("P0121", "error", message, span, advice))
                    continue
                for name, value in source.entries.items():
                    if name not in opened.entries:
                        opened.entries[name] = value
                        opened.keys[name] = source.keys[name]

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        span = self._span(event)
        tag = self._tag(event, None)
        written = _joined(event.value)
        if tag == "str" or (event.style is not None and tag is None):
            return Scalar(written, written, span)
        return Scalar(_resolve(written), written, span)

    def _tag(self, event: Any, expected: str | None) -> str | None:
        if event.tag is None:
            return None
        kind = _TAGS.get(event.tag)
        fits = kind in ("str", "int", "float", "bool", "null") if expected is None else kind in (expected, "str")
        if not fits or (kind == "str" and expected is not None and event.tag != "!"):
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")
            advice = "delete the tag; if the text is meant to begin with !, put quotes around it"
            self.diagnostics.append(
                Diagnostic("P0112", "error", f"the tag `{shown}` has no meaning here", self._span(event), advice)
            )
        return kind

    def _deeper(self, depth: int, event: yaml.Event) -> None:
        if depth > MAX_DEPTH:
            self._stop(
                "P0110",
                f"this is nested more than {MAX_DEPTH} levels deep",
                self._span(event),
                "most likely a bracket is not closed",
            )

    def _stop(self, code: str, message: str, span: Span, advice: str | None = None) -> None:
        raise _Stop(Diagnostic(code, "error", message, span, advice))

    def _span(self, event: yaml.Event) -> Span:
        return self._marks(event.start_mark, event.end_mark)

    def _marks(self, start: Any, end: Any) -> Span:
        return Span(self.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _resolve(written: str) -> str | int | float | bool | None:
    """Give a plain scalar its value by YAML 1.2's core schema, without octal, hexadecimal, infinity and NaN."""
    if written in ("", "~", "null", "Null", "NULL"):
        return None
    if written in ("true", "True", "TRUE"):
        return True
    if written in ("false", "False", "FALSE"):
        return False
    if _INTEGER.fullmatch(written):
        return int(written)
    if _FLOAT.fullmatch(written):
        number = float(written)
        return number if number not in (float("inf"), float("-inf")) else written
    return written


def _joined(value: str) -> str:
    r"""Return text whose pairs of surrogates, as JSON writes them (\ud83d\ude00), are one character each."""
    if any("\ud800" <= c <= "\udfff" for c in value):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value
