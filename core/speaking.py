"""A language model's words, sentence by sentence, each said only when a source supports it.

Knows neither how passages were found nor what happens when nothing can be said.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from .contracts import LanguageModel
from .errors import PersonacError
from .mind.grounding.asked import unanswered
from .mind.grounding.sentences import sentences, sentences_so_far
from .mind.grounding.support import Judgement, Sources, quote
from .turn import Passage, Vector, Verdict, closeness

log = logging.getLogger("personac")
GIVEN = 2  # passages; more of them lead a small model astray, and cost it time
NEAR = 0.7  # cosine with a sentence of the source: it means the same (1 % of other sentences reach it)
NEAR_ACROSS = 0.5  # of two languages (88 % of translations reach it, under 4 % of other sentences)
SENTENCES = 4  # that are said; longer answers are cut
HEARD = 12  # sentences that are listened to
SECONDS = 90.0  # for the whole answer
CHARACTERS = 4000  # that are read without a sentence's end

_ENDS = ".!?。！？…”\"')）"  # without one of them a last sentence was cut off

_LABEL = re.compile(
    r"^[\s>*_#;-]*(?:\d{1,2}[.)、](?:\s+|(?=[^\s\d]))[\s>*_#-]*)*"
    r"(?:(?:(?:the )?(?:sources?|answers?|facts?|quotations?)(?: (?:id ?= ?)?\d+)?|[A-F]|\[\d\]|答案?|回答)"
    r"\s*[:：]\s*)?",
    re.IGNORECASE,
)

_REPEATED = re.compile(r"([,;:，；：、。！？])\1+")
_COUNT = re.compile(r"\W*\d{1,2}[.)]\W*")  # of a list whose item did not come; its number may be known

Encode = Callable[[str, str], Awaitable[Mapping[str, Vector]]]
Guard = Callable[[str, str], Awaitable[Verdict]]


@asynccontextmanager
async def _closing(stream: AsyncIterator[str]) -> AsyncIterator[AsyncIterator[str]]:
    """Close a stream at the end, when it can be closed: its server need not go on."""
    try:
        yield stream
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()


def _base(language: str) -> str:
    return language.split("-")[0]


@dataclass(slots=True)
class Spoken:
    """Speak for one turn; afterwards, tell the passages that supported what was said, and how much was dropped."""

    sources: Sources
    language: str
    encode: Encode
    guard: Guard
    used: list[Passage] = field(default_factory=list)
    dropped: int = 0
    _vectors: dict[int, list[Mapping[str, Vector]]] = field(default_factory=dict)

    async def say(
        self, model: LanguageModel, messages: Sequence[Mapping[str, str]]
    ) -> AsyncGenerator[tuple[str, Verdict], None]:
        """Yield the sentences that may be said, with the guard's verdict on each.

        Courtesies wait for the first supported sentence. When there is none nothing is said, unless the model said
        nothing but courtesies: that it does not know.
        """
        waiting: list[str] = []
        heard: set[str] = set()
        spoken: list[str] = []
        stream = self._stream(model, messages)
        async for written in stream:
            sentence = self._bare(written)
            if sentence in heard or len(heard) >= HEARD or len(spoken) >= SENTENCES:
                break  # it goes round in circles, or on and on
            heard.add(sentence)
            if _COUNT.fullmatch(sentence):
                continue
            judgement = await self._judge(sentence)
            if judgement.standing == "courtesy":
                waiting.append(sentence)
                continue
            if judgement.standing != "supported":
                self.dropped += 1
                log.info("a sentence of the language model was dropped: %d items in no source", len(judgement.missing))
                continue
            self._use(judgement)
            spoken.append(sentence)
            for ready in (*waiting, sentence):
                yield await self._guarded(ready)
            waiting = []
        await stream.aclose()
        completed = self._completed(spoken)
        for ready in completed:
            yield await self._guarded(ready)
        if waiting and not completed and (self.used or not self.dropped):
            for ready in waiting:
                yield await self._guarded(ready)

    def _bare(self, sentence: str) -> str:
        """Return a sentence without the labels that a small model copies from its prompt: "Source 1:", a title."""
        bare = _LABEL.sub("", _REPEATED.sub(r"\1", sentence))
        for passage in self.sources.passages:
            if passage.title and bare.startswith(passage.title):
                bare = bare.removeprefix(passage.title).lstrip(" ):：]")
        return bare or sentence

    def _completed(self, spoken: Sequence[str]) -> list[str]:
        """Return what of the passage is still to be said when a question's figure was left out of the answer."""
        question = self.sources.question
        for passage in (*self.used, *self.sources.passages):
            if _base(passage.language) == _base(self.language):
                said = " ".join(spoken)
                told = quote(passage, question)
                if unanswered(question, said, told):
                    if passage not in self.used:
                        self.used.append(passage)
                    return [sentence for sentence in sentences(told) if sentence not in spoken]
        return []

    async def _stream(self, model: LanguageModel, messages: Sequence[Mapping[str, str]]) -> AsyncGenerator[str, None]:
        """Yield whole sentences; what a failing server left unfinished is not one."""
        waiting = ""
        begun = False
        until = time.monotonic() + SECONDS
        try:
            async with _closing(model.stream(messages)) as stream:
                while True:
                    async with asyncio.timeout(max(0.0, until - time.monotonic())):
                        piece = await anext(stream, None)
                    if piece is None:
                        break
                    waiting += piece
                    *whole, waiting = sentences_so_far(waiting)
                    for sentence in whole:
                        begun = True
                        yield sentence
                    if len(waiting) > CHARACTERS:
                        log.warning("the language model writes without an end; what it wrote is not said")
                        return
        except (PersonacError, TimeoutError) as error:
            log.warning("the language model: %s", error or "it did not come to an end")
            return
        except Exception:  # a model of a plugin may raise anything; the turn goes on without it
            log.exception("the language model failed")
            return
        rest = waiting.strip()
        if rest and (rest[-1] in _ENDS or not begun):
            yield rest

    async def _judge(self, sentence: str) -> Judgement:
        judgement = self.sources.judge(sentence)
        if judgement.standing != "unsure" or judgement.source is None:
            return judgement
        near = await self._nearness(sentence, judgement.source)
        source = self.sources.passages[judgement.source]
        enough = NEAR if _base(source.language) == _base(self.language) else NEAR_ACROSS
        return Judgement("supported" if near >= enough else "unsupported", judgement.source)

    async def _nearness(self, sentence: str, position: int) -> float:
        """Return the best cosine of a sentence with one of its source, over the encoders that read both."""
        passage = self.sources.passages[position]
        if position not in self._vectors:
            parts = dict.fromkeys([passage.text, *sentences(passage.text)])
            self._vectors[position] = [await self.encode(part, passage.language) for part in parts]
        own = await self.encode(sentence, self.language)
        return max((closeness(own, other) for other in self._vectors[position]), default=0.0)

    def _use(self, judgement: Judgement) -> None:
        passage = self.sources.passages[judgement.source or 0]
        if passage not in self.used:
            self.used.append(passage)

    async def _guarded(self, sentence: str) -> tuple[str, Verdict]:
        if sentence[-1].isalnum():
            sentence += "。" if self.language == "zh" else "."
        verdict = await self.guard(sentence, self.language)
        return (verdict.say or verdict.text) + ("" if self.language == "zh" else " "), verdict
