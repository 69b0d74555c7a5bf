"""Language models: any OpenAI-compatible server, or a model on this machine through transformers."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from ..contracts import LanguageModel, ToolCall
from ..errors import ModelMissing, NoTools, Unavailable
from .calls import Calls

ANSWER_TOKENS = 160
CALL_TOKENS = 400  # where the answer may be a call with its arguments
REFUSED = (400, 404, 405, 422, 501)  # what servers answer that take no tools
SECONDS_BETWEEN_WORDS = 30.0
STOP = ("\nQuestion:", "\nFacts:")  # a small model that goes on with the next question


class OpenAICompatibleModel:
    """Stream from POST {base_url}/chat/completions, as OpenAI's API reference describes it."""

    def __init__(self, name: str, base_url: str, api_key: str | None = None) -> None:
        self.name = name
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}

    async def stream(self, messages: Sequence[Mapping[str, str]]) -> AsyncIterator[str]:
        """Yield pieces of text; raise Unavailable when the server can't be reached or refuses."""
        async for piece in self._pieces({"messages": [dict(message) for message in messages]}, None):
            yield piece

    async def converse(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]
    ) -> AsyncIterator[str | ToolCall]:
        """Yield pieces of text, then the calls that the model asks for; raise Unavailable, NoTools."""
        calls = Calls()
        more = {"tools": list(tools), "tool_choice": "auto"} if tools else {}
        body = {"messages": [dict(message) for message in messages], "max_tokens": CALL_TOKENS, **more}
        async for piece in self._pieces(body, calls):
            yield piece
        for call in calls.made():
            yield call

    async def _pieces(self, own: Mapping[str, Any], calls: Calls | None) -> AsyncIterator[str]:
        import httpx

        body = {
            "model": self.name,
            "stream": True,
            "temperature": 0,
            "max_tokens": ANSWER_TOKENS,
            "stop": list(STOP),
            **own,
        }
        timeout = httpx.Timeout(SECONDS_BETWEEN_WORDS, connect=5.0)
        try:
            async with (
                httpx.AsyncClient(timeout=timeout) as client,
                client.stream("POST", self._url, json=body, headers=self._headers) as response,
            ):
                if response.status_code != 200:
                    detail = (await response.aread())[:300].decode("utf-8", "replace")
                    kind = NoTools if "tools" in own and response.status_code in REFUSED else Unavailable
                    raise kind(f"{self._url} answered {response.status_code}: {detail}")
                over = False
                async for line in response.aiter_lines():
                    data = line[5:].strip() if line.startswith("data:") else ""
                    if data == "[DONE]":
                        over = True
                    elif data:
                        chunk = json.loads(data)
                        piece, last = _piece(chunk)
                        if calls is not None:
                            calls.take(chunk["choices"])
                        over = over or last
                        if piece:
                            yield piece
                if not over:
                    raise Unavailable(f"{self._url} broke off")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Unavailable(f"{self._url} did not answer as expected: {error!r}") from error


def _piece(chunk: Any) -> tuple[str, bool]:
    """Return the text of one chunk, empty when it has none, and whether it is the last; raise ValueError."""
    try:
        choice = (chunk["choices"] or [{}])[0]
        content = (choice.get("delta") or {}).get("content") or ""
        last = choice.get("finish_reason") is not None
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"no chunk of a chat completion: {str(chunk)[:100]}") from error
    if not isinstance(content, str):
        raise ValueError(f"no text: {str(content)[:100]}")
    return content, last


class TransformersModel:
    """Run a chat model of transformers on this machine, by its hub name or folder."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def warm_up(self) -> None:
        """Load the weights; raise ModelMissing."""
        with self._lock:
            if self._loaded is None:
                from transformers import AutoModelForCausalLM, AutoTokenizer

                try:
                    tokenizer = AutoTokenizer.from_pretrained(self.name)
                    self._loaded = tokenizer, AutoModelForCausalLM.from_pretrained(self.name)
                except (OSError, ValueError) as error:
                    command = f"download {self.name} from its hub and name its folder"
                    raise ModelMissing(f"the language model {self.name} ({error})", command) from error

    async def stream(self, messages: Sequence[Mapping[str, str]]) -> AsyncIterator[str]:
        """Yield pieces of text as they are generated."""
        await asyncio.to_thread(self.warm_up)
        assert self._loaded is not None
        from transformers import TextIteratorStreamer

        tokenizer, model = self._loaded
        inputs = tokenizer.apply_chat_template(
            [dict(m) for m in messages], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
        options = {**inputs, "streamer": streamer, "max_new_tokens": ANSWER_TOKENS, "do_sample": False}
        worker = threading.Thread(target=model.generate, kwargs=options, daemon=True)
        worker.start()
        pieces = iter(streamer)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece


def load_language_model(provider: str, name: str, base_url: str | None, api_key: str | None) -> LanguageModel:
    """Return the language model of a persona; nothing is loaded yet."""
    if provider == "transformers":
        return TransformersModel(name)
    return OpenAICompatibleModel(name, base_url or "", api_key)
