"""Check digits of the numbers that people are known by.

Each takes the number as it was written and returns whether it can be one; none knows in what text it stood.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date

_HAN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def digits(text: str) -> str:
    """Return the ASCII digits of a text."""
    return re.sub(r"[^0-9]", "", text)


def compact(text: str) -> str:
    """Return the letters and digits of a text, in capitals."""
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def luhn(number: str) -> bool:
    """Check a payment card number (ISO/IEC 7812-1, Luhn)."""
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def real_date(year: int, month: int, day: int) -> bool:
    """Tell whether there is such a day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def chinese_identity(text: str) -> bool:
    """Check an identity number of 18 characters: province, date of birth, ISO 7064 MOD 11-2 (GB 11643-1999)."""
    number = compact(text)
    if number[:2] not in _PROVINCES or not real_date(int(number[6:10]), int(number[10:12]), int(number[12:14])):
        return False
    return number[17] == "10X98765432"[sum(w * int(d) for w, d in zip(_HAN_WEIGHTS, number, strict=False)) % 11]


def old_chinese_identity(text: str) -> bool:
    """Check an identity number of 15 digits, which has no check digit: province and date of birth."""
    number = digits(text)
    return number[:2] in _PROVINCES and real_date(1900 + int(number[6:8]), int(number[8:10]), int(number[10:12]))


def hong_kong_identity(text: str) -> bool:
    """Check a Hong Kong identity card, A123456(3): weights 9 to 1, MOD 11."""
    number = compact(text)
    letters = number[:-7].rjust(2)
    values = [36 if c == " " else ord(c) - 55 for c in letters] + [int(c) for c in number[-7:-1]]
    last = 10 if number[-1] == "A" else int(number[-1])
    return (sum(w * v for w, v in zip(range(9, 1, -1), values, strict=True)) + last) % 11 == 0


