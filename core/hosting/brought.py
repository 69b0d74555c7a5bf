"""What a plugin brings beside skills, held against the contract: slot types, knowledge, ethics rules.

Knows hooks and the persona language's rules; does not know where plugins come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import pluggy
from pydantic import ValidationError

from ..errors import ExtensionInvalid
from ..persona.schema import LANGUAGE_PATTERN, Rule
from ..plugin import Fact, Recogniser

FACTS = 20_000
CHARACTERS = 20_000  # of one fact
_NAME = re.compile(r"[^\W\d]\w*")


def slot_types(name: str, manager: pluggy.PluginManager) -> dict[str, Recogniser]:
    """Return the recognisers of a plugin by the names of their types; raise ExtensionInvalid."""
    made = _called(name, "slot_types", manager, dict)
    if not isinstance(made, Mapping):
        raise ExtensionInvalid(f"the plugin {name!r}: `slot_types` returned no mapping of names to recognisers")
    for own, recogniser in made.items():
        if not (isinstance(own, str) and _NAME.fullmatch(own)):
            raise ExtensionInvalid(f"the slot type {name}.{own} needs a name of letters, digits and _")
        if not callable(recogniser):
            raise ExtensionInvalid(f"the slot type {name}.{own} is no recogniser: (text, language) -> [Found(…), …]")
    return dict(made)


def knowledge(name: str, manager: pluggy.PluginManager) -> tuple[Fact, ...]:
    """Return what a plugin knows; raise ExtensionInvalid for what is no fact, or is there twice."""
    made = _called(name, "knowledge", manager, tuple)
    if isinstance(made, str | Mapping) or not isinstance(made, Iterable):
        raise ExtensionInvalid(f"the plugin {name!r}: `knowledge` returned no list of Fact")
    try:
        facts = tuple(islice(made, FACTS + 1))
    except Exception as error:
        raise _failed(name, "knowledge", error) from error
    if len(facts) > FACTS:
        raise ExtensionInvalid(f"the plugin {name!r} knows more than {FACTS:,} facts; let a skill look them up instead")
    seen: set[str] = set()
    for fact in facts:
        if not isinstance(fact, Fact):
            raise ExtensionInvalid(f"the plugin {name!r}: its knowledge holds a {type(fact).__name__}; expected Fact")
        if not (fact.text.strip() and fact.key) or len(fact.text) > CHARACTERS:
            raise ExtensionInvalid(f"the plugin {name!r}: the fact {fact.key!r} needs a text of up to {CHARACTERS:,}")
        if not re.match(LANGUAGE_PATTERN, fact.language):
            raise ExtensionInvalid(f"the plugin {name!r}: {fact.language!r} of the fact {fact.key!r} is no language")
        if fact.key in seen:
            raise ExtensionInvalid(f"the plugin {name!r} has two facts named {fact.key!r}")
        seen.add(fact.key)
    return facts


def rules(name: str, manager: pluggy.PluginManager) -> tuple[Rule, ...]:
    """Return the ethics rules of a plugin, their ids begun with its name; raise ExtensionInvalid."""
    made = _called(name, "rules", manager, tuple)
    if not isinstance(made, Sequence) or isinstance(made, str):
        raise ExtensionInvalid(f"the plugin {name!r}: `rules` returned no list of rules")
    found = []
    for written in made:
        try:
            rule = Rule.model_validate(written)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "it"
            raise ExtensionInvalid(f"the plugin {name!r}: a rule does not fit: {where}: {first['msg']}") from error
        found.append(rule.model_copy(update={"id": f"{name}-{rule.id}"}))
    if len({rule.id for rule in found}) < len(found):
        raise ExtensionInvalid(f"the plugin {name!r} has two rules of one id")
    return tuple(found)


def _called(name: str, hook: str, manager: pluggy.PluginManager, empty: Callable[[], Any]) -> Any:
    try:
        return next(iter(getattr(manager.hook, hook)()), empty())
    except Exception as error:
        raise _failed(name, hook, error) from error


def _failed(name: str, hook: str, error: Exception) -> ExtensionInvalid:
    return ExtensionInvalid(f"the plugin {name!r}: `{hook}` failed: {type(error).__name__}: {error}")
