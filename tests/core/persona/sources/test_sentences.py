from __future__ import annotations

import pytest
from personac.core.persona.sources.blocks import weight
from personac.core.persona.sources.sentences import split_long, split_sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["Mr. Smith paid $3.14 to Dr. Lee. ", "He left at 9 a.m. ", "Tickets cost extra, e.g. Audio guides."],
        ["See Fig. 2, No. 5 and p. 12 of the U.S. Army guide. ", "J. K. Rowling wrote it! ", "Did she? ", "Yes."],
        ["The fee is 5%. ", "3 people came. ", "Version 2.0 is out. ", "Visit a.b.com. ", "Yahoo! is a name."],
        ['He said, "It is late. Go home." ', "Then he left. ", "(See below. It matters.) ", "Done."],
        ["We sell apples, pears, etc. ", "Then more. ", "Well... maybe not. ", "No. ", "We don't."],
        ["1. Do this. ", "2. Do that."],
        ["First line\n", "second line"],
    ],
)
def test_english_sentences_end_where_a_reader_ends_them(sentences: list[str]) -> None:
    assert split_sentences("".join(sentences)) == sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["我们九点开门。", "真的吗？！", "好……", "门票3.5元；学生半价。"],
        ["他说：“你好。我是小王。”", "然后走了。", "她问：“几点开门？”", "门卫没有回答。"],
        ["“走吧！”他喊道。", "『好！』她说。", "没有人动。"],
        ["故宫（又名紫禁城。始建于1406年）很大。", "里面有9999间房。"],
        ["他读《三国演义。上》的时候睡着了。", "书掉了。"],
        ["「行くよ。」", "彼は笑った。"],
    ],
)
def test_chinese_sentences_are_not_cut_inside_of_quotes_and_brackets(sentences: list[str]) -> None:
    assert split_sentences("".join(sentences)) == sentences


def test_sentences_of_two_languages_stand_side_by_side() -> None:
    sentences = ["我们9点开门。", "Tickets are 60 yuan. ", "请带护照！", "OK? ", "好的.", "再见"]
    assert split_sentences("".join(sentences)) == sentences


def test_a_quote_that_is_never_closed_hides_no_sentence() -> None:
    sentences = ["他说：“你好。", "然后走了。", 'A 5" pipe (open. ', "Next one."]
    assert split_sentences("".join(sentences)) == sentences


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("我们去北京，" * 100, "，"),
        ("门票一百元；" * 100, "；"),
        ("word " * 300, " "),
        ("“" + "他走了。" * 200 + "”", "。”"),
    ],
)
def test_a_sentence_that_is_too_long_is_cut_where_it_hurts_least(text: str, ends: str) -> None:
    parts = split_long(text, 600)
    assert "".join(parts) == text
    assert len(parts) > 1
    assert all(weight(part) <= 600 for part in parts)
    assert all(part[-1] in ends for part in parts)


def test_a_text_without_any_end_is_cut_all_the_same() -> None:
    parts = split_long("很" * 700 + "a" * 700, 600)
    assert [len(part) for part in parts] == [250, 250, 320, 580]
