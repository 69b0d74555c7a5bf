"""Macros and marks of other programs become plain words, always the same ones."""

from __future__ import annotations

import pytest
from personac.core.persona.formats.said import Speaker, harmless, said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am {{char}}.", "I am Oriel."),
        ("<BOT> and <USER> and {{CHAR}}", "Oriel and you and Oriel"),
        ("Good evening, {{user}}!", "Good evening!"),
        ("{{user}}'s coat; {{user}} is wet", "your coat; you are wet"),
        ("Well. {{user}} has come", "Well. You have come"),
        ("a{{// a comment}}b{{comment: c}}c{{hidden_key:d}}d", "abcd"),
        ("{{reverse:Hello}}", "olleH"),
        ("{{random:A\\,B}}", "A,B"),
        ("{{pick::x::x}}", "x"),
        ("one{{newline}}two", "one\ntwo"),
        ("{{random:{{char}},{{char}}}}", "Oriel"),
        ("{{roll:1}}{{roll:d1}}", "11"),
        ("{{roll:x}}{{random:}}{{original}}", ""),
        ("{{reverse:}}rahc{{{{}}", "rahc{{"),
        ("你好，{{user}}！{{user}}的伞呢？", "你好！你的伞呢？"),
    ],
)
def test_macros_are_resolved(text: str, expected: str) -> None:
    assert said(text, Speaker("Oriel")) == expected


def test_the_user_is_told_of_by_name_in_instructions() -> None:
    assert said("{{user}} is here.", Speaker("Oriel", "the user")) == "The user is here."


def test_chance_is_drawn_once() -> None:
    texts = {said("{{random:a,b,c,d}} {{roll:100}} {{pick:x,y,z}}", Speaker("Oriel")) for _ in range(20)}
    assert len(texts) == 1


def test_unknown_macros_are_left_out_and_told() -> None:
    speaker = Speaker("Oriel")
    assert said("Now {{getvar::x}} then {{idle_duration}}", speaker) == "Now  then"
    assert speaker.unknown == {"getvar::x", "idle_duration"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <b>bold</b> word", "a bold word"),
        ("3 < 4 > 2 <3 <unknown tag>", "3 < 4 > 2 <3 <unknown tag>"),
        ("x<script>y</script >z", "xz"),
        ("x<script src='a'>never closed", "x"),
        ("x<style><!-- </style>y", "x"),
        ("<SCRIPT>a</ScRiPt>b", "b"),
        ("<svg onload=x><text>a</text></svg>b", "b"),
        ("<!-- hidden", ""),
    ],
)
def test_html_is_taken_out(text: str, expected: str) -> None:
    assert harmless(text) == expected


def test_signs_that_cannot_be_shown_are_taken_out() -> None:
    assert said("a\x00b\x1b[31m\u2028c\ud800\r\nd\ufeff", Speaker("x")) == "ab[31mc\ufffd\nd"
