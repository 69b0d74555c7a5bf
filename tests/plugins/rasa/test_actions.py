"""Actions of rasa-sdk as skills, run by rasa-sdk itself: in this process, in one of its own, on a server."""

from __future__ import annotations

from typing import Any

import pytest
from personac.core.testing.skills import SkillClient, SkillFailed
from personac.plugins.rasa import Rasa

from .conftest import COMMON

pytestmark = pytest.mark.filterwarnings("default")  # rasa-sdk's own, where it runs in this process


async def test_an_action_answers_and_sets_a_slot(client: SkillClient) -> None:
    result = await client.call("action_greet")
    assert result is not None
    assert result.text == "Welcome to the bistro!"
    assert result.slots == {"greeted": True}


async def test_the_tracker_is_that_of_the_conversation(client: SkillClient) -> None:
    await client.call("action_greet", "hello")
    result = await client.call("action_tell_tracker", "Thai, please", cuisine={"id": "thai", "name": "Thai food"})
    assert result is not None
    assert result.text.split("|") == [
        "True", "thai", "action_tell_tracker", "Thai, please", "thai", "action_tell_tracker", "test", "True",
        "['hello', 'Thai, please']", "['allergy', 'attribute', 'booked', 'concerts']",
    ]  # fmt: skip


async def test_buttons_are_choices_and_a_choice_means_its_payload(client: SkillClient) -> None:
    result = await client.call("action_menu", "menu")
    assert result is not None
    assert result.choices == ("Soup", "Salad")
    assert "https://pictures.example/menu.png" in result.text, "no host is called that is not named"
    result = await client.call("action_tell_tracker", "Soup")
    assert result is not None
    assert result.slots == {"dish": "onion soup"}
    assert result.text.split("|")[2:4] == ["order", '/order{"dish": "onion soup"}']


async def test_responses_of_the_domain_are_data(client: SkillClient, caplog: pytest.LogCaptureFixture) -> None:
    result = await client.call("action_templates", cuisine="{kind}; DROP TABLE tables; --")
    assert result is not None
    assert result.text == "4 people, {kind}; DROP TABLE tables; --, {{7*7}}, {not.there.__class__}"
    assert result.choices == ("For 4",)
    assert "utter_not_there" in caplog.text


async def test_what_is_streamed_is_said(client: SkillClient) -> None:
    result = await client.call("action_stream")
    assert result is not None
    assert result.text == "Once upon a time\n\nthere was a soup."


async def test_followups_are_run_until_there_are_too_many(client: SkillClient) -> None:
    result = await client.call("action_chain")
    assert result is not None
    assert result.text == "First.\n\nWelcome to the bistro!"
    with pytest.raises(SkillFailed, match="actions follow each other"):
        await client.call("action_circle")


async def test_an_action_that_rejects_lets_the_persona_go_on(client: SkillClient) -> None:
    assert await client.call("action_reject") is None


async def test_an_action_that_raises_is_told_to_the_operator(client: SkillClient) -> None:
    with pytest.raises(SkillFailed, match=r"kitchen burns|\(400\)"):  # rasa-sdk fails to tell it of a deflated request
        await client.call("action_raise")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("event", "known are"),
        ("slot", "'name' is nothing"),
        ("loop", "'name' is a int"),
        ("response", "'text' is a dict"),
        ("many", "1001 responses"),
    ],
)
async def test_of_garbage_nothing_is_used(client: SkillClient, kind: str, said: str) -> None:
    await client.call("action_greet")
    kept = client.kept
    with pytest.raises(SkillFailed, match=said):
        await client.call("action_garbage", kind=kind)
    assert client.kept == kept


@pytest.mark.parametrize(
    ("kind", "greeted"),
    [("restart", None), ("reset", None), ("rewind", True), ("resume", True), ("bot", True), ("remind", True)],
)
async def test_events_do_what_they_do_in_rasa(client: SkillClient, kind: str, greeted: bool | None) -> None:
    await client.call("action_greet", "hello")
    done = await client.call("action_event", "do it", kind=kind)
    assert done is not None
    assert done.text == f"Done: {kind}."
    result = await client.call("action_tell_tracker", "well?")
    assert result is not None
    assert result.text.split("|")[0] == str(greeted)


async def test_a_paused_conversation_is_left_to_the_persona(client: SkillClient) -> None:
    await client.call("action_event", kind="pause")
    assert await client.call("action_greet") is None


async def test_an_action_that_takes_too_long_is_given_up_and_the_next_one_runs(way: dict[str, Any]) -> None:
    async with SkillClient(Rasa, **COMMON, **way, seconds=0.5) as client:
        with pytest.raises(SkillFailed, match=r"more than 0\.5 s"):
            await client.call("action_sleep")
    async with SkillClient(Rasa, **COMMON, **way) as client:
        assert await client.call("action_greet") is not None


async def test_only_allowed_actions_run(way: dict[str, Any]) -> None:
    only = {**COMMON, **way, "reminders": {}, "allow": ("action_chain",)}
    async with SkillClient(Rasa, **only) as client:
        assert list(client._loaded.skills) == ["action_chain"]
        with pytest.raises(SkillFailed, match="action_greet is not among those"):
            await client.call("action_chain")
