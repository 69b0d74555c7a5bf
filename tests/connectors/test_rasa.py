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
from personac.core.errors import ExtensionInvalid, SettingsInvalid
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore
from personac.core.testing.parrot import Parrot
from personac.core.testing.skills import SkillClient, SkillFailed
from personac.plugins.rasa import Rasa

KEY = "a-key-of-more-than-16-letters"
CLIENT = """
import json, sys, grpc
from rasa_sdk.grpc_py import action_webhook_pb2 as pb, action_webhook_pb2_grpc as rpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}") as channel:
    grpc.channel_ready_future(channel).result(10)
    stub = rpc.ActionServiceStub(channel)
    request = pb.WebhookRequest(next_action="action_answer", sender_id="ann")
    request.tracker.sender_id = "ann"
    request.tracker.latest_message.update({"text": "Hello", "intent": {"name": "greet"}})
    request.tracker.active_loop["name"] = "a_form"
    told = {"actions": [action["name"] for action in stub.Actions(pb.ActionsRequest()).actions]}
    told["text"] = stub.Webhook(request).responses[0]["text"]
    request.next_action = "action_x"
    try:
        stub.Webhook(request)
    except grpc.RpcError as error:
        details = json.loads(error.details())
        told["missing"] = [error.code().name, details["action_name"], details["resource_type"]]
    asked = health_pb2.HealthCheckRequest(service="ActionServer")
    told["health"] = health_pb2_grpc.HealthStub(channel).Check(asked).status
print(json.dumps(told))
"""


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
    channel = server.open(post, RasaConnector(), settings or {})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    web = uvicorn.Server(uvicorn.Config(server.wrap(nothing), "127.0.0.1", port, log_level="warning", lifespan="off"))
    task, calls = asyncio.create_task(web.serve()), asyncio.create_task(channel.run())
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
        calls.cancel()
        await asyncio.gather(task, calls, return_exceptions=True)
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


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def test_grpc_is_served_beside_it(tmp_path: Path) -> None:
    pytest.importorskip("grpc", reason="the extra rasa is not installed")
    port = free_port()
    async with served(tmp_path, {"grpc": port, "key": KEY}):
        settings: dict[str, Any] = {"url": f"grpc://127.0.0.1:{port}"}
        with pytest.raises(ExtensionInvalid, match="UNAUTHENTICATED"):
            await asyncio.to_thread(SkillClient, Rasa, **settings)
        settings["headers"] = {"Authorization": f"Bearer {KEY}"}
        made = await asyncio.to_thread(SkillClient, Rasa, **settings, domain={"intents": ["greet", {"bye": {}}]})
        async with made as client:
            assert list(made._loaded.skills) == ["action_answer", "action_parrot_repeat"]
            result = await client.call("action_answer", "Hello there")
            assert result is not None
            assert result.text == "You said: Hello there"
        settings["allow"] = ("action_gone",)
        async with SkillClient(Rasa, **settings) as client:
            with pytest.raises(SkillFailed, match="has no action action_gone"):
                await client.call("action_gone", "Hello")


async def test_rasa_sdk_s_own_grpc_client_understands_it(tmp_path: Path, rasa_python: Path) -> None:
    port = free_port()
    async with served(tmp_path, {"grpc": port}):
        program = await asyncio.create_subprocess_exec(
            str(rasa_python), "-c", CLIENT, str(port), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, error = await program.communicate()
    assert program.returncode == 0, error.decode()
    told = json.loads(out)
    assert told["actions"] == ["action_answer", "action_parrot_repeat"]
    assert told["text"] == "You said: Hello"
    assert told["missing"] == ["NOT_FOUND", "action_x", "ACTION"]
    assert told["health"] == 1


@pytest.mark.parametrize(
    "settings", [{"key": "short"}, {"port": 1}, {"key": 5}, {"grpc": "x"}, {"grpc_host": "0.0.0.0"}]
)
def test_settings_that_do_not_fit_are_named(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsInvalid, match="connectors: rasa"):
        RasaConnector().open(Parrot(), settings, None)  # type: ignore[arg-type]
    assert not RasaConnector().check({"key": "${RASA_KEY}"})
