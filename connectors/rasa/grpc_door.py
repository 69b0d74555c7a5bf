"""The gRPC side of an action server, and its health: rasa-sdk's ActionService on a port of its own.

Knows status codes; calls are answered by the channel, as those over HTTP are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...core.errors import RetryLater
from ...core.rasa_wire import HEALTH, HEALTH_NAME, SERVICE, SERVING, messages, packed, unpacked
from .translate import BODY_BYTES

if TYPE_CHECKING:
    from .channel import RasaChannel

GRACE_SECONDS = 2.0


async def serve(address: str, channel: RasaChannel) -> None:
    """Serve until cancelled; raise RetryLater where the address cannot be had."""
    import grpc

    server = grpc.aio.server(options=[("grpc.max_receive_message_length", BODY_BYTES), ("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers(_Door(grpc, channel).handlers())
    try:
        server.add_insecure_port(address)
    except RuntimeError as error:
        raise RetryLater(None, f"gRPC cannot be served at {address}: {error}") from None
    await server.start()
    try:
        await server.wait_for_termination()
    finally:
        await server.stop(GRACE_SECONDS)


class _Door:
    """Answer the methods of two services."""

    def __init__(self, grpc: Any, channel: RasaChannel) -> None:
        self._grpc, self._channel = grpc, channel

    def handlers(self) -> tuple[Any, ...]:
        """Return what the server calls, by service and method."""
        webhook = self._handler(self._webhook, "WebhookRequest", "WebhookResponse")
        actions = self._handler(self._actions, "ActionsRequest", "ActionsResponse")
        health = self._handler(self._health, "HealthCheckRequest", "HealthCheckResponse")
        generic = self._grpc.method_handlers_generic_handler
        return generic(SERVICE, {"Webhook": webhook, "Actions": actions}), generic(HEALTH, {"Check": health})

    def _handler(self, method: Any, request: str, response: str) -> Any:
        return self._grpc.unary_unary_rpc_method_handler(
            method,
            request_deserializer=messages()[request].FromString,
            response_serializer=messages()[response].SerializeToString,
        )

    async def _webhook(self, request: Any, context: Any) -> Any:
        await self._let_in(context)
        codes = self._grpc.StatusCode
        call = unpacked(request)
        status, body = await self._channel.answer(call)
        if status == 200:
            return packed("WebhookResponse", body)
        told = {"action_name": str(call.get("next_action", "")), "message": body["error"]}
        if status == 404:
            await context.abort(codes.NOT_FOUND, json.dumps({**told, "resource_type": "ACTION"}))
        refused = "action_name" in body  # the action is there, and does not do it
        await context.abort(codes.INTERNAL if refused else codes.INVALID_ARGUMENT, json.dumps(told))

    async def _actions(self, request: Any, context: Any) -> Any:
        await self._let_in(context)
        return packed("ActionsResponse", {"actions": [{"name": name} for name in self._channel.actions()]})

    async def _health(self, request: Any, context: Any) -> Any:
        if request.service not in ("", HEALTH_NAME):
            await context.abort(self._grpc.StatusCode.NOT_FOUND, "unknown service")
        return packed("HealthCheckResponse", {"status": SERVING})

    async def _let_in(self, context: Any) -> None:
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        kind, _, key = metadata.get("authorization", "").partition(" ")
        if not self._channel.lets_in(key.strip() if kind.lower() == "bearer" else ""):
            why = "a key is needed: send it as `authorization: Bearer …`"
            await context.abort(self._grpc.StatusCode.UNAUTHENTICATED, why)
