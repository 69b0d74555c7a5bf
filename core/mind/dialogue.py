"""Decide what to do about a message: form, skill, authored response, passages, or an honest "I don't know".

Pure functions of what the turn has gathered; makes no words of its own but the persona's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..persona.schema import Intent, Persona
from ..turn import Decision, DialogueState, Passage, Understanding
from .memory.retrieval import terms
from .phrases import choose, phrase
from .slots.found import Finders

LIKELY = 0.35  # an intent with less than this is no ground for its own answer
SURE = 0.6  # an intent with this much probability is taken without looking further
SAME_QUESTION = 0.85  # a passage this near is the very question
STRANGER = 0.12  # how much nearer passages must be when the message belongs to no intent
_REFERENCES = {
    "it", "its", "there", "that", "this", "they", "them", "same", "它", "那里", "那儿", "这里", "这儿", "那个", "这个",
}  # fmt: skip


def refers_back(text: str, language: str) -> bool:
    """Tell whether a message leans on what was said before: it says "it" or "there", or is very short."""
    if language == "zh":
        return any(word in text for word in _REFERENCES if not word.isascii()) or len(text) <= 6
    words = terms(text)
    return bool(_REFERENCES.intersection(words)) or len(words) <= 4


def decide(
    persona: Persona,
    understanding: Understanding,
    passages: Sequence[Passage],
    finders: Finders,
    state: DialogueState,
    text: str,
    language: str,
) -> tuple[Decision, DialogueState, Understanding]:
    """Return the decision, what the conversation will remember, and the understanding with its slots filled.

    A `skill` decision has all its required slots; the skill may still decline, then `without_skill` decides.
    """
    intents = {intent.name: intent for intent in persona.intents}
    waiting = intents.get(state.intent or "") if state.asking else None
    if waiting is not None and state.asking is not None:
        value = finders.fill(waiting, state.asking, text, language, asked=True)
        other = intents.get(understanding.intent or "")
        elsewhere = (  # the same value, wanted for something else: "no, tell me the story of Beihai instead"
            other is not None
            and other.name != waiting.name
            and state.asking in other.slots
            and understanding.confidence >= SURE
            and not finders.is_all(waiting, state.asking, text)
        )
        if value is not None and not elsewhere:
            understanding = replace(understanding, intent=waiting.name, out_of_scope=False, slots={state.asking: value})
    intent = None if understanding.out_of_scope else intents.get(understanding.intent or "")
    remembered = dict(state.slots)
    if intent is not None and ((understanding.confidence < LIKELY and not waiting) or _very_question(passages, intent)):
        intent = None
    if intent is None or not (intent.skill or intent.responses):
        decision = without_skill(persona, understanding, passages, language, intent)
        return decision, DialogueState(slots=remembered), understanding
    slots = dict(understanding.slots)
    said = finders.fill_all(intent, text, language) if intent.slots else {}
    said = {
        name: value for name, value in said.items() if not any(_same(value, own) for own in slots.values())
    }  # one value fills one slot
    for name in intent.slots:
        value = slots.get(name) or said.get(name)
        if value is None and refers_back(text, language):
            value = finders.again(intent, name, remembered.get(name), language)
        if value is not None:
            slots[name] = remembered[name] = value
    missing = next((name for name, slot in intent.slots.items() if slot.required and name not in slots), None)
    if missing is not None:
        asked = choose(intent.slots[missing].ask or {}, language, persona.languages[0])
        asked = asked or phrase("ask", language, slot=missing)
        understanding = replace(understanding, slots=slots)
        # a question about something that is no known value may still be answered by a passage
        if passages and passages[0].score >= SAME_QUESTION and not refers_back(text, language):
            return _grounded(passages, persona), DialogueState(slots=remembered), understanding
        return Decision("ask", asked, asking=missing), DialogueState(intent.name, missing, remembered), understanding
    understanding = replace(understanding, slots=slots)
    state = DialogueState(intent.name, None, remembered)
    if intent.skill:
        return Decision("skill", skill=intent.skill), state, understanding
    return Decision("response"), state, understanding


def _same(value: Any, other: Any) -> bool:
    """Tell whether two slots would hold one value, whichever words said it."""
    if isinstance(value, Mapping) and isinstance(other, Mapping) and "value" in value:
        return bool(value["value"] == other.get("value"))
    return False


def without_skill(
    persona: Persona,
    understanding: Understanding,
    passages: Sequence[Passage],
    language: str,
    intent: Intent | None = None,
) -> Decision:
    """Decide between passages and the fallback."""
    if intent is not None and intent.responses and not intent.skill:
        return Decision("response")
    needed = persona.retrieval.min_score + (STRANGER if understanding.out_of_scope else 0.0)
    near = [passage for passage in passages if passage.score >= needed]
    if intent is not None:
        near.sort(key=lambda passage: passage.intent != intent.name)
    if near:
        return _grounded(near, persona)
    own = choose(persona.tone.fallback or {}, language, persona.languages[0])
    return Decision("fallback", own or phrase("fallback", language))


def _grounded(passages: Sequence[Passage], persona: Persona) -> Decision:
    return Decision("model" if persona.model else "grounded", passages=tuple(passages))


def _very_question(passages: Sequence[Passage], intent: Intent) -> bool:
    """Tell whether a passage answers this very question better than the intent's general response would."""
    if intent.skill or not passages:
        return False
    best = passages[0]
    return best.score >= SAME_QUESTION and best.intent != intent.name
