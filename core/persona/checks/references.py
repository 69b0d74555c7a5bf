"""Check what a persona's parts say of each other, and of what is installed."""

from __future__ import annotations

import re
import warnings
from collections import abc
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeAlias

from ...diagnostics import Span
from ..findings import Findings
from ..names import suggestion
from ..nodes import Mapping, Node, Scalar, get, items, key_span, part, plain, text
from ..nodes import Sequence as NodeList
from ..schema import PERSONAL_DATA
from ..synonyms import choice_meant
from .explosions import explodes

ENGINES = ("coqui", "piper", "espeak")
"""The voice engines that need something installed."""

Faults: TypeAlias = Callable[[str, dict[str, Any]], abc.Mapping[str, str]]


def check_names(tree: Node, findings: Findings) -> None:
    """Report intents and rules of one name."""
    _unique(items(get(tree, "intents")), "name", "intent", "P0301", findings)
    _unique(items(get(tree, "ethics", "rules")), "id", "rule", "P0302", findings)


def intent_names(tree: Node) -> list[str]:
    """Return the names of all intents."""
    return [name for intent in items(get(tree, "intents")) if (name := text(get(intent, "name")))]


def check_rules(tree: Node, findings: Findings) -> None:
    """Report conditions that name unknown intents or kinds of personal data, or hold an invalid pattern."""
    intents = intent_names(tree)
    for condition in conditions_of(tree):
        for node in items(get(condition, "intent")):
            check_intent(text(node), node.span, intents, findings)
        for node in items(get(condition, "pii")):
            _personal_data(node, findings)
        pattern = get(condition, "pattern")
        if isinstance(pattern, Scalar) and pattern.value is not None:
            check_pattern(pattern, findings)
    redact = get(tree, "privacy", "redact")
    for node in redact.items if isinstance(redact, NodeList) else ():
        _personal_data(node, findings)


def check_intent(name: str | None, span: Span, known: Collection[str], findings: Findings) -> None:
    """Report an intent that the persona does not have."""
    if name and name not in known:
        findings.error("P0304", f"there is no intent `{name}`", span, suggestion(name, known, "intents"))


def check_slots(tree: Node, findings: Findings) -> None:
    """Report slots that are needed and cannot be asked for."""
    for intent in items(get(tree, "intents")):
        slots = get(intent, "slots")
        for name, slot in slots.entries.items() if isinstance(slots, Mapping) else ():
            required = get(slot, "required")
            if isinstance(required, Scalar) and required.value is True and get(slot, "ask") is None:
                message = f"`{name}` is required, and there is no question for it"
                span = key_span(slots, name) or slot.span
                findings.error("P0315", message, span, "add `ask:` with the question, or `required: false`")


def check_installed(
    tree: Node,
    findings: Findings,
    *,
    connectors: Collection[str] | None,
    voices: Collection[str] | None = None,
    settings: Faults | None = None,
) -> None:
    """Report connectors and voices that are not installed; None: it is not known what is.

    `settings` tells what is wrong with a connector's settings.
    """
    engine = get(tree, "voice", "engine")
    name = text(engine)
    if voices is not None and engine is not None and "." in (name or "") and name not in voices:
        advice = suggestion(name or "", [voice for voice in voices if "." in voice], "installed voices")
        findings.warning("P0324", f"the voice `{name}` is not installed here", engine.span, advice)
    elif voices is not None and engine is not None and name in ENGINES and name not in voices:
        advice = f"install it: pip install 'personac[{name}]'; or write `engine: auto`, which takes what is there"
        findings.warning("P0324", f"the voice engine `{name}` is not installed here", engine.span, advice)
    on = get(tree, "connectors")
    if isinstance(on, Mapping) and connectors is not None:
        for name, place in on.keys.items():
            if name not in connectors:
                advice = suggestion(name, connectors, "installed connectors")
                findings.warning("P0312", f"the connector `{name}` is not installed", place, advice)
            elif settings is not None:
                _settings(name, on.entries[name], place, settings, findings)


def _settings(name: str, block: Node, place: Span, settings: Faults, findings: Findings) -> None:
    """Report what a connector finds wrong with its settings."""
    written = plain(block)
    if written is not None and not isinstance(written, dict):
        return
    secrets = [finding.span for finding in findings.all if finding.code == "P0309"]  # written in the file: told already
    for key, said in settings(name, written or {}).items():
        value = get(block, key)
        if value is not None and value.span in secrets:
            continue
        at = key_span(block, key) or place
        findings.error(
            "P0329",
            f"`{name}` cannot be set up like this: {said}",
            at,
            f"until then, `personac serve` cannot open {name}",
        )


def _unique(nodes: tuple[Node, ...], key: str, what: str, code: str, findings: Findings) -> None:
    seen: dict[str, Span] = {}
    for node in nodes:
        named = get(node, key)
        name = text(named)
        if name is None or named is None:
            continue
        if name in seen:
            message = f"there are two {what}s named `{name}`; the first is on line {seen[name].line}"
            findings.error(code, message, named.span, "give one of them another name, or join the two")
        seen.setdefault(name, named.span)


def conditions_of(tree: Node) -> Iterator[Mapping]:
    """Yield all conditions of all rules, the inner ones too."""
    for rule in items(get(tree, "ethics", "rules")):
        yield from conditions_below(get(rule, "when"))


def conditions_below(when: Node | None) -> Iterator[Mapping]:
    """Yield a condition and all that it is made of."""
    stack = [when]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            yield node
            stack += [get(node, "not"), *items(get(node, "any")), *items(get(node, "all"))]


def _personal_data(node: Node, findings: Findings) -> None:
    kind = text(node)
    if kind and kind not in PERSONAL_DATA:
        meant = choice_meant(kind, PERSONAL_DATA)
        advice = f"did you mean `{meant}`?" if meant else suggestion(kind, PERSONAL_DATA, "kinds")
        findings.error("P0308", f"`{kind}` is not a kind of personal data that is known", node.span, advice)


def check_pattern(node: Scalar, findings: Findings) -> None:
    """Report a regular expression that is not valid."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(node.written)
    except re.error as error:
        advice = "to look for the signs themselves, write a backslash before . * + ? ( ) [ ] { } | ^ $"
        findings.error("P0307", f"this pattern is not valid: {error.msg}", _position(node, error.pos), advice)
        return
    except (OverflowError, RecursionError):
        findings.error("P0307", "this pattern is too large", node.span, "write several shorter ones, under `any:`")
        return
    if explodes(node.written):
        message = "this pattern takes time without bounds: its repetitions can be read in very many ways"
        advice = "repeat one thing only: (\\w+\\s)* instead of (\\w+\\s?)*, a+ instead of (a+)+, a* instead of a*a*a*"
        findings.error("P0333", message, node.span, advice)


def _position(node: Scalar, position: int | None) -> Span:
    if position is None or not node.written:
        return node.span
    start = min(position, len(node.written) - 1)
    return part(node, start, start + 1)
