"""The protocols that others implement, one documented signature each.

Blocking methods are called off the event loop. `__init__` is light; `warm_up` loads weights, is called before
first use, may be called from any thread, and raises ModelMissing or ModelDamaged.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from .message import (
    Answer,
    Erasure,
    Event,
    File,
    Incoming,
    Known,
    Media,
    Message,
    Profile,
    Receipt,
    Reply,
    Sound,
    Source,
)
from .turn import DialogueState, Transcript


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
class ToolCall:
    """Hold a call that a language model asks for; `arguments` are as it wrote them, JSON or not."""

    id: str
    name: str
    arguments: str

    def declared(self) -> dict[str, Any]:
        """Return the call as a message of the model's has it; arguments that are no JSON are left out."""
        try:
            json.loads(self.arguments)
        except (ValueError, RecursionError):
            return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": "{}"}}
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


@runtime_checkable
class ToolUser(LanguageModel, Protocol):
    """Continue a conversation with a language model that may call tools."""

    def converse(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]
    ) -> AsyncIterator[str | ToolCall]:
        """Yield pieces of text, then calls of tools, declared as OpenAI does; raise Unavailable, or NoTools."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Hold how a user stood when a turn began: whether it is kept, and a number that a no or an erasure ends."""

    keep: bool
    number: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold what is to be called; `due` in seconds since 1970, None takes the plan back."""

    plugin: str
    key: str
    due: float | None
    skill: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Store(Protocol):
    """Keep conversations, consent and what people said, until they ask or the persona's retention ends it."""

    def dialogue(self, conversation: str) -> DialogueState:
        """Return what the conversation remembers, empty for a new one."""

    def ticket(self, user: str, *, implied: bool = False, never: bool = False) -> Ticket:
        """Return what a turn that begins now records with: good until the user erases all or says no.

        It keeps what a user who agreed says; `implied` counts who has not decided as one, `never` nobody.
        """

    def record(
        self,
        message: Message,
        said: str,
        answered: str,
        language: str,
        state: DialogueState,
        *,
        keep: bool = False,
        ticket: Ticket | None = None,
        media: bool = False,
    ) -> None:
        """Write one turn, personal data already masked; without `keep` only for as long as the process lives.

        With a ticket, which tells itself whether to keep, nothing is written once that is not good any more. With
        `media`, the message's sounds and pictures are kept, too, where the turn outlives the process.
        """

    def history(self, conversation: str, limit: int = 50) -> list[tuple[str, str, str]]:
        """Return (role, text, language) of the latest turns, oldest first."""

    def place(self, conversation: str) -> str:
        """Return the keyed hash that stands for a conversation in the store."""

    def turns(
        self, place: str, limit: int = 50, whose: Callable[[str], bool] | None = None
    ) -> list[tuple[float, str, str, str]]:
        """Return (time, said, answered, language) of the latest turns where `place` stands for, oldest first.

        `whose` tells by the keyed hash of a user whether that one's turns are wanted; all are without it.
        """

    def consent(self, user: str) -> bool | None:
        """Return what the user decided, None when not asked yet."""

    def set_consent(self, user: str, granted: bool) -> Erasure | None:
        """Write what the user decided; a no erases what was kept, in one step with the decision.

        Return the receipt of that erasure, None for a yes. Raise Unavailable, whose text users read, when nothing was
        changed, and Unfinished when the erasure goes on later.
        """

    def ask(self, user: str) -> bool:
        """Write that the user is asked whether anything may be kept; false for one who was asked, or has decided."""

    def feedback(
        self, conversation: str, user: str, key: str, good: bool, *, keep: bool = False, ticket: Ticket | None = None
    ) -> None:
        """Keep what a user thought of the answer to a message; a second opinion replaces the first."""

    def export(self, user: str) -> dict[str, Any]:
        """Return all that is kept of a user."""

    def erase(self, user: str) -> Erasure:
        """Delete all that is kept of a user.

        Raise Unavailable when nothing was changed, and Unfinished when it goes on later.
        """

    def remember(self, user: str, key: str, value: Any, *, keep: bool = False, ticket: Ticket | None = None) -> None:
        """Keep a fact about a user as a JSON value; without `keep` only for as long as the process lives."""

    def facts(self, user: str) -> dict[str, Any]:
        """Return what is remembered about a user, by key."""

    def forget_fact(self, user: str, key: str) -> bool:
        """Delete one fact; false when there was none."""

    def plan(self, message: Message, language: str, plans: Sequence[Plan], ticket: Ticket) -> None:
        """Keep what is to be called later, for a user who did not agree as long as the process lives.

        Raise NowhereToWrite when the channel of the message cannot be written to later, TooManyPlans.
        """

    def planned(self, conversation: str, plugin: str) -> list[Plan]:
        """Return what a plugin asked to be called for in a conversation, the next first."""

    def audit(self, event: str, persona: str, **what: Any) -> None:
        """Write an event into the audit log; `what` holds no words of users, and `user` becomes a keyed hash."""

    def mark(self, user: str) -> str:
        """Return the keyed hash that stands for a user in the store and in the audit log."""

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

    def skill_names(self) -> list[str]:
        """Return the skills that other programs may call for their users, by an asked `Message.call`.

        Those that ask for a yes before they act are not among them, as nobody could give it.
        """

    def ready(self) -> dict[str, bool]:
        """Return which of text, speech, pictures and voice are loaded."""

    def consent(self, user: str) -> bool | None: ...

    def set_consent(self, user: str, granted: bool, language: str = "") -> str:
        """Write what a user decided about keeping the conversation; a no erases what was kept.

        Return what the user is told of that erasure, with its receipt; nothing where there was nothing to erase. Raise
        Unavailable when nothing was changed, which the user is to be told, and Unfinished when the erasure goes on
        later.
        """

    def history(self, conversation: str) -> list[tuple[str, str, str]]: ...

    def state(self, conversation: str) -> DialogueState:
        """Return what a conversation remembers between turns, empty for a new one."""

    def recount(self, conversation: str, user: str, lines: Sequence[tuple[str, str]], state: DialogueState) -> None:
        """Tell a new conversation what was said elsewhere: (role, text), oldest first, and the state that it left."""

    async def hear(self, media: Media) -> Transcript:
        """Return what is said in a recording, without a turn; raise BadInput."""

    def say(self, text: str, language: str = "") -> AsyncIterator[Sound]:
        """Yield a text with the persona's voice, in the language of the text when none is given; raise BadInput."""

    async def search(self, text: str, count: int) -> list[Source]:
        """Return the passages of the persona's knowledge that fit a text best, without a turn."""

    def forget(self, user: str) -> Erasure:
        """Erase all that is kept of a user and return the receipt."""

    def export(self, user: str) -> dict[str, Any]:
        """Return all that is kept of a user, as JSON-ready values."""

    def export_files(self, user: str, language: str) -> tuple[File, ...]:
        """Return all that is kept of a user as two files: JSON, and a page to read."""

    def erase_and_tell(self, user: str, language: str) -> Reply:
        """Erase all that is kept of a user, who has confirmed it, and return the words that tell so."""

    def ask_consent(self, user: str, language: str, conversation: str = "") -> str:
        """Return the question whether the conversation may be kept, once for each user; empty from then on.

        An answer to a message that nobody else reads has it as `Reply.consent`; only for what is shown beside answers
        need it be asked for, with the `conversation` whose next message may answer it in words.
        """

    def feedback(self, conversation: str, user: str, key: str, good: bool) -> None:
        """Keep what a user thought of the answer to the message `key`; a second opinion replaces the first."""

    def remember(self, user: str, key: str, value: Any) -> None:
        """Keep a fact about a user as a JSON value; it outlives the process when the user agreed to that."""

    def facts(self, user: str) -> dict[str, Any]:
        """Return what is remembered about a user, by key."""

    def forget_fact(self, user: str, key: str) -> bool:
        """Delete one fact; false when there was none."""


