"""Personal data that looks alike everywhere: addresses of the net, cards, accounts, wallets."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

from .checks import bitcoin, compact, digits, iban, luhn, routing
from .detector import DIGITS, ORDERED, Detector, after, pattern

_CARD_WORDS = re.compile(
    r"(?:card|visa|master ?card|amex|maestro|debit|credit|(?<![a-z])cc(?![a-z])|pan|卡号?|卡)[^\d\n]{0,30}$",
    re.IGNORECASE,
)
_ISSUERS = re.compile(r"4|5[0-8]|2[2-7]|3[04-9]|6|9[0-9]|1800|2131")


def _card(text: str) -> bool:
    number = digits(text)
    return 13 <= len(number) <= 19 and luhn(number) and len(set(number)) > 1


def _known_card(text: str) -> bool:
    return _card(text) and _ISSUERS.match(digits(text)) is not None


def _short_card(text: str) -> bool:
    number = digits(text)
    return len(number) == 12 and luhn(number)


def _iban(text: str) -> bool:
    return 15 <= len(compact(text)) <= 34 and iban(text)


def _six(text: str) -> bool:
    """Tell whether a text is an IPv6 address that says something."""
    try:
        return text != "::" and IPv6Address(text) is not None
    except AddressValueError:
        return False


GENERAL: tuple[Detector, ...] = (
    Detector(
        "email",
        re.compile(
            r"(?<![A-Za-z0-9_.+-])[^\W_](?:[\w.+'-]{0,62}[\w+-])?@(?:[^\W_](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}"
            r"[a-z][a-z0-9-]{1,24}"
            r"(?![a-z0-9-])",
            re.IGNORECASE | re.ASCII,
        ),
        cue=re.compile("@"),
    ),
    Detector(
        "email",
        pattern(
            r"(?<![A-Za-z0-9_.@])\w[\w.-]{0,40}"
            r" ?[(\[]at[)\]] ?\w[\w-]{0,40}(?: ?[(\[]dot[)\]] ?[a-z]{2,12}|\.[a-z]{2,12})\b"
        ),
        cue=pattern(r"[(\[]at[)\]]"),
    ),
    Detector(
        "url",
        pattern(
            r"(?<![A-Za-z0-9_@.])(?:https?://|ftp://|www\.)[^\s<>\"'，。；、！？（）【】《》]{3,300}(?<![.,;:!?)\]}'\"])"
        ),
        cue=pattern(r"://|www\."),
    ),
    Detector(
        "url",
        pattern(
            r"(?<![A-Za-z0-9_@./-])(?:[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?\.){1,4}"
            r"(?:com|org|net|edu|gov|info|biz|io|dev|app|ai|me|cn|de|fr|uk|eu|nl|it|es|ch|at|se|pl|dk|fi|cz|hu|be|ca|au|jp|ru|us|si|is|ee|no|pt|gr|cy|br|uy)"
            r"(?![A-Za-z0-9_@-]|\.\w)(?:/[^\s<>\"'，。；、！？（）]{0,200}(?<![.,;:!?)\]}]))?"
        ),
        cue=re.compile(r"\w\.\w"),
    ),
    Detector(
        "wallet",
        re.compile(r"(?<![A-Za-z0-9])(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[02-9ac-hj-np-z]{11,71})(?![A-Za-z0-9])"),
        bitcoin,
    ),
    Detector("wallet", re.compile(r"(?<![A-Za-z0-9])0x[0-9a-fA-F]{40}(?![A-Za-z0-9])"), cue=re.compile("0x")),
    Detector(
        "iban",
        pattern(r"(?<![a-z0-9])[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{4}){2,7}(?:[ -]?[a-z0-9]{1,3})?(?![a-z0-9])"),
        _iban,
    ),
    Detector(
        "mac",
        pattern(r"(?<![0-9a-f:.-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4})(?![0-9a-f:-])"),
        cue=pattern(r"[0-9a-f]{2}[:-][0-9a-f]{2}[:-]"),
    ),
    Detector("mac", pattern(r"(?<![0-9a-f.])[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?![0-9a-f.])")),
    Detector(
        "ip",
        pattern(
            r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?![\d]|\.\d)"
        ),
        unless=after("version|v|release|版本|section|§", r"[\s:]*"),
        cue=DIGITS,
    ),
    Detector(
        "ip",
        pattern(r"(?<![0-9a-z:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![0-9a-z:])"),
        _six,
        cue=pattern(r"[0-9a-f]:[0-9a-f]{1,4}:|::"),
    ),
    Detector("bank_card", re.compile(r"(?<![\d.+])\d(?:[ -]?\d){12,18}(?![\dA-Za-z-])"), _known_card, unless=ORDERED),
    Detector(
        "bank_card",
        re.compile(r"(?<![\d.])\d(?:[ -]?\d){11,18}(?![\dA-Za-z-])"),
        lambda t: _card(t) or _short_card(t),
        near=_CARD_WORDS,
    ),
    Detector("bank_card", re.compile(r"(?<![\d.-])(?:50|5[6-9]|6[0-9])\d{10}(?![\d-])"), _short_card, unless=ORDERED),
    Detector(
        "bank_account",
        re.compile(r"(?<![\d-])\d{9}(?![\d-])"),
        routing,
        near=after(r"routing|aba|rtn", r"[^\d\n]{0,20}"),
    ),
    Detector(
        "bank_account",
        re.compile(r"(?<![\d-])\d(?:[ -]?\d){5,18}(?![\d-])"),
        near=after(
            r"(?:bank |checking |savings? )?account(?: (?:number|no\.?|#))?"
            r"|acct\.?|银行账户|银行账号|账号|开户账号|对公账户",
            r"[\s#:：]*(?:is|was|是|为)?[\s#:：]*",
        ),
    ),
    Detector(
        "bank_account",
        re.compile(r"(?<![A-Za-z0-9])[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![A-Za-z0-9])"),
        near=after(r"swift|bic", r"[^\d\n]{0,16}"),
    ),
)
