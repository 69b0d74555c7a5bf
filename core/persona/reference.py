"""The language reference, made from the schema: python -m personac.core.persona.reference > docs/language.md."""

from __future__ import annotations

import types
import typing
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..diagnostics import CODES
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
    Slot,
    Tone,
    VoiceSettings,
)

BLOCKS: tuple[tuple[str, type[Part]], ...] = (
    ("A persona", Persona), ("tone", Tone), ("voice", VoiceSettings), ("face", Face), ("knowledge", KnowledgeSource),
    ("retrieval", Retrieval), ("intents", Intent), ("an example of an intent", Example), ("slots", Slot),
    ("ethics", Ethics), ("ethics.rules", Rule), ("when", Condition), ("privacy", Privacy), ("model", ModelSettings),
    ("encoders", Encoders), ("lints", Lints),
)  # fmt: skip
INTRODUCTION = """# The persona language, version 1

This page is made from the code (`make docs`). `personac check` finds what does not fit.

A persona is a folder with a `persona.yaml`. The least that works is `personac: 1`, `name`, and one of `knowledge` or
`intents`. Where a text is said to users, write it plainly (it belongs to the first of `languages`) or by language:
`{en: Hello!, zh: 你好！}`. Secrets come from the environment: `${NAME}`.

Knowledge files: `csv` with the columns question, answer and, if you like, language, intent, image; `md` and `txt`, cut
at headings and paragraphs (`name.zh.md` is Chinese); `yaml` and `json` with a list of records, each with an `id`, a
`name`, perhaps `aliases`, and fields whose texts become passages.
"""


def _kind(annotation: Any) -> str:
    """Say what a field takes, in an author's words."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        return _kind(arguments[0])
    if origin is Literal:
        return " \\| ".join(f"`{value}`" for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_kind(a) for a in arguments if a is not type(None)))
    if origin is tuple:
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return f"{_kind(arguments[1])} by name"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "block"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return names.get(annotation, "anything")


def _default(field: FieldInfo) -> str:
    value = field.default
    if field.is_required():
        return "**required**"
    if value is None or value == () or value == {} or value == "" or isinstance(value, BaseModel):
        return ""
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def reference() -> str:
    """Return the reference as Markdown."""
    parts = [INTRODUCTION]
    for title, model in BLOCKS:
        doc = (model.__doc__ or "").strip().splitlines()[0]
        rows = [
            f"| `{field.alias or name}` | {_kind(field.annotation)} | {_default(field)} | {field.description or ''} |"
            for name, field in model.model_fields.items()
        ]
        table = "\n".join(["| key | takes | default | |", "|---|---|---|---|", *rows])
        parts.append(f"## {title}\n\n{doc}\n\n{table}\n")
    codes = "\n".join(f"| {code} | {title} |" for code, title in sorted(CODES.items()))
    parts.append(f"## Findings\n\n| code | |\n|---|---|\n{codes}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(reference(), end="")
