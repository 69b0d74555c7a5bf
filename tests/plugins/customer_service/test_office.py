"""The back office: filled from a file when it is empty, found by URL, and what is wrong is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from personac.core.errors import SettingsInvalid
from personac.plugins.customer_service.office import Office
from personac.plugins.customer_service.reading import agreed, dates, fact, numbers, score
from personac.plugins.customer_service.seed import read_seed
from personac.plugins.customer_service.tables import CUSTOMERS, ORDERS
from personac.plugins.customer_service.words import WORDS
from personac.testing import SkillClient

from .conftest import OFFICE, Open, Talk


async def test_what_was_done_is_there_when_it_is_opened_again(open_office: Open, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deep/office.sqlite"
    for expected in ("I have refunded", "refunded already"):
        async with open_office(database=url) as office:
            talk = Talk(office, conversation=expected)
            await talk.prove()
            await talk.say("refund", "refund ST-31")
            if talk.last.ask:
                await talk.answer("yes")
            assert expected in talk.last.text


async def test_without_a_place_of_its_own_nothing_is_left(office: SkillClient) -> None:
    await Talk(office).prove()
    folder = Path(office.plugin._office._url.database).parent
    assert (folder / "office.sqlite").is_file()
    office._host.close()
    assert not folder.exists()


@pytest.mark.parametrize("url", ["nonsense", "nosuch://host/name", "oracle+nosuch://x"])
async def test_a_url_that_is_none_is_refused_with_what_to_write(open_office: Open, url: str) -> None:
    with pytest.raises(SettingsInvalid, match="sqlite:////srv/office"):
        open_office(database=url)


async def test_a_driver_that_is_missing_is_named(open_office: Open) -> None:
    with pytest.raises(SettingsInvalid, match="pip install"):
        open_office(database="mssql+pymssql://host/name")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("customers: [{number: 1}]", "lacks `name`"),
        ("customers: [{number: 1, name: A, colour: red}]", "has the keys"),
        ("people: []", "the lists customers, orders, cards"),
        ("orders: [{number: 1, customer: 2, kind: x, placed: soon, status: sent}]", "today-5"),
        ("orders: [{number: 1, customer: 2, kind: x, cents: 1.5, placed: today, status: sent}]", "whole number"),
        ("- [", "cannot be read"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "o.yaml").write_text(text, "utf-8")
    with pytest.raises(SettingsInvalid, match=told):
        Office("sqlite://", tmp_path / "o.yaml", 5)


def test_dates_may_be_relative(tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text(OFFICE, "utf-8")
    rows = read_seed(tmp_path / "o.yaml", date(2026, 3, 1))
    assert rows[ORDERS][0]["placed"] == date(2026, 2, 23)
    assert rows[CUSTOMERS][0]["birth"] == date(1985, 3, 12)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1985-03-12", date(1985, 3, 12)),
        ("born on the 2nd of November 1990", date(1990, 11, 2)),
        ("March 12, 1985", date(1985, 3, 12)),
        ("12/3/1985", date(1985, 3, 12)),
        ("1985年3月12日", date(1985, 3, 12)),
        ("31 February 1985", None),
        ("yesterday", None),
    ],
)
def test_dates_of_birth_are_read(text: str, day: date | None) -> None:
    assert dates(text) == ([day] if day else [])


def test_numbers_are_told_from_dates_and_words() -> None:
    assert numbers("订单ST-31和 HB-1001, born 12 March 1985 or 1985-03-12") == ["ST-31", "HB-1001"]
    assert numbers("no figures here") == []
    assert len(numbers(" ".join(f"A{n}" for n in range(99)))) == 12


def test_yes_no_scores_and_facts_are_read() -> None:
    assert [agreed(said) for said in ("Yes please", "no!", "不要", "好的", "maybe", "可以", "don't")] == [
        True, False, False, True, None, True, False,
    ]  # fmt: skip
    assert [score(said) for said in ("5", "a 4", "三分", "six", "4.5", "10")] == [5, 4, 3, None, None, None]
    assert fact("phone", "it ends in 01 01") == "0101"
    assert fact("postcode", "ec1a 1bb") == "EC1A1BB"
    assert fact("birth", "in spring") is None


def test_everything_is_said_in_both_languages() -> None:
    assert not [key for key, texts in WORDS.items() if set(texts) != {"en", "zh"}]
