"""Where people live: street addresses in English and Chinese forms, post boxes."""

from __future__ import annotations

import re

from .detector import Detector, pattern

_KINDS = (
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|square|sq|terrace|way|highway|hwy"
    r"|parkway|pkwy|circle|cir|crescent|close|row|alley|trail|gardens?|mews|quay)"
)
_UNIT = r"(?:,?\s{1,3}(?:apt|apartment|suite|ste|unit|flat|room|floor|fl|#)\.?\s?#?\s?[\da-z-]{1,6})"
_NAME = r"[A-ZÀ-Ý0-9][\wÀ-ÿ'’.-]{0,24}"
_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]"
    r"|W[AIVY])"
)
_TOWN = rf"(?:,\s{{0,3}}{_NAME}(?: {_NAME}){{0,2}})?(?:,\s{{0,3}}{_STATE}(?:\s{{1,3}}\d{{5}}(?:-\d{{4}})?)?)?"
_HAN = r"[\u4e00-\u9fff]"
_PLACE = r"[^\W\da-zA-Z_我你您他她请帮寄送到住在是的了吗去往给把就和与址]"  # no words that lead to an address
_WARD = rf"(?:{_PLACE}{{2,7}}?(?:特别行政区|自治区|自治州|省|市|区|县|旗|镇|乡|街道))"
_ROAD = rf"(?:{_PLACE}{{1,10}}?(?:大道|大街|胡同|路|街|巷|弄|里|村|道))"
_NUMBER = r"[\d一二三四五六七八九十百甲乙丙]{1,6}"
_REST = (
    rf"(?:{_HAN}{{0,10}}?(?:{_NUMBER}|[A-Za-z]\d?)(?:号楼?|栋|幢|座|单元|层|楼|室|房|户|组|弄)(?:之{_NUMBER})?){{1,5}}"
    r"(?:-?\d{1,4}){0,3}(?:室|房)?"
)

ADDRESSES: tuple[Detector, ...] = (
    Detector(
        "address",
        re.compile(
            rf"(?<![A-Za-z0-9_$€£.-])\d{{1,5}}[A-Za-z]?(?:-\d{{1,4}})?"
            rf" (?:{_NAME} ){{1,4}}(?i:{_KINDS})\.?(?![A-Za-z0-9_])"
            rf"(?i:{_UNIT})?{_TOWN}"
        ),
        cue=pattern(rf"\d[a-z]? [^\n]{{1,90}}{_KINDS}"),
    ),
    Detector(
        "address",
        re.compile(r"(?<![A-Za-z0-9_-])(?i:p\.? ?o\.? box|post office box|postfach|apartado) \d{1,7}" + _TOWN),
        cue=pattern("box|postfach|apartado"),
    ),
    Detector(
        "address",
        re.compile(
            r"(?<![A-Za-z0-9_-])(?:PSC|CMR|Unit|USS|USNS|USNV) \w{1,16},? ?(?:Box \d{1,6})?\s{0,3}"
            r"(?:APO|FPO|DPO) (?:AA|AE|AP) \d{5}"
        ),
        cue=re.compile("[AFD]PO"),
    ),
    Detector(
        "address",
        re.compile(
            rf"(?<![A-Za-z0-9_$-]){_NAME}(?:straße|strasse|str\.|gasse|platz|weg|allee|straat|laan|katu|tie|gatan|vägen|gade|vej)"
            r" \d{1,4}[a-z]?(?:,? \d{4,5} [A-ZÀ-Ý][\wÀ-ÿ-]+)?"
        ),
        cue=re.compile(r"[a-z.] \d"),
    ),
    Detector(
        "address",
        re.compile(
            rf"(?<![A-Za-z0-9_-])(?:\d{{1,4}},? )?(?:rue|avenue|boulevard|place|chemin|via|viale|piazza|calle"
            r"|avenida|plaza|rua|ul\.|ulica)"
            rf" (?:(?:de|du|des|la|le|del|della|di|da|do|l') ?){{0,3}}"
            rf"{_NAME}(?: {_NAME}){{0,2}}"
            r"(?:,? \d{1,4}[a-z]?)?(?![A-Za-z0-9_-])"
        ),
        lambda text: any(c.isdigit() for c in text),
        cue=re.compile(r"\d"),
    ),
    Detector("address", re.compile(rf"{_WARD}{{0,4}}{_ROAD}{_REST}"), cue=re.compile("[号栋幢室弄座单]")),
    Detector(
        "address",
        re.compile(rf"{_WARD}{{1,4}}{_HAN}{{1,12}}?(?:小区|花园|家园|公寓|大厦|广场|苑|府|城){_REST}"),
        cue=re.compile("[号栋幢室座]"),
    ),
)
