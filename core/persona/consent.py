"""Who agreed to the imitation of their voice, and when: `NAME, DATE` as a persona writes it, in English or Chinese.

Knows no recordings; what is said in one is held against the name and these words by the lint of consent.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

AGREEING = (
    "agree",
    "consent",
    "permission",
    "permit",
    "allow",
    "authori",
    "同意",
    "允许",
    "授权",
    "许可",
    "允許",
    "授權",
)
VOICE = ("voice", "声音", "嗓音", "语音", "聲音", "語音")
_HAN = "一二三四五六七八九"
_NUMERALS = str.maketrans(f"〇零{_HAN}", "00123456789")
_DATES = (
    r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})",
    rf"(?P<year>[\d〇零{_HAN}]{{4}}) ?年 ?(?P<month>[\d十{_HAN}]{{1,2}}) ?月 ?(?P<day>[\d十{_HAN}]{{1,3}}) ?[日号號]",
)
_CONSENTS = [re.compile(rf"(?P<name>\S.*?)\s*[,、]\s*{written}") for written in _DATES]


@dataclass(frozen=True, slots=True)
class Consent:
    """Hold who agreed, and on which day."""

    name: str
    day: date


def read_consent(text: str) -> Consent | None:
    """Return what a text says, None when it does not say who and when."""
    plain = unicodedata.normalize("NFKC", text).strip()  # full-width signs as the others
    found = next(filter(None, (pattern.fullmatch(plain) for pattern in _CONSENTS)), None)
    try:
        return Consent(found["name"], date(*map(_number, found.group("year", "month", "day")))) if found else None
    except ValueError:
        return None


def _number(written: str) -> int:
    """Return the value of the number of a year, a month or a day: 2026, 二〇二六, 三十一."""
    digits = written.translate(_NUMERALS)
    if "十" not in digits:
        return int(digits)
    tens, _, ones = digits.partition("十")
    return 10 * int(tens or 1) + int(ones or 0)
