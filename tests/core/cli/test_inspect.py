"""personac inspect: what is inside, where it came from, whether it is whole, in words and in pictures."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from personac.core.cli import cli
from personac.core.cli.building import build
from PIL import Image

YAML = """personac: 1
name: Fern 蕨
languages: [en, zh]
knowledge:
  - path: knowledge/*.csv
  - path: knowledge/care.md
intents:
  - name: hello
    examples: [hi there, hello friend, good morning, 你好呀, 早上好]
    responses: {en: [Welcome!], zh: [欢迎！]}
  - name: 再见
    examples: [bye bye, see you later, good night, 拜拜, 下次见]
    responses: {en: [Until next time!], zh: [下次见！]}
ethics:
  rules:
    - id: no-poison
      when: {topic: poisoning somebody with a plant, examples: [which fern is deadly, how do I poison him]}
      do: refuse
      say: {en: I cannot help with that., zh: 这个我帮不了。}
"""
FAQ = "question,answer,language\nWhen do you open?,We open at 9:00.,en\n你们几点开门？,我们早上九点开门。,zh\n"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a persona's folder with its artifact in it."""
    folder = tmp_path_factory.mktemp("inspect") / "fern"
    (folder / "knowledge").mkdir(parents=True)
    (folder / "persona.yaml").write_text(YAML, "utf-8")
    (folder / "knowledge" / "faq.csv").write_text(FAQ, "utf-8")
    (folder / "knowledge" / "care.md").write_text("# Water\n\nWater a fern <b>twice</b> a week.\n", "utf-8")
    build(folder, None, quiet=True)
    return folder


@pytest.fixture
def fern(compiled: Path, tmp_path: Path) -> Path:
    """Return a copy of the persona that a test may damage."""
    return Path(shutil.copytree(compiled, tmp_path / "fern"))


def artifact_of(folder: Path) -> Path:
    """Return the newest artifact."""
    out = folder / "build" / folder.name
    return out / (out / "latest").read_text("utf-8").strip()


@pytest.fixture
def run() -> Callable[..., Result]:
    """Return a function that runs the command."""
    return lambda *arguments: CliRunner().invoke(cli, ["inspect", *map(str, arguments)])


def test_the_text_tells_what_is_inside(compiled: Path, run: Callable[..., Result]) -> None:
    shown = run(compiled).output
    assert "Fern 蕨 (fern), speaks en, zh" in shown
    assert "current: a compile now would change nothing" in shown
    assert re.search(r"use-multilingual +\S+ +Apache-2.0 +text +inside, \d+\.\d MB", shown)
    assert re.search(r"whisper-base +\S+ +MIT +speech", shown)
    assert re.search(r"knowledge/faq\.csv +2 +1 en, 1 zh", shown)
    assert re.search(r"knowledge/care\.md +1 +1 en", shown)
    assert re.search(r"hello +5 .* +\d+% +\d+% +responses", shown)
    assert re.search(r"\d+\.\d% of \d+ examples are understood when held out", shown)
    assert re.search(r"no-poison +refuse +from a score of 0\.\d\d +catches \d+% of its examples", shown)


def test_json_has_all_facts(compiled: Path, run: Callable[..., Result]) -> None:
    facts: dict[str, Any] = json.loads(run(artifact_of(compiled), "--json", "--verify").output)
    assert {"artifact", "persona", "name", "languages", "language_version", "bytes", "files", "models", "sources",
            "state", "why", "knowledge", "intents", "rules", "training", "map", "damaged"} == set(facts)  # fmt: skip
    assert facts["state"] == "current"
    assert facts["damaged"] == []
    assert {file["path"]: file["state"] for file in facts["sources"]} == dict.fromkeys(
        ("knowledge/care.md", "knowledge/faq.csv", "persona.yaml"), "same"
    )
    assert facts["training"]["labels"] == ["hello", "再见", "(knowledge)"]
    assert [len(row) for row in facts["training"]["confusion"]] == [3, 3, 3]
    assert facts["intents"][0]["examples"] == 5
    assert 0 <= facts["intents"][0]["recall"] <= 1


def test_changed_new_and_missing_sources_are_named(fern: Path, run: Callable[..., Result]) -> None:
    (fern / "knowledge" / "faq.csv").write_text(FAQ.replace("9:00", "10:00"), "utf-8")
    (fern / "knowledge" / "more.csv").write_text(FAQ, "utf-8")
    (fern / "knowledge" / "care.md").unlink()
    facts = json.loads(run(fern, "--json").output)
    assert facts["state"] == "stale"
    assert {file["path"]: file["state"] for file in facts["sources"]} == {
        "knowledge/care.md": "missing",
        "knowledge/faq.csv": "changed",
        "knowledge/more.csv": "new",
        "persona.yaml": "same",
    }
    assert "stale: knowledge/care.md is missing" in run(fern).output


def test_an_artifact_elsewhere_is_compared_with_the_persona_that_is_named(
    fern: Path, tmp_path: Path, run: Callable[..., Result]
) -> None:
    moved = Path(shutil.copytree(artifact_of(fern), tmp_path / "elsewhere"))
    assert json.loads(run(moved, "--json").output)["state"] == "unknown"
    assert "--persona" in run(moved).output
    assert json.loads(run(moved, "--json", "--persona", fern).output)["state"] == "current"


def test_a_changed_byte_is_found_and_ends_with_1(fern: Path, run: Callable[..., Result]) -> None:
    artifact = artifact_of(fern)
    file = artifact / "passages.jsonl"
    data = file.read_bytes().replace(b"9:00", b"8:00")
    file.unlink()  # it may be a second name of a file in the cache
    file.write_bytes(data)
    assert run(fern).exit_code == 0
    result = run(fern, "--verify")
    assert result.exit_code == 1
    assert "Damaged: passages.jsonl" in result.output
    assert "personac compile" in result.output


def test_a_stranger_among_the_files_is_found(fern: Path, run: Callable[..., Result]) -> None:
    (artifact_of(fern) / "index" / "notes.txt").write_text("hello")
    assert "Damaged: index/notes.txt" in run(fern, "--verify").output


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("manifest.json", "{"),
        ("manifest.json", "[]"),
        ("persona.json", "{}"),
        ("passages.jsonl", "not json"),
        ("report/training.json", '{"labels": 3}'),
    ],
)
def test_a_damaged_artifact_is_one_sentence(fern: Path, run: Callable[..., Result], name: str, data: str) -> None:
    artifact = artifact_of(fern)
    size = (artifact / name).stat().st_size
    (artifact / name).unlink()
    (artifact / name).write_text(data if name == "manifest.json" else data + " " * (size - len(data)))
    result = run(artifact)
    assert result.exit_code == 1
    assert "compile" in str(result.exception)
    assert type(result.exception).__name__ == "ArtifactInvalid"


def test_what_is_no_artifact_is_told_with_a_way_on(fern: Path, tmp_path: Path, run: Callable[..., Result]) -> None:
    shutil.rmtree(fern / "build")
    assert f"personac compile {fern}" in run(fern).output
    (tmp_path / "empty").mkdir()
    assert "an artifact has a manifest.json" in run(tmp_path / "empty").output
    assert run(tmp_path / "nothing").exit_code == 2


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_plots_are_pictures_and_the_page_needs_nothing_else(
    compiled: Path, tmp_path: Path, run: Callable[..., Result]
) -> None:
    result = run(compiled, "--plots", tmp_path / "plots")
    assert result.exit_code == 0, result.output
    drawn = {file.name for file in (tmp_path / "plots").iterdir()}
    assert {"confusion.png", "confusion.svg", "report.html"} <= drawn
    for file in (tmp_path / "plots").glob("*.png"):
        with Image.open(file) as picture:
            picture.load()
            assert 400 < picture.width < 4000
            assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 20
    text = (tmp_path / "plots" / "report.html").read_text("utf-8")
    page = _Page()
    page.feed(text)
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(images) == len(list((tmp_path / "plots").glob("*.png")))
    assert all((image["src"] or "").startswith("data:image/png;base64,") for image in images)
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "iframe", "b")]
    assert "http" not in re.sub(r"data:[^\"]+|http-equiv", "", text)


def test_the_map_names_its_sentences(compiled: Path, tmp_path: Path, run: Callable[..., Result]) -> None:
    facts = json.loads(run(compiled, "--json").output)
    assert facts["map"] == {"intent": 10, "knowledge": 3}
    assert facts["intents"][0]["languages"] == {"en": 3, "zh": 2}
    run(compiled, "--plots", tmp_path)
    page = _Page()
    page.feed((tmp_path / "report.html").read_text("utf-8"))
    said = [attributes["title"] or "" for tag, attributes in page.tags if tag == "area"]
    assert "hello: 你好呀" in said
    assert len(said) == 13
