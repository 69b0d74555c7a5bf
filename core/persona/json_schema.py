"""The persona language as a JSON Schema, for editors: made from the types of the schema.

Draft 7, because that is what yaml-language-server (in VS Code, Neovim, Emacs and others) reads best, with its own
words `enumDescriptions`, `patternErrorMessage` and `defaultSnippets`. The schema is as strict as `personac check`
wherever JSON Schema can say so, and never stricter: tests hold both.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, StringConstraints
from pydantic.fields import FieldInfo

from . import expectations, schema
from .checks.choices import CHOICES
from .expectations import NULLABLE, Expect, FairTest, ManyTurns, OneTurn, Turn
from .sample import examples
from .schema import AgeRange, Condition, Example, Intent, Part, Persona, Privacy, Slot, VoiceSettings

DRAFT = "http://json-schema.org/draft-07/schema#"
Schema = dict[str, Any]

# `\w` means ASCII letters alone to editors, so names are told by what cannot stand in them.
_MARKS = r"\s!-,./:-@\[-\^`{-~\u2000-\u206f\u3001-\u3004\u3008-\u3020\uff01-\uff0f\uff1a-\uff20"
_PATTERNS = {
    schema.NAME_PATTERN: (rf"^[^\d{_MARKS}\-][^{_MARKS}]*$", "letters, digits, _ and -, beginning with a letter"),
    schema.SKILL_PATTERN: (rf"^[^{_MARKS}]+\.[^{_MARKS}]+$", "the plugin, a dot and the skill: tourism.opening_hours"),
    schema.TYPE_PATTERN: (rf"^[^{_MARKS}]+\.[^{_MARKS}]+$", "a type, or the plugin, a dot and its type: inn.room"),
    schema.LANGUAGE_PATTERN: (schema.LANGUAGE_PATTERN, "a language code such as en, zh, zh-TW or pt-BR"),
    schema.COUNTRY_PATTERN: (schema.COUNTRY_PATTERN, "a country code of two capitals: US, GB, CN"),
    schema.RETENTION_PATTERN: (schema.RETENTION_PATTERN, "a number and a unit: 12h, 30d, 4w, 6m, 1y; 0; or forever"),
}
_NOT_BLANK = r"\S"
_PATHS = {
    (Intent, "examples"): (r"\.([cC][sS][vV]|[tT][xX][tT])$", "a list of texts, or the path of a csv or txt file"),
    (Slot, "values"): (
        r"\.([yY][aA]?[mM][lL]|[jJ][sS][oO][nN]|[cC][sS][vV])#.",
        "a list of texts, or a file's field such as knowledge/sights.yaml#name",
    ),
}
_SOME = {"minItems": 1}
_KINDS = ("words", "pattern", "pii", "intent", "emotion", "language", "age", "channel", "any", "all", "not")
_SAID: Schema = {"anyOf": [{"required": [key]} for key in expectations.SINGLE]}
_RULES: dict[type[BaseModel], Schema] = {
    Persona: {"anyOf": [{"required": [key], "properties": {key: _SOME}} for key in ("knowledge", "intents")]},
    VoiceSettings: {"dependencies": {"reference": ["consent_by"], "consent_recording": ["consent_by"]}},
    Example: {"anyOf": [{"required": [key]} for key in ("text", "image", "audio", "video")]},
    Slot: {
        "allOf": [
            {"if": {"required": [key], "properties": {key: {"const": value}}}, "then": {"required": [needed]}}
            for key, value, needed in (("type", "entity", "values"), ("required", True, "ask"))
        ]
    },
    Turn: _SAID,
    OneTurn: _SAID,
    Condition: {
        "minProperties": 1,
        "dependencies": {
            **{kind: {"propertyNames": {"enum": [kind]}} for kind in _KINDS},
            "topic": {"propertyNames": {"enum": ["topic", "examples", "unlike", "threshold"]}},
            "examples": ["topic"],
            "unlike": ["topic"],
            "threshold": ["topic"],
        },
    },
    AgeRange: {"minProperties": 1},
}
"""What is true of a block as a whole; in the schema's types these are validators, or checks of `personac check`."""


