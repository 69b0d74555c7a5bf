"""A short, seeded run of the fuzzer, and what longer runs of it have found."""

from __future__ import annotations

import importlib.util
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from personac.core.diagnostics import render
from personac.core.persona.check import check
from personac.core.persona.checks.links import check_links
from personac.core.persona.source import parse
from personac.core.persona.sources.documents import read_document
from personac.core.persona.sources.records import read_records

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def fuzzing() -> ModuleType:
    name = "personac_fuzz_loader"
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / "fuzz_loader.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")  # for fuzz_inputs
        spec.loader.exec_module(module)
    return module


def test_a_thousand_broken_inputs_are_read_or_explained(fuzzing: ModuleType, tmp_path: Path) -> None:
    fuzzer = fuzzing.Fuzzer(tmp_path, seed=20)
    found = fuzzer.run(1000, list(fuzzing.SHARE))
    assert sum(found.inputs.values()) == 1000
    assert set(found.inputs) == set(fuzzing.SHARE)
    crashes = [(reader, problem, data[:200]) for reader, problem, data in found.failures if "took" not in problem]
    assert crashes == []
    assert sum(found.refused.values()) > 300


def test_what_hypothesis_writes_is_read_or_explained(fuzzing: ModuleType, tmp_path: Path) -> None:
    fuzzer = fuzzing.Fuzzer(tmp_path, seed=20)
    fuzzing.with_hypothesis(200, 20, fuzzer.try_one)
    assert sum(fuzzer.outcome.inputs.values()) >= 200
    assert [problem for _, problem, _ in fuzzer.outcome.failures if "took" not in problem] == []


def test_the_fuzzer_reports_a_crash_and_a_finding_without_a_place(
    fuzzing: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fuzzer = fuzzing.Fuzzer(tmp_path, seed=1)

    def crash(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(fuzzing, "read", crash)
    fuzzer.try_one("yaml", b"a: 1")
    monkeypatch.setattr(
        fuzzing, "read", lambda *_: [fuzzing.Diagnostic("P0105", "error", "x", fuzzing.Span("p", 0, 1, 0, 1))]
    )
    fuzzer.try_one("yaml", b"a: 1")
    assert [problem.split(":")[0] for _, problem, _ in fuzzer.outcome.failures] == [
        "KeyError",
        "a finding without a place",
    ]


def test_a_part_that_does_not_unpack_is_a_finding(fuzzing: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "a.docx"
    whole = sys.modules["fuzz_inputs"].docx()
    file.write_bytes(whole)
    with zipfile.ZipFile(file) as archive:
        start = archive.getinfo("[Content_Types].xml").header_offset + 30 + len("[Content_Types].xml")
    for at in range(start, start + 60):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        document = read_document(file)
        assert document.blocks or document.diagnostics


def test_a_long_line_with_a_fault_at_its_end_is_explained_at_once() -> None:
    for content in (
        "k: {" + "9" * 40_000 + " k  :  v\n",
        "k: [" + "a " * 20_000 + ": b",
        "k: '" + "x" * 40_000 + "' : y",
    ):
        node, (finding,) = parse(content, "p.yaml")
        assert node is None
        assert finding.code == "P0105"


def test_thousands_of_unknown_keys_are_all_explained(tmp_path: Path) -> None:
    (tmp_path / "persona.yaml").write_text("personac: 1\n" + "".join(f"k{n}: v\n" for n in range(3000)), "utf-8")
    found = check(tmp_path).diagnostics
    assert sum(finding.code == "P0107" for finding in found) == 3000
    assert render(found[:1])


def test_a_page_of_pictures_without_blanks_is_read_at_once(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    for content in ("![a](b.png)" * 40 + "[", "[a](" + " " * 20_000 + ")", "`" * 20_000 + "a", "<!--" * 10_000):
        file.write_text(content, "utf-8")
        assert {finding.code for finding in check_links(content, file, tmp_path)} <= {"P0211", "P0212"}
        assert read_document(file).diagnostics or read_document(file).blocks


def test_findings_in_a_line_as_long_as_a_file_are_shown_short(tmp_path: Path) -> None:
    file = tmp_path / "records.json"
    file.write_text("{" + ", ".join(f'"{n}": "x"' for n in range(20_000)) + "}", "utf-8")
    found = read_records(file, ("en",)).diagnostics
    assert len(found) == 20_000
    assert max(len(line) for line in render(found[::1000]).split("\n")) < 400
