"""What does not count when a transcript is compared."""

from __future__ import annotations

import pytest
from personac.core.evaluate.transcripts import characters, words


@pytest.mark.parametrize(
    ("language", "said", "heard"),
    [
        ("en", "Printing, in the only sense", "printing in the only sense"),
        ("en", "It's twenty five o'clock, Mr. Brown!", "it is 25 o'clock mister brown"),
        ("zh", "你好，世界。", "你好 世界"),
        ("zh", "门票六十元，二〇二六年。", "门票60元,2026年"),
        ("zh", "一二三四五六七八九十", "12345678910"),
        ("zh", "我用 WiFi 上网", "我用wifi上网"),
        ("de", "Größe: „Über“", "größe über"),
    ],
)
def test_case_punctuation_and_the_writing_of_numbers_do_not_count(language: str, said: str, heard: str) -> None:
    assert words(said, language) == words(heard, language)
    assert characters(said, language) == characters(heard, language)


def test_chinese_is_counted_by_characters_and_words_in_it_as_words() -> None:
    assert words("请打开 Bluetooth", "zh") == ["请", "打", "开", "bluetooth"]
    assert words("请打开", "en") == ["请", "打", "开"]
