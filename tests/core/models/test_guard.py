"""A guard model behind a real server that speaks OpenAI's chat API."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from personac.core.errors import Unavailable
from personac.core.guarding import Guards
from personac.core.models.guard import GuardModel, read


class Server:
    """Answer every request with `answer`, as a chat completion; remember what was asked."""

    def __init__(self) -> None:
        self.answer: Any = "safe"
        self.status = 200
        self.wait = threading.Event()
        self.wait.set()
        self.asked: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append({"path": self.path, "key": self.headers.get("Authorization"), **json.loads(body)})
                outer.wait.wait(5)
                said = json.dumps({"choices": [{"message": {"role": "assistant", "content": outer.answer}}]}).encode()
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.wait.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        ("safe", set()),
        ("\n\nunsafe\nS1,S10", {"harm", "hate"}),
        ("unsafe\nS11", {"self_harm"}),
        ("unsafe", {"harm"}),
        ("Yes", {"harm"}),
        ("No, it does not.", set()),
        ("Safety: Safe\nCategories: None", set()),
        ("Safety: Unsafe\nCategories: Violent, PII", {"harm", "privacy"}),
        ("Safety: Unsafe\nCategories: Jailbreak", {"jailbreak"}),
        ("Safety: Controversial\nCategories: Politically Sensitive Topics", set()),
    ],
)
async def test_answers_of_each_family_are_read(server: Server, answer: str, kinds: set[str]) -> None:
    server.answer = answer
    named = await GuardModel("llama-guard3:8b", server.url, "secret").judge("How are you?")
    assert set(named) == kinds
    (asked,) = server.asked
    assert (asked["path"], asked["key"]) == ("/v1/chat/completions", "Bearer secret")
    assert asked["messages"] == [{"role": "user", "content": "How are you?"}]


async def test_shieldgemma_is_asked_with_its_principles(server: Server) -> None:
    server.answer = "No"
    await GuardModel("shieldgemma:2b", server.url).judge("How are you?")
    said = server.asked[0]["messages"][0]["content"]
    assert "How are you?" in said
    assert "Yes" in said


@pytest.mark.parametrize("answer", ["I think so", "", None, 3])
async def test_what_is_no_verdict_is_no_answer(server: Server, answer: Any) -> None:
    server.answer = answer
    with pytest.raises(Unavailable, match="guard model"):
        await GuardModel("g", server.url).judge("hello")


async def test_a_guard_that_is_down_or_slow_leaves_the_judge_or_refuses(server: Server) -> None:
    server.wait.clear()
    slow = GuardModel("g", server.url, seconds=0.1)
    assert await Guards(model=slow).asked("hello") == {}
    assert await Guards(model=slow, closed=True).asked("hello") == {"harm": 1.0}
    server.wait.set()
    server.status = 500
    assert await Guards(model=GuardModel("g", server.url)).asked("hello") == {}
    assert await Guards().asked("hello") == {}


def test_an_unknown_category_is_harm() -> None:
    assert read("unsafe\nS99") == {"harm": 1.0}
