"""A pass runs once for its inputs, and a damaged or missing cache costs time only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from personac.core.compile import passes as module
from personac.core.compile.passes import Passes, forget_old, outputs


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a cache of the test's own."""
    monkeypatch.setenv("PERSONAC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write(text: str) -> object:
    """Return a pass that writes one file."""
    return lambda folder: (folder / "out.txt").write_text(text, "utf-8")


def test_a_pass_runs_once_for_its_inputs(kept: Path) -> None:
    with Passes() as first:
        made = first.run("cook", write("soup"), ["carrots", b"salt", np.ones(3)])  # type: ignore[arg-type]
    with Passes() as second:
        again = second.run("cook", write("never"), ["carrots", b"salt", np.ones(3)])  # type: ignore[arg-type]
    assert made == again
    assert (again / "out.txt").read_text("utf-8") == "soup"
    assert [(ran.name, ran.fresh) for ran in (*first.ran, *second.ran)] == [("cook", True), ("cook", False)]
    assert outputs(again) == [again / "out.txt"]
    assert second.hashes[again / "out.txt"]


@pytest.mark.parametrize(
    "other",
    [["carrots", b"salt", np.zeros(3)], ["carrots", b"salt"], ["carrotss", b"alt", np.ones(3)], [b"carrots", "salt"]],
)
def test_other_inputs_run_it_again(kept: Path, other: list[object]) -> None:
    with Passes() as passes:
        passes.run("cook", write("soup"), ["carrots", b"salt", np.ones(3)])  # type: ignore[arg-type]
        passes.run("cook", write("stew"), other)  # type: ignore[arg-type]
    assert [ran.fresh for ran in passes.ran] == [True, True]


def test_other_code_runs_it_again(kept: Path) -> None:
    with Passes() as passes:
        for code in (("mind.memory.retrieval",), ("mind.understanding.fusion",), ("mind.memory.retrieval",)):
            passes.run("cook", write("soup"), ["carrots"], code)  # type: ignore[arg-type]
        assert [ran.fresh for ran in passes.ran] == [True, True, False]
        with pytest.raises(LookupError, match=r"mind\.nowhere"):
            passes.run("cook", write("soup"), ["carrots"], ("mind.nowhere",))  # type: ignore[arg-type]


def test_what_was_damaged_in_the_cache_is_made_again(kept: Path) -> None:
    with Passes() as passes:
        made = passes.run("cook", write("soup"), ["carrots"])  # type: ignore[arg-type]
        (made / "out.txt").write_text("sou", "utf-8")
        again = passes.run("cook", write("soup"), ["carrots"])  # type: ignore[arg-type]
    assert [ran.fresh for ran in passes.ran] == [True, True]
    assert (again / "out.txt").read_text("utf-8") == "soup"


def test_a_pass_that_fails_leaves_nothing(kept: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half.txt").write_text("half", "utf-8")
        raise ValueError("burnt")

    with Passes() as passes, pytest.raises(ValueError, match="burnt"):
        passes.run("cook", fail, ["carrots"])
    assert not [path for path in kept.rglob("*") if path.is_file()]


def test_without_a_cache_a_pass_still_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    monkeypatch.setenv("PERSONAC_CACHE", str(tmp_path / "file"))
    with Passes() as passes:
        made = passes.run("cook", write("soup"), ["carrots"])  # type: ignore[arg-type]
        assert (made / "out.txt").read_text("utf-8") == "soup"
    assert not made.exists()


def test_the_least_recently_used_are_forgotten_first(kept: Path) -> None:
    with Passes() as passes:
        folders = [passes.run("cook", write("x" * 1000), [str(number)]) for number in range(4)]  # type: ignore[arg-type]
    for age, folder in enumerate((2, 0, 3, 1)):
        module.os.utime(folders[folder], (1_000_000 - age, 1_000_000 - age))  # folders[2] is the newest
    forget_old(2 * sum(path.stat().st_size for path in folders[0].iterdir()))
    assert [folder.exists() for folder in folders] == [True, False, True, False]
