"""Look into the types of the schema: which keys a block has, what fits below a key, how to say it in words."""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel

from .schema import Persona, Says

_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def describe(kind: Any) -> str:
    """Return in words what a type expects."""
    said = says(kind)
    if said:
        return said
    kind = only(kind)
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(kind))
    if get_origin(kind) is tuple:
        inner = describe(get_args(kind)[0])
        if inner.startswith("a block with "):
            return f"a list of blocks, each with {inner.removeprefix('a block with ')}"
        if inner.startswith("one of "):
            return f"one or more of {inner.removeprefix('one of ')}"
        return f"a list of {inner.removeprefix('a ').removeprefix('an ')}s" if inner.startswith("a") else "a list"
    if get_origin(kind) is dict:
        return "a block of keys and values"
    keys = fields(kind)
    if keys:
        return "a block with " + ", ".join(f"`{key}`" for key in keys[:6]) + (", …" if len(keys) > 6 else "")
    return _WORDS.get(kind, "something else")


def fields(kind: Any) -> list[str]:
    """Return the keys that a block may have; none when the type is not a block."""
    return [
        field.alias or name for model in flat(kind) if is_model(model) for name, field in model.model_fields.items()
    ]


@cache
def sections() -> dict[str, list[str]]:
    """Return the blocks of a persona with their keys."""
    found = {name: fields(field.annotation) for name, field in Persona.model_fields.items()}
    return {name: keys for name, keys in found.items() if keys}


def description(kind: Any, key: str) -> str | None:
    """Return what the schema says of a key in a block."""
    for model in flat(kind):
        if is_model(model):
            for name, field in model.model_fields.items():
                if key == (field.alias or name):
                    return field.description
    return None


def inner(kind: Any, part: int | str) -> Any:
    """Return the type that fits below a type at a key or an index, or None."""
    for option in flat(kind):
        if isinstance(part, str) and is_model(option):
            for name, field in option.model_fields.items():
                if part == (field.alias or name):
                    words = [item for item in field.metadata if isinstance(item, Says)]
                    return Annotated[field.annotation, words[0]] if words else field.annotation
        if isinstance(part, str) and get_origin(option) is dict:
            return get_args(option)[1]
        if isinstance(part, int) and get_origin(option) is tuple:
            return get_args(option)[0]
    return None


def arguments(kind: Any, origin: type) -> tuple[Any, ...]:
    """Return what a list (tuple) or a mapping (dict) is made of; nothing when the type is not one."""
    return next((get_args(option) for option in flat(kind) if get_origin(option) is origin), ())


def choices(kind: Any) -> list[Any]:
    """Return the choices of a type, or of the items of a list."""
    kind = only(kind)
    return list(get_args(kind if get_origin(kind) is Literal else bare(get_args(kind)[0])))


def says(kind: Any) -> str | None:
    """Return what the outermost type says of itself, through `| None`."""
    if get_origin(kind) is Annotated:
        words = next((item.what for item in kind.__metadata__ if isinstance(item, Says)), None)
        return words or says(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        return says(options[0]) if len(options) == 1 else None
    return None


def flat(kind: Any) -> list[Any]:
    """Return the plain types that a type is made of, without Annotated, unions and None."""
    kind = bare(kind)
    if get_origin(kind) in (Union, types.UnionType):
        return [part for option in get_args(kind) for part in flat(option)]
    return [] if kind is type(None) else [kind]


def only(kind: Any) -> Any:
    """Return the first plain type."""
    return next(iter(flat(kind)), kind)


def bare(kind: Any) -> Any:
    """Return a type without Annotated."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return kind


def is_model(kind: Any) -> TypeGuard[type[BaseModel]]:
    """Tell whether a type is a block of keys."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)
