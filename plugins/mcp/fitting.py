"""Whether a value fits a JSON schema that a server sent: the parts of JSON Schema that can be judged in bounded time.

`pattern` is not judged, since a server could choose one that takes forever; nor is what is unknown here. `$ref` reaches
into the schema itself only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

STEPS = 20_000
DEPTH = 40
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "number": (int, float), "integer": (int, float), "boolean": (bool,), "object": (dict,),
    "array": (list,), "null": (type(None),),
}  # fmt: skip


def fault(value: Any, schema: Any) -> str:
    """Return what of a value does not fit a schema, empty when nothing is found."""
    try:
        return _Judge(schema).judge(value, schema, "it", 0)
    except (TypeError, ValueError, AttributeError, RecursionError):
        return "the schema is malformed"


def resolved(own: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of an argument without what stands around it: a reference, or `or nothing`."""
    for _ in range(DEPTH):
        if not isinstance(own, Mapping):
            return {}
        options = [one for key in ("anyOf", "oneOf", "allOf") for one in own.get(key) or () if isinstance(one, Mapping)]
        options = [one for one in options if one.get("type") != "null"]
        if "$ref" in own:
            own = _target(own["$ref"], root)
        elif len(options) == 1 and "type" not in own:
            own = options[0]
        else:
            break
    kinds = own.get("type") if isinstance(own, Mapping) else None
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        return {**own, "type": rest[0] if len(rest) == 1 else None}
    return own if isinstance(own, Mapping) else {}


def _target(reference: Any, root: Any) -> Any:
    at = root
    if not isinstance(reference, str) or not reference.startswith("#"):
        return {}
    for part in reference[1:].strip("/").split("/"):
        part = part.replace("~1", "/").replace("~0", "~")
        at = at.get(part) if isinstance(at, Mapping) and part else (at if not part else None)
    return at


class _Judge:
    def __init__(self, root: Any) -> None:
        self._root = root
        self._steps = 0

    def judge(self, value: Any, schema: Any, where: str, depth: int) -> str:
        self._steps += 1
        if self._steps > STEPS or depth > DEPTH:
            return "the schema is too large to hold anything against it"
        if schema is False:
            return f"{where} may not be there"
        if not isinstance(schema, Mapping):
            return ""
        if "$ref" in schema:
            target = _target(schema["$ref"], self._root)
            if target is None:
                return f"the schema refers to {schema['$ref']!r}, which is not in it"
            found = self.judge(value, target, where, depth + 1)
            if found:
                return found
        return self._plain(value, schema, where) or self._inner(value, schema, where, depth)

    def _plain(self, value: Any, schema: Mapping[str, Any], where: str) -> str:
        kinds = schema.get("type")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if isinstance(kinds, list) and not any(_is(value, kind) for kind in kinds):
            return f"{where} is no {' or '.join(map(str, kinds))}"
        if isinstance(schema.get("enum"), list) and not any(_same(value, one) for one in schema["enum"]):
            return f"{where} is none of the values that are allowed"
        if "const" in schema and not _same(value, schema["const"]):
            return f"{where} is not the value that is allowed"
        size = len(value) if isinstance(value, str | list) else value
        low, high = ("minLength", "maxLength") if isinstance(value, str) else ("minItems", "maxItems")
        if not isinstance(value, str | list):
            low, high = "minimum", "maximum"
        if isinstance(size, int | float) and not isinstance(size, bool):
            if _number(schema.get(low)) is not None and size < schema[low]:
                return f"{where} is below {low} {schema[low]}"
            if _number(schema.get(high)) is not None and size > schema[high]:
                return f"{where} is above {high} {schema[high]}"
        return ""

    def _inner(self, value: Any, schema: Mapping[str, Any], where: str, depth: int) -> str:
        if isinstance(value, dict):
            properties = schema.get("properties")
            properties = properties if isinstance(properties, Mapping) else {}
            for name in schema.get("required") or ():
                if name not in value:
                    return f"{where} has no {name!r}"
            for name, one in value.items():
                more = {} if schema.get("patternProperties") else schema.get("additionalProperties", {})
                found = self.judge(one, properties.get(name, more), f"{where}.{name}", depth + 1)
                if found:
                    return found
        if isinstance(value, list):
            for number, one in enumerate(value):
                found = self.judge(one, schema.get("items", {}), f"{where}[{number}]", depth + 1)
                if found:
                    return found
        for one in schema.get("allOf") or ():
            if found := self.judge(value, one, where, depth + 1):
                return found
        for key in ("anyOf", "oneOf"):
            options = schema.get(key)
            if isinstance(options, list) and options:
                faults = [self.judge(value, one, where, depth + 1) for one in options]
                if all(faults):
                    return faults[0]
        return ""


def _is(value: Any, kind: Any) -> bool:
    if isinstance(value, bool):
        return bool(kind == "boolean")
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(str(kind), (object,)))


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
