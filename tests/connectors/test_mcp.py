"""A persona over the Model Context Protocol, spoken by the official client against a real server on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from personac.connectors.mcp import McpConnector
from personac.core.delivery.server import DeliveryServer
from personac.core.errors import SettingsInvalid
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore
from personac.core.testing.parrot import Parrot

pytest.importorskip("mcp", reason="the extra mcp is not installed")
KEY = "a-key-of-more-than-16-letters"


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served(settings: dict[str, Any], tmp_path: Path, limits: Limits | None = None) -> AsyncIterator[str]:
    """Serve a parrot; yield the address of its MCP server."""
    server = DeliveryServer()
    store = SQLiteStore(tmp_path / "store.sqlite")
    post = server.add(Parrot(), store, lambda: limits or Limits())  # type: ignore[arg-type]
    channel = server.open(post, McpConnector(), settings)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    web = uvicorn.Server(uvicorn.Config(server.wrap(nothing), "127.0.0.1", port, log_level="warning", lifespan="off"))
    tasks = [asyncio.create_task(channel.run()), asyncio.create_task(web.serve())]
    address = f"http://127.0.0.1:{port}/p/parrot/mcp/"
    try:
        async with httpx.AsyncClient() as client:
            for _ in range(600):
                with suppress(httpx.HTTPError):
                    if (await client.post(address, json={})).status_code != 503:
                        break
                await asyncio.sleep(0.05)
        yield address
    finally:
        web.should_exit = True
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await channel.close()
        post.close()
        store.close()


def content(result: Any) -> Any:
    return json.loads(result.content[0].text)


async def test_a_program_asks_and_searches(tmp_path: Path) -> None:
    from mcp import Client

    async with served({}, tmp_path) as address, Client(address) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask", "search_knowledge"}
        assert tools["ask"].input_schema["required"] == ["question"]
        first = content(await client.call_tool("ask", {"question": "Hello"}))
        assert first["answer"] == "You said: Hello"
        again = content(await client.call_tool("ask", {"question": "And?", "conversation": first["conversation"]}))
        assert again["conversation"] == first["conversation"]
        found = await client.call_tool("search_knowledge", {"query": "tickets", "count": 99})
        assert content(found)["source"] == "words.txt:1"


async def test_what_does_not_fit_is_a_sentence_of_the_tool(tmp_path: Path) -> None:
    from mcp import Client

    async with served({}, tmp_path, Limits(characters=20)) as address, Client(address) as client:
        for arguments in ({"question": "x" * 21}, {}, {"question": 3}):
            result = await client.call_tool("ask", arguments)
            assert result.is_error
            assert result.content[0].text  # type: ignore[union-attr]


async def test_a_server_with_a_key_wants_it(tmp_path: Path) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    kind = {"accept": "application/json, text/event-stream"}
    async with served({"key": KEY}, tmp_path) as address, httpx.AsyncClient() as client:
        assert (await client.post(address, json=body, headers=kind)).status_code == 401
        wrong = {**kind, "authorization": "Bearer no"}
        assert (await client.post(address, json=body, headers=wrong)).status_code == 401
        right = {**kind, "authorization": f"Bearer {KEY}"}
        assert (await client.post(address, json=body, headers=right)).status_code == 200


async def test_without_a_key_pages_and_other_hosts_are_refused(tmp_path: Path) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    kind = {"accept": "application/json, text/event-stream"}
    async with served({}, tmp_path) as address, httpx.AsyncClient() as client:
        assert (await client.post(address, json=body, headers=kind)).status_code == 200
        for header in ({"host": "bot.example.com"}, {"origin": "https://evil.example"}):
            assert (await client.post(address, json=body, headers={**kind, **header})).status_code in (403, 421)
        assert (await client.post(address, content=b"{" * 500, headers=kind)).status_code in (400, 415)


@pytest.mark.parametrize("settings", [{"key": "short"}, {"port": 1}, {"key": 5}])
def test_settings_that_do_not_fit_are_named(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsInvalid, match="connectors: mcp"):
        McpConnector().open(Parrot(), settings, None)  # type: ignore[arg-type]
    assert not McpConnector().check({"key": "${MCP_KEY}"})
