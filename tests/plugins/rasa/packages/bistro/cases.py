"""What rasa-sdk's own tests look at, one class for each case."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker, ValidationAction
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet


class Two(Action):
    def name(self) -> str:
        return "custom_async_action"

    async def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        return [SlotSet("test", "foo"), SlotSet("test2", "boo")]


class Nothing(Action):
    def name(self) -> str:
        return "custom_action_with_none"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> Any:
        return None


class Odd(Action):
    """Events that are none are left out by rasa-sdk itself."""

    def name(self) -> str:
        return "custom_action_with_odd_events"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> Any:
        return ["a text", {"no": "event"}, SlotSet("test", "bar")]


class ValidateCaseForm(FormValidationAction):
    """Slots with dashes, an extraction and a validation of one slot, one slot that sets another, one left out."""

    def name(self) -> str:
        return "validate_case_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: Any, tracker: Tracker, domain: Any
    ) -> list[str]:
        return [slot for slot in [*domain_slots, "own"] if slot != "left_out"]

    def validate_with_dash(self, value: Any, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        return {"with-dash": f"dashed {value}", "own": None}

    async def extract_own(self, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        text = tracker.latest_message["text"]
        return {"own": text} if text.startswith("own") else {}

    async def validate_own(self, value: Any, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        return {"own": str(value).upper()}


class ValidateStopForm(FormValidationAction):
    def name(self) -> str:
        return "validate_stop_form"

    async def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        events = await super().run(dispatcher, tracker, domain)
        if tracker.latest_message["text"] == "stop":
            dispatcher.utter_message(text="Stopped.")
            return [
                *events,
                ActiveLoop(None),
                SlotSet("requested_slot", None),
                FollowupAction("custom_action_with_none"),
            ]
        return events


class ValidateGlobal(ValidationAction):
    async def extract_test3(self, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        return {"test3": "found"} if "find it" in tracker.latest_message["text"] else {}

    def validate_kind(self, value: Any, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        return {"kind": str(value).strip()}


class ShowSlots(Action):
    def name(self) -> str:
        return "action_show_slots"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(text=repr({k: v for k, v in sorted(tracker.slots.items()) if v is not None}))
        return []
