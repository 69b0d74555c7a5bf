"""Decide about the further intents of a message that asks for several things.

What is answered after the first wish; knows nothing of how the words are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...persona.schema import Persona
from ...turn import Decision, DialogueState, Passage, Understanding
from ..dialogue import decide
from ..slots.found import Finders
from .requests import Ranking, asked_for

Wish = tuple[Understanding, Decision]
_ANSWERED = ("response", "skill", "ask")


def understood(whole: Understanding, parts: Sequence[Ranking]) -> Understanding:
    """Return what a message means, given the rankings of its parts: `intents` names all that it asks for."""
    intents = asked_for(whole.ranking, parts)
    if not intents:
        return whole
    first, sure = intents[0]
    return replace(whole, intent=first, confidence=sure, out_of_scope=False, intents=tuple(intents))


def further(
    persona: Persona,
    understanding: Understanding,
    decision: Decision,
    state: DialogueState,
    passages: Sequence[Passage],
    finders: Finders,
    text: str,
    language: str,
) -> tuple[tuple[Wish, ...], DialogueState]:
    """Return what to do about the further intents, and what the conversation will remember.

    A form that the first wish began stays open; else the last question that is asked opens one.
    """
    wishes: list[Wish] = []
    for name, sure in understanding.intents[1:]:
        own = replace(understanding, intent=name, confidence=sure, slots={})
        begun = DialogueState(slots=dict(state.slots))
        other, after, own = decide(persona, own, passages, finders, begun, text, language)
        if other.kind not in _ANSWERED or (other.text and other.text == decision.text):
            continue
        if other.kind == "ask":
            if state.asking:
                continue
            state = after
        wishes.append((own, other))
    wishes.sort(key=lambda wish: wish[1].kind == "ask")
    return tuple(wishes), state
