"""A YAML text is changed where it says something else than it should, and nowhere else."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest
from personac.core.persona.formats.rewrite import rewrite, same
from personac.core.persona.nodes import plain
from personac.core.persona.source import parse

TEXT = """\
# of the bistro
version: "3.1"

nlu:
- intent: greet   # said first
  examples: |
    - hey
    - hello

# about leaving
- intent: bye
  examples: |
    - cu

responses:
  utter_a:
  - text: "Hey!"   # with a comment
    buttons:
    - title: "x"
  - text: b
  utter_b: [{text: "on one line"}]
  empty:
list: [a, b]
last: 1
"""


def said(text: str) -> Any:
    node, findings = parse(text, "")
    assert node is not None
    assert not findings
    return plain(node)


def changed(change: Callable[[Any], Any], text: str = TEXT) -> list[str]:
    """Return the lines that are new after a change, having checked that the text says what it should."""
    wanted = said(text)
    change(wanted)
    result, kept = rewrite(text, wanted)
    assert kept
    assert same(said(result), wanted)
    return [line for line in result.splitlines() if line not in text.splitlines()]


def test_a_text_that_says_it_already_is_left_alone() -> None:
    assert rewrite(TEXT, said(TEXT)) == (TEXT, True)


def test_a_line_is_added_to_a_block_of_examples() -> None:
    def change(wanted: Any) -> None:
        wanted["nlu"][0]["examples"] += "- servus\n"

    assert changed(change) == ["    - servus"]


def test_a_scalar_keeps_its_quotes_and_its_comment() -> None:
    def change(wanted: Any) -> None:
        wanted["responses"]["utter_a"][0]["text"] = "Hallo: du"
        wanted["last"] = "zh"

    assert changed(change) == ['  - text: "Hallo: du"   # with a comment', "last: zh"]


def test_items_and_keys_are_added_where_their_kind_stands() -> None:
    def change(wanted: Any) -> None:
        wanted["nlu"].append({"intent": "new", "examples": "- a\n"})
        wanted["responses"]["utter_new"] = [{"text": "N"}]

    assert changed(change) == ["- intent: new", "    - a", "  utter_new:", "    - text: N"]


def test_items_are_taken_out_with_their_lines_only() -> None:
    wanted = said(TEXT)
    del wanted["nlu"][1]
    result, _ = rewrite(TEXT, wanted)
    assert result == TEXT.replace("- intent: bye\n  examples: |\n    - cu\n", "")


def test_lines_end_as_they_did() -> None:
    text = TEXT.replace("\n", "\r\n")
    wanted = said(text)
    wanted["nlu"].append({"intent": "new", "examples": "- a\n- b\n"})
    result, kept = rewrite(text, wanted)
    assert kept
    assert "\n" not in result.replace("\r\n", "")


def test_a_value_of_another_kind_takes_the_place() -> None:
    for value in ("x", ["x", {"y": 1}], {"x": ["y"]}, None, 3, True, "two\nlines", "", [], {}):
        for key in ("nlu", "responses", "list", "last", "version"):
            wanted = said(TEXT)
            wanted[key] = copy.deepcopy(value)
            assert same(said(rewrite(TEXT, wanted)[0]), wanted), (key, value)


@pytest.mark.parametrize("seed", range(300))
def test_any_change_is_said_by_the_result(seed: int) -> None:
    chance = random.Random(seed)
    wanted = said(TEXT)
    for _ in range(chance.randint(1, 4)):
        _change(wanted, chance)
    assert same(said(rewrite(TEXT, wanted)[0]), wanted)


def _change(value: Any, chance: random.Random) -> None:
    fresh = chance.choice(
        ["x", "a: b", "- c", "#d", "two\nlines\n", 1, None, True, ["e", "f"], {"g": ["h"]}, "你好", "'", '"']
    )
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys or chance.random() < 0.2:
        if isinstance(value, dict):
            value["k" + str(len(value))] = fresh
        else:
            value.insert(chance.randint(0, len(value)), fresh)
        return
    key = chance.choice(keys)
    if isinstance(value[key], dict | list) and chance.random() < 0.7:
        _change(value[key], chance)
    elif chance.random() < 0.3 and len(value) > 1:
        del value[key]
    else:
        value[key] = fresh
