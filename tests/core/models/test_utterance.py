from __future__ import annotations

import pytest
from personac.core.models.utterance import LONGEST, pieces, speakable


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("**Hello** _there_", "Hello there"),
        ("see [the map](https://x.example/a)", "see the map"),
        ("go to https://x.example/a?b=c#d now", "go to now"),
        ("It is 60 yuan [1].", "It is 60 yuan."),
        ("Nice 😀👍🏽!", "Nice!"),
        ("# Title\ntext", "Title\ntext"),
        ("a <b>bold</b> word", "a bold word"),
        ("snake_case and 3*4=12", "snake_case and 3*4=12"),
        ("`code`", "code"),
        ("| a | b |", "a, b"),
        ("3 < 5 and 6 > 2", "3 < 5 and 6 > 2"),
        ("开门时间：**八点半**。", "开门时间：八点半。"),
    ],
)
def test_markup_is_not_read_out(written: str, spoken: str) -> None:
    assert speakable(written) == spoken


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("你好！故宫八点半开门。谢谢", ["你好！", "故宫八点半开门。", "谢谢"]),
        ("Mr. Smith came at 8.30 a.m. today.", ["Mr. Smith came at 8.30 a.m. today."]),
        ("他说：“请进。”然后走了。", ["他说：“请进。”", "然后走了。"]),
        ("- one\n- two", ["one", "two"]),
        ("", []),
        ("!!! ... 😀", []),
    ],
)
def test_sentences_end_where_they_end(text: str, cut: list[str]) -> None:
    assert pieces(text) == cut


def test_the_first_piece_is_short_for_a_quick_start() -> None:
    first, rest = pieces("The Forbidden City, which was the home of emperors, opens at half past eight in summer.")
    assert first == "The Forbidden City,"
    assert rest.startswith("which")


@pytest.mark.parametrize("text", ["x" * 3000, "word " * 1000, "字" * 1000, "a, " * 1000, "，" * 1000 + "字"])
def test_no_piece_is_longer_than_a_voice_can_take(text: str) -> None:
    assert all(len(piece) <= LONGEST for piece in pieces(text))


def test_nothing_is_lost_when_a_sentence_is_cut() -> None:
    text = "this is one, very long sentence with many words that goes on " * 20
    assert " ".join(pieces(text)).split() == text.split()


def test_hostile_markup_takes_no_time() -> None:
    import time

    for text in ("[" * 20_000, "<" * 20_000, "*" * 20_000, "`" * 20_001, "![" * 10_000, "| " * 10_000, "_a" * 10_000):
        start = time.perf_counter()
        pieces(text)
        assert time.perf_counter() - start < 2, text[:2]
