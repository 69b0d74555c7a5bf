"""Word documents: written by python-docx, as Word and WPS write them, or broken."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from personac.core.persona.sources.docx import read_docx


def shown(file: Path) -> list[tuple[str, tuple[str, ...], list[tuple[str, int, int]]]]:
    document = read_docx(file)
    assert document.diagnostics == []
    assert document.mark == "¶"
    return [(b.kind, b.headings, [(line.text.strip(), *line[1:]) for line in b.lines]) for b in document.blocks]


def test_headings_paragraphs_lists_and_tables_come_in_their_order(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_heading("Café menu", 0)
    word.add_heading("Breakfast", 1)
    word.add_paragraph("We serve breakfast until eleven.")
    word.add_paragraph("")
    word.add_paragraph("On the table:")
    for text, style in (("Eggs", "List Bullet"), ("Toast", "List Bullet 2"), ("Tea", "List Bullet")):
        word.add_paragraph(text, style=style)
    for text in ("order", "pay"):
        word.add_paragraph(text, style="List Number")
    word.add_heading("价格", 2)
    table = word.add_table(rows=3, cols=3)
    for row, cells in enumerate((("菜", "小", "大"), ("面条", "12元", "15元"), ("饺子", "20元", ""))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(2, 1).merge(table.cell(2, 2))
    word.save(str(tmp_path / "menu.docx"))
    breakfast = ("Café menu", "Breakfast")
    assert shown(tmp_path / "menu.docx") == [
        ("paragraph", breakfast, [("We serve breakfast until eleven.", 3, 0)]),
        ("paragraph", breakfast, [("On the table:", 4, 0)]),
        (
            "list",
            breakfast,
            [("- Eggs", 5, 0), ("- Toast", 6, 1), ("- Tea", 7, 0), ("1. order", 8, 0), ("2. pay", 9, 0)],
        ),
        ("table", (*breakfast, "价格"), [("菜：面条；小：12元；大：15元", 11, 0), ("菜：饺子；小：20元", 11, 0)]),
    ]


def test_what_is_hidden_or_deleted_is_left_out_and_what_was_inserted_is_in(tmp_path: Path) -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("Open")
    paragraph.add_run(" never").font.hidden = True
    for tag, inner, text in (("w:ins", "w:t", " at nine"), ("w:del", "w:delText", " at ten")):
        change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(inner)
        words.text = text
        words.set(qn("xml:space"), "preserve")
        run.append(words)
        change.append(run)
        paragraph._p.append(change)
    paragraph.add_run().add_break()
    paragraph.add_run("every day")
    word.save(str(tmp_path / "a.docx"))
    assert shown(tmp_path / "a.docx") == [("paragraph", (), [("Open at nine", 1, 0), ("every day", 1, 0)])]


def test_headings_are_known_by_their_outline_level_whatever_their_style_is_called(tmp_path: Path) -> None:
    word = docx.Document()
    style = word.styles.add_style("公司标题", 1)
    style.base_style = word.styles["Heading 2"]
    word.add_paragraph("开放时间", style="公司标题")
    word.add_paragraph("九点。")
    own = word.add_paragraph("票价")
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "0")
    own._p.get_or_add_pPr().append(level)
    word.add_paragraph("六十元。")
    word.save(str(tmp_path / "a.docx"))
    assert [(headings, lines[0][0]) for _, headings, lines in shown(tmp_path / "a.docx")] == [
        (("开放时间",), "九点。"), (("票价",), "六十元。"),
    ]  # fmt: skip


def bytes_of(word: docx.document.Document) -> bytes:
    made = io.BytesIO()
    word.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "P0230", "old Word format"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "P0231", "password"),
        (b"plain text", "P0230", "not a Word document"),
        (b"", "P0230", "not a Word document"),
    ],
)
def test_a_file_of_another_kind_is_explained(tmp_path: Path, data: bytes, code: str, words: str) -> None:
    (tmp_path / "a.docx").write_bytes(data)
    (finding,) = read_docx(tmp_path / "a.docx").diagnostics
    assert (finding.code, finding.severity) == (code, "error")
    assert words in finding.message
    assert finding.help


def test_a_document_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "bomb.docx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/media/a.png", "w") as part:
        for _ in range(201):
            part.write(b"\0" * 1_000_000)
    assert file.stat().st_size < 300_000
    assert [finding.code for finding in read_docx(file).diagnostics] == ["P0234"]


def test_every_part_of_a_package_may_be_missing_or_broken(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_heading("A", 1)
    word.add_paragraph("one", style="List Number")
    with zipfile.ZipFile(io.BytesIO(bytes_of(word))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for broken in parts:
        for content in (None, b"", b"<x/>", parts[broken][: len(parts[broken]) // 2]):
            with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
                for name, whole in parts.items():
                    if name != broken or content is not None:
                        archive.writestr(name, content if name == broken and content is not None else whole)
            document = read_docx(tmp_path / "a.docx")
            assert (
                document.blocks
                or [finding.code for finding in document.diagnostics] == ["P0230"]
                or broken.startswith("word/document")
            )
