"""Facts about a person that are no numbers of theirs: dates, dates of birth, ages, titles, postcodes, nationalities."""

from __future__ import annotations

import re

from .detector import DIGITS, Detector, after, pattern

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = (
    r"(?:(?:19|20)\d\d[-/.](?:1[0-2]|0?[1-9])[-/.](?:3[01]|[12]\d|0?[1-9])(?:[ T]\d\d?:\d\d(?::\d\d)?)?"
    r"|(?:3[01]|[12]\d|0?[1-9])[-/.](?:3[01]|[12]\d|0?[1-9])[-/.](?:(?:19|20)\d\d|\d\d)"
    rf"|(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)? (?:of )?{_MONTH}\.?(?:,? (?:19|20)\d\d)?"
    rf"|{_MONTH}\.? (?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?:,? (?:19|20)\d\d)?(?!\d)"
    r"|(?:(?:19|20)?\d\d|[一二〇零○][一二三四五六七八九〇零○]{3})年[\d一二三四五六七八九十]{1,2}月(?:[\d一二三四五六七八九十]{1,3}[日号])?)"
)
_BORN = pattern(
    r"(?:date of birth|birth ?date|birthday|(?<![a-z])born"
    r"|d\.?o\.?b\.?(?![a-z])|出生(?:日期|年月)?|生日|生于|出生于|阳历|农历)"
    r"[^\d\n]{0,24}$"
)
_TITLES = r"(?:mr|mrs|ms|mx|dr|prof|miss|sir|madam)"
_YEARS = r"(?:1[01]\d|[1-9]?\d)"

FACTS: tuple[Detector, ...] = (
    Detector("birth_date", pattern(rf"(?<![A-Za-z0-9_/.-]){_DAY}(?![A-Za-z0-9_/-]|\.\d)"), near=_BORN, cue=DIGITS),
    Detector("birth_date", pattern(rf"(?<![\d年])(?P<value>{_DAY})(?=(?:出生|生的|生人))"), cue=re.compile("生")),
    Detector("date", pattern(rf"(?<![A-Za-z0-9_/.-]){_DAY}(?![A-Za-z0-9_/-]|\.\d)")),
    Detector(
        "date",
        pattern(
            r"(?<![A-Za-z0-9_/.,$€£¥-])(?:19[0-9]{2}|20[0-4]\d)"
            r"(?![A-Za-z0-9_/%-]|[.,:]\d| ?(?:yuan|dollars|euros|元|people|km|m\b))"
        ),
        near=after(r"in|since|during|from|until|till|by|before|after|of|year|and|to|around", r" "),
        cue=DIGITS,
    ),
    Detector("date", pattern(r"(?<![a-z])(?:mon|tues|wednes|thurs|fri|satur|sun)day(?![a-z])")),
    Detector("date", re.compile(r"(?:星期|周|礼拜)[一二三四五六日天](?!体)")),
    Detector(
        "age",
        pattern(
            rf"(?<![A-Za-z0-9_.,$-])(?P<value>{_YEARS})(?=[ -](?:years?|yrs?)?[ -]?(?:old|y/o|yo|of age)(?![a-z]))"
        ),
        cue=DIGITS,
    ),
    Detector("age", pattern(rf"(?<![A-Za-z0-9_.,$-])(?P<value>{_YEARS})(?=[ -]years?[ -]old)"), cue=DIGITS),
    Detector("age", pattern(rf"(?<![A-Za-z0-9_.,$-])(?P<value>{_YEARS})(?=,? ?y/o(?![a-z]))"), cue=DIGITS),
    Detector(
        "age",
        pattern(
            rf"(?:(?<![a-z])(?:at the age of|aged|age(?: is|:)?|(?:just |about to |recently )?turn(?:ed|s|ing)(?: to)?"
            rf"|turn))\s*(?P<value>{_YEARS})(?![A-Za-z0-9_%]|[.,:/-]\d| (?:minutes|hours|days|left|right))"
        ),
        cue=DIGITS,
    ),
    Detector(
        "age",
        pattern(
            rf"(?:(?<![a-z])(?:i am|i'm|i’m|he is|he's|she is|she's))"
            rf"\s*(?P<value>{_YEARS})(?=\s*(?:[.!?]|$|,? (?:and|but|male|female)))"
        ),
        cue=DIGITS,
    ),
    Detector(
        "age",
        pattern(rf"(?<!\d)(?P<value>{_YEARS}|[一二三四五六七八九]?十[一二三四五六七八九]?)(?:周?岁)"),
        cue=re.compile("岁"),
    ),
    Detector("age", pattern(rf"(?:年龄|年纪)(?:是|为|[:：])?\s*(?P<value>{_YEARS})(?!\d)"), cue=re.compile("年")),
    Detector("title", pattern(rf"(?<![a-z]){_TITLES}(?:\.|(?= [A-Z]))(?![a-z])"), lambda t: t[:1].isupper()),
    Detector(
        "zip_code",
        pattern(
            r"(?<![A-Za-z0-9_-])(?:(?=[\d]{3,})\d{2,6}(?:[ -]\d{2,4})?|\d{4} ?[a-z]{2}"
            r"|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z] ?\d[a-z]\d)(?![A-Za-z0-9_-])"
        ),
        near=after(
            r"zip(?: ?codes?)?|post ?codes?|postal codes?|plz|code postal|邮政编码|邮编",
            r"(?:[\s#:：]|is|was|number|as|是|为){0,5}",
        ),
    ),
    Detector(
        "zip_code",
        re.compile(
            r"(?<![A-Za-z0-9_-])(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d"
            r"|[A-HK-Y]\d\d|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRV-Y]) \d[ABD-HJLNP-UW-Z]{2})(?![A-Za-z0-9_-])"
        ),
    ),
    Detector("zip_code", re.compile(r"(?<=\b[A-Z]{2} )\d{5}(?:-\d{4})?(?![A-Za-z0-9_-])")),
)
