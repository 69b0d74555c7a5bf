"""What rules say: placeholders filled, and words of ours where an author wrote none.

A refusal says what it is about and what the persona can do, from its own intents. Knows no rule's condition but its
topic.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from ...persona.schema import Persona, Rule, base
from ...persona.ways import usable
from ..phrases import phrase
from .help_lines import help_line

EXAMPLES = 2  # of what users may ask, in an offer
_LONG = 60  # characters of an example


class Wording:
    """Fill in what rules say for one persona."""

    def __init__(self, persona: Persona | None = None, environ: Mapping[str, str] = os.environ) -> None:
        """Speak for a persona; `environ` has the variables that its ways of telling people need."""
        self._persona = persona
        self._tells = persona is not None and bool(usable(persona.alerts, environ)[0])
        languages = persona.languages if persona else ()
        self._offers = {language: _offer(persona, language) for language in languages} if persona else {}

    def fill(self, words: str, language: str) -> str:
        """Put the persona's name, what it can do and a help line where a text has a place for them.

        That people are told is said only where `alerts` names a way to tell them that can be used here.
        """
        if "{" not in words:
            return words
        if "{help_line}" in words:
            country = self._persona.ethics.country if self._persona else None
            words = words.replace("{help_line}", help_line(country or _region(language), language))
        if "{team}" in words:
            words = words.replace("{team}", phrase("team_told", language) if self._tells else "")
        name = self._persona.name if self._persona else ""
        return words.replace("{offer}", self.offer(language)).replace("{name}", name).strip()

    def offer(self, language: str) -> str:
        """Return in a sentence what the persona can do, with examples of its own in that language."""
        return self._offers.get(language) or phrase("offer", language)

    def own(self, rule: Rule, language: str) -> str:
        """Return what is said for an ending rule without words: what it is about, and what the persona can do."""
        about = self._about(rule, language) if rule.do == "refuse" else None
        if about is not None:
            return self.fill(phrase("refuse_topic", language, topic=about, offer="{offer}"), language)
        did = "hand_off" if rule.do == "escalate" and not self._tells else rule.do
        return self.fill(phrase(did, language, offer="{offer}"), language)

    def _about(self, rule: Rule, language: str) -> str | None:
        """Return the topic of a rule, where it is written in the language."""
        topic = rule.when.topic
        if topic is None:
            return None
        chinese = any("\u4e00" <= character <= "\u9fff" for character in topic)
        return topic if chinese == (base(language) == "zh") else None


def _offer(persona: Persona, language: str) -> str:
    chinese = base(language) == "zh"
    said = [
        example
        for intent in sorted(persona.intents, key=lambda intent: not intent.skill)  # what it does before small talk
        if intent.responses or intent.skill
        for example in _examples(intent.examples, chinese)[:1]
    ]
    chosen = [example for example in said if example.endswith(("?", "？"))] or said
    if not chosen:
        return ""
    listed = ("、" if chinese else ", ").join(f"“{example}”" for example in chosen[:EXAMPLES])
    return phrase("offer_examples", language, examples=listed)


def _examples(examples: object, chinese: bool) -> Sequence[str]:
    """Return questions of an intent in the language, as far as they stand in the persona itself."""
    texts = [getattr(example, "text", None) for example in examples] if isinstance(examples, tuple) else []
    fit = [text for text in texts if text and len(text) <= _LONG and _is_chinese(text) == chinese]
    return sorted(fit, key=lambda text: not text.endswith(("?", "？")))


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _region(language: str) -> str | None:
    parts = language.split("-")
    return parts[-1] if len(parts) > 1 and len(parts[-1]) == 2 else None
