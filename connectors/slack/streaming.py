"""Words shown while they are made: by Slack's own streams in threads, by edits of one message elsewhere.

A turn whose words are there at once is not streamed: one call says them all. Knows when and how often to call, and not
what is said. The rates are those of https://docs.slack.dev/apis/web-api/rate-limits (startStream and stopStream are
tier 2, update is tier 3, appendStream is tier 4).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.web.async_chat_stream import AsyncChatStream

from ...core.contracts import Memo
from ...core.errors import PersonacError, RetryLater, Undeliverable
from ...core.message import Delta, Event, Incoming
from .blocks import ANSWER_CHARACTERS, words_of
from .formatting import escape, markdown
from .outbox import EVENT, FAILURES, Outbox, Place, is_limit, problem, reason_of
from .pace import Pace
from .words import language_of, say

log = logging.getLogger("personac.slack")
PATIENCE = 0.6  # seconds that words may take before they are shown one by one
APPEND_SECONDS, EDIT_SECONDS = 0.7, 1.3
STREAM, EDIT = "stream", "edit"
_ENDED = {"message_not_in_streaming_state", "message_not_found"}  # what a stream that is over, or deleted, answers


@dataclass(slots=True)
class _Words:
    """The words so far, filled by one task and shown by another."""

    text: str = ""
    some: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, events: AsyncIterator[Event]) -> None:
        try:
            async for event in events:
                if isinstance(event, Delta):
                    self.text += event.text
                    self.some.set()
        finally:
            self.done.set()
            self.some.set()

    async def begin(self, seconds: float) -> bool:
        """Wait, and tell whether the first words are there."""
        try:
            await asyncio.wait_for(self.some.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def more(self, seconds: float) -> bool:
        """Wait, and tell whether the words are still being made."""
        try:
            await asyncio.wait_for(self.done.wait(), seconds)
        except TimeoutError:
            return True
        return False


@dataclass(slots=True)
class _Open:
    """A stream that this process began, and the words it shows."""

    stream: AsyncChatStream
    said: str


class Streaming:
    """Show answers of one workspace while they are made, and finish what was shown."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._starts, self._appends, self._edits = Pace(18, 6), Pace(90, 10), Pace(45, 6)
        self._no_streams: set[str] = set()  # channels in which Slack does not allow them
        self._no_status: set[str] = set()
        self._open: dict[str, _Open] = {}

    async def show(self, incoming: Incoming, events: AsyncIterator[Event], memo: Memo) -> None:
        """Show the words as they come; `memo["answer"]` names the message that they are in."""
        words = _Words()
        reading = asyncio.create_task(words.read(events))
        try:
            if not memo.get("answer") and not memo.repeated:
                if not await words.begin(PATIENCE):
                    await self._at_work(incoming)
                    await words.some.wait()
                if await words.more(PATIENCE):
                    await self._show(incoming, words, memo)
        except PersonacError as error:
            log.info("words could not be shown while they were made: %s", error)
        finally:
            if words.done.is_set() or not _cancelled():
                await reading
            else:
                reading.cancel()

    async def _at_work(self, incoming: Incoming) -> None:
        """Say that the bot is at work, where Slack can show it; it goes away with the next message."""
        payload = incoming.payload
        if payload["thread"] is not None and payload["channel"] not in self._no_status:
            status = say("at_work", language_of(payload["text"], ("en",)))
            told = self._outbox.client.assistant_threads_setStatus(
                channel_id=payload["channel"], thread_ts=payload["thread"], status=status
            )
            if await self._outbox.try_to(told) is None:
                self._no_status.add(payload["channel"])

    async def _show(self, incoming: Incoming, words: _Words, memo: Memo) -> None:
        place = Place(incoming.payload["channel"], incoming.payload["thread"])
        may_stream = place.thread is not None and place.channel not in self._no_streams and self._starts.take()
        if may_stream and await self._stream(incoming, place, words, memo):
            return
        if self._edits.take():
            await self._edit(incoming, place, words, memo)

    async def _stream(self, incoming: Incoming, place: Place, words: _Words, memo: Memo) -> bool:
        """Show words by Slack's stream; False when it is not allowed here."""
        payload = incoming.payload
        outside: dict[str, Any] = {}
        if not payload["direct"]:
            outside = {"recipient_user_id": payload["user"], "recipient_team_id": payload["user_team"]}
        stream = await self._outbox.client.chat_stream(
            channel=place.channel, thread_ts=str(place.thread), buffer_size=1, **outside
        )
        memo["answer"] = {"as": STREAM}
        await memo.keep()  # a stream that is begun and not known to us must be looked for after a crash
        self._outbox.session()
        said = words.text[:ANSWER_CHARACTERS]
        try:
            await stream.append(markdown_text=markdown(said))
        except FAILURES as error:
            meant = problem(error)
            if isinstance(meant, RetryLater) and not is_limit(error):
                raise meant from error  # it may have begun all the same: `memo` says so, and `send` will look
            memo.pop("answer")
            await memo.keep()
            if isinstance(meant, RetryLater):
                self._wait(self._starts, meant)
                raise meant from error
            log.info("Slack does not stream here (%s); words are shown by edits", meant)
            self._no_streams.add(place.channel)
            return False
        memo["answer"] = {"as": STREAM, "ts": str(stream.ts)}
        await memo.keep()
        opened = self._open[incoming.key] = _Open(stream, said)
        while await words.more(APPEND_SECONDS):
            new = words.text[len(opened.said) : ANSWER_CHARACTERS]
            if new and self._appends.take():
                try:
                    await stream.append(markdown_text=markdown(new))
                except FAILURES as error:
                    self._open.pop(incoming.key, None)  # what it shows now is not known: it will be replaced
                    meant = problem(error)
                    self._wait(self._appends, meant)
                    raise meant from error
                opened.said += new
        return True

    async def _edit(self, incoming: Incoming, place: Place, words: _Words, memo: Memo) -> None:
        memo["answer"] = {"as": EDIT}
        await memo.keep()
        shown = words.text[:ANSWER_CHARACTERS]
        ts = await self._outbox.post(place, escape(shown), words_of(f"{shown} …"), incoming.key)
        memo["answer"] = {"as": EDIT, "ts": ts}
        await memo.keep()
        while await words.more(EDIT_SECONDS):
            now = words.text[:ANSWER_CHARACTERS]
            if now != shown and self._edits.take():
                try:
                    await self._outbox.update(place.channel, ts, escape(now), words_of(f"{now} …"))
                except RetryLater as error:
                    self._edits.pause(error.seconds or EDIT_SECONDS)
                shown = now

    def _wait(self, pace: Pace, meant: PersonacError) -> None:
        if isinstance(meant, RetryLater) and meant.seconds:
            pace.pause(meant.seconds)

    async def finish(
        self, incoming: Incoming, place: Place, ts: str, text: str, tail: list[dict[str, Any]], *, streamed: bool
    ) -> None:
        """Give a message that was shown while it was made its last words, what stands below them, and its key.

        A stream of this process is stopped with what is missing; any other is stopped and replaced.
        """
        metadata = {"event_type": EVENT, "event_payload": {"key": incoming.key}}
        opened = self._open.pop(incoming.key, None)
        if opened is not None and text.startswith(opened.said):
            rest = markdown(text[len(opened.said) :]) or None
            try:
                await self._outbox.call(opened.stream.stop(markdown_text=rest, blocks=tail, metadata=metadata))
                return
            except Undeliverable as error:
                log.info("a stream did not take its end (%s); its message is replaced", error)
        if streamed:
            try:
                await self._outbox.call(self._outbox.client.chat_stopStream(channel=place.channel, ts=ts))
            except Undeliverable as error:
                if reason_of(error) not in _ENDED:
                    raise
        await self._outbox.update(place.channel, ts, escape(text), [*words_of(text), *tail], metadata)

    async def lost(self, incoming: Incoming, place: Place, own: Mapping[str, str]) -> str | None:
        """Return the ts of a stream that was begun for a message before a crash, None when there is none.

        Streams carry no metadata until they are stopped. Turns of a conversation run in order, so a message of ours
        after the user's one that has none is it.
        """
        us = {("bot_id", own.get("bot_id")), ("user", own.get("user_id"))} - {("bot_id", None), ("user", None)}
        try:
            async for message in self._outbox.messages(place, incoming.payload["ts"]):
                ours = any(message.get(name) == value for name, value in us)
                later = str(message.get("ts", "")) > incoming.payload["ts"]
                if ours and later and not message.get("metadata") and not message.get("files"):
                    return str(message["ts"])
        except Undeliverable as error:
            log.warning("it cannot be seen whether a stream was begun, so its words are sent anew: %s", error)
        return None


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
