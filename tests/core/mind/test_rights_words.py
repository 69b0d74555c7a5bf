"""What is said about a user's own data."""

from __future__ import annotations

import pytest
from personac.core.mind.privacy import PII_TYPES
from personac.core.mind.rights_words import KINDS, kinds, sentence


def test_every_kind_that_can_be_masked_has_its_words() -> None:
    assert set(KINDS) == set(PII_TYPES)
    assert all(texts.keys() == {"en", "zh"} for texts in KINDS.values())


@pytest.mark.parametrize(
    ("masked", "english", "chinese"),
    [
        (["person"], "Before anything is kept, names are masked.", "保存之前，姓名会被遮盖。"),
        (
            ["email", "person"],
            "Before anything is kept, e-mail addresses and names are masked.",
            "保存之前，邮箱和姓名会被遮盖。",
        ),
        (
            ["phone", "address", "person"],
            "Before anything is kept, phone numbers, addresses and names are masked.",
            "保存之前，电话号码、地址和姓名会被遮盖。",
        ),
    ],
)
def test_what_is_masked_is_one_sentence_for_one_kind_and_for_several(
    masked: list[str], english: str, chinese: str
) -> None:
    assert sentence("masked", "en", kinds=kinds(masked, "en")) == english
    assert sentence("masked", "zh-TW", kinds=kinds(masked, "zh-TW")) == chinese


def test_two_kinds_of_one_name_are_named_once() -> None:
    assert kinds(["iban", "bank_account"], "en") == "account numbers"
