"""Who agreed to the imitation of their voice, and when: `NAME, DATE` as a persona writes it.

Knows no recordings; what is said in one is held against the name and these words by the lint of consent.
"""

from __future__ import annotations

import re
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
_CONSENT = re.compile(r"(?P<name>\S.*?)\s*[,，、]\s*(?P<date>\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Consent:
    """Hold who agreed, and on which day."""

    name: str
    day: date


def read_consent(text: str) -> Consent | None:
    """Return what a text says, None when it does not say who and when."""
    found = _CONSENT.fullmatch(text.strip())
    try:
        return Consent(found["name"], date.fromisoformat(found["date"])) if found else None
    except ValueError:
        return None
