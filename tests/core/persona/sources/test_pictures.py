from __future__ import annotations

from pathlib import Path

import pytest
from personac.core.persona.check import check
from personac.core.persona.sources.knowledge import Knowledge

PNG = b"\x89PNG\r\n\x1a\n"


def known(folder: Path, files: dict[str, str], paths: list[str]) -> Knowledge:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PNG if name.endswith(".png") else content.encode())
    listed = "".join(f"  - path: {path}\n" for path in paths)
    (folder / "persona.yaml").write_text(f"personac: 1\nname: Mei\nlanguages: [en, zh]\nknowledge:\n{listed}", "utf-8")
    knowledge = check(folder).knowledge
    assert knowledge is not None
    return knowledge


@pytest.mark.parametrize("paths", [["k/*.png"], ["k/*.txt"], ["k/*"], ["k/*.txt", "k/*.png"]])
def test_a_caption_beside_a_picture_is_a_passage_that_shows_it(tmp_path: Path, paths: list[str]) -> None:
    files = {"k/wall.png": "", "k/wall.png.en.txt": "The wall in snow.\n", "k/wall.png.zh.txt": "雪中的长城。\n"}
    knowledge = known(tmp_path, files, paths)
    assert knowledge.diagnostics == []
    assert [(p.source, p.text, p.language, p.image) for p in knowledge.passages] == [
        ("k/wall.png.en.txt:1", "The wall in snow.", "en", "k/wall.png"),
        ("k/wall.png.zh.txt:1", "雪中的长城。", "zh", "k/wall.png"),
    ]
    assert {path.name for path in knowledge.files} == {"wall.png", "wall.png.en.txt", "wall.png.zh.txt"}


def test_a_picture_of_which_nothing_is_said_is_a_finding_unless_a_page_shows_it(tmp_path: Path) -> None:
    files = {"k/a.png": "", "k/b.png": "", "k/page.md": "![A gate](a.png)\n"}
    knowledge = known(tmp_path, files, ["k/*"])
    assert [(finding.code, Path(finding.span.path).name) for finding in knowledge.diagnostics] == [("P0236", "b.png")]
    assert "`b.png.txt`" in (knowledge.diagnostics[0].help or "")


def test_pages_tables_and_records_name_pictures(tmp_path: Path) -> None:
    files = {
        "img/wall.png": "", "k/img/gate.png": "",
        "k/page.md": "![The gate](img/gate.png)\n\n![The wall](../img/wall.png)\n\n![Far](http://a.b/c.png)\n",
        "k/faq.csv": "question,answer,image\nWhat is it?,A wall.,img/wall.png\nWhen?,At nine.,\n",
        "k/page.html": "<img src='img/gate.png?x=1' alt='The same gate'>",
        "k/sights.yaml": "- id: wall\n  image: img/wall.png\n  price: 40 yuan\n",
    }  # fmt: skip
    knowledge = known(tmp_path, files, ["k/page.md", "k/faq.csv", "k/page.html", "k/sights.yaml"])
    assert knowledge.diagnostics == []
    assert [(p.text, p.image) for p in knowledge.passages] == [
        ("The gate", "k/img/gate.png"), ("The wall", "img/wall.png"), ("Far", None),
        ("A wall.", "img/wall.png"), ("At nine.", None),
        ("The same gate", "k/img/gate.png"),
        ("40 yuan", "img/wall.png"),
    ]  # fmt: skip
    assert {path.relative_to(tmp_path).as_posix() for path in knowledge.files} >= {"img/wall.png", "k/img/gate.png"}


def test_a_picture_that_is_not_there_is_reported_where_it_is_named(tmp_path: Path) -> None:
    files = {
        "k/faq.csv": "question,answer,image\nWhat is it?,A wall.,wal.png\n", "k/wall.png": "",
        "k/sights.yaml": "- id: wall\n  image: ../../secret.png\n  price: 40 yuan\n",
    }  # fmt: skip
    knowledge = known(tmp_path, files, ["k/faq.csv", "k/sights.yaml"])
    found = [(d.code, Path(d.span.path).name, d.span.line, d.span.column) for d in knowledge.diagnostics]
    assert found == [("P0201", "faq.csv", 2, 21), ("P0202", "sights.yaml", 2, 10)]
    assert all(passage.image is None for passage in knowledge.passages)
