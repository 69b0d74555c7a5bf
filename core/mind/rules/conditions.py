"""Whether the condition of a rule holds, and why or why not.

A reason names what the author wrote (a topic, words, a pattern) and numbers, never what the user said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import regex

from ...persona.schema import AgeRange, Condition, Rule
from ...turn import Reason
from .. import privacy
from ..disguise import Words
from ..patience import patiently
from .facts import Facts
from .topics import Topic, nearest

DECIDED = 0.5  # the probability of a risk from which it is there
OFFERED = 0.6  # as near to what the persona offers, a message is no risk of a kind that depends on the persona
SAME = 0.8  # and as near, it is what the persona offers: no risk of any kind
DEPENDS = frozenset({"advice", "human", "misinformation", "privacy"})
PATTERN_SECONDS = 0.05
MASK = "▮▮▮"
OUT_OF_TIME = "took too long, which counts as found"


def conditions(when: Condition, path: str) -> list[tuple[str, Condition]]:
    """Return all conditions of a rule with a stable path for each, itself first."""
    found = [(path, when)]
    for kind in ("any", "all"):
        for position, part in enumerate(getattr(when, kind) or ()):
            found += conditions(part, f"{path}/{kind}{position}")
    if when.not_ is not None:
        found += conditions(when.not_, f"{path}/not")
    return found


class Conditions:
    """Hold the conditions of rules, made ready: patterns compiled, words in all their spellings."""

    def __init__(self, rules: Iterable[Rule], topics: Mapping[str, Topic]) -> None:
        self._topics = topics
        self._patterns: dict[str, regex.Pattern[str]] = {}
        self._words: dict[str, Words] = {}
        for rule in rules:
            for path, condition in conditions(rule.when, rule.id):
                if condition.pattern is not None:
                    self._patterns[path] = regex.compile(condition.pattern, regex.IGNORECASE)
                if condition.words is not None:
                    self._words[path] = Words(condition.words)

    def why(self, when: Condition, path: str, facts: Facts) -> Reason:
        """Return whether a condition holds, with the reason; all parts of any and all are looked at."""
        if when.topic is not None:
            return self._near(when.topic, path, facts)
        if when.words is not None:
            return self._spelled(path, facts.text)
        if when.pattern is not None:
            return self._matched(path, facts.text)
        if when.pii is not None:
            kinds = {kind for kind in when.pii if kind in facts.pii}
            kinds |= {kind for _, _, kind in privacy.find(facts.text, when.pii)}
            return Reason(bool(kinds), f"personal data: {_listed(sorted(kinds)) or 'none of ' + _listed(when.pii)}")
        if when.intent is not None:
            return _one_of("intent", facts.intent or "none", when.intent)
        if when.emotion is not None:
            return _one_of("emotion", facts.emotion or "none", when.emotion)
        if when.risk is not None:
            return self._risked(when.risk, facts)
        if when.language is not None:
            return _one_of("language", facts.language, when.language)
        if when.channel is not None:
            return _one_of("channel", facts.channel or "none", when.channel)
        if when.age is not None:
            return _aged(when.age, facts.age)
        if when.any is not None:
            parts = tuple(self.why(part, f"{path}/any{i}", facts) for i, part in enumerate(when.any))
            return Reason(any(part.held for part in parts), "any", parts=parts)
        if when.all is not None:
            parts = tuple(self.why(part, f"{path}/all{i}", facts) for i, part in enumerate(when.all))
            return Reason(all(part.held for part in parts), "all", parts=parts)
        if when.not_ is not None:
            inner = self.why(when.not_, f"{path}/not", facts)
            return Reason(not inner.held, "not", parts=(inner,))
        return Reason(False, "a kind of condition that is not known here")

    def _near(self, words: str, path: str, facts: Facts) -> Reason:
        topic = self._topics.get(path)
        if topic is None:
            return Reason(False, f"topic “{words}”: compile the persona again")
        score = topic.score(facts.vectors)
        if score < topic.threshold:
            return Reason(False, f"topic “{words}”", score, topic.threshold)
        own = nearest(topic.examples, facts.vectors)
        if own <= nearest(topic.unlike, facts.vectors):
            return Reason(False, f"topic “{words}”, and nearer to what is `unlike` it", score, topic.threshold)
        if own <= nearest(topic.harmless, facts.vectors):
            return Reason(False, f"topic “{words}”, and nearer to what the persona offers", score, topic.threshold)
        return Reason(True, f"topic “{words}”", score, topic.threshold)

    def _risked(self, wanted: Sequence[str], facts: Facts) -> Reason:
        likeliest = max(wanted, key=lambda kind: facts.risks.get(kind, 0.0))
        probable = facts.risks.get(likeliest, 0.0)
        if probable >= DECIDED and self._offered(facts) >= (OFFERED if likeliest in DEPENDS else SAME):
            return Reason(False, f"risk {likeliest}, and near to what the persona offers", probable, DECIDED)
        return Reason(probable >= DECIDED, f"risk {likeliest}", probable, DECIDED)

    def _offered(self, facts: Facts) -> float:
        """Return how near a message is to the persona's own questions and examples, which all topics share."""
        topic = next(iter(self._topics.values()), None)
        if topic is None:
            return -1.0
        return max(nearest(topic.harmless, facts.vectors), nearest(topic.harmless, facts.asked))

    def _spelled(self, path: str, text: str) -> Reason:
        words = self._words[path]
        try:
            found = words.which(text)
        except TimeoutError:
            return Reason(True, f"words: {OUT_OF_TIME}")
        return Reason(bool(found), f"words: {_listed(found) or 'none of them'}")

    def _matched(self, path: str, text: str) -> Reason:
        pattern = self._patterns[path]
        try:
            held = patiently(lambda allowed: pattern.search(text, timeout=allowed), PATTERN_SECONDS) is not None
        except TimeoutError:  # a rule that can't decide in time errs on the safe side
            return Reason(True, f"pattern {pattern.pattern}: {OUT_OF_TIME}")
        return Reason(held, f"pattern {pattern.pattern}")

    def masked(self, when: Condition, path: str, text: str) -> str:
        """Return a text with all that words, patterns and kinds of personal data of a condition find masked."""
        for _, condition in conditions(when, path):
            if condition.pii is not None:
                text = privacy.mask(text, condition.pii).text
        return self.replaced(when, path, text, MASK)

    def replaced(self, when: Condition, path: str, text: str, instead: str) -> str:
        """Return a text with something else in the place of what words and patterns find; \\1 is a pattern's group."""
        for place, condition in conditions(when, path):
            try:
                if condition.words is not None:
                    for start, end in reversed(self._words[place].spans(text)):
                        text = text[:start] + instead + text[end:]
                if condition.pattern is not None:
                    text = self._rewritten(place, instead, text)
            except TimeoutError:
                return MASK
            except (regex.error, IndexError):  # a group that the pattern does not have
                return MASK
        return text

    def _rewritten(self, path: str, instead: str, text: str) -> str:
        pattern = self._patterns[path]
        return patiently(lambda allowed: pattern.sub(instead, text, timeout=allowed), PATTERN_SECONDS)


def _one_of(what: str, value: str, wanted: Sequence[str]) -> Reason:
    held = value in wanted
    return Reason(held, f"{what} {value}" if held else f"{what} {value}, not {' or '.join(wanted)}")


def _aged(wanted: AgeRange, age: int | None) -> Reason:
    bounds = []
    if wanted.below is not None:
        bounds.append(f"below {wanted.below}")
    if wanted.at_least is not None:
        bounds.append(f"at least {wanted.at_least}")
    if age is None:
        return Reason(False, f"age {' and '.join(bounds)}: none was said")
    return Reason(wanted.holds(age), f"age {' and '.join(bounds)}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
