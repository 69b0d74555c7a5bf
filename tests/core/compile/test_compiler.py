"""Compiling: the same bytes for the same inputs, nothing twice, nothing by halves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from personac.core.cli.building import build, installed, open_persona
from personac.core.compile import compiler
from personac.core.compile.artifact import latest, read_manifest
from personac.core.compile.compiler import Compiled, compile_persona, compiler_version, output_folder
from personac.core.compile.examples import KNOWLEDGE, QUESTIONS, Row, sampled
from personac.core.errors import ArtifactInvalid, PersonaInvalid, Unavailable
from personac.core.message import Reply
from personac.core.models import cache

SMALL = """personac: 1
name: Pip
knowledge:
  - path: facts.csv
intents:
  - name: greet
    examples: [hello, hi there, good morning, hey]
    responses: {en: [Hello!]}
  - name: bye
    examples: [goodbye, see you, bye bye, farewell]
    responses: {en: [Bye!]}
"""
FACTS = (
    "question,answer\nHow tall is the tower?,The tower is 85 metres tall.\nWho built it?,Ada Lovely built the tower.\n"
)


@pytest.fixture
def small(write_persona: Callable[..., Path]) -> Path:
    """Return the folder of a small persona."""
    return write_persona(SMALL, facts_dot_csv=FACTS)


def bytes_of(artifact: Path) -> dict[str, bytes]:
    """Return all files of an artifact."""
    return {str(p.relative_to(artifact)): p.read_bytes() for p in artifact.rglob("*") if p.is_file()}


def test_an_artifact_holds_what_the_design_names(small: Path) -> None:
    compiled = build(small, None, quiet=True)
    files = set(bytes_of(compiled.artifact))
    assert {"manifest.json", "persona.json", "passages.jsonl", "ranking.json", "fusion.onnx", "fusion.safetensors",
            "index/all-MiniLM-L6-v2.faiss", "encoders/all-MiniLM-L6-v2/model.onnx"} <= files  # fmt: skip
    manifest = read_manifest(compiled.artifact)
    assert set(manifest["inputs"]) == {"persona.yaml", "facts.csv"}
    assert manifest["report"]["training"]["examples"] == 10
    assert not [name for name in files if name.endswith((".pkl", ".pickle", ".pt"))]


def test_the_same_inputs_give_the_same_bytes_in_two_folders(small: Path, tmp_path: Path) -> None:
    first = build(small, tmp_path / "one", quiet=True).artifact
    second = build(small, tmp_path / "two", quiet=True).artifact
    assert first.name == second.name
    assert bytes_of(first) == bytes_of(second)


def test_what_did_not_change_is_not_built_again(small: Path) -> None:
    first = build(small, None, quiet=True)
    again = build(small, None, quiet=True)
    assert (first.fresh, again.fresh) == (True, False)
    assert again.artifact == first.artifact
    (small / "facts.csv").write_text(FACTS + "Where is it?,The tower is in the harbour.\n", "utf-8")
    changed = build(small, None, quiet=True)
    assert changed.fresh
    assert changed.artifact != first.artifact


@pytest.mark.parametrize("name", ["compile/a.py", "mind/a.csv", "persona/sets/a.yaml", "persona/a.json"])
def test_what_ships_and_decides_about_artifacts_makes_another_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(compiler, "__file__", str(tmp_path / "compile" / "compiler.py"))
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text("one", "utf-8")
    before = compiler_version()
    file.write_text("two", "utf-8")
    assert compiler_version() != before


def test_a_damaged_artifact_is_refused_and_built_anew(small: Path) -> None:
    artifact = build(small, None, quiet=True).artifact
    (artifact / "fusion.onnx").write_bytes(b"half")
    with pytest.raises(ArtifactInvalid, match=r"fusion\.onnx"):
        read_manifest(artifact)
    assert build(small, None, quiet=True).fresh
    read_manifest(artifact)


def test_a_persona_with_errors_leaves_nothing_and_keeps_the_old_artifact(small: Path) -> None:
    artifact = build(small, None, quiet=True).artifact
    (small / "persona.yaml").write_text(SMALL.replace("name: Pip", "nam: Pip"), "utf-8")
    with pytest.raises(PersonaInvalid):
        build(small, None, quiet=True)
    out = output_folder(small, None)
    assert latest(out) == artifact
    assert not list(out.glob(".aside-*"))


PASSES = ("encode", "lexical", "rules", "rights", "train", "map")


def many(rows: int) -> str:
    """Return a table of questions and answers."""
    return "question,answer\n" + "".join(f"What is in box {i}?,Box {i} holds {i + 2} pears.\n" for i in range(rows))


def ran(compiled: Compiled) -> dict[str, bool]:
    """Return for each pass whether its work was done."""
    return {run.name: run.fresh for run in compiled.passes}


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a cache that holds nothing but the exports of encoders, whose bytes are tested with the encoders."""
    exports = cache.root() / "exports"
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "exports").symlink_to(exports)
    monkeypatch.setenv("PERSONAC_CACHE", str(folder))
    return folder


