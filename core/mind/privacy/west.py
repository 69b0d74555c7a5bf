"""Numbers of people in Europe and the Americas: identity, social security, tax, passport, driver licence, plate."""

from __future__ import annotations

import re

from .checks import (
    belgian_identity,
    brazilian_tax,
    british_health,
    compact,
    digits,
    dutch_identity,
    finnish_identity,
    french_identity,
    german_tax,
    italian_identity,
    polish_identity,
    social_security,
    spanish_identity,
    swedish_identity,
)
from .detector import Detector, after, pattern
from .taxes import VAT, value_added_tax

_IS = r"(?:[\s#:：.]|numbers?|nos?|is|was|code|it's|my|号码?|是|为){0,6}"
_IDENTITY = after(
    r"identity|identification|national id|id card|id|personal|pesel|bsn|burgerservicenummer|personnummer|sofi|insz"
    r"|rijksregister|national number|registre national|nhs|nir|sécurité sociale"
    r"|dni|nie|steuer-?id|idnr|cpf|身份证|证件号?",
    r"[^\d\n]{0,24}",
)


def _number(form: str) -> re.Pattern[str]:
    return pattern(rf"(?<![A-Za-z0-9_-]){form}(?![A-Za-z0-9_-])")


def _licence(text: str) -> bool:
    return sum(c.isdigit() for c in text) >= 4


WEST: tuple[Detector, ...] = (
    # social security
    Detector("ssn", _number(r"\d{3}[- ]\d{2}[- ]\d{4}"), social_security),
    Detector(
        "ssn", _number(r"\d{9}"), social_security, near=after(r"ssn|social security|itin|社会安全号码?|社安号", _IS)
    ),
    # identity numbers with check digits that are seldom met by chance
    Detector("id_card", _number(r"(?:\d{8}|[xyz]-?\d{7})-?[a-hj-np-tv-z]"), spanish_identity),
    Detector("id_card", _number(r"[a-z]{6}\d{2}[a-ehlmprst]\d{2}[a-z]\d{3}[a-z]"), italian_identity),
    Detector(
        "id_card", _number(r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[ab]) ?\d{3} ?\d{3} ?\d{2}"), french_identity
    ),
    Detector("id_card", _number(r"\d{6}[-+a]\d{3}[0-9a-fhj-npr-y]"), finnish_identity),
    Detector("id_card", _number(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}"), belgian_identity),
    Detector("id_card", _number(r"\d{3}\.\d{3}\.\d{3}-\d{2}"), brazilian_tax),
    Detector("id_card", _number(r"(?:19|20)?\d{6}[-+]\d{4}"), swedish_identity),
    Detector(
        "id_card", _number(r"(?!bg|gb|kn|nk|nt|tn|zz)[a-ceghj-prstw-z][a-ceghj-nprstw-z] ?\d{2} ?\d{2} ?\d{2} ?[a-d]")
    ),
    # and those that need a word beside them
    Detector("id_card", _number(r"\d{11}"), polish_identity, near=_IDENTITY),
    Detector("id_card", _number(r"\d{9}"), dutch_identity, near=_IDENTITY),
    Detector("id_card", _number(r"\d{11}"), belgian_identity, near=_IDENTITY),
    Detector("id_card", _number(r"\d{11}"), brazilian_tax, near=_IDENTITY),
    Detector("id_card", _number(r"(?:19|20)?\d{10}"), swedish_identity, near=_IDENTITY),
    Detector("id_card", _number(r"\d{3} ?\d{3} ?\d{4}"), british_health, near=after(r"nhs(?: number)?", _IS)),
    # tax
    Detector("tax_id", _number(rf"(?:{'|'.join(VAT)}) ?(?:[0-9a-z][ .-]?){{7,11}}[0-9a-z]"), value_added_tax),
    Detector(
        "tax_id",
        _number(r"\d{2} ?\d{3} ?\d{3} ?\d{3}"),
        german_tax,
        near=after(r"tax|steuer[a-z-]*|tin|idnr\.?|identifikationsnummer", r"[^\d\n]{0,24}"),
    ),
    Detector("tax_id", _number(r"\d{2}-\d{7}"), near=after(r"ein|tax|employer identification|tin", r"[^\d\n]{0,20}")),
    # passports, driver licences, plates: forms without check digits, told by the words beside them
    Detector(
        "passport",
        _number(r"(?=[a-z]{0,3}\d)[a-z]{0,2}\d{6,9}|(?=[a-z0-9]*\d[a-z0-9]*\d)[a-z0-9]{9}"),
        near=after(
            r"passport|pass-?nr\.?|reisepass|passeport|pasaporte|护照",
            r"(?:[\s#:：.]|number|no|nr|is|was|号码?|是|为){0,8}",
        ),
    ),
    Detector(
        "driver_license",
        _number(r"(?=[a-z0-9 -]{0,14}\d)[a-z]{0,5}\d[\da-z]{0,4}(?:[ -]?[\da-z]{2,5}){1,5}"),
        _licence,
        near=after(
            r"driv(?:er|ing)(?:['’]?s)?['’]? licen[cs]e|driver licen[cs]e|dl|licen[cs]e (?:number|no)"
            r"|führerschein(?:nummer)?|permis de conduire|驾照|驾驶证",
            r"(?:[\s#:：.]|numbers?|nos?|is|was|号码?|是|为){0,6}",
        ),
    ),
    Detector("driver_license", _number(r"[a-z9]{5}\d{6}[a-z9]{2}\d[a-z]{2}"), lambda t: len(compact(t)) == 16),
    Detector(
        "plate",
        pattern(
            r"(?<![A-Za-z0-9_-])(?=[a-z0-9 -]{0,8}\d)[a-z0-9]{1,4}[ -]?"
            r"[a-z0-9]{1,4}(?:[ -]?[a-z0-9]{1,4})?(?![A-Za-z0-9_-])"
        ),
        lambda t: 4 <= len(compact(t)) <= 9 and bool(digits(t)),
        near=after(
            r"licen[cs]e plate|plate|registration plate|number plate|car registration|kennzeichen|车牌号?",
            r"(?:[\s#:：.]|numbers?|nos?|is|was|号码?|是|为){0,6}",
        ),
    ),
)
