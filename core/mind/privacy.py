"""Personal data in text: found by pattern and check digit, masked, and put back within the turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field


def luhn(digits: str) -> bool:
    """Check a payment card number (ISO/IEC 7812-1, Luhn)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def chinese_identity(number: str) -> bool:
    """Check an 18-digit Chinese identity number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return number[17].upper() == "10X98765432"[sum(w * int(d) for w, d in zip(weights, number, strict=False)) % 11]


def iban(number: str) -> bool:
    """Check an international bank account number (ISO 13616, MOD 97-10)."""
    compact = re.sub(r"\s", "", number).upper()
    return int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _always(_: str) -> bool:
    return True


DETECTORS: dict[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "email": (
        re.compile(r"(?<![a-zA-Z0-9_.+-])[a-zA-Z0-9_.+-]{1,64}@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+(?![a-zA-Z0-9-])"),
        _always,
    ),
    "id_card": (re.compile(r"(?<![a-zA-Z0-9])\d{17}[\dXx](?![a-zA-Z0-9])"), chinese_identity),
    "bank_card": (
        re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?!\d)"),
        lambda text: 13 <= len(_digits(text)) <= 19 and luhn(_digits(text)),
    ),
    "iban": (
        re.compile(r"(?<![a-zA-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![a-zA-Z0-9])"),
        iban,
    ),
    "ip": (
        re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])"),
        _always,
    ),
    "phone": (
        re.compile(
            r"(?<![\d-])(?:(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\+\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,5}"
            r"|\(?0\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{3,4}|\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4})(?![\d-])"
        ),
        lambda text: 7 <= len(_digits(text)) <= 15,
    ),
}  # in order: a longer number wins over a shorter that lies inside it
_POSSIBLE = re.compile(r"@|\d\D?\d")  # every kind has an at sign or two digits near each other
PII_TYPES = tuple(DETECTORS)


@dataclass(slots=True)
class Masked:
    """Hold a text with personal data replaced by marks such as [email 1], and what the marks stand for."""

    text: str
    found: dict[str, str] = field(default_factory=dict)
    types: tuple[str, ...] = ()

    def restore(self, text: str) -> str:
        """Put the personal data back into a text that has the marks."""
        for mark, original in self.found.items():
            text = text.replace(mark, original)
        return text


def find(text: str, types: Collection[str] = PII_TYPES) -> list[tuple[int, int, str]]:
    """Return (start, end, type) of personal data in a text, in order, without overlaps."""
    taken: list[tuple[int, int, str]] = []
    if not _POSSIBLE.search(text):
        return taken
    for kind, (pattern, valid) in DETECTORS.items():
        for match in pattern.finditer(text):
            start, end = match.span()
            if valid(match.group()) and not any(s < end and start < e for s, e, _ in taken):
                taken.append((start, end, kind))
    return sorted(span for span in taken if span[2] in types)


def mask(text: str, types: Collection[str]) -> Masked:
    """Replace personal data of the given types by marks."""
    masked = Masked(text)
    pieces: list[str] = []
    position = 0
    counts: dict[str, int] = {}
    for start, end, kind in find(text, types):
        counts[kind] = counts.get(kind, 0) + 1
        label = f"[{kind} {counts[kind]}]"
        masked.found[label] = text[start:end]
        pieces += [text[position:start], label]
        position = end
    masked.text = "".join([*pieces, text[position:]])
    masked.types = tuple(counts)
    return masked
