"""Every expectation of the format holds for a reply that fits and fails, with what was found, for one that does not."""

from __future__ import annotations

from typing import Any

import pytest
from personac.core.message import FiredRule, Reply, Source
from personac.core.persona.expectations import Expect, ExpectNot, Turn
from personac.core.testing.compare import Mismatch, cites, compare

REPLY = Reply(
    text="A Forbidden City ticket costs 60 yuan.",
    language="en",
    intent="ticket_price",
    confidence=0.93,
    emotion="joy",
    slots={"sight": {"id": "forbidden_city", "name": "Forbidden City"}, "count": "2"},
    skill="tourism.ticket_price",
    sources=(Source("1", "knowledge/sights.yaml:10", "A Forbidden City ticket costs 60 yuan.", 0.9),),
    rules=(FiredRule("no-secrets", "redact"),),
    redactions=("bank_card",),
    transcript="How much is the Forbidden City?",
    picture_text="故宫",
)


def names(intent: str | None, slot: str, value: Any) -> set[str]:
    return {"forbidden_city", "Forbidden City", "故宫", "紫禁城"} if isinstance(value, dict) else {str(value)}


def compared(turn: dict[str, Any], reply: Reply = REPLY) -> list[Mismatch]:
    return compare(Turn.model_validate({"say": "x", **turn}), reply, names)


@pytest.mark.parametrize(
    "expect",
    [
        {"intent": "ticket_price"},
        {"intent": ["opening_hours", "ticket_price"]},
        {"text": "60 yuan"},
        {"text": ["forbidden city", "60"]},
        {"text": {"any_of": ["50 yuan", "60 yuan"]}},
        {"text": {"equals": "a forbidden city ticket  costs 60 yuan."}},
        {"text": {"matches": r"\d+ yuan", "contains": "ticket"}},
        {"source": "knowledge/sights.yaml"},
        {"source": "knowledge/sights.yaml:10"},
        {"source": "knowledge"},
        {"source": ["knowledge/", "knowledge/sights.yaml"]},
        {"rule": "no-secrets"},
        {"skill": "tourism.ticket_price"},
        {"language": "en"},
        {"emotion": ["joy", "surprise"]},
        {"slots": {"sight": "紫禁城", "count": "2", "date": None}},
        {"out_of_scope": False},
        {"redactions": ["bank_card"]},
        {"transcript": "forbidden city"},
        {"picture_text": "故宫"},
    ],
    ids=str,
)
def test_what_fits_is_no_mismatch(expect: dict[str, Any]) -> None:
    assert compared({"expect": expect}) == []


@pytest.mark.parametrize(
    ("expect", "expected", "got"),
    [
        ({"intent": "opening_hours"}, "opening_hours", "ticket_price (0.93)"),
        ({"intent": None}, "none", "ticket_price (0.93)"),
        ({"text": ["50 yuan", "ticket"]}, "with “50 yuan” (nearest: “60 yuan”)", REPLY.text),
        ({"text": {"any_of": ["50", "70"]}}, "with “50” or “70”", REPLY.text),
        (
            {"text": {"equals": "A Forbidden City ticket costs 50 yuan."}},
            "A Forbidden City ticket costs 50 yuan.",
            "A Forbidden City ticket costs [-50-]{+60+} yuan.",
        ),
        ({"text": {"matches": r"\d+ dollars"}}, r"that fits \d+ dollars", REPLY.text),
        ({"source": None}, "none", "knowledge/sights.yaml:10"),
        ({"source": "knowledge/sights.yaml:1"}, "knowledge/sights.yaml:1", "knowledge/sights.yaml:10"),
        ({"source": ["knowledge", "faq.csv"]}, "knowledge and faq.csv", "knowledge/sights.yaml:10"),
        ({"rule": None}, "none", "no-secrets"),
        ({"rule": ["no-secrets", "no-scalpers"]}, "no-secrets and no-scalpers", "no-secrets"),
        ({"skill": None}, "none", "tourism.ticket_price"),
        ({"skill": "tourism.story"}, "tourism.story", "tourism.ticket_price"),
        ({"language": "zh"}, "zh", "en"),
        ({"emotion": ["anger", "fear"]}, "anger or fear", "joy"),
        ({"slots": {"sight": "Temple of Heaven"}}, "Temple of Heaven", "Forbidden City (forbidden_city)"),
        ({"slots": {"sight": None}}, "none", "Forbidden City (forbidden_city)"),
        ({"slots": {"date": "today"}}, "today", "none"),
        ({"out_of_scope": True}, "true", "false: ticket_price (0.93)"),
        ({"redactions": []}, "none", "bank_card"),
        ({"redactions": ["bank_card", "email"]}, "bank_card and email", "bank_card"),
        ({"transcript": "Temple"}, "with “Temple”", REPLY.transcript),
        ({"picture_text": "天坛"}, "with “天坛”", "故宫"),
    ],
    ids=str,
)
def test_what_does_not_fit_says_what_was_found(expect: dict[str, Any], expected: str, got: str) -> None:
    (mismatch,) = compared({"expect": expect})
    assert mismatch.key.startswith(f"expect.{next(iter(expect))}")
    assert (mismatch.expected, mismatch.got) == (expected, got)


