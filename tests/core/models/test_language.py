from __future__ import annotations

import subprocess
import sys
import time

import pytest
from personac.core.models.language import LanguageDetector, is_mute


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("故宫几点开门", "zh"),
        ("When does it open?", "en"),
        ("故宫 opening hours?", "en"),
        ("What is 故宫?", "en"),
        ("我想去 Forbidden City", "zh"),
        ("iPhone 怎么退货", "zh"),
        ("Forbidden City 几点开门", "zh"),
        ("😀 你好", "zh"),
        ("see https://例子.cn/故宫", "en"),
        ("東京はどこですか", "ja"),
        ("안녕하세요", "ko"),
        ("привет", "ru"),
        ("สวัสดี", "th"),
        ("مرحبا", "ar"),
    ],
)
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert LanguageDetector(["en", "zh"]).detect(text) == language


@pytest.mark.parametrize("text", ["", "👍", "42", "...", "  ", "\ud800", "100%"])
def test_a_text_without_words_is_in_the_language_so_far(text: str) -> None:
    detector = LanguageDetector(["en", "zh"])
    assert detector.detect(text) == "en"
    assert detector.detect(text, "zh") == "zh"


@pytest.mark.parametrize(
    ("text", "mute"),
    [
        ("HB-2001", True),
        ("PL 27", True),
        ("5", True),
        ("1975-02-27", True),
        ("👍", True),
        ("", True),
        ("a@b.com", True),
        ("12 March", False),
        ("2月", False),
    ],
)
def test_figures_and_codes_say_nothing_of_a_language(text: str, mute: bool) -> None:
    assert is_mute(text) is mute


def test_ok_stays_in_the_latin_language_spoken_so_far() -> None:
    detector = LanguageDetector(["fr", "en"])
    assert detector.detect("ok") == "fr"
    assert detector.detect("ok", "en") == "en"


@pytest.mark.parametrize("text", ["ok", "OK!", "Bye bye", "ok, thanks", "LV", "VIP", "a@b.com", "iPhone", "www.a.com"])
def test_what_many_languages_share_is_in_the_language_so_far(text: str) -> None:
    detector = LanguageDetector(["en", "zh"])
    assert detector.detect(text, "zh") == "zh"
    assert detector.detect(text, "en") == "en"
    assert detector.detect(text) == "en"


@pytest.mark.parametrize(
    ("text", "so_far", "language"),
    [
        ("好", "en", "zh"),
        ("thank you", "zh", "en"),
        ("where is it?", "zh", "en"),
        ("WHO", "zh", "en"),
        ("my mail is a@b.com", "zh", "en"),
        ("我邮箱是a@b.com", "en", "zh"),
        ("a@b.com是我的邮箱", "en", "zh"),
        ("看https://a.com这个网站怎么样", "en", "zh"),
    ],
)
def test_what_is_clearly_said_in_another_language_switches(text: str, so_far: str, language: str) -> None:
    assert LanguageDetector(["en", "zh"]).detect(text, so_far) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wann öffnet das Museum heute?", "de"),
        ("je veux un remboursement", "fr"),
        ("When does it open?", "en"),
        ("guten Tag", "de"),
        ("¿A qué hora abre el museo mañana por la mañana?", "es"),
    ],
)
def test_latin_languages_are_told_apart(text: str, language: str) -> None:
    assert LanguageDetector(["en", "fr", "de"]).detect(text) == language


def test_chinese_characters_are_japanese_where_only_japanese_is_spoken() -> None:
    assert LanguageDetector(["ja", "en"]).detect("東京駅") == "ja"


def test_traditional_chinese_stays_the_personas() -> None:
    assert LanguageDetector(["zh-tw", "en"]).detect("故宮幾點開門") == "zh-tw"


def test_a_persona_with_one_latin_language_loads_no_model() -> None:
    program = (
        "import sys; from personac.core.models.language import LanguageDetector\n"
        "d = LanguageDetector(['en', 'zh']); d.warm_up(); d.detect('hello there'); d.detect('你好')\n"
        "assert 'py3langid' not in sys.modules and 'numpy' not in sys.modules or 'py3langid' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def test_a_long_text_costs_no_more_than_its_start() -> None:
    detector = LanguageDetector(["en", "fr"])
    detector.warm_up()
    start = time.perf_counter()
    detector.detect("the museum " * 100_000)
    assert time.perf_counter() - start < 0.2
