"""Whole enquiries with the skill, over the clinic's own table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from personac.core.message import Media
from personac.core.plugin import SkillContext, SkillResult
from personac.core.turn import Passage
from personac.plugins.medical import Medical, MedicalSettings

CLINIC = Path(__file__).parents[3] / "personas/clinic/knowledge"
RECORDS: dict[str, dict[str, Any]] = {
    record["id"]: record
    for name in ("symptoms.yaml", "conditions.yaml")
    for record in yaml.safe_load((CLINIC / name).read_text("utf-8"))
}
DOSE = re.compile(r"\d+ ?(?:mg|ml|milligram|tablets?|毫克|片|粒)", re.IGNORECASE)


class Talk:
    """Hold a conversation with the skill as the framework does."""

    def __init__(self, language: str = "en") -> None:
        self.plugin = Medical(MedicalSettings(emergency={"en": "112", "zh": "120"}))
        self.language = language
        self.slots: dict[str, Any] = {}
        self.last = SkillResult("")

    async def say(self, text: str, *media: Media) -> SkillResult:
        def passage_of(record: str, field: str) -> Passage | None:
            said = RECORDS[record].get(field, {}).get(self.language)
            return Passage(f"{record}#{field}", "conditions.yaml:1", record, said, self.language) if said else None

        context = SkillContext(text, self.language, "symptoms", dict(self.slots), RECORDS, passage_of, media=media)
        result = await self.plugin.skills()["check"].run(context)
        assert isinstance(result, SkillResult)
        self.slots = dict(result.slots)
        self.last = result
        return result

    async def answer(self, there: set[str], turns: int = 12) -> SkillResult:
        """Answer questions as somebody with these symptoms until there are none."""
        for _ in range(turns):
            if not self.last.ask:
                break
            yes, no, _ = self.last.choices
            await self.say(yes if self.slots["enquiry"]["asking"] in there else no)
        return self.last


async def test_influenza_is_found_and_nothing_is_certain() -> None:
    talk = Talk()
    first = await talk.say("I have had a high temperature and my muscles ache since last night, no rash")
    assert "fever" in first.text
    assert first.ask
    assert first.choices == ("Yes", "No", "Not sure")
    last = await talk.answer({"chills", "headache", "tiredness", "cough", "sore_throat", "appetite_loss"})
    assert not last.ask
    assert "influenza (about" in last.text
    assert "no diagnosis" in last.text
    assert [passage.source for passage in last.passages]
    assert not DOSE.search(last.text)


async def test_in_chinese_too() -> None:
    talk = Talk("zh")
    await talk.say("我拉肚子，还吐了，不发烧")
    last = await talk.answer({"cramping", "nausea", "tummy_pain", "appetite_loss"})
    assert "急性肠胃炎（约" in last.text
    assert "不是诊断" in last.text


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("There is a pressure on my chest spreading to my left arm", "en", "112"),
        ("His face is drooping and his speech is slurred", "en", "112"),
        ("我的嘴唇肿了，喘不上气", "zh", "120"),
    ],
)
async def test_red_flags_send_to_help_at_once(text: str, language: str, number: str) -> None:
    result = await Talk(language).say(text)
    assert not result.ask
    assert number in result.text
    assert result.text.index(number) < 200


async def test_a_red_flag_said_later_ends_the_questions() -> None:
    talk = Talk()
    await talk.say("my chest hurts")
    result = await talk.say("yes, and I coughed up blood: blood in my phlegm")
    assert not result.ask
    assert "112" in result.text


async def test_without_symptoms_it_asks_what_is_felt_and_goes_on() -> None:
    talk = Talk()
    assert "What do you feel?" in (await talk.say("I don't feel well")).text
    assert (await talk.say("I have a cough")).choices == ("Yes", "No", "Not sure")


async def test_what_is_no_answer_is_asked_again_and_not_sure_counts_for_nothing() -> None:
    talk = Talk()
    await talk.say("I have a cough")
    asking = talk.slots["enquiry"]["asking"]
    again = await talk.say("the weather is nice")
    assert "yes, no or not sure" in again.text
    assert talk.slots["enquiry"]["asking"] == asking
    await talk.say("not sure")
    assert asking not in talk.slots["enquiry"]["answers"]
    assert talk.slots["enquiry"]["asking"] != asking


async def test_a_picture_is_described_not_diagnosed() -> None:
    result = await Talk().say("what is this on my arm?", Media("image", b"x"))
    assert "don't diagnose" in result.text


@pytest.mark.parametrize("kept", ["{{7*7}}", {"answers": {"__import__": True}, "asking": "rm -rf"}, 7, None])
async def test_what_is_kept_may_be_garbage(kept: Any) -> None:
    talk = Talk()
    talk.slots = {"enquiry": kept}
    assert (await talk.say("fever")).ask


async def test_every_end_names_how_soon_and_no_dose() -> None:
    for record in RECORDS.values():
        if "symptoms" in record:
            talk = Talk()
            names = [RECORDS[id]["name"]["en"] for id in list(record["symptoms"])[:2]]
            await talk.say("I have " + " and ".join(names))
            last = await talk.answer({name for name, chance in record["symptoms"].items() if chance >= 0.5})
            assert re.search(r"see a doctor|emergency care", last.text), record["id"]
            assert not DOSE.search(last.text)