@pytest.mark.parametrize(
    "unwanted",
    [
        {"intent": ["opening_hours", "ticket_price"]},
        {"text": "60"},
        {"text": {"matches": "yuan"}},
        {"source": "knowledge/sights.yaml"},
        {"rule": ["no-secrets", "other"]},
        {"skill": "tourism.ticket_price"},
        {"language": "en"},
        {"emotion": "joy"},
        {"slots": {"sight": "故宫"}},
        {"redactions": ["email", "bank_card"]},
    ],
    ids=str,
)
def test_what_must_not_be_is_found(unwanted: dict[str, Any]) -> None:
    (mismatch,) = compared({"expect_not": unwanted})
    assert mismatch.key.startswith(f"expect_not.{next(iter(unwanted))}")
    assert mismatch.expected.startswith(("not ", "without ", "that does not "))


def test_what_must_not_be_and_is_not_is_no_mismatch() -> None:
    unwanted = {
        "intent": "opening_hours", "text": ["160", "sorry"], "source": "knowledge/faq.csv", "rule": "no-scalpers",
        "skill": "tourism.story", "language": "zh", "emotion": ["anger"], "slots": {"sight": "天坛"},
        "redactions": "email",
    }  # fmt: skip
    assert set(unwanted) == set(ExpectNot.model_fields)
    assert compared({"expect_not": unwanted}) == []


def test_an_expectation_of_nothing_at_all_is_met_by_a_bare_reply() -> None:
    nothing = {"intent": None, "source": None, "rule": None, "skill": None, "redactions": [], "slots": {"sight": None}}
    assert compared({"expect": nothing}, Reply("Hm.", "en")) == []


def test_what_was_not_heard_or_seen_is_none() -> None:
    heard, seen = compared({"expect": {"transcript": "hello", "picture_text": "hi"}}, Reply("Hm.", "en"))
    assert (heard.got, seen.got) == ("none", "none")


def test_every_key_of_the_format_is_compared() -> None:
    empty = Reply("", "xx", out_of_scope=True, emotion="sadness", redactions=("ip",))
    everything = {
        "intent": "a", "text": "a", "source": "a", "rule": "a", "skill": "a.b", "language": "en", "emotion": "joy",
        "slots": {"a": "a"}, "out_of_scope": False, "redactions": ["email"], "transcript": "a", "picture_text": "a",
    }  # fmt: skip
    assert set(everything) == set(Expect.model_fields)
    assert [m.key.split(".")[1] for m in compared({"expect": everything}, empty)] == [
        "intent", "text", "transcript", "picture_text", "source", "rule", "skill", "language", "emotion", "slots",
        "out_of_scope", "redactions",
    ]  # fmt: skip


def test_a_citation_is_of_a_file_a_line_or_a_folder_and_of_nothing_that_only_begins_so() -> None:
    assert cites("knowledge/guide.pdf:p3", "knowledge/guide.pdf")
    assert cites("knowledge/guide.pdf:p3", "knowledge/guide.pdf:p3")
    assert not cites("knowledge/guide.pdf:p30", "knowledge/guide.pdf:p3")
    assert not cites("knowledge/faq.csv:7", "know")
