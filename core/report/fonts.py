"""Letters for pictures: a font for each script that a text needs, found among those of this machine.

Imports matplotlib.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

LATIN = "DejaVu Sans"  # comes with matplotlib
CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Noto Sans CJK JP", "Noto Sans CJK TC",
    "Noto Serif CJK SC", "Arial Unicode MS", "SimSun", "Heiti TC", "STHeiti",
)  # fmt: skip
NO_CHINESE = "no font with Chinese letters was found here, so they are drawn as □; install Noto Sans CJK and try again"
BOX = "□"


@cache
def families() -> tuple[str, ...]:
    """Return the fonts to draw with, first the one for Latin letters, then the best for Chinese if there is one."""
    there = {entry.name for entry in font_manager.fontManager.ttflist}
    return (LATIN, *(name for name in CHINESE if name in there))[:2]


@cache
def _faces() -> tuple[FT2Font, ...]:
    return tuple(font_manager.get_font(font_manager.findfont(name)) for name in families())


@cache
def _drawable(letter: str) -> bool:
    return any(face.get_char_index(ord(letter)) for face in _faces())


def drawable(text: str) -> str:
    """Return a text with a box for each letter that no font has; controls are left out."""
    shown = (letter for letter in text if unicodedata.category(letter)[0] != "C")
    return "".join(letter if _drawable(letter) else BOX for letter in shown)


def lacks_chinese(texts: Iterable[str]) -> bool:
    """Tell whether some text has Chinese letters and no font here has them."""
    return any("\u3400" <= c <= "\u9fff" and not _drawable(c) for text in texts for c in text)
