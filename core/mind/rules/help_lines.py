"""Whom people in need can call, by country. Knows phone numbers, and who answers them."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("help_lines.json")
DIRECTORY = {
    "en": "a helpline near you, at https://findahelpline.com",
    "zh": "您所在地的援助热线（可在 https://findahelpline.com 查找）",
}


@lru_cache(maxsize=1)
def help_lines() -> dict[str, dict[str, str]]:
    """Return by ISO 3166 country code the name (`en`, `zh`), the number and the source of its help line."""
    lines: dict[str, dict[str, str]] = json.loads(FILE.read_text("utf-8"))
    return lines


def help_line(country: str | None, language: str) -> str:
    """Return a country's help line as it stands in a sentence, or where to find one when none is known."""
    own = "zh" if language.split("-")[0] == "zh" else "en"
    line = help_lines().get(country or "")
    if line is None:
        return DIRECTORY[own]
    return f"{line['zh']}：{line['number']}" if own == "zh" else f"{line['en']}: {line['number']}"
