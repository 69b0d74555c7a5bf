from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from personac.core.contracts import PictureReader
from personac.core.models.ocr import RapidOcrReader, _lines
from PIL import Image, ImageDraw, ImageFont


@pytest.fixture(scope="module")
def reader() -> RapidOcrReader:
    loaded = RapidOcrReader()
    loaded.warm_up()
    return loaded


def drawn(lines: list[tuple[int, int, str]], size: tuple[int, int] = (640, 320)) -> np.ndarray:
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for x, y, text in lines:
        draw.text((x, y), text, fill="black", font=ImageFont.load_default(36))
    return np.asarray(picture)


def test_a_reader_fits_the_contract(reader: RapidOcrReader) -> None:
    assert isinstance(reader, PictureReader)


def test_a_receipt_is_read_line_by_line(reader: RapidOcrReader) -> None:
    lines = reader.read(
        drawn(
            [(30, 20, "ORDER 4711"), (30, 90, "Green tea"), (450, 90, "12.50"), (30, 160, "Total"), (450, 160, "12.50")]
        )
    )
    assert lines == ["ORDER 4711", "Green tea 12.50", "Total 12.50"]


def test_chinese_is_read(reader: RapidOcrReader) -> None:
    fonts = [
        path
        for name in ("NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc", "wqy-microhei.ttc", "NotoSansSC-Regular.otf")
        for path in Path("/usr/share/fonts").rglob(name)
    ]
    if not fonts:
        pytest.skip("no font with Chinese characters under /usr/share/fonts")
    picture = Image.new("RGB", (640, 120), "white")
    ImageDraw.Draw(picture).text((20, 30), "故宫博物院", fill="black", font=ImageFont.truetype(str(fonts[0]), 48))
    assert reader.read(np.asarray(picture)) == ["故宫博物院"]


@pytest.mark.parametrize("shape", [(200, 300, 3), (1, 1, 3), (7, 900, 3), (900, 9, 3), (12, 1600, 3)])
def test_a_picture_without_text_has_no_lines(reader: RapidOcrReader, shape: tuple[int, int, int]) -> None:
    assert reader.read(np.full(shape, 255, np.uint8)) == []


def test_reading_is_quiet(reader: RapidOcrReader, capfd: pytest.CaptureFixture[str]) -> None:
    reader.read(np.zeros((100, 100, 3), np.uint8))
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("RapidOCR").level == logging.CRITICAL


def test_boxes_on_one_level_are_one_line_from_left_to_right() -> None:
    def box(x: float, y: float) -> np.ndarray:
        return np.array([[x, y], [x + 50, y], [x + 50, y + 20], [x, y + 20]], np.float32)

    assert _lines([(box(200, 12), "b"), (box(0, 50), "c"), (box(0, 10), "a")]) == ["a b", "c"]
    assert _lines([]) == []
