"""Forms: rasa-sdk decides what fits and what is asked for; the cases of its own tests and of Rasa's examples."""

from __future__ import annotations

from typing import Any

import pytest
from personac.core.plugin import SkillResult
from personac.core.testing.skills import SkillClient

pytestmark = pytest.mark.filterwarnings("default")  # rasa-sdk's own, where it runs in this process


class Form:
    """Answer a form as the persona does: the slot that was asked for holds what was said, with those before it."""

    def __init__(self, client: SkillClient, name: str) -> None:
        self.client, self.name = client, name
        self.slots: dict[str, Any] = {}
        self.last = SkillResult("")

    async def say(self, text: str, **slots: Any) -> SkillResult:
        own = {self.last.ask: text} if self.last.ask else {}
        result = await self.client.call(self.name, text, **{**self.slots, **own, **slots})
        assert result is not None
        self.slots = {**self.slots, **own, **slots, **result.slots}
        self.slots.pop(result.ask, None)
        self.last = result
        return result


async def test_a_table_is_booked(client: SkillClient) -> None:
    form = Form(client, "table_form")
    assert (await form.say("a table, please")).text == "Which cuisine?"
    assert (await form.say("fish")).text == "We do not cook fish.\n\nWhich cuisine?"
    assert (await form.say("French")).text == "For how many, with french food?"
    assert (await form.say("20", people={"value": 20})).text.startswith("That is too many, for french.")
    asked = await form.say("2", people={"value": 2})
    assert asked.text == "Would you like to sit outside?"
    assert asked.choices == ("Outside", "Inside")
    done = await form.say("Inside")
    text = done.text.replace(".0", "")  # over gRPC an action sees every number as a float
    assert text == "Booked: cuisine=french, people=2, outside=False, allergy=None.\n\nThank you!"
    assert done.slots["booked"] is True
    assert not done.ask


async def test_what_was_said_at_once_is_not_asked_for_and_a_choice_may_need_more(client: SkillClient) -> None:
    form = Form(client, "table_form")
    asked = await form.say("thai for 4", cuisine={"id": "thai", "name": "Thai"}, people={"value": 4})
    assert asked.ask == "outside"
    assert (await form.say("no")).ask == "allergy"
    done = await form.say("peanuts")
    assert done.text.replace(".0", "").startswith("Booked: cuisine=thai, people=4, outside=False, allergy=peanuts.")


async def test_a_correction_is_validated(client: SkillClient) -> None:
    form = Form(client, "table_form")
    await form.say("french for 4", cuisine="french", people={"value": 4})
    form.last = SkillResult("")
    again = await form.say("no, I meant 12", people={"value": 12})
    assert again.text.startswith("That is too many")
    assert again.ask == "people"


async def test_the_question_is_in_the_user_s_language(client: SkillClient) -> None:
    result = await client.call("table_form", "订位", language="zh")
    assert result is not None
    assert result.text == "想吃哪种菜？"
    result = await client.call("case_form", "own thing", language="zh")
    assert result is not None
    assert result.text == "请告诉我：with-dash。"


async def test_the_restaurant_of_rasa_s_example(client: SkillClient) -> None:
    form = Form(client, "restaurant_form")
    assert (await form.say("im looking for a restaurant")).text == "What cuisine?"
    assert (await form.say("martian")).text == "That cuisine is not known.\n\nWhat cuisine?"
    assert (await form.say("mexican")).text == "How many people?"
    assert (await form.say("0", guests={"value": 0})).text.startswith("A positive number is needed.")
    assert (await form.say("5", guests={"value": 5})).text == "Do you want to sit outside?"
    assert (await form.say("perhaps")).text.startswith("Outside or inside?")
    assert (await form.say("Gladly")).text == "Any other wishes?"
    assert (await form.say("None at all")).text == "How was it so far?"
    done = await form.say("splendid")
    assert done.text == "All done!\n\nmexican, 5, True, no additional wishes, splendid"


async def test_slots_are_extracted_validated_set_by_others_and_left_out(client: SkillClient) -> None:
    form = Form(client, "case_form")
    first = await form.say("own thing", left_out="never kept")
    assert first.ask == "with-dash", "its slots with a dash are validated by names with an underscore"
    assert first.slots["own"] == "OWN THING"
    second = await form.say("value")
    assert second.ask == "own", "the validation of one slot took the other away"
    done = await form.say("own again")
    assert not done.ask
    shown = await client.call("action_show_slots")
    assert shown is not None
    assert "'own': 'OWN AGAIN'" in shown.text
    assert "'with-dash': 'dashed value'" in shown.text


async def test_a_validation_may_end_its_form(client: SkillClient) -> None:
    form = Form(client, "stop_form")
    assert (await form.say("begin")).ask == "test"
    assert (await form.say("first")).ask == "test2"
    done = await form.say("stop")
    assert done.text == "Stopped."
    assert not done.ask
    assert (await client.call("table_form", "a table")).ask == "cuisine"  # type: ignore[union-attr]


async def test_an_action_may_begin_a_form(client: SkillClient) -> None:
    result = await client.call("action_event", kind="loop")
    assert result is not None
    assert result.text == "Done: loop.\n\nWhich cuisine?"
    assert result.ask == "answer", "the intent of this action has no slots of the form"


async def test_slots_of_no_form_are_extracted_and_validated_too(client: SkillClient) -> None:
    result = await client.call("action_show_slots", "find it", kind="  padded ")
    assert result is not None
    assert result.text == "{'booked': False, 'kind': 'padded', 'test3': 'found'}"


async def test_events_and_lists_as_rasa_sdk_s_tests_have_them(client: SkillClient) -> None:
    two = await client.call("custom_async_action")
    assert two is not None
    assert two.slots == {"test": "foo", "test2": "boo"}
    nothing = await client.call("custom_action_with_none")
    assert nothing is not None
    assert (nothing.text, dict(nothing.slots)) == ("", {})
    odd = await client.call("custom_action_with_odd_events")
    assert odd is not None
    assert odd.slots == {"test": "bar"}


async def test_a_list_of_objects_is_remembered(client: SkillClient) -> None:
    found = await client.call("action_search_concerts")
    assert found is not None
    assert found.text == "Foo Fighters, Katy Perry"
    shown = await client.call("action_show_concert_reviews")
    assert shown is not None
    assert shown.text.replace(".0", "") == "from slots: [4.5, 5]"
