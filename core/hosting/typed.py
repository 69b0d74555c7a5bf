"""Typed slots: what a skill's parameters ask for, and the values of slots as these types.

Knows annotations and the JSON of slots; does not know who said them.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..errors import ExtensionInvalid
from ..plugin import Skill, SlotSpec, SlotType

_KINDS: dict[Any, SlotType] = {
    str: "text", int: "number", float: "number", Decimal: "number", date: "date", time: "time",
    timedelta: "duration", Any: "text", dict: "text",
}  # fmt: skip
_DURATION = re.compile(r"P(?:(?P<Y>[\d.]+)Y)?(?:(?P<M>[\d.]+)M)?(?:(?P<W>[\d.]+)W)?(?:(?P<D>[\d.]+)D)?"
                       r"(?:T(?:(?P<h>[\d.]+)H)?(?:(?P<m>[\d.]+)M)?(?:(?P<s>[\d.]+)S)?)?")  # fmt: skip
_DAYS = {"Y": 365.0, "M": 30.0, "W": 7.0, "D": 1.0, "h": 1 / 24, "m": 1 / 1440, "s": 1 / 86400}


class Unfit(ValueError):
    """Report a slot whose value is not of the type that a skill asks for."""

    def __init__(self, slot: str, value: Any) -> None:
        self.slot = slot
        super().__init__(f"the slot {slot} holds a {type(value).__name__} that does not fit")


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    kind: Any
    required: bool


@lru_cache(maxsize=4096)
def parameters(run: Callable[..., Any]) -> tuple[_Parameter, ...]:
    """Return the slots that a skill's parameters name; the first parameter is the context."""
    hints = _hints(run)
    found = []
    for name, parameter in list(inspect.signature(run).parameters.items())[1:]:
        if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            continue
        kind, optional = _bare(hints.get(name, Any))
        found.append(_Parameter(name, kind, parameter.default is inspect.Parameter.empty and not optional))
    return tuple(found)


def slots_of(name: str, skill: Skill) -> dict[str, SlotSpec]:
    """Return all slots of a skill: those it describes, and those its parameters name; raise ExtensionInvalid."""
    found = {own: replace(spec, ask=spec.ask or skill.ask.get(own, {})) for own, spec in skill.slots.items()}
    for parameter in parameters(skill.run):
        if parameter.name in found:
            own = found[parameter.name]
            found[parameter.name] = own if parameter.required else replace(own, required=False)
            continue
        choices = _choices(parameter.kind)
        if choices:
            ask = skill.ask.get(parameter.name, {})
            found[parameter.name] = SlotSpec(type="entity", values=choices, required=parameter.required, ask=ask)
            continue
        kind = _KINDS.get(get_origin(parameter.kind) or parameter.kind)
        if kind is None:
            known = "str, int, float, Decimal, date, time, timedelta, a Literal or an Enum of texts, or dict"
            shown = getattr(parameter.kind, "__name__", str(parameter.kind))
            raise ExtensionInvalid(f"the skill {name}: its slot {parameter.name!r} is a {shown}; known are {known}")
        ask = skill.ask.get(parameter.name, {})
        found[parameter.name] = SlotSpec(type=kind, required=parameter.required, ask=ask)
    return found


def arguments(skill: Skill, slots: Mapping[str, Any]) -> dict[str, Any]:
    """Return the slots that a skill's parameters name, as their types; raise Unfit.

    A dict is given the slot as the reply has it.
    """
    found: dict[str, Any] = {}
    for parameter in parameters(skill.run):
        value = slots.get(parameter.name)
        if value is not None:
            try:
                found[parameter.name] = _typed(parameter.kind, value)
            except (TypeError, ValueError, ArithmeticError):
                raise Unfit(parameter.name, value) from None
        elif parameter.required:
            raise Unfit(parameter.name, None)
    return found


def argument(skill: Skill, name: str, value: Any) -> Any:
    """Return one slot's value as the type that a skill asks for; raise Unfit."""
    kind = next((parameter.kind for parameter in parameters(skill.run) if parameter.name == name), dict)
    try:
        return _typed(kind, value)
    except (TypeError, ValueError, ArithmeticError):
        raise Unfit(name, value) from None


def _typed(kind: Any, value: Any) -> Any:
    if kind in (Any, dict) or get_origin(kind) is dict:
        return value
    plain = value
    if isinstance(value, Mapping):
        plain = value["value"] if "value" in value else value.get("name", value.get("text"))
    if isinstance(plain, Mapping) and "amount" in plain:
        plain = plain["amount"]
    if get_origin(kind) is Literal:
        own = str(value["id"]) if isinstance(value, Mapping) and "id" in value else str(plain)
        return own if own in get_args(kind) else _fail()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(str(value["id"]) if isinstance(value, Mapping) and "id" in value else str(plain))
    if kind is date:
        return date.fromisoformat(plain["from"] if isinstance(plain, Mapping) else plain)
    if kind is time:
        return time.fromisoformat(plain)
    if kind is timedelta:
        match = _DURATION.fullmatch(plain)
        return timedelta(days=sum(float(match[u]) * d for u, d in _DAYS.items() if match[u])) if match else _fail()
    if kind is int:
        return int(plain) if int(plain) == float(plain) else _fail()
    return kind(str(plain)) if kind is Decimal else kind(plain)


def _fail() -> Any:
    raise ValueError


def _hints(run: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(run)
    except (NameError, TypeError, AttributeError):  # names that only a type checker imports
        return dict.fromkeys(inspect.signature(run).parameters, Any)


def _bare(kind: Any) -> tuple[Any, bool]:
    """Return a type without `| None`, and whether that was there."""
    if get_origin(kind) in (Union, types.UnionType):
        rest = [part for part in get_args(kind) if part is not type(None)]
        if len(rest) == 1:
            return rest[0], len(rest) < len(get_args(kind))
    return kind, False


def _choices(kind: Any) -> tuple[str, ...]:
    if get_origin(kind) is Literal and all(isinstance(choice, str) for choice in get_args(kind)):
        return get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Enum) and all(isinstance(member.value, str) for member in kind):
        return tuple(member.value for member in kind)
    return ()
