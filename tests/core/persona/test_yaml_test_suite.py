"""The cases of yaml-test-suite, where they are at hand: no traceback, and a place for each finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from personac.core.diagnostics import FORMATS, Format, render
from personac.core.persona.check import check
from personac.core.persona.nodes import plain
from personac.core.persona.source import parse

CASES = Path(__file__).parents[3].parent / "shared" / "data" / "yaml_test_suite" / "cases.jsonl"

pytestmark = pytest.mark.skipif(not CASES.exists(), reason=f"yaml-test-suite is not at {CASES}")


def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def test_every_case_is_read_or_explained_with_a_place(tmp_path: Path) -> None:
    file = tmp_path / "persona.yaml"
    for case in cases():
        file.write_text(case["yaml"], encoding="utf-8", newline="")
        loaded = check(file)
        lines = case["yaml"].count("\n") + 1
        assert loaded.persona is None
        assert loaded.diagnostics, case["id"]
        for diagnostic in loaded.diagnostics:
            span = diagnostic.span
            assert span.path == str(file)
            assert 1 <= span.line <= lines, case["id"]
            assert span.column >= 1
            assert (span.end_line, span.end_column) >= (span.line, span.column), case["id"]
        for format in FORMATS:
            assert render(loaded.diagnostics, format)  # type: ignore[arg-type]


def test_what_is_read_is_what_the_suite_says() -> None:
    known = {"L24T/01"}  # PyYAML: the last blank line of a block
    differing, read = set(), 0
    for case in cases():
        node, diagnostics = parse(case["yaml"], "case.yaml")
        if node is None or diagnostics or case["fail"] or not case["json"]:
            continue
        try:
            expected = json.loads(case["json"])
        except json.JSONDecodeError:  # several documents
            continue
        read += 1
        if plain(node) != expected:
            differing.add(case["id"])
    assert differing <= known
    assert read >= 200


def test_malformed_cases_are_refused() -> None:
    malformed = [case for case in cases() if case["fail"]]
    refused = [case for case in malformed if parse(case["yaml"], "case.yaml")[1]]
    assert len(refused) >= len(malformed) - 8  # harmless ones, such as a tab among blanks


def test_good_cases_are_read_but_for_what_personas_do_not_have() -> None:
    good = [case for case in cases() if not case["fail"]]
    found = {case["id"]: parse(case["yaml"], "case.yaml")[1] for case in good}
    assert sum(not diagnostics for diagnostics in found.values()) >= 237
    malformed = {id for id, diagnostics in found.items() if any(d.code == "P0105" for d in diagnostics)}
    # keys without a name, texts at the margin of a whole document, directives that nobody knows, tabs before a bracket
    assert len(malformed) <= 24


def test_formats_are_all_tried() -> None:
    assert set(FORMATS) == set(Format.__args__)  # type: ignore[attr-defined]
