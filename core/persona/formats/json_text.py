"""Read JSON of strangers within limits, and write it again the way it was written.

Knows no format. A tree of plain values comes with its layout (indentation, escapes, line ends), so that a document in
which nothing was changed is written with the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

from ...errors import BadInput

MAX_BYTES = 32_000_000
MAX_DEPTH = 100
MAX_DIGITS = 400
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+|\s+', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Written(float):
    """Be a number that is written in a way of its own: 1.50, 1e3, -0."""

    text: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Hold how a JSON text is written; the defaults are those of JavaScript's `JSON.stringify`."""

    indent: str = ""
    colon: str = ":"
    comma: str = ","
    ascii: bool = False
    slash: bool = False
    before: str = ""
    after: str = ""
    line: str = "\n"
    exact: bool = True
    twice: tuple[str, ...] = field(default=(), compare=False)
    """Keys that stood twice in one object; only the last of each counts."""

    def facts(self) -> dict[str, Any]:
        """Return what differs from the defaults, as plain values."""
        default = Layout()
        return {k: v for k, v in asdict(self).items() if k != "twice" and v != getattr(default, k)}


def layout_of(facts: Any) -> Layout:
    """Return the layout that `facts` described; what does not fit is left at its default."""
    given = facts if isinstance(facts, Mapping) else {}
    default = Layout()
    known = {f.name: given[f.name] for f in fields(Layout) if f.name in given and f.name != "twice"}
    return Layout(**{k: v for k, v in known.items() if type(v) is type(getattr(default, k))})


def read_json(data: bytes, what: str) -> tuple[Any, Layout]:
    """Return the tree of a JSON text and its layout; raise BadInput with a sentence that begins with `what`."""
    if len(data) > MAX_BYTES:
        raise BadInput("too_large", f"{what} is larger than {MAX_BYTES // 1_000_000} MB.")
    text = _decoded(data, what)
    body = text.removeprefix("\ufeff")
    twice: list[str] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) < len(pairs):
            seen: set[str] = set()
            twice.extend(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return built

    def integer(written: str) -> Any:
        if len(written) > MAX_DIGITS:
            raise BadInput("bad_json", f"{what} has a number of {len(written):,} digits.")
        return _own(float(written), written) if written == "-0" else int(written)

    def fraction(written: str) -> Any:
        number = float(written)
        return number if repr(number) == written else _own(number, written)

    def constant(written: str) -> Any:
        raise BadInput("bad_json", f"{what} holds {written}, which is not a number in JSON.")

    try:
        tree = json.loads(
            body, object_pairs_hook=build, parse_int=integer, parse_float=fraction, parse_constant=constant
        )
    except json.JSONDecodeError as error:
        raise BadInput(
            "bad_json", f"{what} is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except RecursionError:
        raise BadInput("bad_json", f"{what} is nested too deeply.") from None
    tokens = [match[0] for match in _TOKEN.finditer(body)]
    if _depth(tokens) > MAX_DEPTH:
        raise BadInput("bad_json", f"{what} is nested more than {MAX_DEPTH} levels deep.")
    return tree, _layout(text, body, tokens, tree, tuple(dict.fromkeys(twice)))


def write_json(tree: Any, layout: Layout) -> bytes:
    """Return a tree as JSON text in a layout."""
    body = _value(tree, layout, layout.line)
    return f"{layout.before}{body}{layout.after}".encode()


def _decoded(data: bytes, what: str) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadInput("bad_text", f"{what} is UTF-16 text; save it as UTF-8.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("bad_text", f"{what} is not UTF-8 text: byte {error.start + 1:,} does not fit.") from None


def _own(number: float, written: str) -> Written:
    made = Written(number)
    made.text = written
    return made


def _depth(tokens: list[str]) -> int:
    depth = deepest = 0
    for token in tokens:
        if token in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token in "]}":
            depth -= 1
    return deepest


def _layout(text: str, body: str, tokens: list[str], tree: Any, twice: tuple[str, ...]) -> Layout:
    """Find the layout of a text: what stands after the first bracket, colon and comma stands for all of them."""
    bom = "\ufeff" if text != body else ""
    before = bom + body[: len(body) - len(body.lstrip())]
    after = body[len(body.rstrip()) :]
    blanks = {a: b for a, b in reversed([*pairwise(tokens)]) if b.isspace() and a in "{[:,"}  # the first after each
    inner = blanks.get("{") or blanks.get("[", "")
    line = "\r\n" if "\r\n" in inner else "\n"
    indent = inner.rsplit("\n", 1)[1] if "\n" in inner else ""
    made = Layout(
        indent=indent,
        colon=":" + blanks.get(":", ""),
        comma="," + ("" if indent else blanks.get(",", "")),
        ascii=body.isascii() and re.search(r"\\u(?!00[01])", body) is not None,
        slash="\\/" in body,
        before=before,
        after=after,
        line=line,
        twice=twice,
    )
    if write_json(tree, made) == text.encode():
        return made
    return replace(made, exact=False)


def _value(value: Any, layout: Layout, newline: str) -> str:
    if isinstance(value, str):
        return _string(value, layout)
    if isinstance(value, Written):
        return value.text
    if isinstance(value, Mapping):
        inner = newline + layout.indent
        items = [f"{_string(str(k), layout)}{layout.colon}{_value(v, layout, inner)}" for k, v in value.items()]
        return _collection("{", items, "}", layout, newline)
    if isinstance(value, list | tuple):
        return _collection("[", [_value(v, layout, newline + layout.indent) for v in value], "]", layout, newline)
    return json.dumps(value)


def _collection(opening: str, items: list[str], closing: str, layout: Layout, newline: str) -> str:
    if not items:
        return opening + closing
    if not layout.indent:
        return opening + layout.comma.join(items) + closing
    inner = newline + layout.indent
    return f"{opening}{inner}{(',' + inner).join(items)}{newline}{closing}"


def _string(value: str, layout: Layout) -> str:
    written = json.dumps(value, ensure_ascii=layout.ascii)
    if not layout.ascii:
        written = _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", written)
    return written.replace("/", "\\/") if layout.slash else written
