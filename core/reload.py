"""A running persona whose artifact can change between turns.

Knows runtimes and artifacts; does not know who compiles them. A turn ends on the artifact on which it began; the next
one takes the newest. The store and the models that stayed the same go on, so a conversation does too.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from .assemble import assemble, contents
from .compile.artifact import latest, read_manifest
from .errors import PersonacError
from .message import FORGOTTEN, Erasure, Event, File, Media, Message, Profile, Reply, Sound, Source
from .runtime import Runtime
from .senses import Lazy, SharedEncoders
from .turn import DialogueState, Transcript

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SECONDS = 1.0  # between two looks for a newer artifact


class Listener(Protocol):
    """Be told of replies before they go out, and of what users think of them."""

    async def heard(self, message: Message, reply: Reply) -> None: ...

    def opinion(self, user: str, good: bool) -> None: ...

    def forget(self, user: str) -> None: ...


class Reloading:
    """Be the bot that connectors talk to, whichever runtime is behind it."""

    def __init__(self, runtime: Runtime) -> None:
        self._lock = threading.Lock()
        self._runtime = runtime
        self._turns: dict[Runtime, int] = {runtime: 0}  # of each runtime that is still needed
        self.listener: Listener | None = None

    @property
    def runtime(self) -> Runtime:
        """Return the runtime of the next turn."""
        return self._runtime

    @property
    def profile(self) -> Profile:
        """Return who the persona is now."""
        return self._runtime.profile

    def swap(self, runtime: Runtime) -> None:
        """Let the next turn run on another runtime of the same store; the old one ends with its last turn."""
        with self._lock:
            self._turns.setdefault(runtime, 0)
            self._runtime = runtime
            self._retire()

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        """Yield the events of one turn, all from one runtime."""
        with self._turn() as runtime:
            async with aclosing(cast("AsyncGenerator[Event]", runtime.answer(message))) as events:
                async for event in events:
                    if self.listener is not None and isinstance(event, Reply):
                        if event.erased:
                            await asyncio.to_thread(self.listener.forget, message.user)
                        await self.listener.heard(message, event)
                    yield event

    def skill_names(self) -> list[str]:
        """Return the skills that other programs may call for their users."""
        return self._runtime.skill_names()

    def ready(self) -> dict[str, bool]:
        """Return which of text, speech, pictures and voice are loaded."""
        return self._runtime.ready()

    def warm_up(self, stop: threading.Event | None = None) -> None:
        """Load the heavy models; once `stop` is set, no other one is begun."""
        self._runtime.warm_up(stop)

    def consent(self, user: str) -> bool | None:
        """Return what the user decided about keeping the conversation."""
        return self._runtime.consent(user)

    def set_consent(self, user: str, granted: bool, language: str = "") -> str:
        """Write what the user decided about keeping the conversation, and return what is told of an erasure."""
        told = self._runtime.set_consent(user, granted, language)
        if not granted and self.listener is not None:
            self.listener.forget(user)
        return told

    def history(self, conversation: str) -> list[tuple[str, str, str]]:
        """Return (role, text, language) of the latest turns, oldest first."""
        return self._runtime.history(conversation)

    def state(self, conversation: str) -> DialogueState:
        """Return what a conversation remembers between turns, empty for a new one."""
        return self._runtime.state(conversation)

    def recount(self, conversation: str, user: str, lines: Sequence[tuple[str, str]], state: DialogueState) -> None:
        """Tell a new conversation what was said elsewhere, and the state that it left."""
        self._runtime.recount(conversation, user, lines, state)

    async def hear(self, media: Media) -> Transcript:
        """Return what is said in a recording, without a turn."""
        with self._turn() as runtime:
            return await runtime.hear(media)

    async def say(self, text: str, language: str = "") -> AsyncIterator[Sound]:
        """Yield a text with the persona's voice."""
        with self._turn() as runtime:
            async with aclosing(cast("AsyncGenerator[Sound]", runtime.say(text, language))) as sounds:
                async for sound in sounds:
                    yield sound

    async def search(self, text: str, count: int) -> list[Source]:
        """Return the passages of the persona's knowledge that fit a text best, without a turn."""
        with self._turn() as runtime:
            return await runtime.search(text, count)

    def feedback(self, conversation: str, user: str, key: str, good: bool) -> None:
        """Keep what a user thought of the answer to a message."""
        self._runtime.feedback(conversation, user, key, good)
        if self.listener is not None:
            self.listener.opinion(user, good)

    def export(self, user: str) -> dict[str, Any]:
        """Return all that is kept of a user."""
        return self._runtime.export(user)

    def export_files(self, user: str, language: str) -> tuple[File, ...]:
        """Return all that is kept of a user as two files: JSON, and a page to read."""
        return self._runtime.export_files(user, language)

    def erase_and_tell(self, user: str, language: str) -> Reply:
        """Erase all that is kept of a user, and return the words that tell so."""
        reply = self._runtime.erase_and_tell(user, language)
        if reply.skill == FORGOTTEN and self.listener is not None:
            self.listener.forget(user)
        return reply

    def ask_consent(self, user: str, language: str, conversation: str = "") -> str:
        """Return the question whether the conversation may be kept, once for each user."""
        return self._runtime.ask_consent(user, language, conversation)

    def forget(self, user: str) -> Erasure:
        """Erase all that is kept of a user and return the receipt."""
        receipt = self._runtime.forget(user)
        if self.listener is not None:
            self.listener.forget(user)
        return receipt

    def remember(self, user: str, key: str, value: Any) -> None:
        """Keep a fact about a user."""
        self._runtime.remember(user, key, value)

    def facts(self, user: str) -> dict[str, Any]:
        """Return what is remembered about a user, by key."""
        return self._runtime.facts(user)

    def forget_fact(self, user: str, key: str) -> bool:
        """Delete one fact; false when there was none."""
        return self._runtime.forget_fact(user, key)

    def forget_old(self) -> int:
        """Delete what is older than the persona's retention and return the number of turns."""
        return self._runtime.forget_old()

    def close(self) -> None:
        """End all runtimes and the store."""
        with self._lock:
            for encoders in {runtime.parts.encoders for runtime in self._turns}:
                if encoders is not self._runtime.parts.encoders:
                    encoders.close()
            for runtime in self._turns:
                if runtime is not self._runtime:
                    runtime.parts.plugins.close()
                    runtime.parts.notes.close()
            self._runtime.close()

    @contextmanager
    def _turn(self) -> Iterator[Runtime]:
        with self._lock:
            runtime = self._runtime
            self._turns[runtime] += 1
        try:
            yield runtime
        finally:
            with self._lock:
                self._turns[runtime] -= 1
                self._retire()

    def _retire(self) -> None:
        """Let go of the runtimes that no turn needs, and of encoders that no runtime needs."""
        ended = [runtime for runtime, turns in self._turns.items() if not turns and runtime is not self._runtime]
        for runtime in ended:
            del self._turns[runtime]
            threading.Thread(target=runtime.parts.plugins.close, name="plugins", daemon=True).start()
            runtime.parts.notes.close(wait=False)
        used = {runtime.parts.encoders for runtime in self._turns}
        for encoders in {runtime.parts.encoders for runtime in ended} - used:
            encoders.close()


