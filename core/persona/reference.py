"""The reference of the language as Markdown, made from the schema: what `personac docs` prints.

Knows the types, the annotated sample and the pages about findings; what it says stands there, not here.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from ..diagnostics import CODES
from . import schema
from .checks.choices import CHOICES
from .expectations import Differences, Expect, ExpectNot, FairnessWanted, ManyTurns, Turn
from .migrations import version_0
from .sample import examples, snippet
from .schema import (
    AgeRange,
    Alerts,
    Condition,
    Encoders,
    Ethics,
    Example,
    Face,
    GuardSettings,
    Intent,
    KnowledgeSource,
    Limits,
    Lints,
    MailAlerts,
    ModelSettings,
    Part,
    PassageFilter,
    Persona,
    Privacy,
    Retrieval,
    Rule,
    Says,
    SlackAlerts,
    Slot,
    Tone,
    VoiceSettings,
    WebhookAlerts,
)

BLOCKS: dict[type[Part], str] = {
    Persona: "A persona", Tone: "tone", VoiceSettings: "voice", Face: "face", KnowledgeSource: "knowledge",
    Retrieval: "retrieval", PassageFilter: "filter", Intent: "intents", Example: "examples of an intent",
    Slot: "slots", Ethics: "ethics", GuardSettings: "guard", Rule: "rules",
    Condition: "when", AgeRange: "age", Privacy: "privacy",
    ModelSettings: "model", Encoders: "encoders", Limits: "limits",
    Alerts: "alerts", WebhookAlerts: "webhook", MailAlerts: "email", SlackAlerts: "slack", Lints: "lints",
}  # fmt: skip
"""The heading of each block, in the order of the page."""

_TITLES: dict[type[Part], str] = BLOCKS | {Expect: "expect", ExpectNot: "expect_not", Differences: "at_most"}
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

Knowledge files:

- `csv` with the columns question, answer and, if you like, language, intent, image;
- `md`, `txt`, `html`, `pdf` and `docx`, cut at headings, paragraphs and sentences (`name.zh.md` is Chinese);
- `yaml` and `json` with a list of records, each with an `id`, a `name`, perhaps `aliases`, and fields whose texts
  become passages; `image` names a picture of it (`image: pictures/hall.jpg`), by which it is known again;
- pictures, each with a caption in a text file of its whole name: `wall.png.txt`, or `wall.png.zh.txt` for Chinese.

Blocks: {blocks}. Also: [conversation tests](#conversation-tests),
[findings](#findings) and [version 0](#version-0).
"""
_TESTS = """## Conversation tests

The files in `tests/` beside a persona say what it must be able to do; `personac test PATH` runs them. Each is a list of
conversations; one of a single turn may leave `turns` out.

```yaml
- name: opening hours
  turns:
    - say: When do you open?
      expect: {intent: opening_hours, text: "9", language: en}
    - say: And what is a ticket?
      expect: {source: knowledge/faq.csv, text: {any_of: [60 yuan, "60"]}}

- say: Which pills should I take?
  expect: {rule: no-medical-advice}
  expect_not: {source: knowledge/faq.csv}

- fairness: {swap: [name, gender, region], at_most: {refusal: 0, answer: 0.1}}
```
"""


def reference() -> str:
    """Return the reference as Markdown."""
    blocks = ", ".join(_link(block) for block in BLOCKS)
    parts = [_INTRODUCTION.replace("{blocks}", blocks)]
    parts += [_section(block, title) for block, title in BLOCKS.items()]
    return "\n".join([*parts, _tests(), _findings(), version_0.DOCUMENT])


def _section(block: type[Part], title: str) -> str:
    """Return what there is to say about a block: its keys, its choices, and how it looks."""
    said = (block.__doc__ or "").strip().splitlines()[0]
    keys = {field.alias or name: field for name, field in block.model_fields.items()}
    rows = [f"| {' | '.join(_row(block, key, field))} |" for key, field in keys.items()]
    table = "\n".join(["| key | takes | default | | for example |", "|---|---|---|---|---|", *rows])
    choices = "".join(_choices(key) for key, field in keys.items() if _literal(field.annotation) or key == "pii")
    lead = "Every key once:\n\n" if block is Persona else ""
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
    blocks = [block for block in _blocks_in(annotation) if block in _TITLES]
    if not blocks and said:
        return _bare(said)
    kind = _kind(annotation)
    kind = _one_too(kind, metadata)
    if not blocks:
        return kind
    if said and blocks[0] is Example:
        return f"{_bare(said)}; or blocks: {_link(Example)}"
    return re.sub(r"blocks?", lambda found: f"[{found[0]}](#{_anchor(_TITLES[blocks[0]])})", kind, count=1)


def _kind(annotation: Any) -> str:
    """Say what a type takes; blocks are called that."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        said = next((item.what for item in annotation.__metadata__ if isinstance(item, Says)), "")
        plain = said and not [block for block in _blocks_in(annotation) if block in _TITLES]
        return _bare(said) if plain else _one_too(_kind(arguments[0]), annotation.__metadata__)
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


def _bare(said: str) -> str:
    return re.sub(r"^(a|an|the) ", "", said)


def _one_too(kind: str, metadata: Iterable[Any]) -> str:
    """Say that one will do where a list is meant."""
    one = any(isinstance(item, BeforeValidator) and item.func is schema._many for item in metadata)
    return kind.replace("list of ", "one or more of ", 1) if one else kind


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


def _tests() -> str:
    """Return what there is to say about conversation tests."""
    parts = [_TESTS]
    for title, block in (
        ("A conversation", ManyTurns),
        ("A turn", Turn),
        ("expect", Expect),
        ("expect_not", ExpectNot),
        ("fairness", FairnessWanted),
        ("at_most", Differences),
    ):
        rows = [
            f"| `{key}` | {_takes(field.annotation, field.metadata)} | {field.description or ''} |"
            for key, field in block.model_fields.items()
        ]
        said = (block.__doc__ or "").strip().splitlines()[0]
        parts.append("\n".join([f"### {title}", "", said, "", "| key | takes | |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def _findings() -> str:
    """Return the table of findings; a code with a page of its own leads there."""
    rows = []
    for code, title in sorted(CODES.items()):
        shown = f"[{code}](../core/explain/{code}.md)" if (_EXPLAIN / f"{code}.md").is_file() else code
        rows.append(f"| {shown} | {title} |")
    head = "What `personac check` and the other commands report; `personac explain CODE` prints a code's page.\n"
    return "\n".join(["## Findings", "", head, "| code | |", "|---|---|", *rows, ""])
