"""What the form of Rasa's restaurant example does: six slots, three of them checked."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker

KNOWN = {"caribbean", "chinese", "french", "greek", "indian", "italian", "mexican"}


class ValidateRestaurantForm(FormValidationAction):
    def name(self) -> str:
        return "validate_restaurant_form"

    def validate_kitchen(self, value: Any, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        if value.lower() in KNOWN:
            return {"kitchen": value}
        dispatcher.utter_message(response="utter_wrong_kitchen")
        return {"kitchen": None}

    def validate_guests(self, value: Any, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        if float(value).is_integer() and value > 0:
            return {"guests": value}
        dispatcher.utter_message(response="utter_wrong_guests")
        return {"guests": None}

    def validate_terrace(self, value: Any, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        if isinstance(value, str):
            if "out" not in value and "in" not in value:
                dispatcher.utter_message(response="utter_wrong_terrace")
                return {"terrace": None}
            return {"terrace": "out" in value}
        return {"terrace": value}


class SearchConcerts(Action):
    """Remember a list of objects, as Rasa's concert example does."""

    def name(self) -> str:
        return "action_search_concerts"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        found = [{"artist": "Foo Fighters", "reviews": 4.5}, {"artist": "Katy Perry", "reviews": 5.0}]
        dispatcher.utter_message(text=", ".join(one["artist"] for one in found))
        return [{"event": "slot", "name": "concerts", "value": found}]


class ShowReviews(Action):
    def name(self) -> str:
        return "action_show_concert_reviews"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(text=f"from slots: {[one['reviews'] for one in tracker.get_slot('concerts')]}")
        return []


class SetPreference(Action):
    def name(self) -> str:
        return "action_set_music_preference"

    def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        likes = {"affirm": True, "deny": False}.get(tracker.latest_message["intent"]["name"])
        return [] if likes is None else [{"event": "slot", "name": "likes_music", "value": likes}]
