"""What one turn gathers on its way through the pipeline.

One value for each stage; none knows how it was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .message import FiredRule

Vector = NDArray[np.float32]
BRANCH = "|"  # in the names of vectors that tell something else than what a text means (models/branches.py)
TUNED = "tuned"  # the name of a tuned head's logits among the vectors


def closeness(one: Mapping[str, Vector], other: Mapping[str, Vector]) -> float:
    """Return the best cosine of two texts over the encoders that read both; 0 where there is none.

    What branches and heads make of the texts is left out: to the judge of risks, all that is harmless is alike.
    """
    shared = [name for name in one if name in other and BRANCH not in name and name != TUNED]
    return max((float(np.dot(one[name], other[name])) for name in shared), default=0.0)


@dataclass(frozen=True, slots=True)
class Word:
    """Place one spoken word in time, in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """Hold what a recogniser heard; `states` sums up the states of its encoder [d], when it gives them."""

    text: str
    language: str
    words: tuple[Word, ...] = ()
    confidence: float = 0.0
    states: Vector | None = None


@dataclass(slots=True)
class Percept:
    """Hold what the senses made of a message.

    `text` is all that the message says: typed, heard and read in pictures. `vectors` are by encoder name, each [d];
    an encoder that does not cover the language, or a modality that is absent, has no entry.
    """

    text: str
    language: str
    transcript: Transcript | None = None
    picture_text: str | None = None
    labels: tuple[str, ...] = ()
    vectors: dict[str, Vector] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Understanding:
    """Hold what the fused model made of a percept; `attention` is the weight of each token, summing to 1.

    `intents` are all that the message asks for, with their probabilities, when it asks for more than one.
    """

    intent: str | None
    confidence: float
    out_of_scope: bool
    emotion: str = "neutral"
    ranking: tuple[tuple[str, float], ...] = ()
    slots: dict[str, Any] = field(default_factory=dict)
    attention: dict[str, float] = field(default_factory=dict)
    intents: tuple[tuple[str, float], ...] = ()
    nearness: float = 0.0  # to the intents; below the persona's threshold a message is out of scope
    members: dict[str, float] = field(default_factory=dict)  # what network, neighbours, tuned head give the likeliest


@dataclass(frozen=True, slots=True)
class Passage:
    """Hold a piece of knowledge as it may be quoted.

    `title` gives its context (heading, question, record and field) and is searched but not said. `source` is
    the file and line for people, or the page (`guide.pdf:p3`) or paragraph (`menu.docx:¶12`). `image` is the path of
    a picture that belongs to it, below the persona's folder. `score` is the best cosine with the query; `matched` is
    what ranked it.
    """

    id: str
    source: str
    title: str
    text: str
    language: str
    intent: str | None = None
    record: str | None = None
    field: str | None = None
    image: str | None = None
    score: float = 0.0
    matched: float = 0.0


DecisionKind = Literal["refuse", "skill", "ask", "response", "grounded", "model", "fallback"]


@dataclass(frozen=True, slots=True)
class Decision:
    """Say what the persona will do, before any words are made."""

    kind: DecisionKind
    text: str = ""
    skill: str | None = None
    passages: tuple[Passage, ...] = ()
    asking: str | None = None
    then: str = ""  # what is said after the answer: the question of a form that goes on


@dataclass(frozen=True, slots=True)
class Reason:
    """Say why a condition held or not, without a word of the user's; `parts` are those of any, all and not."""

    held: bool
    what: str
    score: float | None = None
    threshold: float | None = None
    parts: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """Tell of one rule on one side of a turn what it did, nothing when it is empty, and why.

    A rule whose condition held does nothing where a weightier one ended the turn; `instead` names that one.
    """

    rule: str
    side: str
    did: str
    why: Reason
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold what a guard decided: the text to go on with, and `say` when the turn ends here.

    `notes` are said before the answer and `after` behind it; `ended_by` is the rule that ended the turn.
    """

    text: str
    rules: tuple[FiredRule, ...] = ()
    redactions: tuple[str, ...] = ()
    say: str | None = None
    notes: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    ended_by: FiredRule | None = None
    judged: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """Tell of a call that a language model asked for: the skill and what came of it, without a word of the user's."""

    skill: str
    came: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Hold what one turn gathered before its words were made, for those who look into it.

    `judged` and `calls` grow until the turn's end: rules also look at what tools return and at what is said.
    """

    percept: Percept
    understanding: Understanding
    passages: Sequence[Passage]
    decision: Decision
    judged: list[Judged] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DialogueState:
    """Hold what a conversation remembers between turns: a form that waits for a slot, and slots said before.

    `age` is the youngest that the user said to be; `ended` is the rule that closed the conversation.
    `form` is there while a form with several questions is open: its values, the slot filled last, the answers to the
    present question that were not understood.
    """

    intent: str | None = None
    asking: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    age: int | None = None
    ended: str | None = None
    form: dict[str, Any] = field(default_factory=dict)
