"""Find personal data: all detectors, and of those that overlap the one that says more.

Knows the detectors and the finder of names; masks nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from .addresses import ADDRESSES
from .china import CHINA
from .detector import Found
from .facts import FACTS
from .general import GENERAL
from .phones import PHONES
from .west import WEST

PII_TYPES = (
    "email", "phone", "id_card", "bank_card", "iban", "ip", "ssn", "passport", "driver_license", "tax_id", "plate",
    "bank_account", "wallet", "mac", "url", "account", "address", "zip_code", "birth_date", "age", "title", "date",
)  # fmt: skip
_DETECTORS = (*GENERAL, *CHINA, *WEST, *ADDRESSES, *PHONES, *FACTS)  # in order: the earlier one wins
_POSSIBLE = re.compile(
    r"[@\d]|://|www\.|\w\.\w|[A-Z][a-z]{1,4}\.|(?:mon|tues|wednes|thurs|fri|satur|sun)day|[周期拜岁]", re.I
)


def find(text: str, types: Collection[str] = PII_TYPES) -> list[Found]:
    """Return (start, end, type) of personal data in a text, in order, without overlaps.

    A value is told by all that it may be, whatever is asked for: a card's number is no phone.
    """
    if not types or not _POSSIBLE.search(text):
        return []
    taken: list[Found] = []
    for detector in _DETECTORS:
        for start, end, kind in detector.find(text):
            if all(end <= s or e <= start for s, e, _ in taken):
                taken.append((start, end, kind))
    return sorted(span for span in taken if span[2] in types)
