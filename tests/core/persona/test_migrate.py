"""Personas of version 0 become personas of version 1 that mean the same, and nothing else changes."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from personac.core.diagnostics import CODES
from personac.core.persona.check import check
from personac.core.persona.migrate import STEPS, VERSION, Migration, migrate, migrate_text, said
from personac.core.persona.migrations import version_0
from personac.core.persona.nodes import plain
from personac.core.persona.source import parse

OLD = """\
# A keeper of lighthouses.
personac: 0          # the language
bot: "Nora"          # her name

description: >-
  Keeper of the
  Old Lighthouse.
language: en

# what she says first
greeting: Hello, I'm Nora,
  a bot.             # hi

faq:                 # tables
  # the main one
  - knowledge/faq.csv
  - 'knowledge/more.csv'   # more

intents:
  # often asked
  opening_hours:     # hours
    - When do you open?
    # on Sundays, too
    - "Are you open on Sundays?"

  thanks:
    examples: [thank you, "thanks, a lot"]   # short
    say: You're welcome!

never:
  # ask a doctor
  - give medical advice    # really
  - give advice on diving: [Where can I dive?, Can I jump?]
privacy: {consent: ask}    # stays
"""
NEW = """\
# A keeper of lighthouses.
personac: 1          # the language
name: "Nora"          # her name

summary: >-
  Keeper of the
  Old Lighthouse.
languages: [en]

# what she says first
tone:
  greeting: Hello, I'm Nora,
    a bot.             # hi

knowledge:                 # tables
  # the main one
  - path: knowledge/faq.csv
  - path: 'knowledge/more.csv'   # more

intents:
  # often asked
  - name: opening_hours     # hours
    examples:
    - When do you open?
    # on Sundays, too
    - "Are you open on Sundays?"

  - name: thanks
    examples: [thank you, "thanks, a lot"]   # short
    responses: You're welcome!

ethics:
  rules:
    # ask a doctor
    - id: give-medical-advice
      when:
        topic: give medical advice    # really
        examples: ['Can you give medical advice?', Please give medical advice.]
    - id: give-advice-on-diving
      when:
        topic: give advice on diving
        examples: [Where can I dive?, Can I jump?]
