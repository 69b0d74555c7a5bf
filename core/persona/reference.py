"""The reference of the language as Markdown, made from the schema: what `personac docs` prints.

Knows the types, the annotated sample and the pages about findings; what it says stands there, not here.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..diagnostics import CODES
from .choices import CHOICES
from .migrations import version_0
from .sample import examples, snippet
from .schema import (
    Condition,
    Encoders,
    Ethics,
    Example,
    Face,
    Intent,
    KnowledgeSource,
    Lints,
    ModelSettings,
    Part,
    Persona,
    Privacy,
    Retrieval,
    Rule,
    Says,
    Slot,
    Tone,
    VoiceSettings,
)

BLOCKS: dict[type[Part], str] = {
    Persona: "A persona", Tone: "tone", VoiceSettings: "voice", Face: "face", KnowledgeSource: "knowledge",
    Retrieval: "retrieval", Intent: "intents", Example: "examples of an intent", Slot: "slots", Ethics: "ethics",
    Rule: "rules", Condition: "when", Privacy: "privacy", ModelSettings: "model", Encoders: "encoders",
    Lints: "lints",
}  # fmt: skip
"""The heading of each block, in the order of the page."""

_EXPLAIN = Path(__file__).parents[1] / "explain"
_LONGEST = 70
_INTRODUCTION = """# The persona language, version 1

This page is made from the code (`make docs`, or `personac docs`). `personac check` finds what does not fit, and
`personac schema` writes a JSON Schema with which editors complete and check while you write.

A persona is a folder with a `persona.yaml`. The least that works is `personac: 1`, `name`, and one of `knowledge` or
`intents`; `personac init NAME` writes one to begin with.

- **Texts by language.** Where a text is said to users, write it plainly (it belongs to the first of `languages`) or
  for each language: `{en: Hello!, zh: 你好！}`.
- **One or many.** Where a list of texts may stand for one thing, a single text may too: `pii: email`.
- **Files** are named by paths in the persona's folder, and never lie outside of it.
- **Secrets** come from the environment: `${NAME}`.

Knowledge files: `csv` with the columns question, answer and, if you like, language, intent, image; `md` and `txt`, cut
at headings and paragraphs (`name.zh.md` is Chinese); `yaml` and `json` with a list of records, each with an `id`, a
`name`, perhaps `aliases`, and fields whose texts become passages.

Blocks: {blocks}. Also: [findings](#findings) and [version 0](#version-0).
"""


def reference() -> str:
    """Return the reference as Markdown."""
    blocks = ", ".join(_link(block) for block in BLOCKS)
    parts = [_INTRODUCTION.replace("{blocks}", blocks)]
    parts += [_section(block, title) for block, title in BLOCKS.items()]
    return "\n".join([*parts, _findings(), version_0.DOCUMENT])


def _section(block: type[Part], title: str) -> str:
    """Return what there is to say about a block: its keys, its choices, and how it looks."""
    said = (block.__doc__ or "").strip().splitlines()[0]
    keys = {field.alias or name: field for name, field in block.model_fields.items()}
    rows = [f"| {' | '.join(_row(block, key, field))} |" for key, field in keys.items()]
    table = "\n".join(["| key | takes | default | | for example |", "|---|---|---|---|---|", *rows])
    choices = "".join(_choices(key) for key, field in keys.items() if _literal(field.annotation) or key == "pii")
    lead = "\nEvery key once:\n\n" if block is Persona else ""
    return f"## {title}\n\n{said}\n\n{table}\n\n{choices}{lead}```yaml\n{snippet(block)}```\n"


def _row(block: type[Part], key: str, field: FieldInfo) -> Iterator[str]:
    yield f"`{key}`"
    yield _takes(field.annotation, field.metadata)
    yield _default(field)
    yield field.description or ""
    yield _example(block, key, field)


def _takes(annotation: Any, metadata: list[Any]) -> str:
    """Say what a key takes, in an author's words."""
    said = next((item.what for item in metadata if isinstance(item, Says)), None)
    blocks = [block for block in _blocks_in(annotation) if block in BLOCKS]
    if not blocks:
        return said.removeprefix("a ").removeprefix("an ") if said else _kind(annotation)
    block = blocks[0]
    if said and block is Example:
        return f"{said.removeprefix('a ')}; or blocks: {_link(block)}"
    link = f"[block](#{_anchor(BLOCKS[block])})"
    kind = _kind(annotation)
    return kind.replace("block", link, 1)


def _kind(annotation: Any) -> str:
    """Say what a type takes; blocks are called that."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        said = next((item.what for item in annotation.__metadata__ if isinstance(item, Says)), "")
        plain = said and not _blocks_in(annotation)
        return said.removeprefix("a ").removeprefix("an ") if plain else _kind(arguments[0])
    if origin is Literal:
        return " \\| ".join(f"`{value}`" for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_kind(a) for a in arguments if a is not type(None)))
    if origin is tuple:
        return f"list of {_many(_kind(arguments[0]))}"
    if origin is dict:
        values = _kind(arguments[1])
        return "anything, by name" if "anything" in values else f"{values} by name"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "block"
    names = {str: "text", int: "whole number", float: "number", bool: "`true` \\| `false`"}
    return names.get(annotation, "anything")


def _many(kind: str) -> str:
    return f"{kind}s" if kind in ("text", "block", "language code") else kind


def _blocks_in(annotation: Any) -> list[type[Part]]:
    """Return the blocks that a type is made of."""
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, Part) else []
    return [block for part in get_args(annotation) for block in _blocks_in(part)]


def _literal(annotation: Any) -> bool:
    """Tell whether a type is a choice, or a list of choices."""
    if get_origin(annotation) is Literal:
        return len(get_args(annotation)) > 1
    return any(_literal(part) for part in get_args(annotation) if not isinstance(part, str))


def _choices(key: str) -> str:
    """Return what each choice of a key means."""
    meant = CHOICES.get(key, {})
    return "".join([f"`{key}`:\n\n", *(f"- `{name}`: {what}\n" for name, what in meant.items()), "\n"]) if meant else ""


def _default(field: FieldInfo) -> str:
    value = field.default
    if field.is_required():
        return "**required**"
    if value is None or value == () or value == {} or value == "" or isinstance(value, BaseModel):
        return ""
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _example(block: type[Part], key: str, field: FieldInfo) -> str:
    """Return what the annotated persona writes for a key, on one line; nothing where that is long."""
    if [other for other in _blocks_in(field.annotation) if other is not Condition]:
        return ""
    for value in examples()[block, key]:
        shown = yaml.safe_dump({key: value}, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6)
        shown = re.sub(r"^\{'?(\w+)'?: (.*)\}$", r"\1: \2", shown.strip())
        if len(shown) <= _LONGEST:
            return f"`{shown}`".replace("|", "\\|")
    return ""


def _link(block: type[Part]) -> str:
    return f"[{BLOCKS[block]}](#{_anchor(BLOCKS[block])})"


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _findings() -> str:
    """Return the table of findings; a code with a page of its own leads there."""
    rows = []
    for code, title in sorted(CODES.items()):
        shown = f"[{code}](../core/explain/{code}.md)" if (_EXPLAIN / f"{code}.md").is_file() else code
        rows.append(f"| {shown} | {title} |")
    head = "What `personac check` and the other commands report; `personac explain CODE` prints a code's page.\n"
    return "\n".join(["## Findings", "", head, "| code | |", "|---|---|", *rows, ""])


if __name__ == "__main__":
    print(reference(), end="")
