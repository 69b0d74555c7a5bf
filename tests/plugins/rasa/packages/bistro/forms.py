from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import SlotSet


class ValidateTableForm(FormValidationAction):
    def name(self) -> str:
        return "validate_table_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: Any, tracker: Tracker, domain: Any
    ) -> list[str]:
        return [*domain_slots, "allergy"] if tracker.get_slot("cuisine") == "thai" else domain_slots

    def validate_cuisine(self, value: Any, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        if str(value).lower() in ("thai", "french"):
            return {"cuisine": str(value).lower()}
        dispatcher.utter_message(text=f"We do not cook {value}.")
        return {"cuisine": None}

    def validate_people(self, value: Any, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        if float(value) <= 8:
            return {"people": int(value)}
        dispatcher.utter_message(response="utter_too_many")
        return {"people": None}


class AskSeat(Action):
    def name(self) -> str:
        return "action_ask_outside"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(
            text="Would you like to sit outside?",
            buttons=[{"title": "Outside", "payload": "/affirm"}, {"title": "Inside", "payload": "/deny"}],
        )
        return []


class Submit(Action):
    def name(self) -> str:
        return "action_submit"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        told = ", ".join(f"{name}={tracker.get_slot(name)}" for name in ("cuisine", "people", "outside", "allergy"))
        dispatcher.utter_message(text=f"Booked: {told}.")
        return [SlotSet("booked", True)]


class ValidateNotesForm(FormValidationAction):
    """Fill its slots itself."""

    def name(self) -> str:
        return "validate_notes_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: Any, tracker: Tracker, domain: Any
    ) -> list[str]:
        return ["first", "second"]

    async def extract_first(self, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        return {"first": "found by itself"}
