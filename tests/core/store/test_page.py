"""The page of an export: pictures, recordings, and words that are whole."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from personac.core.store.page import page

AT = 1_700_000_000.0
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


def shown(language: str = "en", **row: Any) -> str:
    kept = {"user": "u", "consent": True, "turns": [], "media": [{"at": AT, "conversation": "c", **row}]}
    return page(kept, "Mei Lin", language, AT)


@pytest.mark.parametrize(
    ("kind", "mime", "element"),
    [("image", "image/png", "img"), ("audio", "audio/wav", "audio"), ("video", "video/mp4", "video")],
)
def test_what_was_sent_is_shown_and_played_out_of_the_page(kind: str, mime: str, element: str) -> None:
    html = shown(kind=kind, mime=mime, name="", base64=PNG)
    assert re.search(rf'<{element} [^>]*src="data:{mime};base64,{re.escape(PNG)}"', html)
    assert "img-src data:; media-src data:" in html
    assert "<td" not in html


@pytest.mark.parametrize(("language", "told"), [("en", "Picture, 2023-11-14 22:13"), ("zh", "图片, 2023-11-14 22:13")])
def test_a_picture_has_words_for_who_does_not_see_it(language: str, told: str) -> None:
    assert f'alt="{told}"' in shown(language, kind="image", mime="image/png", name="", base64=PNG)


def test_what_is_damaged_or_no_data_is_a_row_of_a_table() -> None:
    for data in ("(damaged)", '"><script>', ""):
        html = shown(kind="image", mime="image/png", name="gate.png", base64=data)
        assert "<img" not in html
        assert "<script" not in html
        assert "<td>gate.png</td>" in html


def test_a_name_and_a_format_stay_text() -> None:
    html = shown(kind="image", mime='image/png" onload="x', name='"><b>', base64=PNG)
    assert "onload" not in html
    assert "<b>" not in html
    assert 'src="data:image/*;base64,' in html


def test_only_long_names_of_programs_break_within_a_word() -> None:
    feedback = [{"at": AT, "conversation": "web-5f0c4d6e7f8a9b0c1d2e3f4a-main", "key": "telegram", "good": True}]
    html = page({"user": "u", "consent": None, "feedback": feedback}, "Mei Lin", "en", AT)
    assert '<td class="long">web-5f0c4d6e7f8a9b0c1d2e3f4a-main</td>' in html
    assert "<td>telegram</td>" in html
    assert '<td class="at">2023-11-14 22:13</td>' in html
    (cells,) = re.findall(r"\nth,td\{([^}]*)\}", html)
    assert "anywhere" not in cells
