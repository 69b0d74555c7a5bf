"""What every way to an action server has in common: a call goes out, events and responses come back or a fault.

Knows the shapes of rasa-sdk 3.21; knows neither how calls travel nor what becomes of an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ...core.errors import Unavailable

VERSION = "3.21.1"  # of the protocol; a server of another one logs a warning
MOST_BYTES = 1_000_000  # of an answer
MOST_EVENTS = 500
MOST_RESPONSES = 50
FIELDS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {  # that an event cannot do without, by its kind
    "user": {}, "bot": {}, "agent": {}, "restart": {}, "reset_slots": {}, "rewind": {}, "undo": {}, "export": {},
    "pause": {}, "resume": {}, "session_started": {}, "session_ended": {}, "cancel_reminder": {},
    "slot": {"name": str}, "followup": {"name": str}, "action": {"name": (str, type(None))},
    "active_loop": {"name": (str, type(None))}, "form": {"name": (str, type(None))},
    "reminder": {"intent": str, "date_time": str}, "loop_interrupted": {"is_interrupted": bool},
    "form_validation": {}, "action_execution_rejected": {"name": str},
}  # fmt: skip
TEXTS = ("text", "image", "template", "response")
LISTS = ("buttons", "elements")


class ActionFault(Unavailable):
    """Report that an action did not do what it was called for; the text is for the operator."""


class Rejected(ActionFault):
    """Report that an action refused to run (ActionExecutionRejection): others may answer."""


class NotThere(ActionFault):
    """Report that the server has no such action."""


class DomainWanted(ActionFault):
    """Report that the server wants the call again, with the domain."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what an action gave back, its shape looked at."""

    events: Sequence[Mapping[str, Any]] = ()
    responses: Sequence[Mapping[str, Any]] = ()


class Server(Protocol):
    """Run actions of rasa-sdk."""

    def actions(self) -> list[str]:
        """Return the names of all actions, waiting for a server that starts; raise ActionFault."""

    async def run(self, call: Mapping[str, Any]) -> Answer:
        """Run `next_action` of a call and return its answer; raise ActionFault."""

    def close(self) -> None:
        """Let go of what was begun; blocks for seconds at most."""


def read_json(data: bytes, what: str) -> Any:
    """Return what a server sent; raise ActionFault for what is no JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ActionFault(f"{what} sent what is no JSON: {error}") from None


def answer_of(body: Any, action: str) -> Answer:
    """Return an answer whose events and responses have the shapes that they must have; raise ActionFault.

    Nothing of an answer is used where a part of it is garbage.
    """
    if not isinstance(body, dict):
        raise ActionFault(f"the action {action} answered with {_kind(body)}; expected events and responses")
    events, responses = body.get("events"), body.get("responses")
    events, responses = [] if events is None else events, [] if responses is None else responses
    if not isinstance(events, list) or not isinstance(responses, list):
        raise ActionFault(f"the action {action}: `events` and `responses` must be lists")
    if len(events) > MOST_EVENTS or len(responses) > MOST_RESPONSES:
        raise ActionFault(
            f"the action {action} gave {len(events)} events and {len(responses)} responses; "
            f"{MOST_EVENTS} and {MOST_RESPONSES} are taken"
        )
    for event in events:
        _check_event(event, action)
    for response in responses:
        _check_response(response, action)
    return Answer(events, responses)


def names_of(body: Any) -> list[str]:
    """Return the names in the answer to GET /actions; raise ActionFault."""
    if not isinstance(body, list) or not all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in body
    ):
        raise ActionFault("the action server does not list its actions as rasa-sdk does")
    return [one["name"] for one in body]


def _check_event(event: Any, action: str) -> None:
    kind = event.get("event") if isinstance(event, dict) else None
    if not isinstance(kind, str) or kind not in FIELDS:
        known = ", ".join(sorted(FIELDS))
        raise ActionFault(f"the action {action} gave an event {_kind(event)} of kind {kind!r}; known are {known}")
    for name, types in FIELDS[kind].items():
        if not isinstance(event.get(name), types):
            raise ActionFault(f"the action {action} gave an event {kind!r} whose {name!r} is {_kind(event.get(name))}")


def _check_response(response: Any, action: str) -> None:
    if not isinstance(response, dict):
        raise ActionFault(f"the action {action} gave a response that is {_kind(response)}")
    for name in TEXTS:
        if not isinstance(response.get(name), str | int | float | None):
            raise ActionFault(f"the action {action} gave a response whose {name!r} is {_kind(response[name])}")
    for name in LISTS:
        value = response.get(name)
        if value is not None and (not isinstance(value, list) or not all(isinstance(item, dict) for item in value)):
            raise ActionFault(f"the action {action} gave a response whose {name!r} is no list of objects")


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
