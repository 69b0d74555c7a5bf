"""A small back office, and conversations with it as the framework holds them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from personac.core.plugin import SkillResult
from personac.plugins.customer_service import CustomerService
from personac.testing import SkillClient

OFFICE = """
customers:
  - {number: HB-1001, name: Ann Lee, birth: 1985-03-12, postcode: EC1A 1BB, phone: "020 7946 0101"}
  - {number: HB-1002, name: Ben Okafor, birth: 1990-11-02, postcode: M1 1AE, phone: "0161 496 0102"}
orders:
  - {number: ST-31, customer: HB-1001, kind: statement, about: May, cents: 500, placed: today-6, status: sent,
     expected: today+1}
  - {number: CU-32, customer: HB-1001, kind: currency, cents: 26100, placed: today-4, status: delivered}
  - {number: EX-33, customer: HB-1001, kind: express, cents: 850, placed: today-31, status: delivered}
  - {number: MV-34, customer: HB-1001, kind: valuation, cents: 35000, placed: today-2, status: delivered}
  - {number: CB-35, customer: HB-1001, kind: cheques, cents: 0, placed: today-2, status: processing}
  - {number: CP-36, customer: HB-1001, kind: transfer, cents: 2000, placed: today-2, status: cancelled}
  - {number: ST-41, customer: HB-1002, kind: statement, about: June, cents: 700, placed: today-1, status: processing}
cards:
  - {id: a1, customer: HB-1001, kind: debit, last4: "4821", status: active}
  - {id: a2, customer: HB-1001, kind: credit, last4: "1180", status: sent, expected: today+3}
  - {id: b1, customer: HB-1002, kind: debit, last4: "7730", status: active}
"""
SETTINGS: Mapping[str, Any] = {
    "office": "office.yaml",
    "refunds": {"days": 30, "limit": 100, "never": ["currency"]},
    "kinds": {"debit": {"en": "debit card", "zh": "借记卡"}, "credit": {"en": "credit card", "zh": "信用卡"}},
}


class Talk:
    """Hold one conversation: what a skill asks for is filled with what is said next."""

    def __init__(self, client: SkillClient, conversation: str = "one", user: str = "ann", language: str = "en") -> None:
        self.client, self.conversation, self.user, self.language = client, conversation, user, language
        self.last = SkillResult("")
        self.history: list[tuple[str, str, str]] = []
        self._skill = ""

    async def say(self, skill: str, text: str) -> SkillResult:
        """Begin with a skill."""
        return await self._call(skill, text, {})

    async def answer(self, text: str) -> SkillResult:
        """Answer what was asked."""
        assert self.last.ask, f"nothing was asked: {self.last.text}"
        return await self._call(self._skill, text, {self.last.ask: text})

    async def prove(self, number: str = "HB-1001", birth: str = "12 March 1985") -> SkillResult:
        """Prove to be a customer."""
        await self.say("card", "my cards")
        await self.answer(number)
        return await self.answer(birth)

    async def _call(self, skill: str, text: str, slots: Mapping[str, Any]) -> SkillResult:
        given = {**{name: value for name, value in self.last.slots.items() if name not in slots}, **slots}
        where = {"user": self.user, "conversation": self.conversation, "history": tuple(self.history)}
        result = await self.client.call(skill, text, language=self.language, **where, **given)
        assert result is not None
        self._skill, self.last = skill, result
        self.history += [("user", text, self.language), ("persona", result.text, self.language)]
        return result


Open = Callable[..., SkillClient]


@pytest.fixture
def open_office(tmp_path: Path) -> Open:
    """Return a function that opens an office, with settings of its own."""
    (tmp_path / "office.yaml").write_text(OFFICE, "utf-8")
    return lambda **settings: SkillClient(CustomerService, tmp_path, **{**SETTINGS, **settings})


@pytest.fixture
async def office(open_office: Open) -> AsyncIterator[SkillClient]:
    """Return an office that is open."""
    async with open_office() as client:
        yield client


@pytest.fixture
async def ann(office: SkillClient) -> Talk:
    """Return a conversation in which Ann has proven who she is."""
    talk = Talk(office)
    await talk.prove()
    return talk
