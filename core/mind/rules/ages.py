"""How old a user says to be: in figures, in words, by school year or year of birth; English and Chinese.

Only what is said of oneself and of now counts: not "my son is 13", "when I was 13" or "I'm 13 minutes late". Knows
nothing of rules.
"""

from __future__ import annotations

import datetime
import re
import unicodedata

from ...chinese import simplified
from ..values.numerals import HAN, WORDS, value_of

OLDEST = 120
_N = rf"(?:\d{{1,3}}|{WORDS})"
_I_AM = r"\b(?:i\s*['’]?\s*a?m|ima)\b"
_ADVERBS = (
    r"(?:\s+(?:only|just|actually|really|like|about|around|almost|nearly|already|turning|now|currently|literally|"
    r"still|a|an|barely|over|under|not\s+even|aged?))*"
)
_YEARS = r"(?:\s*-?\s*(?:years?|yrs?)(?:\s*-?\s*old)?(?:\s+of\s+age)?|\s*-?\s*y\s*[./]?\s*o\b\.?|\s+old)"
_ENDS = (  # what may follow an age that stands without its unit; "13 minutes", "5 foot", "20 % sure" may not
    r"(?=\s*(?:$|[.,;:!?)\]…—–~]\s*(?!\d)|\band\b(?!\s+a\s+half)|\bbut\b|\bso\b|\bthis\b|\bnow\b|\btoday\b|\bin\s+(?:\w+\s+)?"
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|week|month)|\bbtw\b|"
    r"\blol\b|\bm\b|\bf\b|\bcan\b|\bwhat\b|\bhow\b|\bplease\b|\bfemale\b|\bmale\b|\bhelp\b|\bi\b))"
)
_ENGLISH = [
    re.compile(rf"{_I_AM}{_ADVERBS}\s+(?P<n>{_N})(?:{_YEARS}|\s*-\s*year\s*-\s*old|{_ENDS})"),
    re.compile(rf"\bmy\s+age(?:\s+is|:|'s)?{_ADVERBS}\s+(?P<n>{_N})\b"),
    re.compile(rf"\bi(?:\s+(?:just|have|only))*(?:'ve)?(?:\s+just)?\s+turned\s+(?P<n>{_N})\b(?!\s+(?:\w+\s+)?ago)"),
    re.compile(rf"\bas\s+an?\s+(?P<n>{_N})\s*-?\s*(?:years?|yrs?)\s*-?\s*old\b"),
    re.compile(rf"^\W*(?P<n>{_N})\s*(?:years?|yrs?)\s*old\W*$|^\W*(?P<m>{_N})\s*y\s*/?\s*o\b\W*"),
]
_NEXT = re.compile(
    rf"\bi(?:'ll| will| am going to|'m going to|'m gonna)\s+(?:be|turn)\s+(?P<n>{_N})\b"
    rf"|{_I_AM}\s+turning\s+(?P<m>{_N})\b|{_I_AM}\s+(?:almost|nearly|not\s+even|under)\s+(?P<k>{_N})\b"
)
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12,
}  # fmt: skip
_GRADE = re.compile(
    rf"(?:{_I_AM}|\bi\s+(?:just\s+)?(?:go\s+to|started|start|attend))(?:\s+\w+){{0,2}}?\s+(?:the\s+)?"
    rf"(?:(?P<o>{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))[\s-]+grade(?:r\b|\b)|(?:grade|year)\s+(?P<n>\d{{1,2}})\b)"
)
_SCHOOLS = (  # the age at which one usually is there
    (r"kindergarten|preschool", 5), (r"elementary|primary", 9), (r"middle|junior\s+high", 13), (r"high|secondary", 16),
)  # fmt: skip
_SCHOOL = re.compile(
    rf"(?:{_I_AM}|\bi\s+(?:go\s+to|attend|study))(?:\s+(?:in|at|still|a|an|my|the|going|to))*\s+"
    rf"(?P<s>{'|'.join(name for name, _ in _SCHOOLS)})(?:\s*-?\s*school(?:er)?|\s+student)?\b"
    r"(?!\s+(?:teacher|staff|school\s+teacher))"
)
_MINOR = re.compile(
    rf"{_I_AM}\s+(?:still\s+|only\s+)?(?:an?\s+)?(?:minor|under\s*-?\s*age|kid|child|little\s+(?:girl|boy))\b"
)
_ADULT = re.compile(
    rf"{_I_AM}\s+(?:an?\s+)?(?:adult|grown(?:-|\s)?up|of\s+(?:legal\s+)?age|over\s+(?:18|eighteen)|18\s*\+)"
)
_BORN = re.compile(r"\bi\s+was\s+born\s+in\s+(?:\w+\s+)?(?P<y>(?:19|20)\d\d)\b")

