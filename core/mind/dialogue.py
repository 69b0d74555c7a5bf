"""Decide what to do about a message: form, skill, authored response, passages, or an honest "I don't know".

Pure functions of what the turn has gathered; makes no words of its own but the persona's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..persona.schema import Example, Intent, Persona
from ..turn import Decision, DialogueState, Passage, Understanding
from .forms import CONFIRM, TRIES, Step, gives_up, is_form, question, take
from .memory.retrieval import terms
from .phrases import choose, phrase
from .slots.entities import normal
from .slots.found import Finders
from .small_talk import has_words, is_one_word, is_small_talk, shares_word

LIKELY = 0.35  # an intent with less than this is no ground for its own answer
SURE = 0.6  # an intent with this much probability is taken without looking further
SAME_QUESTION = 0.85  # a passage this near is the very question
_ENDS = " .!?。！？…"
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
    if waiting is not None and state.form:
        return _in_form(persona, waiting, understanding, passages, finders, state, text, language)
    if waiting is not None and state.asking is not None:
        value = finders.fill(waiting, state.asking, text, language, asked=True)
        other = intents.get(understanding.intent or "")
        elsewhere = (  # the same value, wanted for something else: "no, tell me the story of Beihai instead"
            other is not None
            and other.name != waiting.name
            and (
                (state.asking in other.slots and understanding.confidence >= SURE)
                or _is_example(other, waiting, state.asking, text)
            )
            and not finders.is_all(waiting, state.asking, text)
        )
        if gives_up(text):
            return (
                Decision("response", phrase("form_dropped", language)),
                DialogueState(slots=state.slots),
                understanding,
            )
        if value is not None and not elsewhere:
            understanding = replace(understanding, intent=waiting.name, out_of_scope=False, slots={state.asking: value})
    intent = None if understanding.out_of_scope else intents.get(understanding.intent or "")
    remembered = dict(state.slots)
    if intent is not None and ((understanding.confidence < LIKELY and not waiting) or _very_question(passages, intent)):
        intent = None
    if intent is None or not (intent.skill or intent.responses):
        decision = without_skill(persona, understanding, passages, language, text, intent)
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
    missing = _missing(intent, slots)
    # a question about something that is no known value may still be answered by a passage
    very_question = bool(passages) and passages[0].score >= SAME_QUESTION and not refers_back(text, language)
    if missing is not None and very_question:
        return _grounded(passages, persona), DialogueState(slots=remembered), replace(understanding, slots=slots)
    own, last = replace(understanding, slots=slots), next(reversed(slots), None)
    return complete(persona, intent, own, remembered, last, language, finders)


def complete(
    persona: Persona,
    intent: Intent,
    understanding: Understanding,
    remembered: Mapping[str, Any],
    last: str | None,
    language: str,
    finders: Finders,
    confirmed: bool = False,
    in_form: bool = False,
) -> tuple[Decision, DialogueState, Understanding]:
    """Ask for what an intent still needs, a slot or a yes, or do what it wants; a value that will not do is refused."""
    slots = understanding.slots
    for name in intent.slots if intent.skill else ():
        refused = finders.refused(intent.skill or "", name, slots[name], language) if name in slots else ""
        if refused:
            rest = {own: value for own, value in slots.items() if own != name}
            kept = {own: value for own, value in remembered.items() if own != name}
            form = {"values": rest, "last": last, "tries": 0} if in_form or is_form(intent) else {}
            state = DialogueState(intent.name, name, kept, form=form)
            return Decision("ask", refused, asking=name), state, replace(understanding, slots=rest)
    needed = _missing(intent, slots) or (CONFIRM if intent.confirm is not None and not confirmed else None)
    if needed is not None:
        asked = question(intent, needed, slots, language, persona.languages[0])
        form = {"values": dict(slots), "last": last, "tries": 0} if is_form(intent) else {}
        state = DialogueState(intent.name, needed, dict(remembered), form=form)
        return Decision("ask", asked, asking=needed), state, understanding
    state = DialogueState(intent.name, None, dict(remembered))
    if intent.skill:
        return Decision("skill", skill=intent.skill), state, understanding
    return Decision("response"), state, understanding


def _missing(intent: Intent, slots: Mapping[str, Any]) -> str | None:
    return next((name for name, slot in intent.slots.items() if slot.required and name not in slots), None)


def _in_form(
    persona: Persona,
    intent: Intent,
    understanding: Understanding,
    passages: Sequence[Passage],
    finders: Finders,
    state: DialogueState,
    text: str,
    language: str,
) -> tuple[Decision, DialogueState, Understanding]:
    """Go on with an open form, answer what is asked in between and come back to it, or leave it."""
    asking = state.asking or ""
    step = take(intent, state, text, language, finders, _wants_other(persona, understanding, passages, intent, text))
    other = next((own for own in persona.intents if own.name == understanding.intent), None)
    if step.kind == "filled" and other is not None and _is_example(other, intent, asking, text):
        step = Step("elsewhere", dict(state.form.get("values") or {}), state.form.get("last"))
    own = replace(understanding, intent=intent.name, out_of_scope=False, slots=step.values)
    if step.kind == "dropped":
        return Decision("response", phrase("form_dropped", language)), DialogueState(slots=state.slots), own
    if step.kind in ("filled", "confirmed"):
        remembered = {**state.slots, **step.values}
        confirmed = step.kind == "confirmed"
        return complete(persona, intent, own, remembered, step.last, language, finders, confirmed, True)
    again = question(intent, asking, step.values, language, persona.languages[0])
    if step.kind == "elsewhere":
        outside = DialogueState(slots=state.slots)
        decision, after, understanding = decide(persona, understanding, passages, finders, outside, text, language)
        if after.asking or decision.kind == "ask":  # another form takes its place
            return decision, after, understanding
        if decision.kind != "fallback":
            back = phrase("form_back", language, question=again)
            return replace(decision, then=back, asking=asking), replace(state, slots=after.slots), understanding
    tries = int(state.form.get("tries") or 0) + 1
    if tries >= TRIES:
        return Decision("response", phrase("form_given_up", language)), DialogueState(slots=state.slots), own
    form = {**state.form, "tries": tries}
    return (
        Decision("ask", phrase("form_again", language, question=again), asking=asking),
        replace(state, form=form),
        own,
    )


def says_nothing(persona: Persona, state: DialogueState, text: str) -> bool:
    """Tell whether a message has no word and answers no question; an author's example of such signs says something."""
    if has_words(text) or state.asking:
        return False
    examples = (example for intent in persona.intents for example in _examples(intent))
    return not text.strip() or all((example.text or "").strip() != text.strip() for example in examples)


