"""The tools of a server as skills see them: their arguments as slots, slots as arguments, and what holds them to it.

A schema comes from a server and may be hostile: nothing in it is run (patterns are not), and all work on it is bounded.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.plugin import SlotSpec, SlotType
from .fitting import fault, resolved
from .settings import Server
from .words import say

SCHEMA_BYTES = 64_000
ARGUMENTS = 32
TEXT = 4000  # characters of an argument
_YES = re.compile(
    r"(?:yes|yep|yeah|sure|ok(?:ay)?|true|please|是|对|要|好|可以|行|嗯|(?P<no>no|nope|false|not|don'?t|不|否|别|没))(?![a-z])",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_FORMATS: dict[str, SlotType] = {"date": "date", "time": "time", "email": "email", "duration": "duration"}
_NOT_SAID = {"date-time", "binary", "byte", "regex", "json-pointer"}  # texts that nobody says


class Unfillable(ValueError):
    """Report a tool whose arguments cannot come from what users say, with what would help."""


class Unclear(Exception):
    """Report an answer that is neither yes nor no, to the question for `slot`."""

    def __init__(self, slot: str) -> None:
        self.slot = slot
        super().__init__(f"the slot {slot} is neither yes nor no")


@dataclass(frozen=True, slots=True)
class Tool:
    """Hold what is known of a tool; `digest` changes when anything changes that a person looked at."""

    name: str
    digest: str
    schema: Mapping[str, Any]
    output: Mapping[str, Any] | None = None
    summary: str = ""
    reads_only: bool = False
    slots: Mapping[str, SlotSpec] = field(default_factory=dict)
    fault: str = ""  # why it cannot be used


def tool_of(listed: Mapping[str, Any], settings: Server) -> Tool:
    """Return a tool as it was listed, its arguments as slots; what cannot be used has its `fault`."""
    name = str(listed.get("name", ""))
    schema, output = listed.get("inputSchema") or {}, listed.get("outputSchema")
    told = {key: listed.get(key) for key in ("description", "inputSchema", "outputSchema", "annotations")}
    packed = json.dumps(told, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(packed.encode()).hexdigest()[:16]
    hints = listed.get("annotations") or {}
    found = Tool(name, digest, schema, output, str(listed.get("description") or ""), hints.get("readOnlyHint") is True)
    if len(packed) > SCHEMA_BYTES:
        return _unusable(found, f"its description takes {len(packed)} bytes; {SCHEMA_BYTES} are allowed")
    try:
        slots = slots_of(schema, settings.ask.get(name, {}))
    except (Unfillable, TypeError, AttributeError, RecursionError) as error:
        return _unusable(found, str(error))
    return Tool(name, digest, schema, output, found.summary, found.reads_only, slots)


def _unusable(tool: Tool, why: str) -> Tool:
    return Tool(tool.name, tool.digest, {}, None, "", False, {}, why)


def slots_of(schema: Mapping[str, Any], ask: Mapping[str, Mapping[Any, str]]) -> dict[str, SlotSpec]:
    """Return the slots of an input schema; raise Unfillable.

    What need not be given and cannot be said is left out. An argument that there is a question for is required.
    """
    properties, required = schema.get("properties") or {}, set(schema.get("required") or ())
    if not isinstance(properties, Mapping) or len(properties) > ARGUMENTS:
        raise Unfillable(f"it has more than {ARGUMENTS} arguments")
    for name in (*required, *ask):
        if name not in properties:
            raise Unfillable(f"its schema has no property {name!r}; it has: {', '.join(properties) or 'none'}")
    found = {}
    for name, own in properties.items():
        needed = name in required or name in ask
        try:
            kind, values = _kind(name, resolved(own, schema))
        except Unfillable:
            if needed:
                raise
            continue
        told, question = own.get("description") if isinstance(own, Mapping) else "", dict(ask.get(name, {}))
        if resolved(own, schema).get("type") == "boolean":  # a text: "no" and 是 stand in many messages
            told = f"yes or no; {told}" if told else "yes or no"
            question = question or {language: say("yes_or_no", language, slot=name) for language in ("en", "zh")}
        found[name] = SlotSpec(type=kind, values=values, required=needed, ask=question, description=str(told or ""))
    return found


def _kind(name: str, own: Mapping[str, Any]) -> tuple[SlotType, tuple[str, ...]]:
    if not _NAME.fullmatch(name):
        raise Unfillable(f"its argument {name!r} has a name that no slot can have: letters, digits and _")
    kind, values = own.get("type"), own.get("enum", [own["const"]] if "const" in own else None)
    if isinstance(values, list) and values and all(isinstance(value, str) for value in values):
        return "entity", tuple(values)
    if kind == "boolean":
        return "text", ()
    if kind in ("number", "integer"):
        return "number", ()
    if kind == "string" and own.get("format") not in _NOT_SAID:
        return _FORMATS.get(str(own.get("format")), "text"), ()
    shown = own.get("format") if kind == "string" else kind
    raise Unfillable(
        f"its argument {name!r} is of type {shown or 'unknown'}, which cannot be filled from what users say; "
        "texts, numbers, yes or no, choices, dates, times and e-mail addresses can"
    )


def arguments_of(tool: Tool, slots: Mapping[str, Any], shown: Collection[str] | None = None) -> dict[str, Any]:
    """Return a tool's arguments from the slots of a turn; raise Unclear, Unfillable.

    Of a tool that the user is asked about first, only what was `shown` then is given.
    """
    found: dict[str, Any] = {}
    for name, spec in tool.slots.items():
        if shown is not None and name not in shown:
            if spec.required:
                raise Unfillable(f"its argument {name} was not known when the persona was loaded; load it again")
            continue
        value = slots.get(name)
        if value is None:
            if spec.required:
                raise Unfillable(f"the slot {name} is empty")
            continue
        found[name] = _value(name, spec, value, resolved(tool.schema["properties"][name], tool.schema))
    wrong = fault(found, tool.schema)
    if wrong:
        raise Unfillable(f"its arguments do not fit its schema: {wrong}")
    return found


def _value(name: str, spec: SlotSpec, value: Any, own: Mapping[str, Any]) -> Any:
    plain = value
    if isinstance(value, Mapping):
        plain = next((value[key] for key in ("value", "id", "name", "text") if key in value), None)
    if isinstance(plain, Mapping):
        plain = plain.get("amount", plain.get("from"))
    if own.get("type") == "boolean":
        if match := _YES.match(str(plain).strip()):
            return match["no"] is None
        raise Unclear(name)
    elif spec.type == "number":
        if isinstance(plain, int | float) and not isinstance(plain, bool):
            return int(plain) if own.get("type") == "integer" and float(plain).is_integer() else plain
    elif isinstance(plain, str) and 0 < len(plain) <= TEXT:
        return plain
    raise Unfillable(f"the slot {name} holds what is no {own.get('type')}")