_CHINESE = [
    re.compile(
        rf"我(?:本人)?(?:今年|现在|现年|目前|其实|真的|的?年龄(?:是|为)?|都|也|刚|刚刚|才|只有|只|还|已经|快|是|不过|大概|刚满|满|到)*"
        rf"(?P<n>\d{{1,3}}|{HAN})(?:周?岁)(?!的?(?:儿|女|孩|弟|妹|哥|姐|宝|时候|那年|以前|之前|的时候|生日那))(?!(?:多)?时)"
    ),
    re.compile(rf"我(?:今年|现在|才|刚满|刚|只有)+(?P<n>\d{{1,2}}|{HAN})(?=$|[，。！？,.!?\s了呢啊哦])"),
    re.compile(rf"^(?:今年|本人|才|刚满)?(?P<n>\d{{1,3}}|{HAN})周?岁了?[。！\s]*$"),
    re.compile(rf"(?:^|[，。,.\s！？])(?:今年|本人|刚满)(?P<n>\d{{1,3}}|{HAN})周?岁(?!的)"),
]
_ELEMENTARY = re.compile(
    r"我[^，。！？,.!?他她儿女弟妹]{0,6}?(?:小学)?(?:上|读|念|在)?(?:小学)?(?P<n>[一二三四五六1-6])年级(?!的?老师)"
)
_JUNIOR = re.compile(
    r"我[^，。！？,.!?他她儿女弟妹老师要想去买订约来到]{0,6}?(?P<s>初|高)(?P<n>[一二三123])(?:生|学生|的学生)?(?=$|[，。！？,.!?\s了呢啊])"
)
_STUDENT = re.compile(
    r"我[^，。！？,.!?他她儿女弟妹]{0,5}?(?P<s>幼儿园|小学生|上小学|读小学|念小学|初中生|中学生|上初中|读初中|念初中|高中生|上高中|读高中|念高中)(?!的?(?:老师|家长|园长))"
)
_STUDENTS = (("幼儿园", 5), ("小学", 9), ("初中", 13), ("中学", 14), ("高中", 16))
_ZH_MINOR = re.compile(
    r"我(?:还|现在)?(?:是个?|只是个?|属于)?(?:未成年|没成年|没有成年|[不未]满(?:18|十八)|没满(?:18|十八)|还?没到?(?:18|十八)岁)"
)
_ZH_CHILD = re.compile(r"我(?:还|只)?(?:是个?|只是个?)(?:小孩|孩子|小朋友|小学生)")
_ZH_ADULT = re.compile(r"我(?:已经?|早就?)?(?:是个?)?(?:成年人|成年了|满(?:18|十八)(?:岁|了)?|大人了?)")
_ZH_BORN = re.compile(
    r"我是?(?:在)?(?P<y>(?:19|20)\d\d|[01]\d|[6-9]\d)年(?:\d{1,2}月)?(?:\d{1,2}[日号])?(?:出)?生的?|我是(?P<g>[01][05])后"
)
_PAST = re.compile(r"(?:\bwhen|\bsince|\buntil|\bbefore|\bif)\s+$|\b(?:my|his|her|their|our)\s+[\w\s]{0,20}$")


def age_said(text: str, year: int | None = None) -> int | None:
    """Return the age in years that a user says to have, the youngest where there are several; None for none.

    School years are taken for the usual age in them, "under age" for 17 and "adult" for 18. `year` is the present one.
    """
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    year = year or datetime.date.today().year
    ages = [age for age in (*_in_english(plain, year), *_in_chinese(plain, year)) if 2 <= age <= OLDEST]
    return min(ages, default=None)


def younger(said: int | None, before: int | None) -> int | None:
    """Return the younger of two ages, of which either may be unknown."""
    return min((age for age in (said, before) if age is not None), default=None)


def _in_english(text: str, year: int) -> list[int]:
    if "i" not in text and "my age" not in text and not re.search(r"old|y\s*/?\s*o", text):
        return []
    ages = []
    for match in _NEXT.finditer(text):
        ages.append(_number(match) - 1)
    if not ages:
        for pattern in _ENGLISH:
            ages += [_number(match) for match in pattern.finditer(text) if not _PAST.search(text[: match.start()])]
    for match in _GRADE.finditer(text):
        said = match["o"] or match["n"]
        ages.append((_ORDINALS.get(said) or int(re.sub(r"\D", "", said))) + 5)
    for match in _SCHOOL.finditer(text):
        ages.append(next(age for name, age in _SCHOOLS if re.fullmatch(name, match["s"])))
    ages += [17] * bool(_MINOR.search(text)) + [18] * bool(_ADULT.search(text))
    ages += [year - int(match["y"]) for match in _BORN.finditer(text)]
    return ages


def _in_chinese(text: str, year: int) -> list[int]:
    if not any("\u4e00" <= character <= "\u9fff" for character in text):
        return []
    text = simplified(text)
    ages = [_number(match) for pattern in _CHINESE for match in pattern.finditer(text)]
    ages += [int(value_of(match["n"]) or 0) + 6 for match in _ELEMENTARY.finditer(text)]
    for match in _JUNIOR.finditer(text):
        ages.append(int(value_of(match["n"]) or 0) + (12 if match["s"] == "初" else 15))
    for match in () if ages else _STUDENT.finditer(text):
        ages.append(next(age for name, age in _STUDENTS if name in match["s"]))
    ages += [17] * bool(_ZH_MINOR.search(text)) + [10] * bool(_ZH_CHILD.search(text))
    ages += [18] * (bool(_ZH_ADULT.search(text)) and not _ZH_MINOR.search(text))
    for match in _ZH_BORN.finditer(text):
        born = int(match["y"] or match["g"])
        ages.append(year - (born if born > 100 else born + (2000 if born <= year % 100 else 1900)))
    return ages


def _number(match: re.Match[str]) -> int:
    written = next(value for name, value in match.groupdict().items() if value and name in "nmk")
    return int(value_of(written) or 0)
