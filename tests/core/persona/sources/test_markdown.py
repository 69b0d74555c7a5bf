from __future__ import annotations

from personac.core.persona.sources.blocks import joined
from personac.core.persona.sources.markdown import read_markdown
from personac.core.persona.sources.plaintext import read_plain


def said(markdown: str) -> list[tuple[str, str]]:
    return [(block.kind, joined(line.text for line in block.lines)) for block in read_markdown(markdown).blocks]


def test_marks_of_markdown_are_not_said() -> None:
    page = "Some **bold**, *soft* `code`, ~~old~~ [link](http://a.b), [ref][r], <http://c.d> &amp; \\*a\\*.\n\n[r]: x"
    assert said(page) == [("paragraph", "Some bold, soft code, old link, ref, http://c.d & *a*.")]


def test_front_matter_and_comments_are_passed_over_and_lines_still_count() -> None:
    (block,) = read_markdown("---\nauthor: x\n---\n<!-- not\nsaid -->\n\nSaid.\n").blocks
    assert block.lines == (("Said.", 7, 0),)


def test_headings_of_both_kinds_lead_to_what_follows() -> None:
    page = "# A #\n\nB\n--\n\none\n\n### C\n\ntwo\n\nD\n==\n\nthree\n"
    assert [block.headings for block in read_markdown(page).blocks] == [("A", "B"), ("A", "B", "C"), ("D",)]


def test_chinese_lines_are_joined_without_a_blank() -> None:
    assert said("故宫在北京，\n很大。\nIt is\nbig。\n") == [("paragraph", "故宫在北京，很大。It is big。")]


def test_a_break_that_is_meant_stays() -> None:
    assert said("Harbour Road 1  \nHook<br>Island\n") == [("paragraph", "Harbour Road 1\nHook\nIsland")]


def test_quotes_code_and_numbered_lists_are_read() -> None:
    page = "> quoted\n> text\n\n~~~py\nx = 1\n~~~\n\n3. three\n4. four\n\n   more\n"
    blocks = read_markdown(page).blocks
    assert [block.kind for block in blocks] == ["paragraph", "code", "list"]
    assert [line.text for line in blocks[2].lines] == ["3. three", "4. four\n  more"]


def test_a_picture_alone_is_a_picture_and_one_in_a_text_belongs_to_it() -> None:
    blocks = read_markdown("![The wall](img/a%20b.png)\n\nSee ![gate](g.png) here.\n\n![x](http://a.b/c.png)\n").blocks
    assert [(block.kind, block.lines[0].text, block.image) for block in blocks] == [
        ("picture", "The wall", "img/a b.png"), ("paragraph", "See gate here.", "g.png"), ("paragraph", "x", None),
    ]  # fmt: skip


def test_html_in_markdown_is_read_as_html() -> None:
    page = "<details><summary>How <b>long</b>?</summary>\n\nTwo *hours*.\n\n</details>\n\nAfter.\n\n<p>Inside</p>\n"
    assert [(block.headings, block.lines[0].text.strip()) for block in read_markdown(page).blocks] == [
        (("How long?",), "Two hours."), ((), "After."), ((), "Inside"),
    ]  # fmt: skip


def test_plain_text_keeps_lines_that_end_early_and_joins_those_that_were_broken_at_the_margin() -> None:
    wrapped = (
        "This paragraph was broken at the margin by an editor of\n"
        "old, and goes on here for a line or two up to\n"
        "its end."
    )
    address = "Hook Island Ferries\nHarbour Road 1\n营业时间：九点到五点\n电话：12345"
    blocks = read_plain(f"{wrapped}\r\n\r\n{address}\n").blocks
    assert joined(line.text for line in blocks[0].lines) == wrapped.replace("\n", " ")
    assert joined(line.text for line in blocks[1].lines) == address


def test_plain_text_has_lists() -> None:
    (before, items) = read_plain("We sell:\n- tea\n- cake with\n  cream\n• 茶\n").blocks
    assert before.lines[0].text.strip() == "We sell:"
    assert [line.text for line in items.lines] == ["- tea", "- cake with cream", "• 茶"]
