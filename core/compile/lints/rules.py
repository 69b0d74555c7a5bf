"""Lints on ethics rules: topics that miss their own examples, and rules that block what the persona is there for.

Knows nothing of how a rule is reported at run time; conditions are looked at here one example at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

from ...diagnostics import Diagnostic, Span
from ...mind import privacy
from ...mind.disguise import Words
from ...mind.ethics import ENDING, PATTERN_SECONDS, Topic, conditions
from ...mind.rules.ages import age_said
from ...mind.rules.help_lines import help_lines
from ...persona.conversations import tested_rules
from ...persona.nodes import Mapping as Block
from ...persona.nodes import Node, get, items, key_span, text
from ...persona.rule_sets import rules_of
from ...persona.schema import Condition, Rule
from .material import Material, Said, quoted, there
from .similarity import Sentences

CAUGHT = 0.2  # of a topic's own examples, held out, a topic that works catches at least so many
ENOUGH = 4  # examples from which that share means something
SEVERAL = 2  # examples of an intent that a topic must cover: the one that stands in the persona is never taken for it


def lint_rules(
    material: Material, sentences: Sentences, topics: Mapping[str, Topic], report: Mapping[str, Mapping[str, Any]]
) -> Iterator[Diagnostic]:
    """Report rules that do not do what they are for; `topics` and `report` are what the compiler made of them."""
    nodes = {text(get(node, "id")): node for node in items(get(material.tree, "ethics", "rules"))}
    for rule in material.persona.ethics.rules:
        node = nodes.get(rule.id) or get(material.tree, "plugins") or material.tree  # a plugin's stand in no file
        yield from _misses(rule, node, report)
        if "input" in rule.on and rule.do in ENDING:
            yield from _blocks(material, sentences, rule, node, topics)


def lint_left_out(material: Material, judged: bool) -> Iterator[Diagnostic]:
    """Report words for, switching off of, and tests of rules of sets that never run where the judge of risks does."""
    ethics = material.persona.ethics.model_copy(update={"without": ()})
    left_out = {rule.id for rule in rules_of(ethics)} - {rule.id for rule in rules_of(ethics, judged)}
    words = get(material.tree, "ethics", "say")
    named = [(text(node), node.span) for node in items(get(material.tree, "ethics", "without"))]
    for id, span in [*named, *(words.keys.items() if isinstance(words, Block) else ())]:
        if id in left_out:
            message = f"`{id}` never runs here: the judge of risks, which knows these encoders, takes its place"
            advice = "name the rule of its set that looks at `risk`, such as `general-harm`, or delete it"
            yield Diagnostic("P0413", "warning", message, span, advice)
    for node in tested_rules(material.root):
        if (id := text(node)) in left_out and id not in material.persona.ethics.without:
            message = f"`{id}` never runs here: the judge of risks, which knows these encoders, takes its place"
            advice = "expect the rule of its set that looks at `risk`, such as `general-harm`, or delete it"
            yield Diagnostic("P0413", "warning", message, node.span, advice)


def lint_help_line(material: Material) -> Iterator[Diagnostic]:
    """Report a country whose help line is not known while rules name it."""
    ethics, country = material.persona.ethics, get(material.tree, "ethics", "country")
    if country is None or ethics.country is None or ethics.country in help_lines():
        return
    naming = [rule.id for rule in rules_of(ethics) if any("{help_line}" in said for said in (rule.say or {}).values())]
    if naming:
        message = f"no help line of `{ethics.country}` is known: {_named(naming)} where one is found instead"
        advice = f"write the number into `say` of {'it' if len(naming) == 1 else 'them'}, instead of {{help_line}}"
        yield Diagnostic("P0414", "warning", message, country.span, advice)


def _named(rules: Sequence[str]) -> str:
    """Return rules with the verb for what they do."""
    others = len(rules) - 1
    return f"`{rules[0]}` and {others} more tell" if others else f"`{rules[0]}` tells"


def _misses(rule: Rule, node: Node, report: Mapping[str, Mapping[str, Any]]) -> Iterator[Diagnostic]:
    for path, condition in conditions(rule.when, rule.id):
        if condition.topic is None or len(condition.examples or ()) < ENOUGH:
            continue
        caught = float(report[path]["examples_caught"])
        if caught >= CAUGHT:
            continue
        span = _topic_span(node, condition.topic)
        message = f"`{rule.id}` would catch {caught:.0%} of its topic's own examples if it had not seen them"
        advice = "write more examples that are about one thing, or make a rule for each thing"
        if condition.threshold is not None:
            advice = f"lower `threshold`, which is {condition.threshold:g}, or leave it out"
        yield Diagnostic("P0408", "warning", message, span, advice)


def _topic_span(node: Node, topic: str) -> Span:
    stack = [get(node, "when")]
    while stack:
        condition = stack.pop()
        if text(get(condition, "topic")) == topic:
            found = get(condition, "topic")
            return found.span if found is not None else node.span
        stack += [get(condition, "not"), *items(get(condition, "any")), *items(get(condition, "all"))]
    return node.span


def _blocks(
    material: Material, sentences: Sentences, rule: Rule, node: Node, topics: Mapping[str, Topic]
) -> Iterator[Diagnostic]:
    if any(c.intent or c.emotion or c.channel or c.language for _, c in conditions(rule.when, rule.id)):
        return  # the author names what it is for; an example has no emotion and no channel
    covered = {
        path: _covered(sentences, topics[path])
        for path, condition in conditions(rule.when, rule.id)
        if condition.topic is not None
    }
    heard = [*material.examples, *(() if covered else material.questions)]  # of these no topic is sure
    by_intent: dict[str, list[Said]] = {}
    for row, said in enumerate(heard):
        if _holds(rule.when, rule.id, said, row, covered):
            by_intent.setdefault(said.intent, []).append(said)
    id_node = get(node, "id")
    here = key_span(node, "when") or (id_node.span if id_node is not None else node.span)
    for intent, blocked in by_intent.items():
        if covered and len(blocked) < SEVERAL:
            continue
        count = sum(said.intent == intent for said in heard)
        said = blocked[0]
        where = there(here, said.span)
        if intent and len(blocked) == count:
            message = f"the rule `{rule.id}`, {where}, ends every turn that `{intent}` is for"
            advice = f"delete the intent, or narrow the rule; or have the rule name it: `when: {{intent: {intent}}}`"
        else:
            what = f"this example of `{intent}`" if intent else "this question of the knowledge"
            message = f"the rule `{rule.id}`, {where}, ends the turn on {what}"
            advice = f"narrow the rule, or {'move the example out of the intent' if intent else 'delete the question'}"
            if len(blocked) > 1:
                advice += f"; it does so on {len(blocked) - 1} more, such as {quoted(blocked[1].text)}"
        yield Diagnostic("P0409", "warning", message, said.span, advice)


def _covered(sentences: Sentences, topic: Topic) -> NDArray[np.bool_]:
    """Return [n] which examples a topic covers when it does not know them as harmless."""
    names = [name for name in topic.weights if name in sentences.vectors]
    total, count = np.zeros(len(sentences)), np.zeros(len(sentences))
    for name in names:
        weights = topic.weights[name]
        total += (sentences.vectors[name] @ weights[:-1] + weights[-1]) * sentences.covered[name]
        count += sentences.covered[name]
    held = np.zeros(len(sentences), np.bool_)
    for row in np.flatnonzero(total >= topic.threshold * np.maximum(count, 1)).tolist():
        near, harmless = [], []
        for name in names:
            if sentences.covered[name][row]:
                vector = sentences.vectors[name][row]
                near.append(topic.examples[name] @ vector)
                others = topic.harmless[name] @ vector
                harmless.append(np.where(others > 1 - 1e-4, -1, others))  # itself
        if near:
            held[row] = np.mean(near, axis=0).max() > np.mean(harmless, axis=0).max(initial=-1)
    return held


def _holds(when: Condition, path: str, said: Said, row: int, covered: Mapping[str, NDArray[np.bool_]]) -> bool:
    """Tell whether a condition holds for an example, said at the beginning of a conversation."""
    if when.topic is not None:
        return bool(covered[path][row])
    if when.words is not None:
        return Words(when.words).found(said.text)
    if when.pattern is not None:
        try:
            return regex.search(when.pattern, said.text, regex.IGNORECASE, timeout=PATTERN_SECONDS) is not None
        except TimeoutError:
            return True
    if when.pii is not None:
        return bool(privacy.find(said.text, when.pii))
    if when.age is not None:
        return when.age.holds(age_said(said.text))
    if when.risk is not None:
        return False  # what is near to what the persona offers is no risk, and this is what it offers
    if when.not_ is not None:
        return not _holds(when.not_, f"{path}/not", said, row, covered)
    parts: Sequence[Condition] = when.any or when.all or ()
    kind = "any" if when.any else "all"
    held = (_holds(part, f"{path}/{kind}{place}", said, row, covered) for place, part in enumerate(parts))
    return any(held) if when.any else all(held)
