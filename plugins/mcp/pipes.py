"""How servers are reached: a program's input and output, or streamable HTTP, both held to sizes and a rate.

Knows bytes and messages, not what they mean.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import anyio
import httpx2
from mcp.client.stdio import get_default_environment
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from .settings import Server

log = logging.getLogger("personac")
BYTES = 4 * 1024 * 1024  # of one line, or one response
MESSAGES, WINDOW_SECONDS = 1000, 5.0
STOP_SECONDS = 0.5  # to end by itself, and to end when told to
REFUSED = ("sampling/createMessage", "roots/list", "elicitation/create")  # by the SDK, which was given no handler
TAIL_BYTES = 800  # of what a program writes into its error output, for the log

Streams = tuple[Any, Any]


def reach(name: str, settings: Server, ended: asyncio.Event) -> AbstractAsyncContextManager[Streams]:
    """Return the way to a server, as the SDK's client enters it; `ended` is set when nothing comes any more."""
    own = _program(name, settings) if settings.command else _web(settings)
    return _held(name, own, ended)


@asynccontextmanager
async def _held(
    name: str, inner: AbstractAsyncContextManager[Streams], ended: asyncio.Event
) -> AsyncGenerator[Streams, None]:
    """Pass messages on, up to a rate; a server that sends more is let go."""

    async def pump(source: Any, send: Any) -> None:
        begun, count = time.monotonic(), 0
        asked = set[str]()
        try:
            async with send:
                async for message in source:
                    count += 1
                    if time.monotonic() - begun > WINDOW_SECONDS:
                        begun, count = time.monotonic(), 0
                    if count > MESSAGES:
                        log.error("the MCP server %s sends more than %d messages in %g s", name, count, WINDOW_SECONDS)
                        return
                    if (method := _method(message)) in REFUSED and method not in asked:
                        asked.add(method)
                        log.warning("the MCP server %s asks for %s, which is refused", name, method)
                    await send.send(message)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # the session is over
        finally:
            ended.set()

    async with inner as (read, write), anyio.create_task_group() as group:
        send, receive = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        group.start_soon(pump, read, send)
        try:
            yield receive, write
        finally:
            group.cancel_scope.cancel()
            receive.close()
            send.close()


def _method(message: SessionMessage | Exception) -> str:
    return "" if isinstance(message, Exception) else str(getattr(message.message, "method", ""))


@asynccontextmanager
async def _program(name: str, settings: Server) -> AsyncGenerator[Streams, None]:
    """Start a program with an environment of its own, and end it and what it started."""
    process = await asyncio.create_subprocess_exec(
        settings.command,
        *settings.args,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**get_default_environment(), **settings.env},
        limit=BYTES,
        start_new_session=True,
    )
    said, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, outgoing = anyio.create_memory_object_stream[SessionMessage](0)
    tail = bytearray()

    async def hear() -> None:
        assert process.stdout is not None
        async with said:
            while True:
                try:
                    line = await process.stdout.readline()
                except ValueError:
                    log.error("the MCP server %s wrote a line of more than %d bytes", name, BYTES)
                    return
                if not line:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(STOP_SECONDS):
                            await process.wait()
                    level = logging.ERROR if process.returncode else logging.WARNING
                    log.log(level, "the MCP server %s ended (%s): %s", name, process.returncode, _shown(tail))
                    return
                with suppress(anyio.BrokenResourceError):
                    await said.send(_message(line))

    async def speak() -> None:
        assert process.stdin is not None
        async with outgoing:
            async for message in outgoing:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                process.stdin.write(text.encode() + b"\n")
                try:
                    await process.stdin.drain()
                except ConnectionError:
                    return

    async def note() -> None:
        assert process.stderr is not None
        while piece := await process.stderr.read(4096):
            tail.extend(piece)
            del tail[:-TAIL_BYTES]

    try:
        async with anyio.create_task_group() as group:
            for task in (hear, speak, note):
                group.start_soon(task)
            try:
                yield read, write
            finally:
                group.cancel_scope.cancel()
    finally:
        for stream in (said, read, write, outgoing):
            stream.close()
        with anyio.CancelScope(shield=True):
            await _end(process)


def _message(line: bytes) -> SessionMessage | Exception:
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:
        return ValueError(f"it wrote what is no message: {_shown(line[:80])} ({type(error).__name__})")


def _shown(raw: bytes | bytearray) -> str:
    """Return bytes of a stranger for the log, on one line."""
    return repr(bytes(raw).decode("utf-8", "replace"))[1:-1]


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close a program's input, then tell it and what it started to end, then end them."""
    if process.stdin is not None:
        process.stdin.close()
    for sign in (None, signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        if sign is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, sign) if hasattr(os, "killpg") else process.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
                if sign is not None:
                    break
    _let_go(process)
    await asyncio.sleep(0)  # in which the pipes are closed


def _let_go(process: asyncio.subprocess.Process) -> None:
    """Close a program's pipes; what it started may hold their other ends open."""
    transport = getattr(process, "_transport", None)
    if transport is not None:
        with suppress(PermissionError):
            transport.close()


@asynccontextmanager
async def _web(settings: Server) -> AsyncGenerator[Streams, None]:
    """Speak streamable HTTP; a response is held to a size, as it comes over the wire and unpacked."""
    headers: Mapping[str, str] = {"accept-encoding": "identity", **settings.headers}
    timeout = httpx2.Timeout(settings.seconds, read=None)
    async with (
        httpx2.AsyncClient(headers=headers, timeout=timeout, event_hooks={"response": [_hold]}) as client,
        streamable_http_client(settings.url, http_client=client, max_sse_event_size=BYTES) as streams,
    ):
        yield streams[0], streams[1]


async def _hold(response: httpx2.Response) -> None:
    """Cut a response off where it grows too large; a packed one could grow to anything."""
    packed = response.headers.get("content-encoding", "identity")
    if packed != "identity":
        raise httpx2.DecodingError(f"the answer is packed ({packed}), though it was asked not to be")
    response.stream = _Held(response.stream)


class _Held(httpx2.AsyncByteStream):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._inner:
            size += len(piece)
            if size > BYTES:
                raise httpx2.ReadError(f"the answer has more than {BYTES} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()
