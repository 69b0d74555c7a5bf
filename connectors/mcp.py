"""Each persona as a server of the Model Context Protocol: other programs ask it, and search what it knows.

Streamable HTTP without sessions (https://modelcontextprotocol.io), by the official SDK, which is loaded when a channel
begins. Knows bots, not how they answer. What comes in are words of a program's user: the persona's rules hold for them.
"""

from __future__ import annotations

import asyncio
import hmac
import importlib.util
import secrets
from collections.abc import AsyncGenerator, Mapping, MutableMapping
from contextlib import aclosing
from typing import Any, cast

from ..core.contracts import Bot, Channel, Connector, Desk, Memo
from ..core.errors import BadInput, SettingsInvalid
from ..core.message import Answer, Event, Incoming, Message, Reply

KEY = "key"
LONGEST_KEY = 200
SHORTEST_KEY = 16
HITS = 10
LOOPBACK = ["127.0.0.1:*", "localhost:*", "[::1]:*", "127.0.0.1", "localhost", "[::1]"]
Receive = Any


class McpChannel(Channel):
    """Answer tool calls for one persona at /p/{persona}/mcp/."""

    def __init__(self, bot: Bot, key: str, desk: Desk) -> None:
        self._bot, self._key, self._desk = bot, key, desk
        self._server: Any = None
        self.app = self._serve

    async def run(self) -> None:
        """Serve until cancelled."""
        server, security = await asyncio.to_thread(self._made)
        app = server.streamable_http_app(
            streamable_http_path="/", json_response=True, stateless_http=True, transport_security=security
        )
        async with server.session_manager.run():
            self._server = app
            try:
                await asyncio.Event().wait()
            finally:
                self._server = None

    async def read(self, incoming: Incoming) -> Message | Reply | None:
        """Return nothing: calls are answered as they come, and none is taken down."""
        return None

    async def send(self, incoming: Incoming, answer: Answer, memo: Memo) -> None:
        """Have nothing to send, as nothing is taken down."""

    async def close(self) -> None:
        """Have nothing to let go of: `run` ends what it began."""

    async def _serve(self, scope: MutableMapping[str, Any], receive: Receive, send: Any) -> None:
        if scope["type"] != "http":
            return
        if self._key and not hmac.compare_digest(self._given(scope), self._key.encode()):
            await _refuse(send, 401, "a key is needed: send it as `Authorization: Bearer …`")
        elif self._server is None:
            await _refuse(send, 503, "the server is starting; try again in some seconds")
        else:
            await self._server(scope, receive, send)

    @staticmethod
    def _given(scope: Mapping[str, Any]) -> bytes:
        header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        kind, _, key = header.partition(b" ")
        return cast(bytes, key.strip()) if kind.lower() == b"bearer" else b""

    def _made(self) -> tuple[Any, Any]:
        """Return the SDK's server with the tools, and which hosts may call it; it takes a second to load."""
        from mcp.server import MCPServer
        from mcp.server.transport_security import TransportSecuritySettings

        profile = self._bot.profile
        server = MCPServer(profile.slug, title=profile.name, instructions=profile.summary)

        @server.tool(name="ask", description=f"Ask {profile.name}: {profile.summary} The answer names its sources.")
        async def ask(question: str, conversation: str = "") -> dict[str, Any]:
            return await self._ask(question, conversation)

        @server.tool(name="search_knowledge", description=f"Find passages of what {profile.name} knows.")
        async def search_knowledge(query: str, count: int = 5) -> list[dict[str, Any]]:
            return await self._search(query, count)

        # without a key only programs on this machine may call, whatever page a browser there shows
        security = TransportSecuritySettings(
            enable_dns_rebinding_protection=not self._key, allowed_hosts=LOOPBACK, allowed_origins=[]
        )
        return server, security

    async def _ask(self, question: str, conversation: str) -> dict[str, Any]:
        """Return the answer of one turn; a name of a conversation goes on with it."""
        name = conversation or secrets.token_hex(8)
        user = f"mcp:{name}"
        message = Message(question, (), user, user, "mcp")
        language = self._bot.profile.languages[0]
        if (long := self._desk.too_long(len(question), 0, language)) is not None:
            raise ValueError(long)
        reply: Reply | None = None
        with self._desk.place(user, user) as receipt:
            if not receipt:
                raise ValueError("too many questions at once; wait a moment and ask again")
            try:
                async with aclosing(cast("AsyncGenerator[Event, None]", self._bot.answer(message))) as events:
                    async for event in events:
                        reply = event if isinstance(event, Reply) else reply
            except BadInput as error:
                raise ValueError(str(error)) from error
        if reply is None:
            raise ValueError("the turn ended without an answer; ask again")
        return {
            "answer": reply.text,
            "language": reply.language,
            "sources": [{"source": one.source, "text": one.text} for one in reply.sources],
            "conversation": name,
        }

    async def _search(self, query: str, count: int) -> list[dict[str, Any]]:
        found = await self._bot.search(query, max(1, min(count, HITS)))
        return [{"source": one.source, "text": one.text, "score": round(one.score, 3)} for one in found]


class McpConnector(Connector):
    """Bring personas to programs that speak the Model Context Protocol."""

    name = "mcp"

    def check(self, settings: Mapping[str, Any]) -> Mapping[str, str]:
        """Return what is wrong with a block as it is written, by its keys."""
        found = {name: f"the only setting of mcp is `{KEY}`" for name in settings if name != KEY}
        key = settings.get(KEY, "")
        if not isinstance(key, str) or not (key == "" or "${" in key or SHORTEST_KEY <= len(key) <= LONGEST_KEY):
            found[KEY] = f"a key has {SHORTEST_KEY} to {LONGEST_KEY} characters; make one with: openssl rand -hex 24"
        return found

    def open(self, bot: Bot, settings: Mapping[str, Any], desk: Desk) -> Channel:
        """Return the channel of a persona, not yet serving; raise SettingsInvalid."""
        for name, fault in self.check(settings).items():
            raise SettingsInvalid(f"connectors: mcp: {name}: {fault}")
        if importlib.util.find_spec("mcp") is None:
            raise SettingsInvalid("connectors: mcp needs its SDK: pip install 'personac[mcp]'")
        return McpChannel(bot, str(settings.get(KEY, "")), desk)


async def _refuse(send: Any, status: int, why: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"www-authenticate", b"Bearer")]
    await send({"type": "http.response.start", "status": status, "headers": headers[: 2 if status == 401 else 1]})
    await send({"type": "http.response.body", "body": why.encode()})
