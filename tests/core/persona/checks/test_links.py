from __future__ import annotations

from pathlib import Path

import pytest
from personac.core.persona.checks.links import check_links


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "knowledge" / "more").mkdir(parents=True)
    for name in ("knowledge/page.md", "knowledge/my map.png", "knowledge/more/地图.md", "face.svg"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    return tmp_path


def found(content: str, root: Path) -> list[tuple[str, int, str]]:
    diagnostics = check_links(content, root / "knowledge" / "page.md", root)
    rows = content.split("\n")
    return [
        (d.code, d.span.line, rows[d.span.line - 1][d.span.column - 1 : d.span.end_column - 1]) for d in diagnostics
    ]


@pytest.mark.parametrize(
    "content",
    [
        "[a](page.md) [b](#here) [c](page.md#there) [d](../face.svg) [e](more)",
        "![a](<my map.png>) ![b](my%20map.png 'title') [c](more/地图.md)",
        "[a](https://例子.中国/a_(b)) [b](http://127.0.0.1:8000/) [c](mailto:a@b.cn) [d](tel:+8610) [e](//example.com)",
        "`[a](gone.md)` and ``[b](gone.md) ` `` \n```\n[c](gone.md)\n```\n~~~\n[d](gone.md)\n",
        "[not a link] (gone.md), [地图]（在北边） and ![]",
        "[a]: https://example.com\n[^1]: note\n<!-- [b](gone.md) -->",
        "[![pic](../face.svg)](https://example.com)",
        "[a](data:text/plain,x) [b](weixin://scan)",
    ],
)
def test_good_links_are_left_alone(content: str, root: Path) -> None:
    assert found(content, root) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a\n\n  [b](gone.md)", [("P0210", 3, "gone.md")]),
        ("![b](gone.png)", [("P0212", 1, "gone.png")]),
        ("<img alt='x' src='gone.png'>", [("P0212", 1, "gone.png")]),
        ("[![b](gone.png)](gone.md)", [("P0212", 1, "gone.png"), ("P0210", 1, "gone.md")]),
        ("[b](/face.svg) [c](~/a.md) [d](C:/a.md)", [("P0210", 1, t) for t in ("/face.svg", "~/a.md", "C:/a.md")]),
        ("[b](../../outside.md)", [("P0210", 1, "../../outside.md")]),
        ("[b](more\\地图.md)", [("P0210", 1, "more\\地图.md")]),
        ("[b](https://) [c](http://exa mple.com)", [("P0211", 1, "https://"), ("P0211", 1, "http://exa mple.com")]),
        ("[b](http//a.cn) [c](www.a.cn)", [("P0211", 1, "http//a.cn"), ("P0211", 1, "www.a.cn")]),
        ("[b](http://a.cn:port/)", [("P0211", 1, "http://a.cn:port/")]),
        ("中文[图]（gate.png）", [("P0211", 1, "（gate.png）")]),
        ("[ref]: gone.md", [("P0210", 1, "gone.md")]),
    ],
)
def test_faulty_links_are_marked_exactly(content: str, expected: list[tuple[str, int, str]], root: Path) -> None:
    assert found(content, root) == expected
    assert found(content.replace("\n", "\r\n"), root) == expected


def test_a_path_from_the_persona_is_turned_into_one_from_the_page(root: Path) -> None:
    (finding,) = check_links("[b](knowledge/more/地图.md)", root / "knowledge" / "page.md", root)
    assert finding.help == "paths begin at the page: write more/地图.md"