def json_schema() -> Schema:
    """Return the JSON Schema of a persona."""
    return {
        "$schema": DRAFT,
        "title": "A persona of personac, version 1",
        **_block(Persona),
        "definitions": {"condition": _block(Condition)},
    }


def json_schema_text() -> str:
    """Return the JSON Schema as it stands in a file."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"


def tests_schema() -> Schema:
    """Return the JSON Schema of a file of conversation tests."""
    items = {"anyOf": [_block(OneTurn), _block(ManyTurns), _block(FairTest)]}
    return {"$schema": DRAFT, "title": "Conversation tests of a personac persona", "type": "array", "items": items}


def tests_schema_text() -> str:
    """Return the JSON Schema of conversation tests as it stands in a file."""
    return json.dumps(tests_schema(), ensure_ascii=False, indent=1) + "\n"


def _block(block: type[BaseModel]) -> Schema:
    """Return the schema of a block of keys."""
    keys = {field.alias or name: (name, field) for name, field in block.model_fields.items()}
    required = [key for key, (_, field) in keys.items() if field.is_required()]
    made: Schema = {
        "description": (block.__doc__ or "").strip().splitlines()[0],
        "type": "object",
        "properties": {key: _key(block, key, field) for key, (_, field) in keys.items()},
        "additionalProperties": False,
    }
    if required:
        made["required"] = required
    return made | _RULES.get(block, {})


def _key(block: type[BaseModel], key: str, field: FieldInfo) -> Schema:
    """Return the schema of one key: what it takes, and what an editor shows of it."""
    takes = _kind(field.annotation, field.metadata)
    if (block, key) in ((Condition, "pii"), (Privacy, "redact")):
        takes = _with_choices(takes, CHOICES["pii"])
    elif key in CHOICES or key == "expressions":
        takes = _described(takes, CHOICES.get(key, {}))
    if (block, key) in _PATHS:
        takes = _with_path(takes, *_PATHS[block, key])
    if block is Expect and key in NULLABLE:
        takes = {"anyOf": [*takes.get("anyOf", [takes]), {"type": "null"}]}
    shown: Schema = {"description": field.description or ""}
    default = field.default
    if not field.is_required() and not isinstance(default, BaseModel) and default not in (None, (), {}, ""):
        shown["default"] = list(default) if isinstance(default, tuple) else default
    if issubclass(block, Part) and (block, key) in examples():
        shown["examples"] = examples()[block, key]
    return shown | {name: value for name, value in takes.items() if name not in shown}


def _kind(kind: Any, metadata: Iterable[Any] = ()) -> Schema:
    """Return what a type takes; shorthand forms are those that its validators accept."""
    given = list(metadata)
    while get_origin(kind) is Annotated:
        kind, given = get_args(kind)[0], [*kind.__metadata__, *given]
    given = [part for item in given for part in (item.metadata if isinstance(item, FieldInfo) else [item])]
    made = _plain(kind)
    for item in given:
        made = made | _limits(made, item)
    for item in given:
        if isinstance(item, BeforeValidator):
            made = _widened(made, item.func)
    return made


def _plain(kind: Any) -> Schema:
    """Return what a type takes that has nothing around it."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"const": arguments[0]} if len(arguments) == 1 else {"type": "string", "enum": list(arguments)}
    if origin in (Union, types.UnionType):
        options = [_kind(option) for option in arguments if option is not type(None)]
        return options[0] if len(options) == 1 else {"anyOf": options}
    if origin is tuple:
        return {"type": "array", "items": _kind(arguments[0])}
    if origin is dict:
        return _by_name(*arguments)
    if kind is Condition:
        return {"allOf": [{"$ref": "#/definitions/condition"}]}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _block(kind)
    names = {str: "string", int: "integer", float: "number", bool: "boolean"}
    return {"type": names[kind]} if kind in names else {}


