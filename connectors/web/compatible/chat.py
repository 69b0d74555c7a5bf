"""Chat completions, whole and streamed, in the shapes of OpenAI's API.

Knows those shapes and the events of a turn; does not know HTTP.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

from ....core.errors import BadInput, PersonacError
from ....core.message import Delta, Event, Reply
from .parts import Asked
from .schema import AnswerMessage, ChatCompletion, ChatRequest, Choice, Usage
from .words import Cutter, tokens

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

PICTURE_TOKENS = 85  # what OpenAI counts for a small one


class Form:
    """Put one turn into the shapes that its request wants."""

    def __init__(self, request: ChatRequest, asked: Asked) -> None:
        stop = request.stop
        self._cutter = Cutter(
            [stop] if isinstance(stop, str) else stop or (), request.max_completion_tokens or request.max_tokens
        )
        self._request, self._id, self._created = request, f"chatcmpl-{secrets.token_hex(12)}", int(time.time())
        self._prompt = tokens(asked.text) + sum(tokens(one.text) for one in asked.before)
        self._prompt += PICTURE_TOKENS * len(asked.media)
        self._said: list[str] = []

    async def whole(self, events: AsyncIterator[Event]) -> ChatCompletion:
        """Return the whole answer; raise what the turn raises."""
        async with aclosing(cast("AsyncGenerator[Event]", events)) as stream:
            async for event in stream:
                if isinstance(event, Reply):
                    content = self._cutter.add(event.text) + self._cutter.end()
                    self._said.append(content)
                    return ChatCompletion(
                        id=self._id,
                        created=self._created,
                        model=self._request.model,
                        choices=[
                            Choice(message=AnswerMessage(content=content), finish_reason=self._cutter.finish),
                        ],
                        usage=self._usage(),
                        personac=event.as_dict(),
                    )
        raise PersonacError("the turn ended without an answer")

    async def chunks(self, events: AsyncIterator[Event]) -> AsyncIterator[str]:
        """Yield the answer word by word as Server-Sent Events; raise what the turn raises before its first word."""
        begun, reply = False, None
        try:
            async with aclosing(cast("AsyncGenerator[Event]", events)) as stream:
                async for event in stream:
                    if isinstance(event, Reply):
                        reply = event
                        break  # its voice is not for this interface
                    if not isinstance(event, Delta):
                        continue
                    if not begun:
                        yield self._chunk({"role": "assistant", "content": ""})
                        begun = True
                    if words := self._cutter.add(event.text):
                        yield self._words(words)
        except Exception as error:
            if not begun:
                raise
            yield _event({"error": _failure(error)})
            yield "data: [DONE]\n\n"
            return
        if not begun:
            yield self._chunk({"role": "assistant", "content": ""})
            if reply is not None and (words := self._cutter.add(reply.text)):
                yield self._words(words)
        if words := self._cutter.end():
            yield self._words(words)
        extra = {"personac": reply.as_dict()} if reply is not None else {}
        yield self._chunk({}, self._cutter.finish, **extra)
        if self._request.stream_options is not None and self._request.stream_options.include_usage:
            yield _event({**self._head(), "choices": [], "usage": self._usage().model_dump()})
        yield "data: [DONE]\n\n"

    def _words(self, words: str) -> str:
        self._said.append(words)
        return self._chunk({"content": words})

    def _head(self) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._request.model,
        }

    def _chunk(self, delta: dict[str, str], finish: str | None = None, **extra: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event({**self._head(), "choices": [choice], **extra})

    def _usage(self) -> Usage:
        written = tokens("".join(self._said))
        return Usage(prompt_tokens=self._prompt, completion_tokens=written, total_tokens=self._prompt + written)


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _failure(error: Exception) -> dict[str, Any]:
    code = (
        error.code if isinstance(error, BadInput) else "unavailable" if isinstance(error, PersonacError) else "failed"
    )
    text = str(error) if isinstance(error, PersonacError) else "Something went wrong on my side. Please try that again."
    return {"message": text, "type": "server_error", "param": None, "code": code}
