"""Check digits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from personac.core.mind.privacy import checks
from personac.core.mind.privacy.taxes import value_added_tax

NUMBERS: list[tuple[Callable[[str], bool], str]] = [
    (checks.luhn, "4111111111111111"),
    (checks.chinese_identity, "11010519491231002X"),
    (checks.hong_kong_identity, "A123456(3)"),
    (checks.taiwan_identity, "A123456789"),
    (checks.chinese_credit_code, "91350100M000100Y43"),
    (checks.iban, "GB82 WEST 1234 5698 7654 32"),
    (checks.routing, "021000021"),
    (checks.spanish_identity, "12345678Z"),
    (checks.french_identity, "2 55 08 14 168 025 38"),
    (checks.italian_identity, "RSSMRA85T10A562S"),
    (checks.german_tax, "86 095 742 719"),
    (checks.dutch_identity, "111222333"),
    (checks.polish_identity, "44051401359"),
    (checks.swedish_identity, "811218-9876"),
    (checks.finnish_identity, "131052-308T"),
    (checks.belgian_identity, "85.07.30-033.28"),
    (checks.british_health, "943 476 5919"),
    (checks.brazilian_tax, "111.444.777-35"),
    (checks.bitcoin, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    (checks.bitcoin, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
    *(
        (value_added_tax, number)
        for number in (
            "DE136695976", "FR40303265045", "GB980780684", "ATU13585627", "BE0428759497", "DK13585628", "ESB58378431",
            "FI20774740", "HR33392005961", "IT00743110157", "LU15027442", "NL004495445B01", "PL8567346215",
            "PT501964843", "SE123456789701",
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("check", "number"), NUMBERS)
def test_a_number_as_it_is_given_out_passes_its_check(check: Callable[[str], bool], number: str) -> None:
    assert check(number)


@pytest.mark.parametrize(("check", "number"), NUMBERS)
def test_nearly_every_change_of_one_digit_fails_it(check: Callable[[str], bool], number: str) -> None:
    places = [i for i, char in enumerate(number) if char.isdigit()]
    changed = [number[:i] + str((int(number[i]) + 1) % 10) + number[i + 1 :] for i in places]
    kept = [other for other in changed if check(other)]
    assert len(kept) <= len(places) // 4


@pytest.mark.parametrize("number", ["000-12-3456", "666-12-3456", "123-00-4567", "123-45-0000"])
def test_social_security_numbers_that_are_never_given_out_are_none(number: str) -> None:
    assert not checks.social_security(number)
    assert checks.social_security("536-90-4399")


def test_a_chinese_identity_number_has_a_province_and_a_day() -> None:
    assert not checks.chinese_identity("990105194912310026")
    assert not checks.old_chinese_identity("110105491331002")
    assert checks.old_chinese_identity("110105491231002")
