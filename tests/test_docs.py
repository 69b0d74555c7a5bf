"""What the documents say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from personac.core.cli import COMMANDS
from personac.core.persona.check import check
from personac.core.persona.reference import reference

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_language_reference_is_current() -> None:
    assert (ROOT / "docs" / "language.md").read_text("utf-8") == reference(), "run: make docs"


def test_the_readme_begins_with_the_two_commands() -> None:
    lines = README.splitlines()
    assert lines[1].startswith("make demo")
    assert lines[2].startswith("make test")


def test_the_readme_names_every_command() -> None:
    assert not [name for name in COMMANDS if f"`personac {name}" not in README]


def test_the_readme_s_shortest_persona_is_ten_lines_and_has_no_fault(tmp_path: Path) -> None:
    text = re.search(r"```yaml\n(personac: 1.*?)```", README, re.DOTALL)
    assert text is not None
    assert len(text.group(1).splitlines()) <= 10
    (tmp_path / "persona.yaml").write_text(text.group(1), "utf-8")
    (tmp_path / "facts.csv").write_text("question,answer\nHow tall is it?,The tower is 85 metres tall.\n", "utf-8")
    assert not check(tmp_path / "persona.yaml").diagnostics


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_architecture_names_every_room() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rooms = [p.name for p in (ROOT / "core").iterdir() if p.is_dir() and p.name != "__pycache__"]
    assert not [room for room in rooms if f"core/{room}" not in text]


def test_the_sample_personas_are_as_large_as_said() -> None:
    guide = yaml.safe_load((ROOT / "personas/tour_guide/knowledge/sights.yaml").read_text("utf-8"))
    assert f"{len(guide)} sights" in README
    for sight in guide:
        for field in ("opening_hours", "price", "transport", "story"):
            assert set(sight[field]) == {"en", "zh"}
    bank = yaml.safe_load((ROOT / "personas/bank_service/persona.yaml").read_text("utf-8"))
    faq = (ROOT / "personas/bank_service/knowledge/faq.csv").read_text("utf-8").splitlines()
    assert f"{len(bank['intents'])} intents, {len(faq) - 1} questions" in README