def test_a_changed_row_runs_only_the_passes_it_touches(small: Path, empty_cache: Path) -> None:
    rows = many(1100)
    (small / "facts.csv").write_text(rows, "utf-8")
    assert ran(build(small, None, quiet=True)) == dict.fromkeys(PASSES, True)
    lines = rows.splitlines()
    kept = {row.text for row in sampled([Row(line.split(",")[0], KNOWLEDGE) for line in lines[1:]], QUESTIONS)}
    unseen = next(i for i, line in enumerate(lines) if i % 2 == 0 and i and line.split(",")[0] not in kept)
    lines[unseen] = lines[unseen].replace("pears", "green pears")
    (small / "facts.csv").write_text("\n".join(lines) + "\n", "utf-8")
    again = build(small, None, quiet=True)
    assert ran(again) == dict.fromkeys(PASSES, False) | {"encode": True, "lexical": True}
    assert "green pears" in (again.artifact / "passages.jsonl").read_text("utf-8")


def test_building_on_gives_the_same_bytes_as_building_anew(small: Path, tmp_path: Path, empty_cache: Path) -> None:
    build(small, tmp_path / "out", quiet=True)
    (small / "facts.csv").write_text(FACTS.replace("85 metres", "86 metres"), "utf-8")
    on = build(small, tmp_path / "out", quiet=True).artifact
    shutil.rmtree(empty_cache / "vectors")
    shutil.rmtree(empty_cache / "passes")
    anew = build(small, tmp_path / "anew", quiet=True)
    assert ran(anew)["train"]
    assert bytes_of(on) == bytes_of(anew.artifact)


def test_what_is_saved_during_a_compile_is_compiled_next_time(small: Path) -> None:
    def save(name: str, done: int, total: int) -> None:
        if name == "write":
            (small / "facts.csv").write_text(FACTS.replace("85", "86"), "utf-8")

    first = compile_persona(small, None, installed(), save)
    assert "85 metres" in (first.artifact / "passages.jsonl").read_text("utf-8")
    again = build(small, None, quiet=True)
    assert again.fresh
    assert "86 metres" in (again.artifact / "passages.jsonl").read_text("utf-8")
    assert not build(small, None, quiet=True).fresh


def test_stopping_a_compile_leaves_the_old_artifact_whole(small: Path) -> None:
    old = build(small, None, quiet=True).artifact
    before = bytes_of(old)
    (small / "facts.csv").write_text(many(3000), "utf-8")
    command = [sys.executable, "-m", "personac", "compile", str(small)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out = output_folder(small, None)
    while not list(out.glob(".aside-*")):  # it has begun to build
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err.strip().endswith("stopped")
    assert latest(out) == old
    assert bytes_of(old) == before
    assert not list(out.glob(".aside-*"))


def test_two_compiles_at_once_both_end_well(small: Path) -> None:
    command = [sys.executable, "-m", "personac", "compile", str(small), "--json", "-q"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    reports = []
    for process in both:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        reports.append(json.loads(out))
    assert len({report["artifact"] for report in reports}) == 1
    assert sorted(report["fresh"] for report in reports) == [False, True]


def test_a_full_disk_gives_one_clear_sentence_and_leaves_nothing(small: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this needs the right to mount a small tmpfs (root)")
    try:
        with pytest.raises(Unavailable, match="disk is full"):
            build(small, disk, quiet=True)
        assert latest(disk / small.name) is None
        assert [p.name for p in (disk / small.name).iterdir()] == [".lock"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_the_shortest_persona_works(write_persona: Callable[..., Path]) -> None:
    folder = write_persona(
        "personac: 1\nname: Solo\nknowledge: [{path: notes.md}]\n", notes_dot_md="# Tea\nTea is hot.\n"
    )
    report = build(folder, None, quiet=True).manifest["report"]
    assert report["passages"] == 1
    assert report["intents"] == 0


SLOTS = """personac: 1
name: Drinks
intents:
  - name: order
    examples: [I would like a tea, a green tea please, bring me a coffee, can I order a drink]
    slots:
      drink: {type: entity, values: %s, required: true, ask: Which drink?}
    responses: {en: ["One {drink}, coming up."]}
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [("menu.csv", "name,price\ngreen tea,3\ncoffee,4\n"), ("menu.yaml", "- name: green tea\n- name: coffee\n")],
)
async def test_slots_take_values_from_a_file_that_is_no_knowledge(
    name: str, text: str, write_persona: Callable[..., Path], ask: Callable[..., Awaitable[Reply]]
) -> None:
    folder = write_persona(SLOTS % f"{name}#name", **{name.replace(".", "_dot_"): text})
    runtime = open_persona(build(folder, None, quiet=True).artifact, None)
    assert (await ask(runtime, "a green tea please")).text == "One green tea, coming up."
    runtime.close()


def test_a_folder_that_cannot_be_written_is_named(small: Path) -> None:
    with pytest.raises(Unavailable, match="-o"):
        build(small, Path("/proc/nowhere"), quiet=True)


def test_errors_on_the_command_line_are_sentences(small: Path) -> None:
    environment = {**os.environ, "COLUMNS": "100"}
    for arguments, words in (
        (["compile", "nowhere"], "there is no persona at nowhere"),
        (["chat", str(small / "facts.csv")], "error"),
        (["compil", str(small)], "Did you mean 'compile'?"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "personac", *arguments], capture_output=True, text=True, env=environment
        )
        assert done.returncode != 0
        assert words in done.stderr
        assert "Traceback" not in done.stderr
