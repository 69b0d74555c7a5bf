"""Test files are read with the place of every turn and expectation; their findings are snapshots, in `broken/`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from personac.core.persona.check import check
from personac.core.persona.conversations import Conversation, conversation_files, read_conversations

PERSONA = """\
personac: 1
name: Mei Lin
languages: [en, zh]
intents:
  - name: thanks
    examples: [thank you, many thanks, 谢谢, 多谢]
    responses: {en: [You're welcome!], zh: [不客气！]}
"""
Write = Callable[..., Path]


def read(folder: Path) -> list[Conversation]:
    loaded = check(folder)
    assert loaded.diagnostics == []
    assert loaded.tree is not None
    found = [read_conversations(path, loaded.tree, folder, ["en", "zh"]) for path in conversation_files(folder)]
    return [conversation for file in found for conversation in file.conversations]


def test_turns_and_expectations_know_their_lines(write_persona: Write) -> None:
    tests = """\
# thanks
- name: twice
  user: anna
  turns:
    - say: thank you
      expect:
        intent: thanks
        slots: {}
    - say: 谢谢
      expect_not: {text: hello}
"""
    (conversation,) = read(write_persona(PERSONA, tests__thanks_dot_yaml=tests))
    assert (conversation.name, conversation.user, conversation.channel) == ("twice", "anna", "test")
    assert conversation.span.line == 2
    first, second = conversation.turns
    assert (first.span.line, second.span.line) == (5, 9)
    assert first.places["expect.intent"].line == 7
    assert second.places["expect_not.text"].column == 20
    assert second.turn.say == "谢谢"


def test_a_conversation_of_one_turn_needs_no_turns_and_no_name(write_persona: Write) -> None:
    tests = "- say: thank you\n  expect: {intent: thanks}\n- say: 12\n  expect: {source: null}\n"
    first, second = read(write_persona(PERSONA, tests__a_dot_yaml=tests))
    assert (first.name, second.name) == ("thank you", "12")
    assert first.turns[0].turn.expect.intent == ("thanks",)
    assert second.turns[0].turn.expect.model_fields_set == {"source"}


def test_a_number_is_a_text_as_it_was_written(write_persona: Write) -> None:
    (conversation,) = read(write_persona(PERSONA, tests__a_dot_yaml="- say: 007\n  expect: {text: 1.50}\n"))
    wanted = conversation.turns[0].turn.expect.text
    assert conversation.turns[0].turn.say == "007"
    assert wanted is not None
    assert wanted.contains == ("1.50",)


def test_files_are_taken_in_their_order_and_only_those_of_the_folder(write_persona: Write) -> None:
    one = "- say: thank you\n  expect: {intent: thanks}\n"
    folder = write_persona(
        PERSONA, tests__b_dot_yaml=one, tests__a_dot_yml=one, tests__notes_dot_txt="no test", tests__old__c_dot_yaml="x"
    )
    assert [path.name for path in conversation_files(folder)] == ["a.yml", "b.yaml"]


def test_mistakes_in_tests_are_findings_of_check_and_do_not_stop_a_compilation(write_persona: Write) -> None:
    folder = write_persona(PERSONA, tests__a_dot_yaml="- say: hello\n  expect: {intent: thank}\n")
    loaded = check(folder)
    assert [diagnostic.code for diagnostic in loaded.diagnostics] == ["P0304"]
    assert loaded.persona is None
    without = check(folder, conversations=False)
    assert without.diagnostics == []
    assert without.persona is not None


@pytest.mark.parametrize(
    "content", ["", "[]", "- []", "- {}", "- - - a", "null", "- null", "a: b", "- {turns: [null]}"]
)
def test_an_odd_file_is_a_finding_with_a_place_or_holds_no_test(write_persona: Write, content: str) -> None:
    folder = write_persona(PERSONA, tests__a_dot_yaml=content)
    loaded = check(folder)
    assert all(finding.span.path.endswith("a.yaml") for finding in loaded.diagnostics)
    assert bool(loaded.diagnostics) == (content != "[]")
