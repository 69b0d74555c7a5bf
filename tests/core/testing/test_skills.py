"""What authors of plugins test with: skills, checks, slot types and what is due, called as a persona does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pytest
from personac.core.plugin import Found, Manifest, Plugin, Recogniser, SkillContext, SkillResult, hook, skill
from personac.testing import SkillClient, SkillFailed


class Desk(Plugin):
    """Keep books for readers."""

    manifest = Manifest(name="desk", version="1", contract=1)

    @hook
    def slot_types(self) -> Mapping[str, Recogniser]:
        """Know shelf marks."""

        def marks(text: str, language: str) -> Iterable[Found]:
            return [Found(m[0].upper(), *m.span()) for m in re.finditer(r"[A-Z]{2} \d+", text, re.I)]

        return {"mark": marks}

    def six(self, value: str, language: str) -> str | None:
        """Refuse a number that is no card."""
        return None if len(value) == 6 else "六位数字" if language == "zh" else "six digits"

    @skill(checks={"card": six})
    async def keep(self, context: SkillContext, card: str, name: str) -> SkillResult:
        """Keep a book."""
        return SkillResult("Kept.")

    @skill
    async def due(self, context: SkillContext) -> SkillResult | None:
        """Say what is due."""
        return SkillResult("It is due.") if context.called else None


async def test_checks_are_asked_as_in_a_form() -> None:
    async with SkillClient(Desk) as client:
        assert await client.refused("keep", card="12") == "six digits"
        assert await client.refused("keep", language="zh", card="12") == "六位数字"
        assert await client.refused("keep", card="123456") == ""


async def test_what_is_due_is_told_from_what_is_asked() -> None:
    async with SkillClient(Desk) as client:
        assert await client.call("due") is None
        assert await client.call("due", called=True) == SkillResult("It is due.")


async def test_a_slot_type_finds_what_it_would_in_a_persona() -> None:
    async with SkillClient(Desk) as client:
        assert await client.recognise("mark", "keep qa 76, please") == [Found("QA 76", 5, 10)]


async def test_names_that_the_plugin_does_not_have_are_told() -> None:
    async with SkillClient(Desk) as client:
        with pytest.raises(SkillFailed, match="no skill kep; its skills: due, keep"):
            await client.call("kep")
        with pytest.raises(SkillFailed, match="no check of name in keep; it checks: card"):
            await client.refused("keep", name="Ann")
