"""The messages of rasa-sdk's gRPC service and of the health service, described here and made when they are needed.

Spoken both ways: by the plugin that calls action servers, and by the connector that is one.
Only numbers and types of fields stand on the wire (action_webhook.proto of rasa-sdk 3.21, health.proto of gRPC).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

PACKAGE = "personac.rasa"
SERVICE = "action_server_webhook.ActionService"
HEALTH = "grpc.health.v1.Health"
HEALTH_NAME = "ActionServer"  # under which rasa-sdk tells its health
SERVING = 1
_STRUCT = ".google.protobuf.Struct"
# each field: its type, * for a list, ? for one that may be absent
_FIELDS: Mapping[str, Mapping[str, str]] = {
    "Item": {"string_value": "string", "dict_value": _STRUCT},
    "Domain": {
        "config": _STRUCT, "session_config": _STRUCT, "intents": "*Item", "entities": "*Item", "slots": _STRUCT,
        "responses": _STRUCT, "actions": "*Item", "forms": _STRUCT, "e2e_actions": f"*{_STRUCT}",
    },
    "Pair": {"key": "string", "value": "string"},
    "Tracker": {
        "sender_id": "string", "slots": _STRUCT, "latest_message": _STRUCT, "events": f"*{_STRUCT}", "paused": "bool",
        "followup_action": "?string", "active_loop": "*Pair", "latest_action_name": "?string", "stack": f"*{_STRUCT}",
        "user_id": "?string",
    },
    "WebhookRequest": {
        "next_action": "string", "sender_id": "string", "tracker": "Tracker", "domain": "Domain", "version": "string",
        "domain_digest": "?string",
    },
    "WebhookResponse": {"events": f"*{_STRUCT}", "responses": f"*{_STRUCT}"},
    "ActionsRequest": {},
    "ActionsResponse": {"actions": f"*{_STRUCT}"},
    "HealthCheckRequest": {"service": "string"},
    "HealthCheckResponse": {"status": "int32"},
}  # fmt: skip


@cache
def messages() -> Mapping[str, Any]:
    """Return the classes of all messages by name."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, struct_pb2

    kinds = descriptor_pb2.FieldDescriptorProto
    scalars = {"string": kinds.TYPE_STRING, "bool": kinds.TYPE_BOOL, "int32": kinds.TYPE_INT32}
    file = descriptor_pb2.FileDescriptorProto(
        name="personac/rasa.proto", package=PACKAGE, syntax="proto3", dependency=[struct_pb2.DESCRIPTOR.name]
    )
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for number, (own, written) in enumerate(fields.items(), 1):
            kind = written.lstrip("*?")
            label = kinds.LABEL_REPEATED if written.startswith("*") else kinds.LABEL_OPTIONAL
            field = message.field.add(name=own, number=number, label=label)
            if kind in scalars:
                field.type = scalars[kind]
            else:
                field.type, field.type_name = kinds.TYPE_MESSAGE, kind if kind[0] == "." else f".{PACKAGE}.{kind}"
            if written.startswith("?"):
                field.oneof_index, field.proto3_optional = len(message.oneof_decl), True
                message.oneof_decl.add(name=f"_{own}")
    pool = descriptor_pool.Default()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in _FIELDS}


def packed_call(call: Mapping[str, Any]) -> Any:
    """Return a call as the message of a request."""
    from google.protobuf.json_format import ParseDict

    tracker = {name: call["tracker"].get(name) for name in _FIELDS["Tracker"]}
    loop = (tracker["active_loop"] or {}).get("name")
    tracker["active_loop"] = [{"key": "name", "value": loop}] if loop else []
    values = {**call, "tracker": {name: value for name, value in tracker.items() if value is not None}}
    if "domain" in call:
        domain = {name: call["domain"].get(name) for name in _FIELDS["Domain"]}
        for name in ("intents", "entities", "actions"):
            domain[name] = [{"dict_value" if isinstance(i, Mapping) else "string_value": i} for i in domain[name] or ()]
        domain["e2e_actions"] = [item for item in domain["e2e_actions"] or () if isinstance(item, Mapping)]
        values["domain"] = {name: value for name, value in domain.items() if value is not None}
    return ParseDict(values, messages()["WebhookRequest"]())


def packed(name: str, values: Mapping[str, Any]) -> Any:
    """Return JSON values as the message of a name."""
    from google.protobuf.json_format import ParseDict

    return ParseDict(dict(values), messages()[name]())


def unpacked(message: Any) -> dict[str, Any]:
    """Return a message as JSON values; a number without a fraction is a whole one, which the wire does not tell."""
    from google.protobuf.json_format import MessageToDict

    values: dict[str, Any] = _whole(MessageToDict(message, preserving_proto_field_name=True))
    return values


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
