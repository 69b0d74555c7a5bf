"""The reference of the language says all there is, and its links and examples hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from personac.core.diagnostics import CODES
from personac.core.explain.pages import page
from personac.core.persona.check import check
from personac.core.persona.reference import BLOCKS, reference
from personac.core.persona.sample import examples, sample, snippet
from personac.core.persona.schema import Part, Persona
from personac.core.persona.shapes import flat, is_model

ROOT = Path(__file__).parents[3]
PAGE = reference()


def _blocks(kind: object) -> set[type[Part]]:
    """Return all blocks that a type is made of, at any depth."""
    found: set[type[Part]] = set()
    stack = [kind]
    while stack:
        one = stack.pop()
        for option in flat(one):
            if is_model(option) and issubclass(option, Part) and option not in found:
                found.add(option)
                stack += [field.annotation for field in option.model_fields.values()]
            stack += [part for part in getattr(option, "__args__", ()) if not isinstance(part, str)]
    return found


def test_every_block_has_a_section_with_all_of_its_keys() -> None:
    assert _blocks(Persona) == set(BLOCKS)
    sections = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
    for block, title in BLOCKS.items():
        for name, field in block.model_fields.items():
            assert f"| `{field.alias or name}` |" in sections[title]
            assert field.description
            assert field.description in sections[title]


def test_every_code_stands_in_the_table_and_leads_to_its_page() -> None:
    for code, title in CODES.items():
        linked = f"[{code}](../core/explain/{code}.md)" if page(code) else code
        assert f"| {linked} | {title} |" in PAGE


def test_links_within_the_page_lead_to_a_heading() -> None:
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ ([^\n]+)$", PAGE, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors


def test_tables_have_as_many_cells_in_each_row() -> None:
    for table in re.findall(r"(?:^\|[^\n]*\n)+", PAGE, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


def test_the_annotated_persona_has_no_fault_and_uses_every_key(tmp_path: Path) -> None:
    files = {
        "knowledge/faq.csv": "question,answer\nHow tall is the tower?,31 metres.\n",
        "knowledge/tower.md": "# The tower\n\nIt was built in 1874.\n",
        "knowledge/rooms.yaml": "- {id: lamp, name: Lamp room, story: It is the room at the top.}\n",
        "examples/book_tour.csv": "text\nbook a tour\nWe would like to see the tower by night\n我想参加灯塔游\n",
        "persona.yaml": sample(),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    named = [
        "face.svg",
        "pictures/surprised.png",
        "pictures/sign.jpg",
        "voices/nora.wav",
        "voices/consent.wav",
        "recordings/opening_hours.wav",
        "recordings/at_the_door.mp4",
    ]
    for name in named:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\x00")
    installed = {"plugins": {"tourism"}, "skills": {"tourism.ticket_price"}, "connectors": {"web", "telegram"}}
    assert check(tmp_path, **installed).diagnostics == []
    shown = {(block, key) for block, key in examples()}
    assert shown == {(b, f.alias or name) for b in BLOCKS for name, f in b.model_fields.items()}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.__name__)
def test_each_block_is_shown_by_lines_of_the_annotated_persona(block: type[Part]) -> None:
    lines = [line.strip() for line in sample().splitlines()]
    assert [line.strip() in lines for line in snippet(block).splitlines()].count(False) == 0
    assert not snippet(block).startswith(" ")
