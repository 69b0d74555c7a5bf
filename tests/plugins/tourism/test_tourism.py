"""The tourism skills over a persona's records."""

from __future__ import annotations

from personac.core.plugin import Settings, SkillContext
from personac.core.turn import Passage
from personac.plugins.tourism import Tourism


def context(**slots: object) -> SkillContext:
    """Return what a skill sees; only one field of one record is known."""
    known = {("wall", "price"): Passage("p", "sights.yaml:3", "Wall · price", "The wall costs 40 yuan.", "en")}
    return SkillContext("how much", "en", "ticket_price", slots, {}, lambda record, field: known.get((record, field)))


async def test_a_field_of_the_sight_is_the_answer_and_its_passage_the_source() -> None:
    result = await Tourism(Settings()).skills()["ticket_price"].run(context(sight={"id": "wall", "name": "Wall"}))
    assert result is not None
    assert result.text == "The wall costs 40 yuan."
    assert result.passages[0].source == "sights.yaml:3"


async def test_a_skill_declines_what_it_does_not_know() -> None:
    assert await Tourism(Settings()).skills()["story"].run(context(sight={"id": "wall", "name": "Wall"})) is None
    assert await Tourism(Settings()).skills()["story"].run(context()) is None
