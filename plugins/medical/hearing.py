"""What a sentence says about symptoms: which it names, which it denies, and whether it answers yes or no.

Looks for the names and aliases of the persona's own symptoms, in English and Chinese; knows no diagnosis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from ...core.chinese import in_place
from .table import Symptom

REACH = 120  # characters before a symptom that are looked at
Answer = Literal["yes", "no", "unsure"]
_CLAUSE = re.compile(r"[.!?;。！？；\n]|,|，|、|\bbut\b|但是?|不过|可是")
_DENIED = re.compile(
    r"\b(?:no|not|never|without|neither|nor|none|don'?t|doesn'?t|didn'?t|haven'?t|hasn'?t|isn'?t|aren'?t|wasn'?t"
    r"|free of|denies)\b|没有?|不(?!舒服|停|断|止|下|了)|无|未"
)
_UNDENIED = re.compile(
    r"\b(?:can'?t|cannot|couldn'?t|not only|no idea|not sure|don'?t know)\b|不知道|不清楚|不只|不仅|(.)不\1|有没有|是否"
)
_LISTED = re.compile(r"\s*(?:(?:\S+\s+){1,2}(?:or|nor)\s+|(?:or|nor|也)?\s*)")  # no fever, cough or rash
_UNSURE = re.compile(
    r"not (?:so |really |quite )?sure|don'?t know|no idea|unsure|maybe|perhaps|hard to (?:say|tell)|can'?t tell"
    r"|不知道|不清楚|不确定|说不清|不好说|也许|可能|没注意"
)
_NO = re.compile(
    r"^\W*(?:no|nope|nah|not (?:really|at all|that i)|never|none|i (?:don'?t|do not|haven'?t|have not|didn'?t))\b"
    r"|^\W*(?:没有?|不(?!过|停|断)|无|否|从来没)"
)
_YES = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|yea|sure|right|correct|true|definitely|certainly|a (?:little|bit|lot)|somewhat|sometimes"
    r"|often|i (?:do|have|did|am)|it (?:does|is|has)|very|quite|badly)\b"
    r"|^\W*(?:有|是|对|嗯|会|确实|当然|经常|偶尔|很|挺|一点|疼|痛|对的)"
)


def answer(text: str) -> Answer | None:
    """Return what a sentence answers to a question of yes or no; None when it does neither."""
    said = _folded(text).strip()
    if _UNSURE.search(said):
        return "unsure"
    if _NO.search(said):
        return "no"
    return "yes" if _YES.search(said) else None


class Ear:
    """Find the symptoms of a table in sentences."""

    def __init__(self, symptoms: Iterable[Symptom]) -> None:
        phrases: dict[str, str] = {}
        for symptom in symptoms:
            for name in (*symptom.names.values(), *symptom.aliases):
                phrases.setdefault(_folded(name), symptom.id)
        self._phrases = phrases
        longest = sorted(phrases, key=len, reverse=True)
        latin = [re.escape(phrase).replace(r"\ ", r"\s+") for phrase in longest if phrase.isascii()]
        other = [re.escape(phrase) for phrase in longest if not phrase.isascii()]
        parts = ([rf"\b(?:{'|'.join(latin)})\b"] if latin else []) + other
        self._any = re.compile("|".join(parts)) if parts else None

    def symptoms(self, text: str) -> Mapping[str, bool]:
        """Return the symptoms that a text names, true where it says that they are there, false where it denies them."""
        found: dict[str, bool] = {}
        if self._any is None:
            return found
        said = _folded(text)
        for match in self._any.finditer(said):
            symptom = self._phrases[re.sub(r"\s+", " ", match.group())]
            there = not _denied(said, match.start())
            found[symptom] = found.get(symptom, False) or there
        return found


def _folded(text: str) -> str:
    return in_place(text.casefold().replace("’", "'"))


def _denied(text: str, place: int) -> bool:
    """Tell whether what stands at a place is denied by the words before it in its clause, or in a list that goes on."""
    parts = _CLAUSE.split(text[max(0, place - REACH) : place])
    if _denies(parts[-1]):
        return True
    return len(parts) > 1 and _LISTED.fullmatch(parts[-1]) is not None and _denies(parts[-2])


def _denies(clause: str) -> bool:
    return _DENIED.search(_UNDENIED.sub(" ", clause)) is not None
