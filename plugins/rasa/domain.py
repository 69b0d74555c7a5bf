"""The domain of a Rasa bot: read from its file or folder, or as the persona has it; what actions are told of it.

Knows YAML and Rasa's keys; a domain is data, and nothing of it is evaluated.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from ...core.errors import SettingsInvalid

MOST_BYTES = 5_000_000
SUFFIXES = (".yml", ".yaml")
LISTS = ("intents", "entities", "actions", "e2e_actions")
MAPPINGS = ("slots", "responses", "forms", "session_config", "config")
REQUESTED = "requested_slot"


class _Loader(yaml.SafeLoader):
    """Read YAML 1.2 as Rasa does: only true and false are truth values."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


@dataclass(frozen=True)
class Domain:
    """Hold what a domain says, as the JSON that goes to an action server."""

    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, written: str | Mapping[str, Any]) -> Domain:
        """Return the domain that a setting names; raise SettingsInvalid."""
        if not written:
            return cls(_whole({}))
        if isinstance(written, Mapping):
            return cls(_whole(written))
        path = Path(written).expanduser()
        files = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES) if path.is_dir() else [path]
        merged: dict[str, Any] = {}
        for file in files:
            _merge(merged, _file(file))
        return cls(_whole(merged))

    @cached_property
    def digest(self) -> str:
        """Return a hash by which an action server knows a domain that it has."""
        return hashlib.sha256(json.dumps(self.values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @cached_property
    def slots(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the slots with what is said of each."""
        return {str(name): value if isinstance(value, Mapping) else {} for name, value in self.values["slots"].items()}

    @cached_property
    def actions(self) -> frozenset[str]:
        """Return the names of the actions that the domain lists."""
        return frozenset(_name(item) for item in self.values["actions"])

    def initial(self) -> dict[str, Any]:
        """Return the slots as a new conversation has them."""
        return {name: value.get("initial_value") for name, value in self.slots.items()}

    def required(self, form: str) -> list[str]:
        """Return the slots that a form asks for, in order."""
        found = self.values["forms"].get(form)
        slots = found.get("required_slots") if isinstance(found, Mapping) else None
        return [str(slot) for slot in slots] if isinstance(slots, list) else []

    def entity(self, slot: str) -> str:
        """Return the entity that fills a slot, the slot's own name where the domain does not say."""
        found = (m.get("entity") for m in self.mappings(slot) if m.get("type") == "from_entity")
        return next((name for name in found if isinstance(name, str)), slot)

    def mappings(self, slot: str) -> list[Mapping[str, Any]]:
        """Return how a slot is filled."""
        found = self.slots.get(slot, {}).get("mappings")
        return [mapping for mapping in found if isinstance(mapping, Mapping)] if isinstance(found, list) else []

    def variations(self, response: str) -> Sequence[Mapping[str, Any]]:
        """Return the ways in which a response may be said."""
        found = self.values["responses"].get(response)
        return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _whole(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a domain with all the parts that actions may look for, as JSON; raise SettingsInvalid."""
    made: dict[str, Any] = {name: values.get(name) or [] for name in LISTS}
    made |= {name: values.get(name) or {} for name in MAPPINGS}
    wrong = [name for name in LISTS if not isinstance(made[name], list)]
    wrong += [name for name in MAPPINGS if not isinstance(made[name], Mapping)]
    if wrong:
        raise SettingsInvalid(
            f"the Rasa domain: `{wrong[0]}` is a {type(made[wrong[0]]).__name__}; see Rasa's reference"
        )
    text = json.dumps(made, default=str, ensure_ascii=False)  # dates of YAML become texts
    if len(text) > MOST_BYTES:
        raise SettingsInvalid(f"the Rasa domain takes {len(text)} bytes; {MOST_BYTES} are read")
    whole: dict[str, Any] = json.loads(text)
    for name, form in whole["forms"].items():
        _renew(whole, name, form)
    return whole


def _file(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SettingsInvalid(f"the Rasa domain {path} is larger than {MOST_BYTES} bytes")
        found = yaml.load(path.read_text("utf-8"), _Loader)
    except OSError as error:
        raise SettingsInvalid(
            f"the Rasa domain {path} cannot be read ({error.strerror}); name a file, or a folder"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsInvalid(f"the Rasa domain {path} is no YAML: {error}") from None
    if not isinstance(found, Mapping):
        raise SettingsInvalid(f"the Rasa domain {path} holds no keys such as `slots` and `responses`")
    return found


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), Mapping):
            into[name] = {**into[name], **value}
        elif isinstance(value, list) and isinstance(into.get(name), list):
            into[name] = [*into[name], *value]
        else:
            into[name] = value


def _renew(whole: dict[str, Any], name: str, form: Any) -> None:
    """Write a form of Rasa 2, which has the mappings of its slots, as Rasa 3 does: the mappings are with the slots."""
    if not isinstance(form, dict) or isinstance(form.get("required_slots"), list):
        return
    mapped = form.pop("required_slots", None) or {key: form.pop(key) for key in [*form] if key != "ignored_intents"}
    if not isinstance(mapped, dict):
        raise SettingsInvalid(f"the Rasa domain: `required_slots` of the form {name} is no list of slots")
    form["required_slots"] = list(mapped)
    for slot, mappings in mapped.items():
        own = whole["slots"].setdefault(slot, {"type": "any"})
        if isinstance(own, dict) and isinstance(mappings, list):
            kept = [mapping for mapping in mappings if isinstance(mapping, dict)]
            own["mappings"] = [
                *(own.get("mappings") or ()),
                *({**m, "conditions": [{"active_loop": name}]} for m in kept),
            ]


def _name(item: Any) -> str:
    return str(next(iter(item), "")) if isinstance(item, Mapping) else str(item)
