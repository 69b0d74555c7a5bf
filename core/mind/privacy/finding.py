"""Find personal data: all detectors, names where they are asked for; of what overlaps, the one that says more.

Masks nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from .addresses import ADDRESSES
from .announced import ANNOUNCED
from .china import CHINA
from .detector import Found
from .facts import FACTS
from .general import GENERAL
from .names import KINDS, names
from .own import OwnNames
from .phones import PHONES
from .west import WEST

PII_TYPES = (
    "email", "phone", "id_card", "bank_card", "iban", "ip", "ssn", "passport", "driver_license", "tax_id", "plate",
    "bank_account", "wallet", "mac", "url", "account", "address", "zip_code", "birth_date", "age", "title", "date",
    "person", "place", "organization", "nationality",
)  # fmt: skip
LEARNT = frozenset(KINDS)
_FIRST = tuple(detector for detector in CHINA if detector.kind == "id_card")  # an identity number may pass for a card
_NUMBERS = (*_FIRST, *GENERAL, *(detector for detector in CHINA if detector not in _FIRST), *WEST)
_SURE = tuple(detector for detector in FACTS if detector.kind in ("birth_date", "age", "title"))
_HOUSE = re.compile(  # what an address has beside its words: a number, and a name or a kind of street
    r"\d(?=.*[A-ZÀ-Ý\u0370-\u03ff][^\W\d_]{2}|.*\b(?i:street|road|lane|avenue|st|rd|apt|suite))"
    r"|[A-ZÀ-Ý\u0370-\u03ff][^\W\d_]{2}.*\d|[路街巷弄道村镇].*[\d一二三四五六七八九十]|(?i:the corner of)",
    re.DOTALL,
)
_CALLED = re.compile(r"\d(?:\D{0,3}\d){5}")  # six digits near one another, as in any phone
_CODE = 40  # characters of a code that are looked at
_BEFORE, _AFTER = re.compile(r"[A-Za-z0-9]*[A-Za-z]$"), re.compile(r"[A-Za-z][A-Za-z0-9]{0,39}")
_RUN = re.compile(r"[A-Za-z]+|\d+")
_TURNS = 5  # runs of letters and of figures that make a code; two numbers joined by a word are three
_ENDLESS = re.compile(r"\d{40,}")  # no number, and slow to search
_POSSIBLE = re.compile(
    r"[@\d]|://|www\.|\w\.\w|[A-Z][a-z]{1,4}\.|(?:mon|tues|wednes|thurs|fri|satur|sun)day|[周期拜岁]", re.IGNORECASE
)


def find(text: str, types: Collection[str] = PII_TYPES, spare: OwnNames | None = None) -> list[Found]:
    """Return (start, end, type) of personal data in a text, in order, without overlaps.

    A value is told by all that it may be, whatever is asked for: a card's number is no phone. `spare` are the names
    that are left alone: of the persona, and of what it knows.
    """
    if not types:
        return []
    text = _ENDLESS.sub(lambda run: "x" * len(run[0]), text)
    taken: list[Found] = []
    possible = _POSSIBLE.search(text) is not None
    learnt = list(names().find(text)) if LEARNT.intersection(types) else []
    if possible:
        _add(taken, (span for detector in _NUMBERS for span in detector.find(text) if not _in_code(text, span)))
        if _CALLED.search(text):
            _add(taken, (span for detector in PHONES for span in detector.find(text) if not _in_code(text, span)))
        _add(taken, (span for detector in _SURE for span in detector.find(text)))
        addresses = [span for detector in ADDRESSES for span in detector.find(text)]
        addresses += [span for span in learnt if span[2] == "address" and _HOUSE.search(text[span[0] : span[1]])]
        _add(taken, _joined(addresses))
        _add(taken, (span for detector in FACTS for span in detector.find(text)))
    named = [span for detector in ANNOUNCED for span in detector.find(text)] if learnt or "person" in types else []
    named += [span for span in learnt if span[2] != "address"]
    _add(taken, (span for span in named if not (spare and text[span[0] : span[1]] in spare)))
    return sorted(span for span in taken if span[2] in types)


def _in_code(text: str, span: Found) -> bool:
    """Tell whether the number of a phone or card stands within a code: letters and figures in turn, without a space."""
    start, end, kind = span
    if kind not in ("phone", "bank_card"):
        return False
    before, after = _BEFORE.search(text[max(0, start - _CODE) : start]), _AFTER.match(text, end)
    return len(_RUN.findall(f"{before[0] if before else ''}0{after[0] if after else ''}")) >= _TURNS


def _add(taken: list[Found], found: Iterable[Found]) -> None:
    """Add what overlaps nothing that was found before."""
    for start, end, kind in found:
        if all(end <= s or e <= start for s, e, _ in taken):
            taken.append((start, end, kind))


def _joined(addresses: list[Found]) -> list[Found]:
    """Return addresses with those that overlap as one."""
    joined: list[Found] = []
    for start, end, kind in sorted(addresses):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), kind)
        else:
            joined.append((start, end, kind))
    return joined
