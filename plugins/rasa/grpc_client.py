"""Call an action server over gRPC, as Rasa does with `grpc://` in its endpoints.

Knows status codes; the messages are in core/rasa_wire.py. grpcio is loaded when the first call is made.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...core.errors import SettingsInvalid
from ...core.rasa_wire import HEALTH, HEALTH_NAME, SERVICE, SERVING, messages, packed_call, unpacked
from .server import MOST_BYTES, ActionFault, Answer, DomainWanted, NotThere, Rejected, answer_of, names_of

CONNECT_SECONDS = 3.0


class GrpcServer:
    """Call one action server."""

    def __init__(
        self, url: str, seconds: float, *, headers: Mapping[str, str] | None = None, certificate: str = ""
    ) -> None:
        parts = urlsplit(url)
        self._target, self._secure = parts.netloc, parts.scheme == "grpcs"
        self._seconds, self._certificate = seconds, certificate
        self._metadata = [(name.lower(), value) for name, value in (headers or {}).items()]
        self._channel: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def actions(self) -> list[str]:
        """Return the names of all actions of a server that says that it is well."""
        import grpc

        with self._opened(grpc) as channel:
            try:
                health = self._call(channel, HEALTH, "Check", "HealthCheckRequest", "HealthCheckResponse")
                told = health(messages()["HealthCheckRequest"](service=HEALTH_NAME), timeout=CONNECT_SECONDS)
                if told.status != SERVING:
                    raise ActionFault(f"the action server {self._target} says that it does not serve now")
            except grpc.RpcError as error:
                if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                    raise self._fault(grpc, error, "") from None
            listing = self._call(channel, SERVICE, "Actions", "ActionsRequest", "ActionsResponse")
            try:
                response = listing(messages()["ActionsRequest"](), timeout=CONNECT_SECONDS, metadata=self._metadata)
            except grpc.RpcError as error:
                raise self._fault(grpc, error, "") from None
        return names_of(unpacked(response).get("actions", []))

    async def run(self, call: Mapping[str, Any]) -> Answer:
        """Run an action and return its answer; raise ActionFault."""
        import grpc

        action = str(call["next_action"])
        loop = asyncio.get_running_loop()
        if self._channel is None or self._loop is not loop:
            self._channel, self._loop = self._opened(grpc.aio), loop
        webhook = self._call(self._channel, SERVICE, "Webhook", "WebhookRequest", "WebhookResponse")
        try:
            response = await webhook(packed_call(call), timeout=self._seconds, metadata=self._metadata)
        except grpc.RpcError as error:
            raise self._fault(grpc, error, action) from None
        return answer_of(unpacked(response), action)

    def close(self) -> None:
        """Close the connection, where its loop still runs."""
        if self._channel is not None and self._loop is not None and self._loop.is_running():
            with suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(self._channel.close(), self._loop).result(1.0)

    def _opened(self, grpc_module: Any) -> Any:
        """Return a channel of grpc or of grpc.aio."""
        import grpc

        options = [("grpc.max_receive_message_length", MOST_BYTES)]
        if not self._secure:
            return grpc_module.insecure_channel(self._target, options=options)
        try:
            roots = Path(self._certificate).read_bytes() if self._certificate else None
        except OSError as error:
            raise SettingsInvalid(f"the certificate {self._certificate} cannot be read: {error}") from None
        return grpc_module.secure_channel(self._target, grpc.ssl_channel_credentials(roots), options=options)

    @staticmethod
    def _call(channel: Any, service: str, method: str, request: str, response: str) -> Any:
        return channel.unary_unary(
            f"/{service}/{method}",
            request_serializer=messages()[request].SerializeToString,
            response_deserializer=messages()[response].FromString,
        )

    def _fault(self, grpc: Any, error: Any, action: str) -> ActionFault:
        codes, code, details = grpc.StatusCode, error.code(), str(error.details() or "")
        try:
            body = json.loads(details)
        except (ValueError, RecursionError):
            body = None
        said = body if isinstance(body, dict) and "action_name" in body else {}
        what = f"the action {action}" if action else "the list of actions"
        if code is codes.NOT_FOUND and said.get("resource_type") == "DOMAIN":
            return DomainWanted(f"the action server {self._target} wants the domain")
        if code is codes.NOT_FOUND and said:
            return NotThere(f"the action server {self._target} has no action {action}")
        if code is codes.INTERNAL and said:
            return Rejected(f"the action {action} refused to run: {said.get('message')}")
        if code is codes.DEADLINE_EXCEEDED:
            return ActionFault(f"{what} took more than {self._seconds:g} s at {self._target}")
        if code is codes.UNAVAILABLE:
            return ActionFault(f"the action server {self._target} cannot be reached: {details}")
        if code is codes.RESOURCE_EXHAUSTED:
            return ActionFault(f"{what} answered with more than {MOST_BYTES} bytes; none is used")
        return ActionFault(f"{what} failed at {self._target} ({code.name}): {details[:300]}")
