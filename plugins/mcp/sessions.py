"""Sessions with servers: begun in the background, kept, begun anew after a crash, none of them waited for too long.

A tool is used as it was when the persona was loaded, or as the persona pins it; one that changed is refused. Nothing
that a server asks for (a model's words, files, questions to the user) is granted: the SDK refuses what has no handler.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from mcp_types import CONNECTION_CLOSED, CallToolRequest, CallToolRequestParams, CallToolResult, InputRequiredResult
from pydantic import TypeAdapter

from .pipes import reach
from .schemas import Tool, tool_of
from .settings import Server

log = logging.getLogger("personac")
PAGES, TOOLS = 20, 500  # of a server's list
FRESH_SECONDS = 10.0  # for which a list of tools is not asked for again
FEW = 2  # calls in a row without an answer, after which the session is begun anew
REST_SECONDS = 60.0  # at most, after failures
ANSWERS: TypeAdapter[Any] = TypeAdapter(CallToolResult | InputRequiredResult)


class Trouble(Exception):
    """Report why a call came to nothing: away, slow, changed, refused or garbage; the text is for the operator."""

    def __init__(self, kind: str, why: str) -> None:
        self.kind = kind
        super().__init__(why)


class Sessions:
    """Keep a session with each server, on an event loop in a thread of its own."""

    def __init__(self, servers: Mapping[str, Server]) -> None:
        self._settings = servers
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._kept: dict[str, _Session] = {}

    def begin(self) -> dict[str, dict[str, Tool]]:
        """Connect to all servers side by side; return their tools, of those that answered in time."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="mcp-sessions", daemon=True)
        self._kept = {name: _Session(name, one) for name, one in self._settings.items()}
        self._thread.start()
        starts = {name: self._submit(kept.start) for name, kept in self._kept.items()}
        for name, start in starts.items():
            try:
                start.result(self._settings[name].start_seconds + 1.0)
            except Exception as error:
                log.error("the MCP server %s: %s; its tools are tried again when they are wanted", name, error)
        return {name: dict(kept.tools) for name, kept in self._kept.items()}

    async def call(self, server: str, tool: str, make: Callable[[Tool], dict[str, Any]]) -> tuple[Tool, Any]:
        """Return a tool with what it answered to the arguments that `make` makes for it; raise Trouble."""
        return await asyncio.wrap_future(self._submit(lambda: self._kept[server].call(tool, make)))

    def close(self) -> None:
        """End all sessions and what was started for them."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        with suppress(Exception):
            self._submit(self._end).result(1.8)
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(loop.stop)
        thread.join(0.2)

    async def _end(self) -> None:
        await asyncio.gather(*(kept.end() for kept in self._kept.values()))

    def _submit(self, make: Callable[[], Any]) -> Future[Any]:
        if self._loop is None or self._loop.is_closed():
            raise Trouble("away", "the sessions have ended")
        return asyncio.run_coroutine_threadsafe(make(), self._loop)

    def _run(self) -> None:
        assert self._loop is not None
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()


class _Session:
    """Keep a session with one server."""

    def __init__(self, name: str, settings: Server) -> None:
        self.name, self.settings = name, settings
        self.tools: dict[str, Tool] = {}  # as they were when they were first seen
        self._now: dict[str, str] = {}  # digests, as they are
        self._looked = 0.0
        self._client: Any = None
        self._task: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[Any] | None = None
        self._ended = asyncio.Event()
        self._silent = self._failures = 0
        self._rest_until = 0.0

    async def start(self) -> Any:
        """Return the SDK's client of a session that is open, beginning one where there is none; raise Trouble."""
        if self._client is not None and not self._ended.is_set():
            return self._client
        if self._task is not None and self._ended.is_set():
            await asyncio.wait([self._task])  # what is left of it is taken down
        if self._task is None or self._task.done():
            if (left := self._rest_until - time.monotonic()) > 0:
                raise Trouble("away", f"after failures it is tried again in {left:.0f} s")
            self._ended = asyncio.Event()
            self._opened = asyncio.get_running_loop().create_future()
            self._opened.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._task = asyncio.create_task(self._keep(self._opened))
        assert self._opened is not None
        return await asyncio.shield(self._opened)

    async def call(self, tool: str, make: Callable[[Tool], dict[str, Any]]) -> tuple[Tool, Any]:
        """Call a tool that is allowed and has not changed; raise Trouble."""
        try:
            async with asyncio.timeout(self.settings.seconds):
                client = await self._ready()
                known = self._checked(tool)
                answer = await self._ask(client, tool, make(known))
        except TimeoutError:
            self._silent += 1
            if self._silent >= FEW:
                self._silent = 0
                self._rest()
                self._ended.set()
            raise Trouble("slow", f"it did not answer within {self.settings.seconds:g} s") from None
        self._silent = self._failures = 0
        return known, answer

    async def _ready(self) -> Any:
        """Return a client whose list of tools is fresh, a second one where the first turns out to be dead."""
        client = await self.start()
        try:
            await self._look(client)
        except Trouble:
            if not self._ended.is_set():
                raise
            client = await self.start()
            await self._look(client)
        return client

    async def end(self) -> None:
        """End the session."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self, opened: asyncio.Future[Any]) -> None:
        from mcp import Client

        self._looked = 0.0
        try:
            async with asyncio.timeout(self.settings.start_seconds) as limit:
                client = Client(reach(self.name, self.settings, self._ended), cache=None, message_handler=self._heard)
                async with client:
                    await self._look(client)
                    limit.reschedule(None)
                    self._client = client
                    opened.set_result(client)
                    await self._ended.wait()
        except Exception as error:
            if opened.done():
                log.warning("the session with the MCP server %s ended: %s", self.name, _cause(error))
            else:
                self._rest()
                opened.set_exception(Trouble("away", f"it cannot be reached: {_cause(error)}"))
        finally:
            self._client = None
            opened.cancel()

    def _rest(self) -> None:
        """Leave the server alone for a while, longer with each failure in a row."""
        self._failures = min(self._failures + 1, 10)
        self._rest_until = time.monotonic() + min(REST_SECONDS, 2.0**self._failures)

    async def _heard(self, message: Any) -> None:
        """Ask for the list of tools again when a server says that it changed."""
        if getattr(message, "method", "") == "notifications/tools/list_changed":
            self._looked = 0.0

    async def _look(self, client: Any) -> None:
        """Learn which tools there are, and what they are like now."""
        if time.monotonic() - self._looked < FRESH_SECONDS:
            return
        began, cursor, listed = time.monotonic(), None, list[Any]()
        for _ in range(PAGES):
            try:
                page = await client.list_tools(cursor=cursor)
            except Exception as error:
                self._closed(error)
                raise Trouble("garbage", f"its list of tools cannot be read: {_cause(error)}") from None
            listed += page.tools
            cursor = page.next_cursor
            if cursor is None or len(listed) > TOOLS:
                break
        self._now = {}
        for tool in listed[:TOOLS]:
            if tool.name in self.settings.allow and tool.name not in self._now:
                found = tool_of(tool.model_dump(mode="json", by_alias=True, exclude_none=True), self.settings)
                self._now[tool.name] = found.digest
                if tool.name not in self.tools:
                    self.tools[tool.name] = found
                    self._told(found)
        self._looked = began

    def _closed(self, error: Exception) -> None:
        """Take note when an error says that there is nobody any more."""
        if getattr(error, "code", None) == CONNECTION_CLOSED:
            self._ended.set()

    def _told(self, tool: Tool) -> None:
        name = f"the tool {tool.name} of the MCP server {self.name}"
        if tool.fault:
            log.error("%s cannot be used: %s", name, tool.fault)
        elif tool.name not in self.settings.pins:
            log.info("%s is used as it is now; to hold it to that: pins: {%s: %s}", name, tool.name, tool.digest)

    def _checked(self, tool: str) -> Tool:
        known, now = self.tools.get(tool), self._now.get(tool)
        if known is None or now is None:
            raise Trouble("away", f"it has no tool {tool} (any more)")
        if now != (pinned := self.settings.pins.get(tool, known.digest)):
            raise Trouble(
                "changed",
                f"the tool is not what it was ({now} instead of {pinned}); look at it, then write `pins: "
                f"{{{tool}: {now}}}` for the server, or load the persona again",
            )
        if known.fault:
            raise Trouble("refused", known.fault)
        return known

    async def _ask(self, client: Any, tool: str, arguments: dict[str, Any]) -> Any:
        request = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=arguments))
        try:
            answer = await client.session.send_request(request, ANSWERS)
        except Exception as error:
            self._closed(error)
            kind = "away" if self._ended.is_set() else "garbage"
            raise Trouble(kind, f"the call came to nothing: {_cause(error)}") from None
        if isinstance(answer, InputRequiredResult):
            raise Trouble("refused", "it asks for more than its arguments (a model, files, the user), which is refused")
        return answer


def _cause(error: BaseException) -> str:
    """Return what is behind an error of the SDK, short and on one line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "it took too long"
    return f"{type(error).__name__}: {repr(str(error)[:300])[1:-1]}"
