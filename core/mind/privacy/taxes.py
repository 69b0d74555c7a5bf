"""VAT and tax numbers whose check digits are known, by country.

Formulas: the European Commission's descriptions of VAT identification numbers (VIES).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .checks import compact, luhn, mod_11_10, weighted


def _austria(n: str) -> bool:
    total = sum(sum(divmod(int(d) * (1, 2)[i % 2], 10)) for i, d in enumerate(n[1:8]))
    return n[0] == "U" and (96 - total) % 10 == int(n[8])


def _belgium(n: str) -> bool:
    return 97 - int(n[:8]) % 97 == int(n[8:])


def _denmark(n: str) -> bool:
    return weighted(n, (2, 7, 6, 5, 4, 3, 2, 1), 11)


def _spain(n: str) -> bool:
    if n[0] in "XYZ0123456789":
        value = n[:-1].translate(str.maketrans("XYZ", "012"))
        return value.isdigit() and n[-1] == "TRWAGMYFPDXBNJZSQVHLCKE"[int(value) % 23]
    if not n[1:8].isdigit():
        return False
    total = sum(int(n[i]) for i in (2, 4, 6)) + sum(sum(divmod(int(n[i]) * 2, 10)) for i in (1, 3, 5, 7))
    last = (10 - total % 10) % 10
    return n[8] in (str(last), "JABCDEFGHI"[last])


def _france(n: str) -> bool:
    return n.isdigit() and luhn(n[2:]) and int(n[:2]) == (12 + 3 * (int(n[2:]) % 97)) % 97


def _britain(n: str) -> bool:
    total = sum(int(d) * w for d, w in zip(n[:7], range(8, 1, -1), strict=True)) + int(n[7:9])
    return total % 97 == 0 or (total + 55) % 97 == 0


def _finland(n: str) -> bool:
    return weighted(n, (7, 9, 10, 5, 8, 4, 2, 1), 11)


def _netherlands(n: str) -> bool:
    if int("".join(str(int(c, 36)) for c in "NL" + n)) % 97 == 1:
        return True
    return n[:9].isdigit() and sum(int(d) * w for d, w in zip(n, range(9, 1, -1), strict=False)) % 11 == int(n[8])


def _portugal(n: str) -> bool:
    last = 11 - sum(int(d) * w for d, w in zip(n, range(9, 1, -1), strict=False)) % 11
    return int(n[8]) == (0 if last > 9 else last)


def _poland(n: str) -> bool:
    return sum(int(d) * w for d, w in zip(n, (6, 5, 7, 2, 3, 4, 5, 6, 7), strict=False)) % 11 == int(n[9])


def _sweden(n: str) -> bool:
    return luhn(n[:10])


VAT: dict[str, tuple[str, Callable[[str], bool]]] = {
    "AT": (r"U\d{8}", _austria), "BE": (r"[01]\d{9}", _belgium), "DE": (r"\d{9}", mod_11_10),
    "DK": (r"\d{8}", _denmark), "ES": (r"[0-9A-Z]\d{7}[0-9A-Z]", _spain), "FI": (r"\d{8}", _finland),
    "FR": (r"[0-9A-Z]{2}\d{9}", _france), "GB": (r"\d{9}(?:\d{3})?", _britain), "HR": (r"\d{11}", mod_11_10),
    "IT": (r"\d{11}", luhn), "LU": (r"\d{8}", lambda n: int(n[:6]) % 89 == int(n[6:])),
    "NL": (r"\d{9}B\d{2}", _netherlands), "PL": (r"\d{10}", _poland), "PT": (r"\d{9}", _portugal),
    "SE": (r"\d{12}", _sweden),
}  # fmt: skip
"""The form of a number without its country's letters, and the check of its digits."""


def value_added_tax(text: str) -> bool:
    """Check a VAT number with its country's two letters."""
    number = compact(text)
    form, check = VAT.get(number[:2], ("", luhn))
    return bool(form) and re.fullmatch(form, number[2:]) is not None and check(number[2:])
