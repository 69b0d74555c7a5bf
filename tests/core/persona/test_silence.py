"""Warnings are silenced in the file, at the line, for a file or for all; errors never are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from personac.core.diagnostics import Diagnostic, Span
from personac.core.persona.check import Loaded, check
from personac.core.persona.silence import silence, unused

PERSONA = """personac: 1
name: Pip
languages: [en, zh]{0}
{1}intents:
  - name: greet
    examples: [hello, hi there, good morning]
    responses: {{en: Hello!, zh: 你好！}}
  - name: bye
    examples: [goodbye, see you]
    responses:{2}
      en: Bye!
{3}"""


def checked(write_persona: Callable[..., Path], *parts: str, **files: str) -> Loaded:
    return check(write_persona(PERSONA.format(*(*parts, "", "", "", "")[:4]), **files))


def codes(loaded: Loaded) -> tuple[list[str], list[str]]:
    return [d.code for d in loaded.diagnostics], [d.code for d in loaded.hidden]


def finding(code: str, path: Path, line: int, severity: str = "warning") -> Diagnostic:
    return Diagnostic(code, severity, "…", Span(str(path), line, 1, line, 2))  # type: ignore[arg-type]


def test_without_a_word_a_warning_is_shown(write_persona: Callable[..., Path]) -> None:
    assert codes(checked(write_persona)) == (["P0306"], [])


@pytest.mark.parametrize(
    "comment", ["# personac: allow P0306", "#personac: allow P0401, P0306", "# personac: allow P0306，P0401 – later"]
)
def test_a_comment_at_the_end_of_the_line_silences(comment: str, write_persona: Callable[..., Path]) -> None:
    assert codes(checked(write_persona, "", "", f"  {comment}")) == ([], ["P0306"])


def test_a_comment_alone_above_the_line_silences_through_other_comments(write_persona: Callable[..., Path]) -> None:
    folder = write_persona(
        PERSONA.format("", "", "", "").replace(
            "    responses:\n", "    # personac: allow P0306\n    # Chinese comes later.\n    responses:\n"
        )
    )
    assert codes(check(folder)) == ([], ["P0306"])


@pytest.mark.parametrize("comment", ["# personac: allow P0305", "# allow P0306", "# personac: allow P03066"])
def test_another_comment_silences_nothing(comment: str, write_persona: Callable[..., Path]) -> None:
    assert codes(checked(write_persona, "", "", f"  {comment}")) == (["P0306"], [])


def test_a_comment_on_another_line_silences_nothing(write_persona: Callable[..., Path]) -> None:
    assert codes(checked(write_persona, "  # personac: allow P0306")) == (["P0306"], [])


@pytest.mark.parametrize(
    ("entry", "hidden"),
    [("P0213", True), ("P0213 knowledge/*.csv", True), ("P0213 ./knowledge/faq.csv", True), ("P0213 other/*", False)],
)
def test_the_persona_silences_what_stands_in_tables(
    entry: str, hidden: bool, write_persona: Callable[..., Path]
) -> None:
    folder = write_persona(
        f"personac: 1\nname: Pip\nknowledge: [{{path: knowledge/faq.csv}}]\nlints: {{allow: ['{entry}']}}\n",
        knowledge__faq_dot_csv="question,answer\nHow tall?,Ten metres.\nHow tall?,Nine metres.\n",
    )
    assert codes(check(folder)) == (([], ["P0213"]) if hidden else (["P0213"], []))


def test_in_markdown_a_comment_above_or_at_the_end_silences(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text(
        "# Tickets\n\n<!-- personac: allow P0405 -->\n<!-- later -->\nComing soon.\n\n"
        "TBD <!-- personac: allow P0405 -->\nTBD\n"
    )
    shown, hidden = silence([finding("P0405", file, line) for line in (5, 7, 8)], None, tmp_path)
    assert [d.span.line for d in shown] == [8]
    assert [d.span.line for d in hidden] == [5, 7]


def test_an_error_cannot_be_silenced(write_persona: Callable[..., Path]) -> None:
    loaded = checked(write_persona, "", "", "", "colour: red  # personac: allow P0107\n")
    assert "P0107" in [d.code for d in loaded.diagnostics]
    assert loaded.persona is None


def test_what_silences_nothing_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1  # personac: allow P0306, P0402\nb: 2  # personac: allow P9999\n")
    found = unused(None, tmp_path, [file], [finding("P0306", file, 1)])
    assert [(d.code, d.span.line, d.span.column, d.span.end_column) for d in found] == [
        ("P0411", 1, 32, 37),
        ("P0411", 2, 25, 30),
    ]
    assert "P9999" in found[1].message


def test_an_entry_of_the_persona_that_silences_nothing_is_reported(write_persona: Callable[..., Path]) -> None:
    loaded = checked(write_persona, "", "lints: {allow: [P0306, P0402, P0305 knowledge/*]}\n")
    assert loaded.tree is not None
    root = Path(loaded.tree.span.path).parent
    found = unused(loaded.tree, root, [], loaded.hidden)
    assert [d.message.split("no ")[-1][:5] for d in found] == ["P0402", "P0305"]


def test_a_file_that_cannot_hold_comments_is_not_searched(tmp_path: Path) -> None:
    file = tmp_path / "faq.csv"
    file.write_text("question,answer\nTBD?,TBD # personac: allow P0405\n")
    assert silence([finding("P0405", file, 2)], None, tmp_path).hidden == []
