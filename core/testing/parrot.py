"""A bot for tests of connectors: it says what it was told to say, else repeats what it heard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from ..message import FORGOTTEN, Delta, Erasure, Event, File, Media, Message, Profile, Reply, Sound, Source
from ..turn import DialogueState, Transcript


class Parrot:
    """Repeat."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.choices: dict[str, tuple[str, ...]] = {}
        self.seconds: Callable[[str], float] = lambda text: 0.0
        self.messages: list[Message] = []
        self.free = asyncio.Event()  # while it is cleared, nothing is answered
        self.free.set()
        self.granted: dict[str, bool] = {}
        self.forgotten: list[str] = []
        self.asked: set[str] = set()
        self.noted: dict[str, dict[str, Any]] = {}
        self.opinions: list[tuple[str, str, str, bool]] = []

    @staticmethod
    def said(text: str) -> str:
        """Return what is answered to a text."""
        return f"You said: {text}"

    @property
    def profile(self) -> Profile:
        """Return who the parrot is."""
        texts = {"en": "Hello, I am a parrot and a bot."}
        return Profile("Parrot", "parrot", "Repeats.", ("en", "zh"), texts, "ask", {"en": "May I keep this?"}, False)

    @property
    def media(self) -> list[Media]:
        """Return all sounds and pictures that came in."""
        return [media for message in self.messages for media in message.media]

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        """Yield the words, and the reply."""
        self.messages.append(message)
        await asyncio.sleep(self.seconds(message.text))
        await self.free.wait()
        text = self.answers.get(message.text) or self.said(message.text)
        if message.call is not None:
            yield Reply(text, "en", skill=message.call.skill, slots=dict(message.call.slots))
            return
        words = text.split(" ")
        for start in range(0, len(words), 8):
            yield Delta(" ".join(words[start : start + 8]) + (" " if start + 8 < len(words) else ""))
        yield Reply(text, "en", choices=self.choices.get(message.text, ()))

    async def search(self, text: str, count: int) -> list[Source]:
        """Find the words themselves."""
        return [Source("words", "words.txt:1", self.said(text), 1.0)][:count]

    def skill_names(self) -> list[str]:
        """Return the one skill that other programs may call."""
        return ["parrot.repeat"]

    def ready(self) -> dict[str, bool]:
        """Be ready."""
        return {"text": True}

    def consent(self, user: str) -> bool | None:
        """Return what a user decided."""
        return self.granted.get(user)

    def set_consent(self, user: str, granted: bool, language: str = "") -> str:
        """Note what a user decided, and tell of an erasure when something had been kept."""
        kept, self.granted[user] = self.granted.get(user), granted
        return "" if granted or not kept else f"Erased ({language}). Receipt 1"

    def history(self, conversation: str) -> list[tuple[str, str, str]]:
        """Return what was said."""
        return [("user", message.text, "en") for message in self.messages if message.conversation == conversation]

    def state(self, conversation: str) -> DialogueState:
        """Remember nothing."""
        return DialogueState()

    def recount(self, conversation: str, user: str, lines: Sequence[tuple[str, str]], state: DialogueState) -> None:
        """Remember nothing."""

    async def hear(self, media: Media) -> Transcript:
        """Hear nothing."""
        return Transcript("", "en")

    async def say(self, text: str, language: str = "") -> AsyncIterator[Sound]:
        """Yield a tenth of a second of silence for each text."""
        yield Sound(bytes(2 * 1600), 16000)

    def forget(self, user: str) -> Erasure:
        """Note who wants to be forgotten."""
        self.forgotten.append(user)
        self.noted.pop(user, None)
        return Erasure(f"parrot-{len(self.forgotten)}", 0.0)

    def remember(self, user: str, key: str, value: Any) -> None:
        """Note a fact."""
        self.noted.setdefault(user, {})[key] = value

    def facts(self, user: str) -> dict[str, Any]:
        """Return the facts that were noted."""
        return dict(self.noted.get(user, {}))

    def forget_fact(self, user: str, key: str) -> bool:
        """Drop a fact."""
        return self.noted.get(user, {}).pop(key, None) is not None

    def export(self, user: str) -> dict[str, Any]:
        """Return what a user said."""
        return {"user": user, "turns": [{"said": m.text} for m in self.messages if m.user == user]}

    def export_files(self, user: str, language: str) -> tuple[File, ...]:
        """Return what a user said as a file."""
        return (File("parrot.json", "application/json", json.dumps(self.export(user)).encode()),)

    def erase_and_tell(self, user: str, language: str) -> Reply:
        """Note who wants to be forgotten."""
        self.forget(user)
        return Reply("Done.", language, skill=FORGOTTEN)

    def ask_consent(self, user: str, language: str, conversation: str = "") -> str:
        """Ask once."""
        if user in self.asked or user in self.granted:
            return ""
        self.asked.add(user)
        return self.profile.consent_text["en"]

    def feedback(self, conversation: str, user: str, key: str, good: bool) -> None:
        """Note an opinion."""
        self.opinions.append((conversation, user, key, good))
