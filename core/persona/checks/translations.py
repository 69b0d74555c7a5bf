"""Check that texts are there in the languages that a persona promises, and in no others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...diagnostics import Span
from ..findings import Findings
from ..nodes import Mapping, Node, get, items, key_span, text
from ..schema import LANGUAGE_PATTERN, base
from .conditions import can_hold, formula, named
from .references import conditions_of


def check_translations(tree: Node, languages: Sequence[str], findings: Findings) -> set[str]:
    """Report languages that are missing from a text or that are not promised; return those that are missing."""
    lacking: set[str] = set()
    heard = _heard(tree, languages)
    for name, node, span in local_texts(tree):
        wanted = heard.get(span, languages)
        given = list(node.entries) if isinstance(node, Mapping) else [languages[0]]
        if not all(re.match(LANGUAGE_PATTERN, code) for code in given):
            continue  # already an error
        missing = [code for code in wanted if not any(_covers(other, code) for other in given)]
        if missing and given:
            lacking.update(missing)
            listed = " and ".join(f"`{code}`" for code in missing)
            advice = f"add it, or take {listed} out of `languages`"
            if not isinstance(node, Mapping):
                written = dict.fromkeys([code for code in wanted if code not in missing][:1] + missing[:1])
                advice = f"write a text for each language: {{{', '.join(f'{code}: …' for code in written)}}}"
            findings.warning("P0306", f"`{name}` is missing in {listed}", span, advice)
        if isinstance(node, Mapping):
            for code, place in node.keys.items():
                if not any(_covers(code, promised) for promised in languages):
                    listed = ", ".join(languages)
                    message = f"`{code}` is not among the languages that the persona promises: {listed}"
                    findings.warning("P0305", message, place, f"add `{code}` to `languages`, or delete this text")
    for condition in conditions_of(tree):
        for node in items(get(condition, "language")):
            named = text(node)
            if named and re.match(LANGUAGE_PATTERN, named) and named not in languages:
                message = f"`{named}` is not among the languages that the persona promises: {', '.join(languages)}"
                meant = next((code for code in languages if _covers(named, code)), None)
                advice = f"write `{meant}`" if meant else f"add `{named}` to `languages`, or delete this condition"
                findings.warning("P0305", message, node.span, advice)
    return lacking


def _heard(tree: Node, languages: Sequence[str]) -> dict[Span, list[str]]:
    """Return in which languages a rule may fire, by the place of its words; without those of any language."""
    found: dict[Span, list[str]] = {}
    for rule in items(get(tree, "ethics", "rules")):
        when, span = formula(get(rule, "when")), key_span(rule, "say")
        if when is not None and span is not None and named(when, "language"):
            found[span] = [code for code in languages if can_hold(when, "input", [code])]
    return found


def _covers(given: str, promised: str) -> bool:
    return given == promised or base(given) == base(promised)


def local_texts(tree: Node) -> Iterator[tuple[str, Node, Span]]:
    """Yield all texts that are by language, with the key that holds each."""
    for key in ("greeting", "fallback"):
        yield from _at(get(tree, "tone"), key)
    for intent in items(get(tree, "intents")):
        yield from _at(intent, "responses")
        yield from _at(intent, "confirm")
        slots = get(intent, "slots")
        if isinstance(slots, Mapping):
            for slot in slots.entries.values():
                yield from _at(slot, "ask")
    for rule in items(get(tree, "ethics", "rules")):
        yield from _at(rule, "say")


def _at(parent: Node | None, key: str) -> Iterator[tuple[str, Node, Span]]:
    node, span = get(parent, key), key_span(parent, key)
    if node is not None and span is not None:
        yield key, node, span
