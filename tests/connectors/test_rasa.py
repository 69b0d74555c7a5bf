"""A persona as an action server: called as a Rasa bot calls it, over a real server on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from personac.connectors.rasa import RasaConnector
from personac.core.delivery.server import DeliveryServer
from personac.core.errors import SettingsInvalid
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore
from personac.core.testing.parrot import Parrot
from personac.core.testing.skills import SkillClient
from personac.plugins.rasa import Rasa

KEY = "a-key-of-more-than-16-letters"


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served(
    tmp_path: Path, settings: dict[str, Any] | None = None, limits: Limits | None = None, bot: Any = None
) -> AsyncIterator[str]:
    """Serve a parrot; yield the address of its action server."""
    server = DeliveryServer()
    store = SQLiteStore(tmp_path / "store.sqlite")
    post = server.add(bot or Parrot(), store, lambda: limits or Limits())
    server.open(post, RasaConnector(), settings or {})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    web = uvicorn.Server(uvicorn.Config(server.wrap(nothing), "127.0.0.1", port, log_level="warning", lifespan="off"))
    task = asyncio.create_task(web.serve())
    address = f"http://127.0.0.1:{port}/p/{post.slug}/rasa"
    try:
        async with httpx.AsyncClient() as client:
            for _ in range(600):
                with suppress(httpx.HTTPError):
                    await client.get(f"{address}/health")
                    break
                await asyncio.sleep(0.05)
        yield address
    finally:
        web.should_exit = True
        await task
        post.close()
        store.close()


def call(action: str = "action_answer", text: str = "Hello", **tracker: Any) -> dict[str, Any]:
    """Return a call as a Rasa bot makes it."""
    return {
        "next_action": action,
        "sender_id": "ann",
        "tracker": {
            "sender_id": "ann", "slots": {}, "latest_message": {"text": text, "intent": {"name": "x"}, "entities": []},
            "events": [], "paused": False, "active_loop": {}, "latest_action_name": "action_listen", **tracker,
        },
        "domain": {"slots": {}, "actions": [action]},
        "version": "3.21.1",
    }  # fmt: skip


async def test_a_rasa_bot_lets_the_persona_answer(tmp_path: Path) -> None:
    bot = Parrot()
    bot.choices["Hello"] = ("Yes", "No")
    async with served(tmp_path, bot=bot) as address, httpx.AsyncClient() as client:
        assert (await client.get(f"{address}/health")).json() == {"status": "ok"}
        listed = (await client.get(f"{address}/actions")).json()
        assert listed == [{"name": "action_answer"}, {"name": "action_parrot_repeat"}]
        answer = (await client.post(f"{address}/webhook", json=call())).json()
        assert answer["events"] == []
        assert answer["responses"][0]["text"] == "You said: Hello"
        assert answer["responses"][0]["buttons"] == [
            {"title": "Yes", "payload": "Yes"},
            {"title": "No", "payload": "No"},
        ]
        packed = zlib.compress(json.dumps(call(text="again")).encode())
        deflated = await client.post(f"{address}/webhook", content=packed, headers={"content-encoding": "deflate"})
        assert deflated.json()["responses"][0]["text"] == "You said: again"
    assert bot.messages[0].user == bot.messages[0].conversation == "rasa:ann"


async def test_a_skill_is_an_action_with_the_tracker_s_slots(tmp_path: Path) -> None:
    bot = Parrot()
    async with served(tmp_path, bot=bot) as address, httpx.AsyncClient() as client:
        body = call("action_parrot_repeat", "/repeat", slots={"word": "hi", "other": None})
        answer = (await client.post(f"{address}/webhook", json=body)).json()
    assert answer["events"] == []
    message = bot.messages[0]
    assert message.text == ""
    assert message.call is not None
    assert (message.call.skill, message.call.slots, message.call.asked) == (
        "parrot.repeat",
        {"word": "hi", "other": None},
        True,
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"[]", 400), (b"null", 400), (b"[" * 100_000, 400), (b'{"next_action": 3, "tracker": {}}', 400),
        (b'{"next_action": "action_answer"}', 400),
        (b'{"next_action": "action_answer", "tracker": {"sender_id": 3}}', 400),
        (json.dumps(call("action_x")).encode(), 404), (b" " * 5_000_000, 413),
    ],
)  # fmt: skip
async def test_what_is_no_call_is_refused(tmp_path: Path, body: bytes, status: int) -> None:
    bot = Parrot()
    async with served(tmp_path, bot=bot) as address, httpx.AsyncClient() as client:
        assert (await client.post(f"{address}/webhook", content=body)).status_code == status
    assert not bot.messages


async def test_a_small_body_that_unpacks_to_a_large_one_is_refused(tmp_path: Path) -> None:
    bomb = zlib.compress(b" " * 50_000_000)
    async with served(tmp_path) as address, httpx.AsyncClient() as client:
        response = await client.post(f"{address}/webhook", content=bomb, headers={"content-encoding": "deflate"})
    assert response.status_code == 400


async def test_limits_of_the_persona_hold(tmp_path: Path) -> None:
    bot = Parrot()
    async with served(tmp_path, limits=Limits(characters=5), bot=bot) as address, httpx.AsyncClient() as client:
        answer = (await client.post(f"{address}/webhook", json=call(text="too long for it"))).json()
    assert answer["responses"][0]["text"]
    assert not bot.messages


async def test_a_server_with_a_key_wants_it(tmp_path: Path) -> None:
    async with served(tmp_path, {"key": KEY}) as address, httpx.AsyncClient() as client:
        url = f"{address}/webhook"
        assert (await client.post(url, json=call())).status_code == 401
        assert (await client.post(url, json=call(), params={"token": "no"})).status_code == 401
        assert (await client.post(url, json=call(), params={"token": KEY})).status_code == 200
        assert (await client.post(url, json=call(), headers={"authorization": f"Bearer {KEY}"})).status_code == 200


async def test_without_a_key_other_hosts_and_pages_are_refused(tmp_path: Path) -> None:
    async with served(tmp_path) as address, httpx.AsyncClient() as client:
        for header in ({"host": "bot.example.com"}, {"origin": "https://evil.example"}):
            response = await client.post(f"{address}/webhook", json=call(), headers=header)
            assert response.status_code == 403


async def test_the_rasa_plugin_of_another_persona_may_call_it(tmp_path: Path) -> None:
    async with served(tmp_path, {"key": KEY}) as address:
        settings = {"url": f"{address}/webhook", "headers": {"Authorization": f"Bearer {KEY}"}}
        made = await asyncio.to_thread(SkillClient, Rasa, **settings)
        async with made as client:
            result = await client.call("action_answer", "Hello there")
            assert result is not None
            assert result.text == "You said: Hello there"


@pytest.mark.parametrize("settings", [{"key": "short"}, {"port": 1}, {"key": 5}])
def test_settings_that_do_not_fit_are_named(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsInvalid, match="connectors: rasa"):
        RasaConnector().open(Parrot(), settings, None)  # type: ignore[arg-type]
    assert not RasaConnector().check({"key": "${RASA_KEY}"})
