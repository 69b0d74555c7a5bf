"""Call an action server over HTTP: `POST /webhook` as Rasa does it, with sizes and times held.

Knows status codes and headers; does not know what actions mean.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx

from ...core.errors import SettingsInvalid
from .server import MOST_BYTES, ActionFault, Answer, DomainWanted, NotThere, Rejected, answer_of, names_of, read_json

CONNECT_SECONDS = 3.0
SHOWN = 300  # characters of a server's own error that are logged


class WebhookServer:
    """Call one action server."""

    def __init__(
        self,
        url: str,
        seconds: float,
        *,
        headers: Mapping[str, str] | None = None,
        token: str = "",
        deflate: bool = False,
        certificate: str = "",
    ) -> None:
        self._url, self._seconds, self._deflate = url, seconds, deflate
        self._headers = {"content-type": "application/json", **(headers or {})}
        self._params = {"token": token} if token else {}
        self._certificate = certificate
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def actions(self) -> list[str]:
        """Return the names of all actions."""
        base = self._url.removesuffix("/").removesuffix("/webhook")
        try:
            with httpx.Client(timeout=CONNECT_SECONDS, headers=self._headers, **self._options()) as client:
                response = client.get(f"{base}/actions", params=self._params)
        except httpx.HTTPError as error:
            raise ActionFault(f"the action server {self._shown} cannot be reached: {_told(error)}") from None
        if response.status_code != 200 or len(response.content) > MOST_BYTES:
            raise ActionFault(f"the action server {self._shown} does not list its actions: {response.status_code}")
        return names_of(read_json(response.content, f"the action server {self._shown}"))

    async def run(self, call: Mapping[str, Any]) -> Answer:
        """Run an action and return its answer; raise ActionFault."""
        action = str(call["next_action"])
        body, headers = json.dumps(call, ensure_ascii=False).encode(), dict(self._headers)
        if self._deflate:
            body, headers["content-encoding"] = zlib.compress(body), "deflate"
        try:
            async with asyncio.timeout(self._seconds):
                status, data = await self._post(body, headers, action)
        except TimeoutError:
            raise ActionFault(f"the action {action} took more than {self._seconds:g} s at {self._shown}") from None
        except (httpx.HTTPError, zlib.error) as error:
            raise ActionFault(f"the action server {self._shown} cannot be reached: {_told(error)}") from None
        if status == 200:
            return answer_of(read_json(data, f"the action {action}"), action)
        raise self._fault(status, data, action)

    def close(self) -> None:
        """Close the connections, where their loop still runs."""
        if self._client is not None and self._loop is not None and self._loop.is_running():
            with suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(self._client.aclose(), self._loop).result(1.0)

    async def _post(self, body: bytes, headers: Mapping[str, str], action: str) -> tuple[int, bytes]:
        client = self._opened()
        request = client.build_request("POST", self._url, content=body, headers=headers, params=self._params or None)
        response = await client.send(request, stream=True)
        try:
            data = bytearray()
            async for piece in response.aiter_bytes():
                data += piece
                if len(data) > MOST_BYTES:
                    raise ActionFault(f"the action {action} answered with more than {MOST_BYTES} bytes; none is used")
            return response.status_code, bytes(data)
        finally:
            await response.aclose()

    def _opened(self) -> httpx.AsyncClient:
        """Return the client of this event loop; a loop that was given up took its connections with it."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client = httpx.AsyncClient(timeout=self._seconds, **self._options())
            self._loop = loop
        return self._client

    def _options(self) -> dict[str, Any]:
        """Return how clients connect: no proxy stands before this machine itself."""
        options: dict[str, Any] = {"trust_env": urlsplit(self._url).hostname not in ("127.0.0.1", "localhost", "::1")}
        if self._certificate:
            try:
                options["verify"] = ssl.create_default_context(cafile=self._certificate)
            except OSError as error:
                raise SettingsInvalid(f"the certificate {self._certificate} cannot be read: {error}") from None
        return options

    def _fault(self, status: int, data: bytes, action: str) -> ActionFault:
        try:
            body = json.loads(data)
        except (ValueError, RecursionError):
            body = None
        said = body if isinstance(body, dict) else {}
        why = str(said.get("error") or data[:SHOWN].decode("utf-8", "replace"))[:SHOWN]
        match status:
            case 400 if "action_name" in said:
                return Rejected(f"the action {action} refused to run: {why}")
            case 404 if "action_name" in said:
                return NotThere(f"the action server {self._shown} has no action {action}")
            case 449:
                return DomainWanted(f"the action server {self._shown} wants the domain")
            case 401 | 403:
                return ActionFault(f"the action server {self._shown} lets nobody in without its token: {why}")
            case 404 | 405:
                return ActionFault(f"{self._shown} is no action server ({status}); its address ends in /webhook")
        return ActionFault(f"the action {action} failed at {self._shown} ({status}): {why}")

    @property
    def _shown(self) -> str:
        """Return the address for logs, without what may be secret in it."""
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def wait_for(server: WebhookServer, seconds: float, alive: Any = lambda: True) -> list[str]:
    """Return the actions of a server that is starting; raise ActionFault when it has not within some seconds."""
    end = time.monotonic() + seconds
    while True:
        try:
            return server.actions()
        except ActionFault:
            if time.monotonic() > end or not alive():
                raise
        time.sleep(0.1)


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__
