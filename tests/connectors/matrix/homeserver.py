"""A Matrix homeserver on loopback, as far as one bot needs it: sync, join, send, account data and files.

Written from the Client-Server API, v1.11: transaction ids are per access token and room; a sync without `since` gives
what is there, one with it waits for what is new; `next_batch` is opaque.
"""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response

TOKEN = "syt_parrot"
ME = "@parrot:loopback"


class Homeserver:
    """Hold rooms."""

    def __init__(self) -> None:
        self.timeline: list[tuple[str, dict[str, Any]]] = []  # of all rooms, in order
        self.invited: set[str] = set()
        self.joined: set[str] = set()
        self.data: dict[str, Any] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.syncs = 0
        self.synced = asyncio.Event()
        self.failures: list[tuple[float | None, bool]] = []
        self._transactions: dict[str, str] = {}
        self._new = asyncio.Condition()
        self.app = self._app()
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Serve on a free port and return the address."""
        taken = socket.create_server(("127.0.0.1", 0))  # who connects before it serves, waits
        config = uvicorn.Config(self.app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server._serve([taken]))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"

    async def stop(self) -> None:
        """End it."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            async with self._new:
                self._new.notify_all()
            await self._serving

    async def say(self, room: str, event_id: str, sender: str, content: dict[str, Any]) -> None:
        """Put an event into a room."""
        async with self._new:
            self.timeline.append(
                (room, {"type": "m.room.message", "event_id": event_id, "sender": sender, "content": content})
            )
            self._new.notify_all()

    def said(self, room: str) -> list[str]:
        """Return what the bot said in a room: a body without a `format` is shown as it is."""
        own = [event for name, event in self.timeline if name == room and event["sender"] == ME]
        assert all("format" not in event["content"] for event in own)
        return [event["content"]["body"] for event in own]

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def only_with_the_token(request: Request, call_next: Any) -> Response:
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                return Response(json.dumps({"errcode": "M_UNKNOWN_TOKEN"}), 401)
            return await call_next(request)  # type: ignore[no-any-return]

        @app.get("/_matrix/client/v3/sync")
        async def sync(request: Request) -> dict[str, Any]:
            self.syncs += 1
            at = int(request.query_params.get("since", "s0")[1:])
            seconds = int(request.query_params.get("timeout", "0")) / 1000

            def new() -> bool:
                stopped = self._server is not None and self._server.should_exit
                return len(self.timeline) > at or bool(self.invited) or stopped

            async with self._new:
                try:
                    await asyncio.wait_for(self._new.wait_for(new), seconds)
                except TimeoutError:
                    pass
            rooms: dict[str, Any] = {}
            for room, event in self.timeline[at:]:
                rooms.setdefault(room, {"timeline": {"events": []}})["timeline"]["events"].append(event)
            invited = {room: {"invite_state": {"events": []}} for room in self.invited}
            return {"next_batch": f"s{len(self.timeline)}", "rooms": {"join": rooms, "invite": invited}}

        @app.post("/_matrix/client/v3/join/{room}")
        async def join(room: str) -> dict[str, str]:
            self.invited.discard(room)
            self.joined.add(room)
            return {"room_id": room}

        @app.put("/_matrix/client/v3/rooms/{room}/send/{kind}/{transaction}")
        async def send(room: str, kind: str, transaction: str, request: Request) -> Response:
            wait, done = self.failures.pop(0) if self.failures else (None, None)
            if done is False:
                return self._failed(wait)
            name = f"{room} {transaction}"
            if name not in self._transactions:
                self._transactions[name] = f"$answer{len(self.timeline)}"
                await self.say(room, self._transactions[name], ME, await request.json())
            return self._failed(wait) if done else Response(json.dumps({"event_id": self._transactions[name]}))

        @app.put("/_matrix/client/v3/user/{user}/account_data/{kind}")
        async def put_data(user: str, kind: str, request: Request) -> dict[str, str]:
            self.data[kind] = await request.json()
            self.synced.set()
            return {}

        @app.get("/_matrix/client/v3/user/{user}/account_data/{kind}")
        async def get_data(user: str, kind: str) -> Response:
            found = self.data.get(kind)
            return Response(json.dumps(found or {"errcode": "M_NOT_FOUND"}), 200 if found else 404)

        @app.get("/_matrix/client/v1/media/download/{server}/{name}")
        async def download(server: str, name: str) -> Response:
            kind, data = self.files[name]
            return Response(data, media_type=kind)

        return app

    @staticmethod
    def _failed(wait: float | None) -> Response:
        if wait is None:
            return Response(json.dumps({"errcode": "M_UNKNOWN"}), 502)
        return Response(json.dumps({"errcode": "M_LIMIT_EXCEEDED"}), 429, {"Retry-After": str(int(wait))})
