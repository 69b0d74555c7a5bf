from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

from rasa_sdk import Action, ActionExecutionRejection, Tracker
from rasa_sdk.events import (
    ActionExecuted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    FollowupAction,
    ReminderCancelled,
    ReminderScheduled,
    Restarted,
    SlotSet,
    UserUtteranceReverted,
)
from rasa_sdk.executor import CollectingDispatcher


class Greet(Action):
    def name(self) -> str:
        return "action_greet"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="Welcome to the bistro!")
        return [SlotSet("greeted", True)]


class Remembers(Action):
    def name(self) -> str:
        return "action_tell_tracker"

    async def run(self, dispatcher: Any, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        await asyncio.sleep(0)
        said = [e["text"] for e in tracker.events if e["event"] == "user"]
        dispatcher.utter_message(
            json_message=None,
            text="|".join(
                str(part)
                for part in (
                    tracker.get_slot("greeted"),
                    tracker.get_slot("cuisine"),
                    tracker.latest_message["intent"]["name"],
                    tracker.latest_message["text"],
                    next(tracker.get_latest_entity_values("cuisine"), None),
                    tracker.get_intent_of_latest_message(),
                    tracker.get_latest_input_channel(),
                    tracker.last_executed_action_has("action_greet"),
                    said,
                    sorted(domain["slots"])[:4],
                )
            ),
        )
        return []


class Menu(Action):
    def name(self) -> str:
        return "action_menu"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(
            text="What would you like?",
            buttons=[
                {"title": "Soup", "payload": '/order{"dish": "onion soup"}'},
                {"title": "Salad", "payload": "/salad"},
            ],
            image="https://pictures.example/menu.png",
            attachment={"type": "video"},
            json_message={"carousel": True},
            elements=[{"title": "Soup"}],
        )
        return []


class Templates(Action):
    def name(self) -> str:
        return "action_templates"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_table", people=4)
        dispatcher.utter_message(response="utter_not_there")
        return []


class Streams(Action):
    def name(self) -> str:
        return "action_stream"

    async def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        await dispatcher.stream_start()
        await dispatcher.stream_chunk(text="Once upon a time")
        await dispatcher.stream_chunk(text="there was a soup.")
        await dispatcher.stream_end()
        return []


class Chain(Action):
    def name(self) -> str:
        return "action_chain"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="First.")
        return [FollowupAction("action_greet")]


class Circle(Action):
    def name(self) -> str:
        return "action_circle"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        return [FollowupAction("action_circle")]


class Rejects(Action):
    def name(self) -> str:
        return "action_reject"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        raise ActionExecutionRejection(self.name(), "not now")


class Raises(Action):
    def name(self) -> str:
        return "action_raise"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        raise ValueError("the kitchen burns")


class Garbage(Action):
    """What it gives is chosen by the slot `kind`."""

    def name(self) -> str:
        return "action_garbage"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> Any:
        kind = tracker.get_slot("kind")
        dispatcher.utter_message(text="never said")
        if kind == "large":
            dispatcher.utter_message(text="x" * 10_000_000)
        if kind == "response":
            dispatcher.messages.append({"text": {"no": "text"}})
        if kind == "many":
            dispatcher.messages.extend({"text": "again"} for _ in range(1000))
        return {
            "event": [{"event": "rm -rf"}],
            "slot": [SlotSet("greeted", True), {"event": "slot", "value": 1}],
            "loop": [{"event": "active_loop", "name": 7}],
        }.get(kind, [])


class Sleeps(Action):
    def name(self) -> str:
        return "action_sleep"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        time.sleep(3)
        return []


class Event(Action):
    """Give the event that the slot `kind` names."""

    def name(self) -> str:
        return "action_event"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        kind = tracker.get_slot("kind")
        dispatcher.utter_message(text=f"Done: {kind}.")
        return {
            "restart": [Restarted()],
            "reset": [AllSlotsReset()],
            "rewind": [UserUtteranceReverted()],
            "pause": [ConversationPaused()],
            "resume": [ConversationPaused(), ConversationResumed()],
            "remind": [ReminderScheduled("hungry", datetime(2027, 1, 1, 12), {"dish": "soup"}, "lunch")],
            "remind me anyway": [ReminderScheduled("hungry", datetime(2027, 1, 1, 13), kill_on_user_message=False)],
            "remind of nothing": [ReminderScheduled("EXTERNAL_unknown", datetime(2027, 1, 1, 12))],
            "forget": [ReminderCancelled(intent_name="hungry")],
            "bot": [BotUttered("only in the tracker"), ActionExecuted("action_other")],
            "loop": [ActiveLoop("table_form"), FollowupAction("table_form")],
        }[kind]
