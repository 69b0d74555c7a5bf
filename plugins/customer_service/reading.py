"""What a customer's words say: numbers, dates, yes or no, a score. Words may be hostile; none is ever a command."""

from __future__ import annotations

import hmac
import re
from datetime import date
from typing import TYPE_CHECKING

from ...core.chinese import in_place
from .numbers import plain
from .settings import Fact

if TYPE_CHECKING:
    from .office import Customer

FIGURE = re.compile(r"\d")
MOST = 12  # words that may be numbers, of one message
_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z-]*\d)[A-Za-z0-9](?:[A-Za-z0-9-]{1,29}[A-Za-z0-9])?(?![A-Za-z0-9])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATES = tuple(
    (re.compile(pattern, re.I), order)
    for pattern, order in (
        (r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?", "ymd"),
        (r"(?<!\d)(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?!\d)", "ymd"),
        (rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\s*(?:of\s+)?{_MONTH}\.?,?\s+(\d{{4}})(?!\d)", "dmy"),
        (rf"{_MONTH}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?!\d)", "mdy"),
        (r"(?<!\d)(\d{1,2})[-./](\d{1,2})[-./](\d{4})(?!\d)", "dmy"),
    )
)
_YES = re.compile(
    r"^\W*(?:yes|yeah|yep|sure|ok(?:ay)?|please do|go ahead|do it|confirm"
    r"|是|对|好|可以|行|嗯|要|退|冻结|确认|确定|没问题)",
    re.I,
)
_NO = re.compile(r"^\W*(?:no\b|nope|don'?t|do not|stop|cancel|不|别|算了|取消|先不|没)", re.I)
_SCORE = re.compile(r"(?<![\d.,])([1-5])(?!\d|[.,]\d)")
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}


def numbers(text: str) -> list[str]:
    """Return what may be a number of a customer, an order or a ticket, in a text without its dates."""
    text = in_place(text)
    for pattern, _ in _DATES:
        text = pattern.sub(" ", text)
    return [match[0] for match in _NUMBER.finditer(text)][:MOST]


def dates(text: str) -> list[date]:
    """Return the dates that a text says; days come before months where only figures are given."""
    text, found = in_place(text), []
    for pattern, order in _DATES:
        for match in pattern.finditer(text):
            said = dict(zip(order, match.groups(), strict=True))
            name = said["m"][:3].lower()
            month = _MONTHS.index(name) + 1 if name in _MONTHS else int(said["m"])
            try:
                found.append(date(int(said["y"]), month, int(said["d"])))
            except ValueError:
                continue
    return found


def agreed(text: str) -> bool | None:
    """Return whether a yes or a no was said; None where it was neither."""
    text = in_place(text)
    if _NO.search(text):
        return False
    return True if _YES.search(text) else None


def score(text: str) -> int | None:
    """Return a score from 1 to 5."""
    match = _SCORE.search(text)
    if match:
        return int(match[1])
    words = in_place(text).strip(" .!。！分星").lower()
    return _WORDS.get(words)


def fact(kind: Fact, text: str) -> str | None:
    """Return what was said of a fact in the form in which it is compared; None when nothing was."""
    if kind == "birth":
        said = dates(text)
        return said[0].isoformat() if said else None
    if kind == "phone":
        digits = re.sub(r"\D", "", text)
        return digits[-4:] if len(digits) >= 4 else None
    match = re.search(r"(?<![A-Za-z0-9])[A-Za-z]{0,2}\d[A-Za-z0-9]{0,3}\s*\d?[A-Za-z0-9]{2,4}(?![A-Za-z0-9])", text)
    return plain(match[0]) if match else None


def fits(kind: Fact, said: str, customer: Customer | None) -> bool:
    """Tell whether a fact is that of a customer, in the same time whether there is such a customer or not."""
    known = {
        "birth": customer.birth.isoformat() if customer and customer.birth else "",
        "postcode": plain(customer.postcode or "") if customer else "",
        "phone": re.sub(r"\D", "", customer.phone or "")[-4:] if customer else "",
    }[kind]
    return hmac.compare_digest(said.encode(), known.encode()) and bool(known)


__all__ = ["FIGURE", "agreed", "dates", "fact", "fits", "numbers", "score"]
