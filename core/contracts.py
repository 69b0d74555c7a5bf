"""The protocols that others implement, one documented signature each.

Blocking methods are called off the event loop. `__init__` is light; `warm_up` loads weights, is called before
first use, may be called from any thread, and raises ModelMissing or ModelDamaged.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from .message import Event, Message, Profile, Sound
from .turn import DialogueState, Passage, Transcript


@runtime_checkable
class Encoder(Protocol):
    """Turn a batch of texts, sounds or pictures into vectors of length 1."""

    name: str
    modality: Literal["text", "image"]
    dimension: int
    languages: frozenset[str] | None  # None: every language

    def warm_up(self) -> None: ...

    def encode(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Return [n, dimension], float32, rows of length 1. Texts are str; pictures are RGB uint8 [h, w, 3]."""


@runtime_checkable
class PictureLabeller(Protocol):
    """Name what a picture shows, from the vectors of the encoder it belongs to."""

    def label(self, vectors: NDArray[np.float32]) -> list[list[tuple[str, float]]]:
        """Return for each row of [n, d] the likeliest labels with their probabilities, best first."""


@runtime_checkable
class Recognizer(Protocol):
    """Turn speech into text."""

    name: str

    def warm_up(self) -> None: ...

    def transcribe(self, pcm: NDArray[np.float32], language: str | None = None) -> Transcript:
        """Transcribe mono float32 at 16 kHz in [-1, 1]; the language is detected when not given."""


@runtime_checkable
class SpeechEncoder(Protocol):
    """Tell how speech sounds without its words, where a recogniser can."""

    def states(self, pcm: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Return what a Transcript of this sound would have as `states`."""


@runtime_checkable
class PictureReader(Protocol):
    """Read the text in a picture."""

    def warm_up(self) -> None: ...

    def read(self, picture: NDArray[np.uint8]) -> list[str]:
        """Return the lines of text in an RGB picture [h, w, 3], in reading order."""


@runtime_checkable
class Voice(Protocol):
    """Speak."""

    name: str
    languages: frozenset[str] | None

    def warm_up(self) -> None: ...

    def speak(self, text: str, language: str) -> AsyncIterator[Sound]:
        """Yield the speech sentence by sentence, each as soon as it is made."""


@runtime_checkable
class LanguageModel(Protocol):
    """Continue a conversation with a language model."""

    name: str

    def stream(self, messages: Sequence[Mapping[str, str]]) -> AsyncIterator[str]:
        """Yield pieces of text for messages with `role` and `content`; raise Unavailable when it can't."""


@dataclass(frozen=True, slots=True)
class SkillContext:
    """Hold what a skill may see of a turn.

    `records` are the persona's records by id; `passage_of(record id, field)` returns the passage that a field of a
    record became, in the user's language where there is one, so that the answer can name its source.
    """

    text: str
    language: str
    intent: str
    slots: Mapping[str, Any]
    records: Mapping[str, Mapping[str, Any]]
    passage_of: Callable[[str, str], Passage | None]
    passages: Sequence[Passage] = ()


@dataclass(frozen=True, slots=True)
class SkillResult:
    """Hold what a skill answers; passages named here become the reply's sources."""

    text: str
    passages: Sequence[Passage] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)


class Skill(Protocol):
    """Answer an intent with code."""

    async def __call__(self, context: SkillContext) -> SkillResult | None:
        """Return the answer, or None to let the pipeline go on without the skill."""


@runtime_checkable
class Plugin(Protocol):
    """Bring skills to personas; found by the entry-point group `personac.plugins`."""

    name: str

    def skills(self) -> Mapping[str, Skill]:
        """Return the skills by their name within the plugin."""


@runtime_checkable
class Store(Protocol):
    """Keep conversations, consent and what people said, until they ask or the persona's retention ends it."""

    def dialogue(self, conversation: str) -> DialogueState:
        """Return what the conversation remembers, empty for a new one."""

    def record(
        self, message: Message, said: str, answered: str, language: str, state: DialogueState, *, keep: bool
    ) -> None:
        """Write one turn, personal data already masked; without `keep` only for as long as the process lives."""

    def history(self, conversation: str, limit: int = 50) -> list[tuple[str, str, str]]:
        """Return (role, text, language) of the latest turns, oldest first."""

    def consent(self, user: str) -> bool | None:
        """Return what the user decided, None when not asked yet."""

    def set_consent(self, user: str, granted: bool) -> None: ...

    def export(self, user: str) -> dict[str, Any]:
        """Return all that is kept of a user."""

    def erase(self, user: str) -> int:
        """Delete all that is kept of a user and return the number of rows."""

    def expire(self, before: float) -> int:
        """Delete turns older than a time in seconds since 1970 and return their number."""

    def close(self) -> None: ...


@runtime_checkable
class Bot(Protocol):
    """What a connector talks to: one running persona."""

    @property
    def profile(self) -> Profile:
        """Return who the persona is; it can change between turns."""

    def answer(self, message: Message) -> AsyncIterator[Event]:
        """Yield the events of one turn; raise BadInput for what can't be used. Closing it ends the turn."""

    def ready(self) -> dict[str, bool]:
        """Return which of text, speech, pictures and voice are loaded."""

    def consent(self, user: str) -> bool | None: ...

    def set_consent(self, user: str, granted: bool) -> None: ...

    def history(self, conversation: str) -> list[tuple[str, str, str]]: ...

    def forget(self, user: str) -> int: ...


class Connector(Protocol):
    """Carry messages between a channel and bots."""

    name: str

    async def serve(self, bots: Sequence[Bot]) -> None:
        """Serve until cancelled."""