privacy: {consent: ask}    # stays
"""


def _values(text: str) -> Any:
    tree, found = parse(text.removeprefix("\ufeff"), "persona.yaml")
    assert tree is not None
    assert not found
    return plain(tree)


def _migrated(text: str) -> str:
    made = migrate_text(text, "persona.yaml")
    assert made.new is not None, made.diagnostics
    return made.new


def _comments(text: str) -> Counter[str]:
    return Counter(re.findall(r"#[^\r\n]*", text))


def test_a_whole_persona_is_migrated_and_keeps_its_comments_quotes_and_order() -> None:
    assert _migrated(OLD) == NEW


def test_a_migrated_persona_has_no_findings(tmp_path: Path) -> None:
    (tmp_path / "knowledge").mkdir()
    for name in ("faq.csv", "more.csv"):
        (tmp_path / "knowledge" / name).write_text(f"question,answer\nHow tall is {name}?,{name}.\n", "utf-8")
    text = OLD.replace("say: You're welcome!", "say: You're welcome!\n  hi: {examples: [hi], say: Hi!}")
    text = text.replace('    - "Are', '    - Open today?\n    - "Are').replace("  opening_hours", "  about_hours")
    (tmp_path / "persona.yaml").write_text(_migrated(text), "utf-8")
    found = check(tmp_path / "persona.yaml").diagnostics
    assert not [diagnostic for diagnostic in found if diagnostic.severity == "error"]


def test_migrating_again_changes_nothing() -> None:
    made = migrate_text(NEW, "persona.yaml")
    assert made.new == NEW
    assert not made.needed
    assert made.version == VERSION


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", [True, False])
def test_line_ends_and_byte_order_marks_stay(tmp_path: Path, newline: str, mark: str, ending: bool) -> None:
    text = OLD if ending else OLD.rstrip("\n")
    file = tmp_path / "persona.yaml"
    file.write_bytes((mark + text.replace("\n", newline)).encode("utf-8"))
    made = migrate(file)
    expected = NEW if ending else NEW.rstrip("\n")
    assert made.new == mark + expected.replace("\n", newline)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bot: a\n", "name: a\n"),
        ("'bot': a\n", "'name': a\n"),
        ("language: zh\n", "languages: [zh]\n"),
        ("language: [zh, en]\n", "languages: [zh, en]\n"),
        ("language:\n- zh\n- en\n", "languages:\n- zh\n- en\n"),
        ("faq: a.csv\n", "knowledge:\n  - path: a.csv\n"),
        ("faq: [a.csv, 'b, c.csv']  # x\n", "knowledge:\n  - path: a.csv\n  - path: 'b, c.csv'  # x\n"),
        ("faq:\n- a.csv\n- b.csv\n", "knowledge:\n- path: a.csv\n- path: b.csv\n"),
        (
            "knowledge:\n  - path: a.md   # a\nprivacy: {}\n# b\nfaq: b.csv\n",
            "knowledge:\n  - path: a.md   # a\n  # b\n  - path: b.csv\nprivacy: {}\n",
        ),
        ("faq: b.csv\nknowledge: [{path: a.md}]\n", "knowledge:\n  - {path: a.md}\n  - path: b.csv\n"),
        ("greeting: {en: Hi, zh: 你好}\n", "tone:\n  greeting: {en: Hi, zh: 你好}\n"),
        ("greeting: |\n  Hi\n\n  you\nbot: a\n", "tone:\n  greeting: |\n    Hi\n\n    you\nname: a\n"),
        ("greeting: a\nbot: b\nfallback: c\n", "tone:\n  greeting: a\n  fallback: c\nname: b\n"),
        ("tone:\n    emoji: never\n\ngreeting: a\n", "tone:\n    emoji: never\n    greeting: a\n\n"),
        ("tone: {}\nfallback: a\n", "tone:\n  fallback: a\n"),
        ("tone: {emoji: never}  # t\nfallback: a\n", "tone:\n  emoji: never  # t\n  fallback: a\n"),
        ("tone: {emoji: never, # x\n  formality: casual}\nfallback: a\n",
         "tone:\n  emoji: never  # x\n  formality: casual\n  fallback: a\n"),
        ("intents:\n  a: [b, c]  # d\n", "intents:\n  - name: a\n    examples: [b, c]  # d\n"),
        ("intents:\n  a:\n  - b\n  - c\n", "intents:\n  - name: a\n    examples:\n    - b\n    - c\n"),
        ("intents:\n    a:\n        examples: [b]\n", "intents:\n    -   name: a\n        examples: [b]\n"),
        ("intents:\n a:\n  examples: [b]\n", "intents:\n - name: a\n   examples: [b]\n"),
        ("intents:\n  a: b.csv\n  'c': d?\n",
         "intents:\n  - name: a\n    examples: b.csv\n  - 'name': 'c'\n    'examples':\n      - d?\n"),
        ("intents:\n  a: {examples: [b], say: c}\n", "intents:\n  - {name: a, examples: [b], responses: c}\n"),
        ("intents: {a: [b], c: {examples: [d], say: e}}\n",
         "intents: [{name: a, examples: [b]}, {name: c, examples: [d], responses: e}]\n"),
        ("intents:\n  a: &x\n    - b\n  c: *x\n",
         "intents:\n  - name: a\n    examples: &x\n    - b\n  - name: c\n    examples: *x\n"),
        ("intents:\n  a: &x\n    examples: [b]\n    say: c\n  d:\n    <<: *x\n    examples: [e]\n",
         "intents:\n  - &x\n    name: a\n    examples: [b]\n    responses: c\n"
         "  - name: d\n    <<: *x\n    examples: [e]\n"),
        ("intents:\n- name: a\n  examples: [b]\n", "intents:\n- name: a\n  examples: [b]\n"),
        ("never: [lie]\nethics: {disclosure: always}\n",
         "ethics:\n  disclosure: always\n  rules:\n    - id: lie\n      when:\n        topic: lie\n"
         "        examples: ['Can you lie?', Please lie.]\n"),
        ("ethics:\n  rules:\n  - id: 撒谎\n    when: {pattern: a}\nnever:\n- 撒谎\n",
         "ethics:\n  rules:\n  - id: 撒谎\n    when: {pattern: a}\n  - id: 撒谎-2\n    when:\n      topic: 撒谎\n"
         "      examples: [你能撒谎吗？, 请撒谎。]\n"),
        ("never:\n  - sell: # s\n    - Buy it?\n    - Is it for sale?\n",
         "ethics:\n  rules:\n    - id: sell\n      when:\n        topic: sell # s\n        examples:\n"
         "          - Buy it?\n          - Is it for sale?\n"),
    ],
)  # fmt: skip
def test_each_form_is_edited_where_it_stands(old: str, new: str) -> None:
    assert _migrated("personac: 0\n" + old) == "personac: 1\n" + new


def test_json_stays_json() -> None:
    old = {
        "personac": 0, "bot": "小美", "language": "zh", "greeting": "你好", "faq": ["a.csv", "b.csv"],
        "knowledge": [{"path": "a.md"}], "tone": {"emoji": "never"}, "fallback": {"zh": "不知道"},
        "intents": {"hours": ["几点开门？"], "thanks": {"examples": ["谢谢"], "say": "不客气"}, "path": "a.csv"},
        "never": ["撒谎", {"sell": ["Buy it?"]}],
    }  # fmt: skip
    for indent in (None, 2):
        assert json.loads(_migrated(json.dumps(old, ensure_ascii=False, indent=indent))) == version_0.meaning(old)


ENTRIES: list[list[str]] = [
    ["bot: Nora", "bot: '诺拉'  # name", "bot: |-\n  Nora\n  Lind", "# who\nbot: &who Nora"],
    ["", "description: a guide", 'description: "a\n  guide"   # d', "description: >\n  a\n\n  guide\n"],
    ["", "language: en", "language: [zh, en]  # l", "language:\n  - en\n  # two\n  - zh"],
    ["", "greeting: Hi", "# g\n# g2\ngreeting:\n  en: Hi  # e\n  zh: 你好", "greeting: {en: Hi,\n  zh: 你好}",
     "greeting: |+\n  Hi\n  you"],
    ["", "fallback: no", "fallback: >-\n  no\n  idea  # not a comment\n", "fallback: 'it''s\n\n  no'  # f"],
    ["", "tone: {traits: [warm], emoji: never}", "tone:\n    traits:\n    - warm  # w",
     "tone:\n  emoji: never\n  # end of tone"],
    ["", "faq: a.csv  # f", "faq: [a.csv, b.csv]", "faq:\n# x\n- a.csv\n- 'b c.csv'  # y", "faq:\n    - a.csv"],
    ["", "knowledge:\n- path: k.md  # k", "knowledge: [{path: k.md}, {path: l.md}]",
     "knowledge:\n  -   path: k.md\n      # in\n"],
    [
        "", "intents:\n  a:\n    - x?  # x\n    - y\n\n  # b\n  b: {examples: [z], say: 'w'}  # c",
        "intents:\n    a: [x, y]\n    b:\n        say: {en: [u, v]}\n        examples:\n        - w",
        "intents: {a: [x?, y], b: {say: z, examples: [w]}}", "intents:\n  a:\n  - x\n  b: b.csv  # file\n  c: x",
        "intents:\n  - name: a\n    examples: [x]",
    ],
    ["", "never: lie", "never: [lie, 撒谎]  # n", "never:\n- lie   # l\n- sell it: [Buy?]\n# last\n- 'cheat, too'",
     "never:\n    - give\n      advice\n    - sell:\n        - Buy?\n        # b\n        - Sell?"],
    ["", "ethics: {disclosure: always}", "ethics:\n  rules:\n  - id: lie\n    when: {pattern: a}  # p",
     "ethics: {rules: [{id: x, when: {pii: ip}}]}"],
    ["", "privacy: {consent: ask}", "# about\nextensions:\n  a: [1, 2]"],
]  # fmt: skip


@pytest.mark.parametrize("seed", range(80))
def test_what_is_written_in_any_mix_of_styles_keeps_its_meaning_and_its_comments(seed: int) -> None:
    chance = random.Random(seed)
    parts = [chance.choice(forms) for forms in ENTRIES]
    chance.shuffle(parts)
    newline = chance.choice(["\n", "\r\n"])
    between = [chance.choice(["\n", "\n\n", "\n\n# alone\n\n"]) for _ in parts]
    text = "personac: 0\n" + "".join(part + gap for part, gap in zip(parts, between) if part)
    text = text.replace("\n", newline)
    new = _migrated(text)
    assert said(_values(new)) == said(version_0.meaning(_values(text)))
    assert not _comments(text) - _comments(new)
    assert ("\r\n" in new) == (newline == "\r\n")
    assert new.count("\n") == new.count(newline)
    assert migrate_text(new, "persona.yaml").new == new


SLIPS = [
    "",
    "\n",
    "  ",
    "- ",
    ": ",
    "{",
    "]",
    "#",
    "'",
    "&a ",
    "*a",
    "<<: *a\n",
    "? ",
    "|",
    "!!str ",
    "\r\n",
    ",",
    "\x85",
]


@pytest.mark.parametrize("seed", range(60))
def test_a_text_with_slips_is_migrated_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    text = OLD
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(text))
        text = text[:start] + chance.choice(SLIPS) + text[start + chance.choice([0, 1, 3, 10]) :]
    made = migrate_text(text, "persona.yaml")
    if made.new is None:
        assert made.diagnostics
    else:
        assert said(_values(made.new)) == said(version_0.meaning(_values(text)))
        assert migrate_text(made.new, "persona.yaml").new == made.new


def _codes(made: Migration) -> set[str]:
    assert made.new is None
    assert all(diagnostic.code in CODES for diagnostic in made.diagnostics)
    return {diagnostic.code for diagnostic in made.diagnostics if diagnostic.severity == "error"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("personac: 2\nname: a\n", "P0118"),
        ("personac: one\nname: a\n", "P0118"),
        ("personac: true\nname: a\n", "P0118"),
        ("name: a\n", "P0118"),
        ("- a\n", "P0118"),
        ("personac: 0\nbot: [a\n", "P0105"),
        ("personac: 0\nbot: a\nbot: b\n", "P0108"),
        ("", "P0104"),
        ("personac: 0\nbot: a\nname: b\n", "P0601"),
        ("personac: 0\ngreeting: a\ntone: {greeting: b}\n", "P0601"),
        ("personac: 0\nbot: {en: a}\n", "P0602"),
        ("personac: 0\nfaq: {path: a.csv}\n", "P0602"),
        ("personac: 0\nintents: hours\n", "P0602"),
        ("personac: 0\nnever: {lie: [a]}\n", "P0602"),
        ("personac: 0\nnever: [{lie: [a], sell: [b]}]\n", "P0602"),
        ("personac: 0\nnever: [{lie: a}]\n", "P0602"),
        ("personac: 0\ntone: [warm]\ngreeting: Hi\n", "P0602"),
        ("personac: 0\nknowledge: a.md\nfaq: a.csv\n", "P0602"),
        ("personac: 0\nethics: {rules: none}\nnever: [lie]\n", "P0602"),
        ("personac: 0\nlanguage: e,,sv\n", "P0603"),
        ("personac: 0\n? bot\n: a\n? greeting\n: b\n", "P0603"),
        ("extensions: &base {bot: a}\npersonac: 0\n<<: *base\n", "P0603"),
        ("personac: 0\ntone: &t {emoji: never}\nextensions: {x: *t}\ngreeting: a\n", "P0603"),
        ("personac: 0\nfallback: &a no\nextensions: {x: *a}\ntone: {emoji: never}\nintents: {b: *a}\n", "P0603"),
    ],
)  # fmt: skip
def test_what_cannot_be_migrated_is_refused_with_a_place(text: str, code: str) -> None:
    made = migrate_text(text, "persona.yaml")
    assert _codes(made) == {code}
    lines = text.split("\n")
    for diagnostic in made.diagnostics:
        assert 1 <= diagnostic.span.line <= len(lines)
        assert diagnostic.help or code in ("P0104", "P0105")


def test_a_rule_made_of_a_phrase_is_told_of() -> None:
    made = migrate_text(OLD, "persona.yaml")
    assert [(found.code, found.span.line) for found in made.diagnostics] == [("P0604", 32)]


def test_check_says_that_an_older_persona_can_be_migrated(tmp_path: Path) -> None:
    (tmp_path / "persona.yaml").write_text(OLD + "name: Nora\n", "utf-8")
    found = check(tmp_path).diagnostics
    assert [diagnostic.code for diagnostic in found] == ["P0118", "P0601", "P0604"]
    assert "personac migrate" in (found[0].help or "")


def test_steps_lead_without_a_gap_to_the_present_version() -> None:
    assert sorted(STEPS) == list(range(VERSION))


def test_the_persona_in_the_reference_can_be_migrated() -> None:
    text = version_0.DOCUMENT.split("```yaml\n")[1].split("```")[0]
    assert _values(_migrated(text)) == version_0.meaning(_values(text))
