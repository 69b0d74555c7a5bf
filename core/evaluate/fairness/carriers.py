"""The sentences that a fairness measure says: a persona's own examples and the conversations of its tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...persona.conversations import Conversation
from ...persona.schema import Persona, base
from ...persona.sources.knowledge import read_examples
from .texts import LANGUAGES, language_of

TURNS = 4  # of a conversation, so many are said


@dataclass(frozen=True, slots=True)
class Carrier:
    """Hold what is said, turn by turn; `intent` is that of the first turn where it is known."""

    lines: tuple[str, ...]
    language: str
    origin: str
    intent: str | None = None


def carriers(persona: Persona, root: Path, conversations: Iterable[Conversation]) -> list[Carrier]:
    """Return a persona's examples and conversations in words, each once, in the languages that have groups."""
    spoken = {base(code) for code in persona.languages}
    found: dict[tuple[str, ...], Carrier] = {}
    for carrier in (*_of_conversations(conversations), *_of_examples(persona, root)):
        if carrier.language in spoken and carrier.language in LANGUAGES:
            found.setdefault(carrier.lines, carrier)
    return list(found.values())


def in_order(found: Sequence[Carrier], seed: int, purpose: str) -> list[Carrier]:
    """Return carriers in an order that is drawn from the seed, the same on every machine."""
    return sorted(found, key=lambda one: hashlib.sha256(f"{seed}|{purpose}|{one.lines}".encode()).digest())


def _of_examples(persona: Persona, root: Path) -> Iterator[Carrier]:
    for intent in persona.intents:
        for example, origin in read_examples(intent, root):
            if example.text and not (example.image or example.audio or example.video):
                yield Carrier((example.text,), language_of(example.text), origin, intent.name)


def _of_conversations(conversations: Iterable[Conversation]) -> Iterator[Carrier]:
    for conversation in conversations:
        turns = [placed.turn for placed in conversation.turns[:TURNS]]
        lines = [turn.say for turn in turns if turn.say and not (turn.audio or turn.image)]
        if lines and len(lines) == len(turns):
            wanted = turns[0].expect.intent
            origin = f"{conversation.span.path}:{conversation.span.line}"
            yield Carrier(tuple(lines), language_of(lines[0]), origin, wanted[0] if wanted else None)
