"""Telephone numbers as they are written in the world, told from other numbers by form and by the words beside them."""

from __future__ import annotations

import re

from .checks import digits
from .detector import ORDERED, Detector, after, pattern

_CALLED = after(
    r"phones?|telephone|tel|mobile|cell|desk|fax|call(?: me| us| him| her)?|dial|ring|text|sms|whatsapp"
    r"|reach(?: me| him| her| us)?"
    r"|contact|number|landline|hotline|telefon|handy|téléphone|teléfono|móvil|registered|电话|手机|传真|联系",
    r"[^\d\n]{0,16}\n?[^\d\n]{0,6}",
)
_SPOKEN = after(
    r"phones?|telephone|mobile|cell|fax|landline|hotline|call|dial|reach|ring|text|电话|手机", r"[^\d\n]{0,32}"
)
_EXTENSION = r"(?: ?(?:x|ext\.?|extension|转) ?\d{1,6})?"
_END = r"(?![\d]|[-.]\d|:\d)"
_START = (  # four figures before it are a year, a postal code, or the end of another phone
    r"(?<![\d$€£¥+])(?:(?<!\d[:.,/-])|(?<=\d{4}[,/]))(?:(?<!\d )|(?<=\d{4} ))"
)
_ALONE_BEFORE = r"(?<![\d$€£¥+])(?<!\d[:.,/ -])"
_BEGUN = r"(?<!\d[./ -])(?<!\) )"  # not within a number
_COUNTED = pattern(
    r"(?:[$€£¥#]|usd|eur|rmb|cny|price|costs?|paid|total|amount|价格|共|金额|isbn|zip|postal|code)[^\d\n]{0,12}$"
)
_MEANT = re.compile(rf"{ORDERED.pattern}|{_COUNTED.pattern}", ORDERED.flags | _COUNTED.flags)
_OF_A_THING = pattern(
    r"(?:(?<![a-z])(?:accounts?|articles?|barcode|batch|claims?|codes?|customers?|files?|ids?|licen[cs]es?|members?(?:hip)?"
    r"|messages?|patients?|permits?|pins?|policy|polls?|posts?|records?|references?|stamps?|tokens?|users?|values?|vat)"
    r"|账号|会员号|用户)[^\w\n]{0,4}(?:(?:numbers?|nos?|is|was|of|id|=|为|是)[^\w\n]{0,4}){0,3}$"
)
_COUNTS = (
    r"(?! ?(?:%|[$€£¥元块个人次条]|[kmgt]?b\b|bytes|dollars|euros|pounds|people|users|views|rows|records|m?s\b|times))"
)
_NEAR = re.compile(f"{_CALLED.pattern}|{_SPOKEN.pattern}", re.IGNORECASE)
_ALONE = (  # nothing is counted behind it: the sentence ends, or goes on with a word that is no noun
    r"(?=\s*(?:[.,;!?)\]>*\"'”’/|]|$|[-–—] |(?:after|again|also|and|answers?|any|as|asap|at|because|before|belongs?"
    r"|between|but|by|can|could|did|does(?:n't)?|for|from|has|here|if|in|instead|is|isn't|may|might|now|on|only|or|please"
    r"|rings?|should|since|so|still|thanks|that|then|this|though|to|today|tomorrow|tonight|too|unless|until|was|were|when|while"
    r"|will|with|won't|works?|would)\b)|[ \t]*\n)"
)
_SHAPES = (  # of countries whose numbers are written so and need no word beside them
    r"8 ?(?:\(\d{3}\)|\d{3})[ -]\d{3}(?:[ -]\d{2}[ -]\d{2}|[ -]\d{4})",  # Russia
    r"\(?\d{2}\)? 9?\d{4}-\d{4}",  # Brazil
    r"\d{2}-\d{4}-\d{4}",  # Japan
    r"\d{2}(?:-\d{2}){3}",  # Denmark
    r"\((?:06 )?\d{1,2}\) \d{3}-\d{3,4}",  # Hungary
    r"\(\d{1,2}\) \d{3,4} \d{4}",  # Chile, Mexico
    rf"9 \d{{4}} \d{{4}}{_ALONE}",  # Chile
    rf"(?!1[0-9]\d\d-|20\d\d-)[2-9]\d{{3}}-\d{{4}}{_ALONE}",  # Brazil, Hong Kong
    r"2\d{3} \d{6}",  # Greece
    rf"[29]\d[ -]\d{{6}}{_ALONE}",  # Cyprus
    rf"2[1-9] \d{{3}} \d{{4}}{_ALONE}",  # Portugal
    r"\(\+?[1-9]\d{0,2}\)[ -]?(?:\d{9}|\d{2,3}(?:[ -]\d{2,4}){2,3})",  # with the country's code in brackets
    r"0\d[ -]\d{7,8}",  # Taiwan, New Zealand
    r"0\d/ ?\d{3} \d{2} \d{2}",  # Belgium
    r"(?:06-?)?\(?[1-9]\d?\)?/\d{3}[- ]\d{4}",  # Hungary
    rf"[1-9]\d{{2}} \d{{3}} \d{{3}}{_ALONE}",  # Poland, Portugal
    rf"[49]\d{{2}} \d{{2}} \d{{3}}{_ALONE}",  # Norway
    rf"(?!20\d\d 20)[2-9]\d{{3}} \d{{4}}{_ALONE}",  # Hong Kong, Singapore, Uruguay
    r"(?:0\d{5}|[6-9]\d{4}) \d{5}",  # India
    r"0 ?\(\d{3}\) ?\d{3} \d{2} \d{2}",  # Turkey
    r"8[- ]\d{3}[- ]\d{5}",  # Lithuania
    r"69\d{2} \d{3} \d{3}",  # Greece
    r"1[38]00 \d{3} \d{3}",  # Australia
    rf"[2-57-9]\d \d{{3}} \d{{3}}{_ALONE}",  # Tunisia
    r"0\d \d{6,10}",  # Austria
    r"(?:\(\d{3}\)|[2-9]\d{2}) (?:\d{7}|\d{3}[ -]\d{4})",  # Colombia, Mexico
    r"[1-9]\d \d{4} \d{4}",  # Greece, Mexico
    r"9\d{2}-\d{7}",  # Nepal
    rf"(?<!\d\) )[2-9]\d{{2}}[ -]\d{{4}}{_ALONE}",  # Iceland, Estonia, within a city of the US
    r"\(0-?\d{1,3}\) ?\d{5}",  # Lithuania
)