def taiwan_identity(text: str) -> bool:
    """Check a Taiwan identity number, A123456789: the letter as two digits, weights 1 9 8 … 1 1, MOD 10."""
    number = compact(text)
    first = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0]) + 10
    values = [first // 10, first % 10, *map(int, number[1:])]
    return sum(w * v for w, v in zip((1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), values, strict=True)) % 10 == 0


def chinese_credit_code(text: str) -> bool:
    """Check a unified social credit code of 18 characters (GB 32100-2015, MOD 31)."""
    number = compact(text)
    if any(c not in _CREDIT for c in number):
        return False
    total = sum(_CREDIT.index(c) * pow(3, i, 31) for i, c in enumerate(number[:17]))
    return _CREDIT[(31 - total % 31) % 31] == number[17]


def iban(text: str) -> bool:
    """Check an international bank account number (ISO 13616, MOD 97-10)."""
    number = compact(text)
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


def social_security(text: str) -> bool:
    """Check what the Social Security Administration never gives out: areas 000 and 666, group 00, serial 0000.

    Areas from 900 are the taxpayer numbers (ITIN) of those who have no social security number.
    """
    number = digits(text)
    return number[:3] not in ("000", "666") and number[3:5] != "00" and number[5:] != "0000"


def routing(text: str) -> bool:
    """Check a routing number of a US bank (ABA): weights 3 7 1, MOD 10."""
    number = digits(text)
    return number != "0" * 9 and sum(int(d) * (3, 7, 1)[i % 3] for i, d in enumerate(number)) % 10 == 0


def spanish_identity(text: str) -> bool:
    """Check a DNI or NIE: the letter is the number MOD 23."""
    number = compact(text)
    value = int(number[:-1].translate(str.maketrans("XYZ", "012")))
    return number[-1] == "TRWAGMYFPDXBNJZSQVHLCKE"[value % 23]


def french_identity(text: str) -> bool:
    """Check a French social security number (NIR): 97 minus the number MOD 97; 2A and 2B are Corsica."""
    number = compact(text).replace("2A", "19", 1).replace("2B", "18", 1)
    return number.isdigit() and 97 - int(number[:13]) % 97 == int(number[13:])


def italian_identity(text: str) -> bool:
    """Check an Italian codice fiscale: odd places through a table, MOD 26."""
    number = compact(text)
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    total = 0
    for i, char in enumerate(number[:15]):
        value = int(char) if char.isdigit() else ord(char) - 65
        total += value if i % 2 else odd[value]
    return chr(65 + total % 26) == number[15]


def german_tax(text: str) -> bool:
    """Check a German tax identity number: ISO 7064 MOD 11,10, and one digit of the first ten is repeated."""
    number = digits(text)
    return number[0] != "0" and len(set(number[:10])) in (8, 9) and mod_11_10(number)


def mod_11_10(number: str) -> bool:
    """Check a number by ISO 7064 MOD 11,10."""
    product = 10
    for digit in number[:-1]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(number[-1])


def dutch_identity(text: str) -> bool:
    """Check a BSN: weights 9 to 2 and -1, MOD 11."""
    number = digits(text)
    return (
        number != "0" * 9
        and sum(int(d) * w for d, w in zip(number, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0
    )


def polish_identity(text: str) -> bool:
    """Check a PESEL: a date of birth, weights 1 3 7 9, MOD 10."""
    number = digits(text)
    month = int(number[2:4]) % 20
    return 1 <= month <= 12 and weighted(number, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10)


def weighted(number: str, weights: tuple[int, ...], modulus: int) -> bool:
    """Tell whether a weighted sum of digits is divisible."""
    return sum(int(d) * w for d, w in zip(number, weights, strict=True)) % modulus == 0


def swedish_identity(text: str) -> bool:
    """Check a personnummer: a date of birth and Luhn over the last ten digits."""
    number = digits(text)[-10:]
    return 1 <= int(number[2:4]) <= 12 and 1 <= int(number[4:6]) % 60 <= 31 and luhn(number)


def finnish_identity(text: str) -> bool:
    """Check a henkilötunnus: the last character is the number MOD 31."""
    number = digits(text[:6]) + digits(text[7:10])
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(number) % 31] == text[-1].upper()


def belgian_identity(text: str) -> bool:
    """Check a Belgian national number: 97 minus the number MOD 97, with a 2 before it for those born after 1999."""
    number = digits(text)
    return any(97 - int(before + number[:9]) % 97 == int(number[9:]) for before in ("", "2"))


def british_health(text: str) -> bool:
    """Check an NHS number: weights 10 to 2, MOD 11."""
    number = digits(text)
    return (11 - sum(int(d) * w for d, w in zip(number, range(10, 1, -1), strict=False)) % 11) % 11 == int(number[9])


def brazilian_tax(text: str) -> bool:
    """Check a CPF: two digits MOD 11."""
    number = digits(text)
    if len(set(number)) == 1:
        return False
    last = [sum(int(d) * w for d, w in zip(number, range(n + 1, 1, -1), strict=False)) * 10 % 11 % 10 for n in (9, 10)]
    return [int(number[9]), int(number[10])] == last


def bitcoin(text: str) -> bool:
    """Check a Bitcoin address: Base58Check with SHA-256 twice, or the checksum of Bech32 (BIP 173, BIP 350)."""
    if text[:3].lower() == "bc1":
        values = [3, 3, 0, 2, 3, *(_BECH32.find(c) for c in text[3:].lower())]  # "bc" expanded
        check = 1
        for value in values:
            top = check >> 25
            check = (check & 0x1FFFFFF) << 5 ^ value
            for i, part in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                check ^= part if top >> i & 1 else 0
        return check in (1, 0x2BC830A3)
    number = 0
    for char in text:
        number = number * 58 + _BASE58.find(char)
    if number < 0 or number.bit_length() > 200:
        return False
    raw = number.to_bytes(25, "big")
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]
