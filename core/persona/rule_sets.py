"""The sets of rules that come with personac, and all rules of a persona: its own, then those of the sets it names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .nodes import Node, get, items, plain, text
from .schema import Condition, Ethics, Rule
from .source import parse

FOLDER = Path(__file__).with_name("sets")
SETS = ("crisis", "medical", "minors", "finance", "general")  # in the order of their rules: the special come first


def rule_set(name: str) -> tuple[Rule, ...]:
    """Return the rules of a set, none for a name that is not known."""
    return _read(name) if name in SETS else ()


def disclosure() -> Condition:
    """Return the topic of questions whether one talks with a machine."""
    (rule,) = _read("disclosure")
    return rule.when


@cache
def _read(name: str) -> tuple[Rule, ...]:
    return tuple(Rule.model_validate(plain(rule)) for rule in items(get(_tree(name), "rules")))


@cache
def _stand_ins(name: str) -> frozenset[str]:
    return frozenset(filter(None, map(text, items(get(_tree(name), "stand_ins"))))) if name in SETS else frozenset()


@cache
def _tree(name: str) -> Node | None:
    file = FOLDER / f"{name}.yaml"
    return parse(file.read_text("utf-8"), file.name)[0]


def rules_of(ethics: Ethics, judged: bool = False) -> tuple[Rule, ...]:
    """Return all rules of a persona in their order; its own take the place of a set's rules of the same id.

    Its own come first, then those of the sets in the order of SETS, in whatever order it names them.
    Where the judge of risks reads what the persona's encoders make (`judged`), rules that stand in for it are left out:
    beside it they find nothing more, and refuse what only sounds dangerous.
    """
    own = {rule.id for rule in ethics.rules}
    taken = {rule.id: rule for name in SETS if name in ethics.sets for rule in rule_set(name)}
    left_out = {*ethics.without, *(id for name in ethics.sets if judged for id in _stand_ins(name))}
    theirs = [rule for rule in taken.values() if rule.id not in own and rule.id not in left_out]
    return (*ethics.rules, *(_in_own_words(rule, ethics) for rule in theirs))


def _in_own_words(rule: Rule, ethics: Ethics) -> Rule:
    words = ethics.say.get(rule.id)
    return rule if words is None else rule.model_copy(update={"say": {**(rule.say or {}), **words}})