def _long(text: str) -> bool:
    return 7 <= len(digits(text.lower().split("x")[0])) <= 15


def _no_date(text: str) -> bool:
    return _long(text) and not re.match(
        r"(?:19|20)\d\d[-./ ][01]?\d[-./ ][0-3]?\d$|\d\d?[-./ ]\d\d?[-./ ](?:19|20)\d\d$", text
    )


PHONES: tuple[Detector, ...] = (
    Detector(
        "phone",
        pattern(
            rf"(?<![A-Za-z0-9_+])(?:\((?=\+[1-9]\d{{0,2}}\)))?(?:\+\(?|{_BEGUN}\b00(?=[1-9]\d{{0,2}}[ .(/-]))"
            rf"[1-9]\d{{0,2}}\)?(?:[ ./-]{{0,2}}\(?\d{{1,5}}\)?){{2,6}}{_EXTENSION}{_END}"
        ),
        _long,
    ),
    Detector("phone", pattern(rf"(?<![A-Za-z0-9_+])\+[1-9]\d{{7,14}}{_EXTENSION}{_END}"), _long),
    Detector(
        "phone",
        pattern(
            rf"{_START}(?:001[ .-]|1[ .-])?(?:\([2-9]\d{{2}}\) ?|[2-9]\d{{2}}[ .-])"
            rf"[2-9]\d{{2}}[ .-]\d{{4}}{_EXTENSION}{_END}"
        ),
        _long,
        unless=ORDERED,
    ),
    Detector(  # the American shape with any digits, as forms and directories have it
        "phone",
        pattern(
            rf"{_START}(?:001-|1-|1 (?=\())?(?:\(\d{{3}}\) ?\d{{3}}-|\d{{3}}-\d{{3}}-|\d{{3}}\.\d{{3}}\.)\d{{4}}"
            rf"{_EXTENSION}{_END}"
        ),
        _long,
        unless=ORDERED,
    ),
    Detector("phone", pattern(rf"{_START}\d{{10}} ?(?:x|ext\.? ?)\d{{1,5}}{_END}"), _long, unless=ORDERED),
    Detector("phone", pattern(rf"{_START}0[1-9]\d{{8,10}}{_END}"), _long, unless=_MEANT),
    Detector(
        "phone", pattern(rf"{_START}\(0\d{{1,4}}\)(?:[ ./-]?\d{{2,5}}){{2,4}}{_EXTENSION}{_END}"), _long, unless=ORDERED
    ),
    *(Detector("phone", pattern(rf"{_ALONE_BEFORE}{shape}{_END}"), _no_date, unless=_MEANT) for shape in _SHAPES),
    Detector(  # ten figures as numbers of the US are, which hardly anything else has
        "phone",
        pattern(rf"{_START}[2-9]\d{{2}}[2-9]\d{{6}}{_END}{_COUNTS}"),
        _long,
        unless=re.compile(f"{_MEANT.pattern}|{_OF_A_THING.pattern}", _MEANT.flags),
    ),
    Detector(
        "phone",
        pattern(rf"{_START}0\d{{1,4}}[ ./-]\d{{2,5}}(?:[ .-]\d{{2,5}}){{1,3}}{_EXTENSION}{_END}"),
        _no_date,
        unless=ORDERED,
    ),
    Detector("phone", pattern(rf"{_START}0\d{{2,4}}[ /-]\d{{5,8}}{_EXTENSION}{_END}"), _long, unless=ORDERED),
    Detector(
        "phone",
        pattern(rf"{_START}[1-9]\d{{1,2}}(?: \d{{2,3}}){{3}}{_END}"),
        lambda t: 8 <= len(digits(t)) <= 10,
        unless=_COUNTED,
    ),
    Detector(
        "phone",
        pattern(rf"{_START}(?:001[ .-])?\(?\d{{1,4}}\)?(?:[ ./-]?\d{{2,8}}){{1,4}}{_EXTENSION}{_END}"),
        _no_date,
        near=_NEAR,
        unless=ORDERED,
    ),
    Detector("phone", pattern(rf"{_START}\d{{7,12}}{_EXTENSION}{_END}"), _long, near=_CALLED, unless=ORDERED),
    Detector(  # a line that says nothing else, as an answer to "What is your number?"
        "phone",
        re.compile(
            rf"^[\s>]{{0,4}}(?P<value>\(?\d{{1,4}}\)?(?:[ ./-]\d{{2,8}}){{1,4}}"
            rf"{_EXTENSION})[ \t.]{{0,3}}$",
            re.MULTILINE,
        ),
        _no_date,
    ),
)
