"""Reports are valid JUnit XML, whatever a persona says."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from personac.core.diagnostics import Span
from personac.core.message import Reply
from personac.core.persona.conversations import Conversation, PlacedTurn
from personac.core.persona.expectations import Turn
from personac.core.testing.junit import write_junit
from personac.core.testing.outcome import ConversationOutcome, Failure, Report, TurnOutcome
from personac.core.testing.show import failure_text, summary

SPAN = Span("personas/tour_guide/tests/prices.yaml", 7, 7, 7, 10)
WRONG = Failure("expect.text", Span(SPAN.path, 9, 9, 9, 13), "with “60 yuan”", "It is 40 <yuan> & more.\x0b", "so")


def outcome(
    name: str, persona: str = "tour_guide", *failures: Failure, error: str | None = None
) -> ConversationOutcome:
    placed = PlacedTurn(Turn(say=name), SPAN, {})
    reply = None if error else Reply("It is 40 <yuan> & more.\x0b", "en")
    conversation = Conversation(name, "tester", "test", (placed,), SPAN)
    return ConversationOutcome(persona, conversation, [TurnOutcome(placed, 0.25, reply, list(failures), error)])


def report() -> Report:
    outcomes = [outcome("a"), outcome("价格\x01", "tour_guide", WRONG), outcome("c", "bank", error="no picture")]
    return Report(outcomes, 1.5, 2)


def test_every_conversation_is_a_case_in_the_suite_of_its_persona(tmp_path: Path) -> None:
    write_junit(report(), tmp_path / "reports" / "junit.xml")
    root = ElementTree.parse(tmp_path / "reports" / "junit.xml").getroot()
    assert root.tag == "testsuites"
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "3", "failures": "1", "errors": "1", "skipped": "0", "time": "1.500"
    }  # fmt: skip
    guide, bank = root
    assert (guide.tag, guide.get("name"), guide.get("tests"), guide.get("failures")) == (
        "testsuite",
        "tour_guide",
        "2",
        "1",
    )
    assert (bank.get("name"), bank.get("errors"), bank.get("time")) == ("bank", "1", "0.250")
    passed, failed = guide
    assert dict(passed.attrib) == {
        "classname": "tour_guide.prices", "name": "a", "file": SPAN.path, "line": "7", "time": "0.250"
    }  # fmt: skip
    assert len(passed) == 0
    (failure,) = failed
    assert failed.get("name") == "价格\ufffd"
    assert (failure.tag, failure.get("message")) == ("failure", "expect.text: expected with “60 yuan”")
    assert "prices.yaml:9" in (failure.text or "")
    assert "40 <yuan> & more." in (failure.text or "")
    assert "\x1b" not in (failure.text or "")
    (error,) = bank[0]
    assert (error.tag, error.get("message")) == ("error", "no picture")


def test_a_failure_shows_the_place_what_was_said_and_expected_beside_got() -> None:
    lines = failure_text(outcome("How much?", "tour_guide", WRONG)).split("\n")
    assert "personas/tour_guide/tests/prices.yaml:7: How much?" in lines[0]
    assert lines[1] == "  1  user  How much?"
    assert lines[2].startswith("     bot   It is 40 <yuan>")
    assert "✗ personas/tour_guide/tests/prices.yaml:9  expect.text" in lines[3]
    assert lines[4] == "         expected  with “60 yuan”"
    assert lines[5] == "         because   so"


def test_the_summary_counts_what_came_of_the_conversations() -> None:
    assert "1 failed, 1 with errors, 1 passed, 2 left out (3 turns) in 1.5 s" in summary(report())


def test_the_json_names_files_lines_and_replies() -> None:
    data = report().as_dict()
    assert (data["passed"], data["failed"], data["errors"], data["left_out"], data["turns"]) == (1, 1, 1, 2, 3)
    failed = data["conversations"][1]
    assert (failed["file"], failed["line"], failed["status"]) == (SPAN.path, 7, "failed")
    (turn,) = failed["turns"]
    assert turn["failures"] == [
        {"key": "expect.text", "line": 9, "expected": WRONG.expected, "got": WRONG.got, "because": "so"}
    ]
    assert turn["reply"]["language"] == "en"
