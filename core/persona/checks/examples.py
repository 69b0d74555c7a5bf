"""Check the examples of intents: their files, and that no two intents claim the same one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ...diagnostics import Span
from ..files import PICTURES, find_file
from ..findings import Findings
from ..nodes import Mapping, Node, Scalar, get, items, text
from ..nodes import Sequence as NodeList
from ..sources.knowledge import example_file

VIDEOS = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".ogv")
SOUNDS = (".wav", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".flac", ".webm", ".mp4")
_NOT_TOLD = re.compile(r"[\W_]+")


def check_examples(tree: Node, root: Path, findings: Findings) -> list[str]:
    """Report example files that are not there, and examples that stand twice; return the words of all examples."""
    words: list[str] = []
    seen: dict[str, tuple[str, Span]] = {}
    for intent in items(get(tree, "intents")):
        name = text(get(intent, "name")) or "?"
        for said, span in _examples(get(intent, "examples"), root, findings):
            words.append(said)
            form = same_form(said)
            if not form:
                continue
            first = seen.setdefault(form, (name, span))
            if first[1] == span:
                continue
            if first[0] == name:
                message = f"this example stands twice in `{name}`; the first is {_where(first[1], span)}"
                findings.warning("P0314", message, span, "delete one of them")
            else:
                message = f"this example belongs to `{name}` and also to `{first[0]}`, {_where(first[1], span)}"
                findings.error("P0303", message, span, "keep it where it fits best: no bot can tell which one is meant")
    return words


def same_form(said: str) -> str:
    """Return a text without what does not tell examples apart: case, width, blanks and punctuation."""
    return _NOT_TOLD.sub("", unicodedata.normalize("NFKC", said).casefold())


def _where(first: Span, second: Span) -> str:
    return f"on line {first.line}" if first.path == second.path else f"at {first}"


def _examples(node: Node | None, root: Path, findings: Findings) -> Iterator[tuple[str, Span]]:
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.strip():
        yield from _from_file(node, root, findings)
    elif isinstance(node, NodeList):
        for item in node.items:
            if isinstance(item, Mapping):
                yield from _media(item, root, findings)
            elif said := text(item):
                yield said, item.span


def _from_file(node: Scalar, root: Path, findings: Findings) -> Iterator[tuple[str, Span]]:
    if not node.written.lower().endswith((".csv", ".txt")) and not (root / node.written[:200]).exists():
        shown = node.written if len(node.written) <= 40 else node.written[:39] + "…"
        message = f'expected a list of texts, or the path of a csv or txt file, found the text "{shown}"'
        advice = f"write each example on its own line after `- `, or in brackets: [{shown}]"
        if re.match(r"-\S", shown):
            advice = "put a blank after each `-`"
        findings.error("P0114", message, node.span, advice)
        return
    file, diagnostics = find_file(node.written, root, node.span, (".csv", ".txt"))
    findings.all += diagnostics
    if file:
        examples, diagnostics = example_file(file)
        findings.all += diagnostics
        words = ((example, span) for example, span in examples if not (example.image or example.audio))
        yield from ((example.text, span) for example, span in words if example.text)


def _media(item: Mapping, root: Path, findings: Findings) -> Iterator[tuple[str, Span]]:
    for key, kinds in (("image", PICTURES), ("audio", SOUNDS), ("video", VIDEOS)):
        node = get(item, key)
        path = text(node)
        if node is not None and path:
            findings.all += find_file(path, root, node.span, kinds)[1]
    said = get(item, "text")
    seen_or_heard = get(item, "image") is not None or get(item, "audio") is not None or get(item, "video") is not None
    if said is not None and not seen_or_heard and (words := text(said)):
        yield words, said.span
