"""The pictures: readable for many intents, in Chinese, and where a font lacks letters."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from personac.core.report import fonts, plots
from personac.core.report.plots import confusion, semantic_map
from personac.core.report.points import Point
from PIL import Image

CHINESE = ["问候", "退款进度查询", "营业时间"]
needs_chinese = pytest.mark.skipif(len(fonts.families()) < 2, reason="no font with Chinese letters here")


def trained(names: list[str], mistakes: int = 30) -> dict[str, Any]:
    """Return a training report with some confusion."""
    random = np.random.default_rng(3)
    counts = np.eye(len(names), dtype=int) * 10
    for _ in range(mistakes):
        counts[random.integers(len(names)), random.integers(len(names))] += 1
    return {
        "labels": names,
        "confusion": counts.tolist(),
        "cross_validated_accuracy": 0.9,
        "examples": int(counts.sum()),
    }


def cloud(names: list[str], each: int = 8) -> list[Point]:
    """Return points around a place for each name, many places near each other."""
    random = np.random.default_rng(4)
    middles = random.uniform(-0.4, 0.4, (len(names), 2))
    return [
        Point(*(middle + random.normal(0, 0.03, 2)).tolist(), "intent", name, f"{name} {i}")
        for name, middle in zip(names, middles)
        for i in range(each)
    ]


def test_seventy_seven_intents_have_squares_that_can_be_read(tmp_path: Path) -> None:
    names = [f"an_intent_with_quite_a_long_name_{i}" for i in range(77)]
    confusion(trained(names)).write(tmp_path / "confusion.png")
    with Image.open(tmp_path / "confusion.png") as picture:
        picture.load()
        assert picture.width / 77 > 20
        assert max(picture.size) < 4000


def test_of_very_many_intents_those_that_are_never_confused_are_left_out() -> None:
    picture = confusion(trained([f"intent_{i}" for i in range(300)], mistakes=20))
    (axes,) = picture.figure.axes
    assert 2 < len(axes.get_yticklabels()) <= 40
    assert any("left out" in text.get_text() for text in picture.figure.texts)


def test_labels_of_the_map_do_not_overlap() -> None:
    picture = semantic_map(cloud([f"intent_number_{i}" for i in range(77)]))
    canvas = FigureCanvasAgg(picture.figure)
    (axes,) = picture.figure.axes
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in axes.texts]  # type: ignore[no-untyped-call]
    assert len(boxes) == 77
    assert not [(a, b) for a, b in itertools.combinations(boxes, 2) if a.overlaps(b)]


def test_a_spot_is_where_its_dot_is_drawn(tmp_path: Path) -> None:
    picture = semantic_map([Point(-0.5, 0.5, "intent", "a", "one"), Point(0.5, -0.5, "intent", "b", "two")])
    picture.write(tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    for x, y in picture.spots:
        assert pixels[round(y), round(x)].min() < 200  # a colour, not the white of the paper


@needs_chinese
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_chinese_labels_are_drawn(tmp_path: Path, ending: str) -> None:
    names = [*CHINESE, "$price$_of_x", "(knowledge)"]
    confusion(trained(names, 4)).write(tmp_path / f"confusion.{ending}")
    semantic_map(cloud(names)).write(tmp_path / f"map.{ending}")  # a missing letter would be a warning, an error here
    assert not fonts.lacks_chinese(names)


def test_letters_that_no_font_has_become_boxes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "families", lambda: (fonts.LATIN,))
    monkeypatch.setattr(plots, "families", lambda: (fonts.LATIN,))
    fonts._faces.cache_clear()
    fonts._drawable.cache_clear()
    try:
        assert fonts.lacks_chinese(CHINESE)
        assert fonts.drawable("问候 hi") == "□□ hi"
        semantic_map(cloud(CHINESE)).write(tmp_path / "map.png")
    finally:
        fonts._faces.cache_clear()
        fonts._drawable.cache_clear()


def test_the_same_facts_give_the_same_picture(tmp_path: Path) -> None:
    for name in ("a", "b"):
        semantic_map(cloud(["one", "two"])).write(tmp_path / f"{name}.svg")
        confusion(trained(["one", "two"], 2)).write(tmp_path / f"{name}.png")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
