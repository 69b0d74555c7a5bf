"""PDF files as programs write them: made here with reportlab, or by hand where they are broken."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from personac.core.persona.sources.blocks import joined
from personac.core.persona.sources.documents import read_document
from personac.core.persona.sources.layout import PageLine, lay_out
from personac.core.persona.sources.pdf import read_pdf
from reportlab.lib.pagesizes import A5
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import ListFlowable, ListItem, PageBreak, Paragraph, SimpleDocTemplate

STYLES = getSampleStyleSheet()
LONG = "The ferry leaves the old harbour every hour, and takes forty minutes to Hook Island in fair weather. " * 4
BAGS = "Each guest may bring one bag of up to twenty kilos on board, and one small bag that stays with them. " * 3
DOGS = "Dogs travel at half the fare, on a lead and outside, and cats in a basket that is closed go for free. " * 3


def made(file: Path, parts: Iterable[object], footed: bool = False, **options: object) -> Path:
    def foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 30, f"Hook Island Ferries, page {document.page}")

    feet = {"onFirstPage": foot, "onLaterPages": foot} if footed else {}
    SimpleDocTemplate(str(file), pagesize=A5, **options).build(list(parts), **feet)
    return file


def shown(file: Path) -> list[tuple[tuple[str, ...], str, int]]:
    document = read_pdf(file)
    assert document.diagnostics == []
    return [(b.headings, joined(line.text for line in b.lines), b.lines[0].place) for b in document.blocks]


def test_pages_become_paragraphs_under_headings(tmp_path: Path) -> None:
    body, big = STYLES["BodyText"], STYLES["Heading1"]
    items = ListFlowable([ListItem(Paragraph(text, body)) for text in ("A bag", "A pram")], bulletType="bullet")
    parts = [Paragraph("Timetable", big), Paragraph(LONG, body), Paragraph("Boats run daily.", body), PageBreak(),
             Paragraph("Luggage", big), Paragraph(BAGS, body), items, PageBreak(), Paragraph(DOGS, body)]  # fmt: skip
    assert shown(made(tmp_path / "guide.pdf", parts, footed=True)) == [
        (("Timetable",), LONG.strip(), 1),
        (("Timetable",), "Boats run daily.", 1),
        (("Luggage",), BAGS.strip(), 2),
        (("Luggage",), "- A bag - A pram", 2),
        (("Luggage",), DOGS.strip(), 3),
    ]


def test_chinese_lines_are_joined_without_blanks(tmp_path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle("zh", parent=STYLES["BodyText"], fontName="STSong-Light", wordWrap="CJK")
    title = ParagraphStyle("zh-title", parent=STYLES["Heading1"], fontName="STSong-Light")
    text = "渡轮每小时从老港口开出，到钩岛要四十分钟。" * 5
    file = made(tmp_path / "指南.pdf", [Paragraph("时刻表", title), Paragraph(text, style)])
    assert shown(file)[0] == (("时刻表",), text, 1)


def test_bookmarks_say_what_is_a_heading(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "guide.pdf"))
    for page, title in enumerate(("1 Fares", "2 Dogs")):
        canvas.bookmarkPage(title)
        canvas.addOutlineEntry(title, title, level=page)
        text = canvas.beginText(72, 700)
        text.textLines(f"{title}\nA ticket is 12 euros on page {page}.")
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    assert shown(tmp_path / "guide.pdf") == [
        (("1 Fares",), "A ticket is 12 euros on page 0.", 1),
        (("1 Fares", "2 Dogs"), "A ticket is 12 euros on page 1.", 2),
    ]


def lines(*texts: str, page: int = 1) -> list[PageLine]:
    return [PageLine(text, page, 10, 70, 700 - 12 * row) for row, text in enumerate(texts)]


def test_words_cut_at_the_margin_are_made_whole() -> None:
    (block,) = lay_out(
        lines("We welcome inter-", "national guests with well-", "known names, as a well-known house."), {}
    )
    assert joined(line.text for line in block.lines) == (
        "We welcome international guests with well-known names, as a well-known house."
    )
    (block,) = lay_out(lines("A soft hy\xad", "phen and non-", "English Größen-", "ordnung, and so on."), {})
    assert joined(line.text for line in block.lines) == "A soft hyphen and non-English Größenordnung, and so on."


def test_a_paragraph_goes_on_over_the_page_unless_it_has_ended() -> None:
    first, second = (
        lines("We open every day at nine and"),
        lines("close at five, but for holidays", "and storms.", page=2),
    )
    assert [joined(line.text for line in block.lines) for block in lay_out([*first, *second], {})] == [
        "We open every day at nine and close at five, but for holidays and storms."
    ]
    ended = lay_out([*lines("We open at nine."), *lines("Then we close.", page=2)], {})
    assert [block.lines[0].place for block in ended] == [1, 2]


@pytest.mark.parametrize("password", ["", "secret"])
def test_a_locked_file_says_how_to_unlock_it(tmp_path: Path, password: str) -> None:
    lock = StandardEncryption(password, ownerPassword="owner", canCopy=0, strength=128)
    document = read_pdf(made(tmp_path / "a.pdf", [Paragraph(LONG, STYLES["BodyText"])], encrypt=lock))
    if password:
        assert [(finding.code, "password" in (finding.help or "")) for finding in document.diagnostics] == [
            ("P0231", True)
        ]
    else:  # only printing or copying is forbidden: it can be read
        assert joined(line.text for line in document.blocks[0].lines) == LONG.strip()


def test_a_small_file_with_millions_of_pages_is_refused_at_once(tmp_path: Path) -> None:
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    objects += [f"<< /Type /Pages /Count 50 /Kids [{f'{number + 1} 0 R ' * 50}] >>" for number in range(2, 9)]
    objects += ["<< /Type /Page >>"]
    body = "".join(f"{number} 0 obj {text} endobj\n" for number, text in enumerate(objects, start=1))
    for round_about in (body, body.replace("9 0 R", "2 0 R")):
        (tmp_path / "a.pdf").write_text(f"%PDF-1.4\n{round_about}trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n")
        assert [finding.code for finding in read_pdf(tmp_path / "a.pdf").diagnostics] == ["P0234"]


def test_every_half_of_a_file_is_read_or_refused(tmp_path: Path) -> None:
    whole = made(tmp_path / "a.pdf", [Paragraph(LONG, STYLES["BodyText"])]).read_bytes()
    for end in range(0, len(whole), 97):
        (tmp_path / "half.pdf").write_bytes(whole[:end])
        document = read_document(tmp_path / "half.pdf")
        assert document.blocks or document.diagnostics
