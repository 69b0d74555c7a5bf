"""One conversation as rasa-sdk's Tracker has it: a list of events, and what comes of them one after the other.

What is kept of it between turns is JSON of bounded size: the latest events, and the state before the first of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .domain import REQUESTED, Domain

KEPT_EVENTS = 60
KEPT_BYTES = 16_000
LISTEN = "action_listen"


def plain(value: Any) -> Any:
    """Return a slot's value as Rasa has it: an entity's id, a number, a text."""
    if isinstance(value, Mapping):
        for key in ("id", "value", "name", "text"):
            if key in value:
                return value[key]
    return value


@dataclass(frozen=True, slots=True)
class State:
    """Hold what all events come to."""

    slots: Mapping[str, Any] = field(default_factory=dict)
    loop: str | None = None
    latest_action: str | None = None
    followup: str | None = None
    paused: bool = False
    ended: bool = False

    def after(self, event: Mapping[str, Any], initial: Mapping[str, Any]) -> State:
        """Return the state after one more event."""
        match event["event"]:
            case "slot":
                return replace(self, slots={**self.slots, event["name"]: event.get("value")})
            case "reset_slots":
                return replace(self, slots=dict(initial))
            case "action":
                return replace(self, latest_action=event["name"], followup=None)
            case "followup":
                return replace(self, followup=event["name"])
            case "active_loop" | "form":
                return replace(self, loop=event["name"])
            case "pause" | "resume" as kind:
                return replace(self, paused=kind == "pause")
            case "restart":
                return State(dict(initial))
            case "session_ended":
                return replace(self, ended=True)
        return self


def applied(events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the events that count: those that were reverted are left out, as in `Tracker.applied_events`."""
    found: list[Mapping[str, Any]] = []
    for event in events:
        match event["event"]:
            case "undo":
                _back(found, "action")
            case "rewind":
                _back(found, "user")
                _back(found, "action")
            case _:
                found.append(event)
    return found


def _back(events: list[Mapping[str, Any]], kind: str) -> None:
    while events and events.pop()["event"] != kind:
        pass


class Talk:
    """Follow one conversation."""

    def __init__(self, domain: Domain, kept: Mapping[str, Any], sender: str, channel: str) -> None:
        self.domain, self.sender, self.channel = domain, sender, channel
        self._initial = domain.initial()
        base = kept.get("base")
        self._base = State(**base) if base else State(dict(self._initial))
        self.events: list[dict[str, Any]] = [dict(event) for event in kept.get("events", ())]
        self.heard: dict[str, Any] = dict(kept.get("heard", {}))  # slots as the persona understood them last
        self.buttons: dict[str, str] = dict(kept.get("buttons", {}))
        self._recalled: dict[str, Any] = dict(kept.get("recalled", {}))  # what the persona remembered last
        self.message: dict[str, Any] = {}
        self.state = self._now()

    def kept(self) -> dict[str, Any]:
        """Return what is to be kept of the conversation."""
        base, events = self._base, list(self.events)
        room = KEPT_BYTES - len(json.dumps([self.state.slots, self.heard, self._recalled, self.buttons]))
        sizes = [len(json.dumps(event)) + 2 for event in events]
        first = max(0, len(events) - KEPT_EVENTS)
        while first < len(events) and sum(sizes[first:]) > room:
            first += 1
        for event in events[:first]:
            base = base.after(event, self._initial)
        own = {name: getattr(base, name) for name in State.__dataclass_fields__}
        kept = {"base": own, "events": events[first:], "heard": self.heard, "buttons": self.buttons}
        return {**kept, "recalled": self._recalled}

    def add(self, *events: Mapping[str, Any]) -> None:
        """Take in events, in order."""
        for event in events:
            self.events.append({**event, "timestamp": event.get("timestamp") or time.time()})
        self.state = self._now()

    def catch_up(self, history: Sequence[tuple[str, str, str]]) -> None:
        """Add what was said since, by other parts of the persona."""
        last = next((event["text"] for event in reversed(self.events) if event["event"] == "user"), None)
        said = list(history)
        begin = next((i for i in range(len(said) - 1, -1, -1) if said[i][:2] == ("user", last)), None)
        if begin is not None:
            begin = next((i for i in range(begin + 1, len(said)) if said[i][0] == "user"), len(said))
        for role, text, _ in said[begin or 0 :]:
            if role == "user":
                self.add({"event": "action", "name": LISTEN, "policy": None, "confidence": None}, self._user(text, {}))
            else:
                self.add({"event": "bot", "text": text, "data": {}, "metadata": {}})

    def recall(self, remembered: Mapping[str, Any]) -> None:
        """Set the domain's slots that other parts of the persona filled since."""
        own = {name: plain(value) for name, value in remembered.items() if name in self.domain.slots}
        for name, value in own.items():
            if name != REQUESTED and self._recalled.get(name) != value and self.state.slots.get(name) != value:
                self.add({"event": "slot", "name": name, "value": value})
        self._recalled = own

    def hear(self, message: Mapping[str, Any]) -> None:
        """Take in what the user says now."""
        self.message = dict(message)
        parsed = {name: message[name] for name in ("intent", "entities")}
        self.add(
            {"event": "action", "name": LISTEN, "policy": None, "confidence": None}, self._user(message["text"], parsed)
        )

    def tracker(self, extra: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """Return the tracker for a call; `extra` events are only in this one, slots that a form has yet to validate."""
        events, state = [*self.events, *extra], self.state
        for event in extra:
            state = state.after(event, self._initial)
        loop = {"name": state.loop, "is_interrupted": False, "rejected": False, "trigger_message": None}
        return {
            "sender_id": self.sender,
            "slots": {**self._initial, **state.slots},
            "latest_message": self.message,
            "latest_event_time": events[-1].get("timestamp") if events else None,
            "followup_action": state.followup,
            "paused": state.paused,
            "events": events,
            "latest_input_channel": self.channel,
            "active_loop": loop if state.loop else {},
            "latest_action": {"action_name": state.latest_action},
            "latest_action_name": state.latest_action,
            "stack": [],
        }

    def _user(self, text: str, parsed: Mapping[str, Any]) -> dict[str, Any]:
        data = {"intent": {"name": None, "confidence": 0.0}, "entities": [], **parsed, "text": text}
        return {"event": "user", "text": text, "parse_data": data, "input_channel": self.channel, "metadata": {}}

    def _now(self) -> State:
        counted = applied(self.events)
        state = self._base
        for event in counted:
            state = state.after(event, self._initial)
        return state
