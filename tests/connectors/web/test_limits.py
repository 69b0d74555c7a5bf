"""The persona's limits for requests that are not written down: a user who does not wait is asked to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from personac.core.delivery.measures import Measures
from personac.core.delivery.post import Post
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore

SLOW = "slow one"
Make = Callable[..., Any]
Ask = Callable[[str], httpx.Response]


@pytest.fixture
def bot(script: Any) -> Any:
    """Return the bot without models."""
    return script()


@pytest.fixture
def server(bot: Any, serve: Make, tmp_path: Path) -> Iterator[Any]:
    """Serve it with one place a user, on a real desk."""
    store = SQLiteStore(tmp_path / "script.sqlite")
    post = Post(bot, store, lambda: Limits(waiting=1), Measures())
    with serve(bot, desks={"script": post.desk("web")}) as server:
        yield server
    post.close()
    store.close()


def turn(server: Any, user: str, text: str = SLOW) -> httpx.Response:
    """Ask the interface for one's own clients."""
    return httpx.post(f"{server.base}/api/turn", json={"text": text, "user": user}, timeout=30)


def chat(server: Any, user: str, text: str = SLOW) -> httpx.Response:
    """Ask OpenAI's interface."""
    body = {"model": "script", "messages": [{"role": "user", "content": text}], **({"user": user} if user else {})}
    return httpx.post(f"{server.base}/v1/chat/completions", json=body, timeout=30)


@pytest.mark.parametrize("ask", [turn, chat])
def test_who_asks_again_before_the_answer_has_to_wait_and_others_have_not(
    server: Any, bot: Any, ask: Callable[..., httpx.Response]
) -> None:
    with ThreadPoolExecutor() as pool:
        first: Future[httpx.Response] = pool.submit(ask, server, "ann")
        while not bot.asked:
            assert not first.done()
        second, other = ask(server, "ann", "hello"), ask(server, "bob", "hello")
        bot.go.release()
        bot.go.release()
        assert first.result().status_code == 200
    assert second.status_code == 429
    assert int(second.headers["Retry-After"]) >= 1
    assert "wait" in second.text
    assert other.status_code == 200
    assert ask(server, "ann", "hello").status_code == 200


def test_over_the_limit_a_yes_is_not_heard_and_a_no_is(server: Any, bot: Any) -> None:
    def decide(granted: bool) -> int:
        body = {"text": "hello", "user": "ann", "consent": granted}
        return httpx.post(f"{server.base}/api/turn", json=body, timeout=30).status_code

    with ThreadPoolExecutor() as pool:
        first: Future[httpx.Response] = pool.submit(turn, server, "ann")
        while not bot.asked:
            assert not first.done()
        assert (decide(True), bot.agreed) == (429, {})
        assert (decide(False), bot.agreed) == (429, {"ann": False})
        bot.go.release()
        bot.go.release()
    assert (decide(True), bot.agreed) == (200, {"ann": True})


def test_a_key_that_names_no_user_may_speak_for_many(server: Any, bot: Any) -> None:
    with ThreadPoolExecutor() as pool:
        first: Future[httpx.Response] = pool.submit(chat, server, "")
        while not bot.asked:
            assert not first.done()
        second = chat(server, "", "hello")
        bot.go.release()
        bot.go.release()
        assert (first.result().status_code, second.status_code) == (200, 200)
