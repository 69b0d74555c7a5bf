"""Signs that look like those of YAML are named for what they are."""

from __future__ import annotations

import pytest
from personac.core.persona.checks.typography import mistyped


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ("“faq.csv”", "write faq.csv, without them"),
        ("zh，en", "write zh, en"),
        ("邮箱、电话", "write 邮箱, 电话"),
        ("［zh，en］", "write [zh, en]"),
        ("ｃａｓｕａｌ", "write casual"),
        ("３０", "write 30"),
        ("– name", "the short `-`"),
        ("na\u200bme", "U+200B"),
        ("　　emoji", "a full-width blank (U+3000) indents this line"),
        ("formality：casual", "write `formality: …`"),
    ],
)
def test_a_mistyped_sign_is_explained(given: str, advice: str) -> None:
    told = mistyped(given)
    assert told is not None
    assert advice in told


@pytest.mark.parametrize("given", ["en", "opening_hours", "开放时间", "It's", "café", "en…", "a-b", "‘", "你好！", ""])
def test_other_texts_are_left_alone(given: str) -> None:
    assert mistyped(given) is None