def _examples(intent: Intent) -> Sequence[Example]:
    return () if isinstance(intent.examples, str) else intent.examples


def _is_example(other: Intent, intent: Intent, asking: str, text: str) -> bool:
    """Tell whether what any words may fill is an example of another intent, word for word."""
    slot = intent.slots.get(asking)
    if other.name == intent.name or slot is None or slot.type != "text":
        return False
    said = normal(text).rstrip(_ENDS)
    return any(normal(example.text or "").rstrip(_ENDS) == said for example in _examples(other))


def _wants_other(
    persona: Persona, understanding: Understanding, passages: Sequence[Passage], intent: Intent, text: str
) -> bool:
    """Tell whether a message may want something else than to answer a form's question."""
    other = not understanding.out_of_scope and understanding.intent not in (None, intent.name)
    known = bool(passages) and passages[0].score >= max(SURE, persona.retrieval.min_score)
    return (other and understanding.confidence >= SURE) or known


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
    text: str,
    intent: Intent | None = None,
) -> Decision:
    """Decide between passages and the fallback.

    What asks for nothing, and a strange word that a passage does not have, is only answered by the very question: short
    texts are near to passages by chance.
    """
    if intent is not None and intent.responses and not intent.skill:
        return Decision("response")
    needed = persona.retrieval.min_score + (STRANGER if understanding.out_of_scope else 0.0)
    near = [passage for passage in passages if passage.score >= needed]
    if intent is None and is_small_talk(text):
        near = [passage for passage in near if passage.score >= SAME_QUESTION]
    elif understanding.out_of_scope and is_one_word(text):
        near = [p for p in near if p.score >= SAME_QUESTION or shares_word(text, f"{p.title} {p.text}")]
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
