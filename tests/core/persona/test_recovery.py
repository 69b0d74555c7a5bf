"""One malformed place does not hide the next."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from personac.core.persona.check import check
from personac.core.persona.nodes import Mapping
from personac.core.persona.recovery import MAX_FAULTS, MAX_LINES, read_around, recover

GOOD = (
    "personac: 1\nname: Mei Lin\ntone:\n  formality: casual\n  greeting: Hello!\nintents:\n"
    "  - name: thanks\n    examples:\n      - thank you\n      - cheers\n    responses: You're welcome!\n"
    "  - name: bye\n    examples: [bye]\n    responses: Bye!\n"
)


def lines(content: str) -> list[int]:
    recovered = recover(content, "p.yaml")
    return [] if recovered is None else [finding.span.line for finding in recovered.diagnostics]


def test_every_malformed_place_is_found_and_no_other() -> None:
    faulty = GOOD.replace("casual", "casual: x").replace("- cheers", "- @cheers").replace("[bye]", "[bye")
    assert lines(faulty) == [4, 10, 13]


def test_what_is_well_formed_is_still_read() -> None:
    faulty = GOOD.replace("greeting: Hello!", 'greeting: "Hello!').replace("[bye]", "[bye")
    recovered = recover(faulty, "p.yaml")
    assert recovered is not None
    assert recovered.lost == {"tone", "intents"}
    assert recovered.content.count("\n") == faulty.count("\n")
    assert "formality: casual" in recovered.content
    assert "- thank you" in recovered.content
    assert "  -\n" not in recovered.content.split("bye")[0]


def test_the_dash_of_an_item_stays_when_its_first_key_is_malformed(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(GOOD.replace("- name: bye", "- name: @bye"), encoding="utf-8")
    tree, _, _ = read_around(file)
    assert isinstance(tree, Mapping)
    intents = tree.entries["intents"]
    assert [list(item.entries) for item in intents.items] == [  # type: ignore[union-attr]
        ["name", "examples", "responses"],
        ["examples", "responses"],
    ]


def test_nothing_is_said_of_what_is_missing_only_because_it_is_malformed(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "personac: 1\nname: @Mei\nlanguages: [en, zh\nintents:\n  - name: hi\n    examples: [hi\n"
        "    responses: {zh: 你好}\nethics:\n  rules:\n    - id: a\n      when: {intent: hello}\n",
        encoding="utf-8",
    )
    assert [(d.code, d.span.line) for d in check(file).diagnostics] == [("P0105", 2), ("P0105", 3), ("P0105", 6)]


def test_a_block_indented_by_tabs_is_told_of_once() -> None:
    assert lines("a:\n\tb: 1\n\tc: 2\n\td: 3\ne:\n\tf: 1\n") == [2, 6]


@pytest.mark.parametrize("content", ["", "a: 1\nb: 2\n", "text\nmore text\n", '{"a": 1,\n"b" 2}\n', "- a\n- b\n"])
def test_what_is_well_formed_or_in_one_piece_is_left_alone(content: str) -> None:
    assert recover(content, "p.yaml") is None


def test_very_long_files_are_left_alone_and_findings_are_limited() -> None:
    assert recover("a: [\n" * (MAX_LINES + 1), "p.yaml") is None
    assert len(lines("".join(f"k{n}: [\n" for n in range(200)))) == MAX_FAULTS


def test_random_faults_never_break_the_check(tmp_path: Path) -> None:
    chance = random.Random(7)
    file = tmp_path / "p.yaml"
    for _ in range(150):
        text = GOOD
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(":-[]{}\"'#\t &*!|>%@`\n，：“”　=") + text[at + chance.randint(0, 3) :]
        file.write_text(text, encoding="utf-8", newline="")
        height = text.count("\n") + text.count("\r") + 2
        for finding in check(file).diagnostics:
            assert 1 <= finding.span.line <= height, text
            assert (finding.span.line, finding.span.column) <= (finding.span.end_line, finding.span.end_column), text
