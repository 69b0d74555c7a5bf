"""Chinese in simplified characters."""

from __future__ import annotations

import pytest
from personac.core.chinese import as_learnt, in_place


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("頤和園的門票多少錢？", "颐和园的门票多少钱？"),
        ("唔該，點樣去銀行", "唔该，点样去银行"),
        ("颐和园的门票多少钱？", "颐和园的门票多少钱？"),
        ("電話番号を教えてください", "電話番号を教えてください"),
        ("Où est la gare?", "Où est la gare?"),
        ("", ""),
    ],
)
def test_encoders_read_chinese_in_simplified_characters_and_japanese_as_it_is(text: str, read: str) -> None:
    assert as_learnt(text) == read


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("排兩天，喜歡歷史", "排两天，喜欢历史"),
        ("在臺灣😀三點鐘", "在台湾😀三点钟"),
        ("two days", "two days"),
        ("", ""),
    ],
)
def test_every_character_stays_in_its_place(text: str, plain: str) -> None:
    assert in_place(text) == plain
    assert len(in_place(text)) == len(text)