def _by_name(key: Any, value: Any) -> Schema:
    """Return what a mapping takes, by the form of its keys."""
    keys, values = _kind(key), _kind(value)
    if "enum" in keys:
        return {"type": "object", "properties": dict.fromkeys(keys["enum"], values), "additionalProperties": False}
    if type(None) in get_args(value):
        values = {"anyOf": [values, {"type": "null"}]}
    if "pattern" in keys:
        return {"type": "object", "patternProperties": {keys["pattern"]: values}, "additionalProperties": False}
    return {"type": "object", "additionalProperties": values or True}


def _limits(made: Schema, item: Any) -> Schema:
    """Return the limits that an annotation sets."""
    if isinstance(item, StringConstraints):
        limits: Schema = {"maxLength": item.max_length} if item.max_length else {}
        if isinstance(item.pattern, str):
            pattern, message = _PATTERNS[item.pattern]
            return limits | {"pattern": pattern, "patternErrorMessage": f"write {message}"}
        return limits | ({"pattern": _NOT_BLANK, "patternErrorMessage": "write a text"} if item.min_length else {})
    size = {"array": "Items", "object": "Properties"}.get(made.get("type", ""), "Length")
    names = {"ge": "minimum", "le": "maximum", "min_length": f"min{size}", "max_length": f"max{size}"}
    return {names[name]: value for name in names if (value := getattr(item, name, None)) is not None}


def _widened(made: Schema, validator: Any) -> Schema:
    """Return what a type takes once its validator has read the shorthand forms."""
    if validator is schema._written:
        if made["pattern"] == schema.RETENTION_PATTERN:
            return {"anyOf": [made, {"const": 0}]}
        return made | {"type": ["string", "number"]} if made["pattern"] == _NOT_BLANK else made
    if validator is schema._many:
        return {"anyOf": [made["items"], made]}
    if validator is schema._by_language:
        (values,) = made["patternProperties"].values()
        return {"anyOf": [values, made], "defaultSnippets": [_BY_LANGUAGE]}
    if validator is schema._responses:
        ((pattern, values),) = made["patternProperties"].items()
        either = [values["items"], values]
        by_language = made | {"patternProperties": {pattern: {"anyOf": either}}}
        return {"anyOf": [*either, by_language], "defaultSnippets": [_BY_LANGUAGE]}
    if validator is schema._not_true:
        return made
    if validator is schema._block:
        return made | {"type": ["object", "null"]}
    if validator is schema._example:
        return {"anyOf": [_kind(schema.Text), made]}
    if validator is expectations.contained:
        return {"anyOf": [*_kind(schema.OneOrMore)["anyOf"], made]}
    raise TypeError(f"the JSON Schema does not know what {validator} reads")


_BY_LANGUAGE = {"label": "by language", "description": "A text for each language.", "body": {"en": "$1", "zh": "$2"}}


def _with_choices(takes: Schema, choices: dict[str, str]) -> Schema:
    """Replace the texts that a type takes by choices."""
    one = {"type": "string", "enum": list(choices), "enumDescriptions": list(choices.values())}
    if "anyOf" in takes:
        return {"anyOf": [one, takes["anyOf"][1] | {"items": one}]}
    return takes | {"items": one}


def _described(takes: Schema, choices: dict[str, str]) -> Schema:
    """Say of each choice what it means."""
    if "enum" in takes:
        return takes | {"enumDescriptions": [choices[choice] for choice in takes["enum"]]}
    made = dict(takes)
    if "anyOf" in made:
        made["anyOf"] = [_described(option, choices) for option in made["anyOf"]]
    if "items" in made:
        made["items"] = _described(made["items"], choices)
    return made


def _with_path(takes: Schema, pattern: str, message: str) -> Schema:
    """Say how the path of a file ends, where a list may stand in a file."""
    path, listed = takes["anyOf"]
    return {"anyOf": [path | {"pattern": pattern, "patternErrorMessage": f"write {message}"}, listed]}
