"""Reminders that actions ask for: planned as follow-ups, taken back, and told when they are due."""

from __future__ import annotations

from datetime import datetime

import pytest
from personac.core.errors import ExtensionInvalid
from personac.core.plugin import FollowUp, SkillContext
from personac.core.testing.skills import SkillClient
from personac.plugins.rasa import Rasa

from .conftest import COMMON, PACKAGES

pytestmark = pytest.mark.filterwarnings("default")  # rasa-sdk's own, where it runs in this process


async def planned(client: SkillClient, kind: str, *plans: FollowUp) -> list[FollowUp]:
    result = await client.call("action_event", kind=kind, planned=plans)
    assert result is not None
    assert result.text == f"Done: {kind}."
    return list(result.follow_ups)


async def test_a_reminder_is_a_follow_up(client: SkillClient) -> None:
    (plan,) = await planned(client, "remind")
    assert plan.key == "lunch"
    assert plan.at == datetime(2027, 1, 1, 12).astimezone()
    assert plan.skill == "action_tell_tracker"
    told = {"intent": "hungry", "entities": {"dish": "soup"}, "name": "lunch", "kill": True}
    assert plan.slots == {"reminder": told}


async def test_one_that_is_due_is_an_intent_without_words(client: SkillClient) -> None:
    (plan,) = await planned(client, "remind")
    skill = client._loaded.skills[plan.skill]
    context = SkillContext("", "en", "", plan.slots, kept=client.kept, conversation="test", called=True)
    result = await skill.run(context)
    assert result.text.split("|")[2:4] == ["hungry", "EXTERNAL: hungry"]
    assert result.slots == {"dish": "soup"}


async def test_it_is_taken_back_by_the_action_or_by_what_the_user_says(client: SkillClient) -> None:
    (first,) = await planned(client, "remind")
    (second,) = await planned(client, "remind me anyway")
    gone = await planned(client, "forget", first, second)
    assert gone == [FollowUp("lunch", None), FollowUp(second.key, None)]
    gone = await planned(client, "bot", first, second)
    assert gone == [FollowUp("lunch", None)], (
        "Rasa gives up a reminder when the user says something, unless told not to"
    )


async def test_a_reminder_that_leads_nowhere_is_told_to_the_operator(
    client: SkillClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert not await planned(client, "remind of nothing")
    assert "name its action under `reminders:`" in caplog.text


def test_reminders_lead_to_actions_that_are_there(rasa_path: None) -> None:
    wrong = {**COMMON, "reminders": {"hungry": "action_none"}}
    with pytest.raises(ExtensionInvalid, match="leads to action_none; there are"):
        SkillClient(Rasa, **wrong, actions="bistro", path=str(PACKAGES))