def renew(running: Runtime, artifact: Path) -> Runtime:
    """Assemble a newer artifact of a running persona, with its store and those of its models that are the same.

    Raise ArtifactInvalid, ModelMissing or ExtensionInvalid.
    """
    old = running.parts
    same: SharedEncoders | None = None
    if contents(read_manifest(artifact)) == dict(old.models):
        same = old.encoders
    runtime = assemble(artifact, old.store, encoders=same, data=old.data)
    parts, persona, before = runtime.parts, runtime.persona, running.persona
    if persona.languages == before.languages:
        if persona.encoders.speech == before.encoders.speech and _usable(old.hearing):
            parts.hearing = old.hearing
        if persona.voice == before.voice and _usable(old.voice):
            parts.voice = old.voice
    if persona.encoders.image == before.encoders.image and _usable(old.sight):
        parts.sight = old.sight
    return runtime


def _usable(model: Lazy[Any] | None) -> bool:
    return model is not None and model.failed is None


def follow(
    bot: Reloading, artifact: Path, stop: threading.Event, tell: Callable[[str], None], *, warm: bool = True
) -> None:
    """Swap in each artifact that becomes the newest beside the running one, until `stop` is set.

    One that cannot be run is told, and the old one goes on.
    """
    seen = artifact
    while not stop.wait(SECONDS):
        newest = latest(artifact.parent)
        if newest is None or newest == seen:
            continue
        seen = newest
        try:
            runtime = renew(bot.runtime, newest)
        except PersonacError as error:
            tell(f"{bot.profile.name} goes on as it was: {error}")
            continue
        bot.swap(runtime)
        tell(f"{bot.profile.name} answers from {newest} now")
        if warm:
            runtime.warm_up(stop)
