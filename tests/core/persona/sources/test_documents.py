"""All kinds of documents in one folder, as an author puts them there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import docx
import pytest
from personac.core.persona.check import check
from personac.core.persona.sources.documents import DOCUMENTS, read_document
from personac.core.persona.sources.knowledge import read_knowledge
from reportlab.pdfgen.canvas import Canvas


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = tmp_path / "knowledge"
    files.mkdir()
    (files / "a.md").write_text("# Fares\n\n\nA ticket costs 12 euros.\n", "utf-8")
    (files / "b.txt").write_text("\nDogs travel at half the fare.\n", "utf-8")
    (files / "c.html").write_text("<h1>Bikes</h1>\n<p>\nBicycles travel free.</p>", "utf-8")
    canvas = Canvas(str(files / "d.pdf"))
    canvas.showPage()
    canvas.drawString(72, 700, "The pier is closed in storms.")
    canvas.save()
    word = docx.Document()
    word.add_heading("咖啡厅", 1)
    word.add_paragraph("船上有咖啡和茶。")
    word.save(str(files / "e.docx"))
    (tmp_path / "persona.yaml").write_text(
        "personac: 1\nname: Ferry\nlanguages: [en, zh]\nknowledge: [{path: knowledge/*}]\n", "utf-8"
    )
    return tmp_path


def test_every_kind_of_document_says_where_its_words_stand(folder: Path) -> None:
    checked = check(folder)
    assert checked.diagnostics == []
    assert checked.knowledge is not None
    assert [(p.id, p.source, p.title, p.text, p.language) for p in checked.knowledge.passages] == [
        ("knowledge/a.md#fares-1", "knowledge/a.md:4", "Fares", "A ticket costs 12 euros.", "en"),
        ("knowledge/b.txt#1", "knowledge/b.txt:2", "", "Dogs travel at half the fare.", "en"),
        ("knowledge/c.html#bikes-1", "knowledge/c.html:3", "Bikes", "Bicycles travel free.", "en"),
        ("knowledge/d.pdf#1", "knowledge/d.pdf:p2", "", "The pier is closed in storms.", "en"),
        ("knowledge/e.docx#咖啡厅-1", "knowledge/e.docx:¶2", "咖啡厅", "船上有咖啡和茶。", "zh"),
    ]


def test_checking_hands_over_what_the_compiler_would_read(folder: Path) -> None:
    checked = check(folder)
    assert checked.persona is not None
    assert checked.knowledge is not None
    again = read_knowledge(checked.persona, folder)
    assert checked.knowledge.passages == again.passages
    assert list(checked.knowledge.files) == list(again.files) == sorted((folder / "knowledge").iterdir())


@pytest.mark.parametrize("ending", DOCUMENTS)
def test_a_document_with_nothing_in_it_is_a_finding(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"a{ending}"
    file.write_bytes(b"")
    (finding,) = read_document(file).diagnostics
    assert finding.code == ("P0230" if ending in (".pdf", ".docx") else "P0206")


def test_libraries_for_documents_are_loaded_only_when_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("question,answer\nWhen?,At nine.\n", "utf-8")
    (tmp_path / "a.txt").write_text("We open at nine.\n", "utf-8")
    (tmp_path / "persona.yaml").write_text(
        "personac: 1\nname: Mei\nknowledge: [{path: faq.csv}, {path: a.txt}]\n", "utf-8"
    )
    code = (
        "import sys, pathlib\n"
        "from personac.core.persona.check import check\n"
        f"assert check(pathlib.Path({str(tmp_path)!r})).knowledge.passages\n"
        "print([name for name in ('lxml', 'pypdf', 'docx', 'markdown_it') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