ASGI: TypeAlias = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


class Memo(dict[str, Any]):
    """Remember what has already gone out for one message: ids of the platform, never words.

    It is a dict of JSON values that outlives the process: written with the answer, after each failed `send`, and at
    once by `await memo.keep()`. `repeated` counts the sends that began before, in earlier processes too: when it is not
    0, parts of the answer may have gone out.
    """

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        repeated: int = 0,
        keep: Callable[[Mapping[str, Any]], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(values or {})
        self.repeated = repeated
        self._keep = keep

    async def keep(self) -> None:
        """Write it down; when this returns, a crash does not lose it."""
        if self._keep is not None:
            await self._keep(dict(self))


class Desk(Protocol):
    """What a channel hands its messages to: the store of one persona, with the turns behind it."""

    async def take(self, incoming: Incoming, *, run: bool = True, counted: bool = True) -> Receipt:
        """Write a message down; when this returns, the platform may be told that it arrived.

        The receipt is false for a duplicate, and for one over a limit. Without `run` no turn is begun: the channel
        answers by itself, and tells so with `answered` and `sent`. One that is not `counted` is nobody's writing, and
        within the limits of its user. Raise Unavailable when nothing can be written: then
        the platform must not be told that the message arrived, and delivers it again.
        """

    async def waiting(self, incoming: Incoming) -> list[Incoming]:
        """Return the messages of the same conversation that were taken later and whose turns have not begun."""

    async def memo(self, key: str) -> dict[str, Any] | None:
        """Return the memo of an earlier message of this channel, None when there is none (any more)."""

    async def memos(self, incoming: Incoming) -> list[dict[str, Any]]:
        """Return the memos of the other messages of the same conversation, the newest first; some hundreds at most."""

    async def newest(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Return payload and memo of the messages of the channel taken last, newest first; some thousands at most.

        The payload of a message that was answered is empty.
        """

    async def stop(self, conversation: str) -> int:
        """End the running turn of a conversation and drop what waits; return how many messages that were."""

    def wake(self, conversation: str) -> None:
        """Try now to send what waits for the user of a conversation to be back."""

    def too_long(self, characters: int, media_bytes: int, language: str) -> str | None:
        """Return the sentence for a message over the persona's limits, None when it is within them.

        The turns that the desk runs are held to them without asking.
        """

    # for a channel that runs its turns itself

    def place(self, user: str, conversation: str) -> AbstractContextManager[Receipt]:
        """Count a turn that is not written down against the limits while the block runs.

        The receipt is false, and nothing is counted, for one over a limit.
        """

    async def known(self, key: str) -> Known | None:
        """Return how far a message has come, None when it was never taken (or long ago)."""

    def turn(self, incoming: Incoming) -> AbstractContextManager[None]:
        """Hold what the turn in this block records until `answered` writes it with its answer: both or neither."""

    def calls(self, begin: Callable[[Incoming], Awaitable[None]]) -> None:
        """Hear of what is due in a conversation: `begin` takes it, not counted against limits, and runs its turn."""

    async def answered(self, key: str, answer: Answer) -> None:
        """Write the answer of a message that was taken without `run`."""

    async def sent(self, key: str) -> None:
        """Close a message that was taken without `run`; its payload and its answer are deleted."""

    async def pending(self) -> list[Incoming]:
        """Return the messages taken without `run` that are not closed, oldest first: what a crash left over."""


class Channel(Protocol):
    """One persona on one account of a platform; subclass it for the parts that a channel need not have.

    Nothing here is called twice at the same time for one conversation. What `read`, `show` and `send` raise beside the
    named errors is logged without its text and tried again, as RetryLater is.
    """

    app: ASGI | None = None  # served below /p/{persona}/{connector}/, for webhooks
    body_bytes: int = 1024 * 1024  # the largest body that `app` is given

    async def run(self) -> None:
        """Fetch messages until cancelled, where the platform is asked for them; return at once where it calls `app`."""

    async def read(self, incoming: Incoming) -> Message | Reply | None:
        """Make the message, with its media; a Reply goes out without a turn; None ends it without an answer.

        Raise RetryLater when media cannot be fetched now, BadInput for what the user should send differently.
        """
        raise NotImplementedError

    async def show(self, incoming: Incoming, events: AsyncIterator[Event], memo: Memo) -> None:
        """Show the answer while it is made: typing, words. It may fail without harm; `send` always follows."""
        async for _ in events:
            pass

    async def send(self, incoming: Incoming, answer: Answer, memo: Memo) -> None:
        """Send an answer that is in the store already.

        Raise RetryLater, Away or Undeliverable. It is called again with the same answer after a failure or a crash:
        what the memo, or the platform, shows to have gone out is not sent again, so that the user sees it once.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """Let go of connections; called once, after the last turn."""


class Connector(Protocol):
    """Bring a platform; found by the entry-point group `personac.connectors`, and made without arguments.

    A connector may also have `site(channels: Mapping[str, Channel]) -> ASGI`: with the channels of all personas by
    slug, it serves every path of the server that is neither a channel's nor the server's own.

    It may have `check(settings: Mapping[str, Any]) -> Mapping[str, str]`: what is wrong with a block as it is written,
    by its keys, with "" for the block as a whole. A text with `${` in it stands for any text. `personac check` asks it.
    """

    name: str

    def open(self, bot: Bot, settings: Mapping[str, Any], desk: Desk) -> Channel:
        """Return the channel of a persona, not yet connected.

        `settings` is the persona's block `connectors.NAME`, its environment variables filled in. Raise SettingsInvalid
        with what is missing and where to get it.
        """
