"""A detector: the form of one kind of personal data, its check, and the words around it that speak for or against it.

Knows no kind in particular.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Found = tuple[int, int, str]
NEAR = 40  # characters before a value in which the words that explain it are looked for


def always(_: str) -> bool:
    """Take every match."""
    return True


@dataclass(frozen=True, slots=True)
class Detector:
    """Find one kind of personal data.

    The group `value` of the pattern is what is found, else the whole match. `near` must be found in the characters just
    before it, or right behind it; `unless` must not be found before it. `cue` is a cheap look at the whole text.
    """

    kind: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool] = always
    near: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    cue: re.Pattern[str] | None = None

    def find(self, text: str) -> Iterator[Found]:
        """Yield (start, end, kind), in order."""
        if self.cue is not None and not self.cue.search(text):
            return
        group = "value" if "value" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            start, end = match.span(group)
            if not self.check(match[group]):
                continue
            before = text[max(0, start - NEAR) : start]
            if self.unless is not None and self.unless.search(before):
                continue
            if self.near is None or self.near.search(before) or self.near.match(text, end):
                yield start, end, self.kind


def pattern(*parts: str) -> re.Pattern[str]:
    """Return the pattern of all parts together, whatever their case."""
    return re.compile("".join(parts), re.IGNORECASE)


def after(words: str, between: str = r"[^\d\n]{0,24}") -> re.Pattern[str]:
    """Return a pattern for text that ends in one of the words, with little between them and the value."""
    return pattern(rf"(?:(?<![a-z])(?:{words})){between}$")


DIGITS = re.compile(r"\d")
ORDERED = pattern(
    r"(?:(?<![a-z])(?:orders?|tracking|invoices?|tickets?|bookings?|reservations?|confirmation|shipments?|parcels?|sku|isbn"
    r"|items?|models?|versions?|serial|reference|ref|case|parts?|flights?|trains?|rooms?|tables?|products?|transaction)"
    r"|订单|单号|快递|运单|编号|工单|票号|预订|流水|型号|货号|房间|航班|车次|商品|序列|版本)"
    r"(?:[\s#:：.]|numbers?|nos?|ids?|codes?|号码?|是|为|is|was|my|the){0,8}$"
)
"""What says that a number is of a thing, not of a person."""
