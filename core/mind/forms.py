"""What a message means for an open form: an answer, a correction, yes or no, "never mind", or something else entirely.

A form is an intent that asks for several slots, or asks before it acts. Knows words, slots and what was said before;
does not decide what comes of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..persona.schema import Intent
from ..turn import DialogueState
from .phrases import choose, phrase
from .responses import fill_in
from .slots.found import Finders

CONFIRM = "?confirm"
"""What a form asks for when it has all slots and wants a yes; no slot can have this name."""
TRIES = 3  # answers to one question that are not understood, after which a form is given up

_FILLER = r"(?:please|ok(?:ay)?|oh|well|then|thanks|thank you|actually|啊|吧|了|呀|哦|嗯|那|就|请|谢谢)"
_GIVE_UP = re.compile(
    rf"\W*(?:{_FILLER}\W*)*(?:never ?mind|forget (?:it|that|about it)|cancel(?: (?:it|that|this))?"
    r"|stop(?: (?:it|this))?"
    r"|drop it|leave it|skip it|i changed my mind|i(?: do not|'?d rather not|’d rather not| don'?t want (?:it|to))"
    r"|算了|不用了?|取消|不要了|没事了?|不办了|不弄了|别弄了|我改主意了|不想(?:办|弄|订|要))"
    rf"(?:\W*(?:{_FILLER}|any ?more|after all))*\W*",
    re.I,
)
_CORRECTION = re.compile(
    r"\W*(?:(?:no|oh|sorry|wait|oops|actually|pardon)\W+)*"
    r"(?:i meant?|i mean|make (?:it|that)|change (?:it|that) to|rather|not that|correction|that's wrong|it should be"
    r"|(?:不对|不是|错了|说错了|等等|抱歉|哦)\W*(?:我(?:是说|说的是|的意思是)|应该是|改成|换成|是)?|我是说|我说的是|应该是|改成|换成)"
    r"\W*|\W*(?:no|sorry|oops|actually)\W+(?=\S)",
    re.I,
)
_YES = re.compile(
    rf"\W*(?:{_FILLER}\W*)*(?:yes|yep|yeah|yup|sure|correct|right|exactly|go ahead|do it|confirm(?:ed)?"
    r"|that'?s right|ok(?:ay)?"
    r"|是的?|对的?|好的?|可以|没错|确认|确定|行|嗯|没问题|就这样)"
    rf"(?:\W*(?:{_FILLER}|that is right|it is|do))*\W*",
    re.I,
)
_NO = re.compile(
    rf"\W*(?:{_FILLER}\W*)*(?:no|nope|nah|don'?t|do not|不是?|不对|不行|不可以|别|不好|否)(?:\W*{_FILLER})*\W*", re.I
)
_SHORT = 60  # characters of the longest yes, no or "never mind"
_QUESTION = re.compile(
    r"[?？]\s*$|^\W*(?:what|when|where|who|why|how|which|can|do|does|is|are)\b|吗|什么|怎么|几点|多少|哪", re.I
)


@dataclass(frozen=True, slots=True)
class Step:
    """Tell what a message did to a form, and the values that the form has now."""

    kind: Literal["filled", "confirmed", "dropped", "not_understood", "elsewhere"]
    values: dict[str, Any] = field(default_factory=dict)
    last: str | None = None


def gives_up(text: str) -> bool:
    """Tell whether a message is no answer but "never mind"."""
    return len(text) <= _SHORT and bool(_GIVE_UP.fullmatch(text))


def is_form(intent: Intent) -> bool:
    """Tell whether an intent asks for more than one thing."""
    return intent.confirm is not None or sum(slot.required for slot in intent.slots.values()) > 1


def take(intent: Intent, state: DialogueState, text: str, language: str, finders: Finders, other: bool) -> Step:
    """Return what a message does to the open form; `other` tells that it may want something else."""
    values: dict[str, Any] = dict(state.form.get("values") or {})
    last = state.form.get("last")
    asking = state.asking or ""
    short = text if len(text) <= _SHORT else ""
    if gives_up(text):
        return Step("dropped", values)
    corrected = _corrected(intent, values, last, text, language, finders, asking)
    if corrected:
        return Step("filled", {**values, **corrected}, next(iter(corrected)))
    if asking == CONFIRM:
        if short and _YES.fullmatch(short):
            return Step("confirmed", values, last)
        if short and _NO.fullmatch(short):
            return Step("dropped", values)
    wants_more = other and _is_free(intent, asking) and bool(_QUESTION.search(text))
    if asking in intent.slots and not wants_more:
        value = finders.fill(intent, asking, text, language, asked=not other or _is_free(intent, asking))
        if value is not None and other and intent.skill:  # what the skill does not take may be something else
            value = None if finders.refused(intent.skill, asking, value, language) else value
        if value is not None:
            said = finders.fill_all(intent, text, language)
            more = {name: found for name, found in said.items() if name not in values and name != asking}
            more = {name: found for name, found in more.items() if not same(found, value)}
            return Step("filled", {**values, **more, asking: value}, asking)
    changed = {
        name: value
        for name, value in finders.fill_all(intent, text, language).items()
        if name in values and not same(value, values[name]) and not _is_free(intent, name)
    }
    if changed and not (other and _QUESTION.search(text)):
        return Step("filled", {**values, **changed}, next(iter(changed)))
    return Step("elsewhere" if other else "not_understood", values, last)


def question(intent: Intent, asking: str, values: Mapping[str, Any], language: str, default: str) -> str:
    """Return what a form asks: for a slot, or for a yes to all that it has."""
    if asking == CONFIRM:
        return fill_in(choose(intent.confirm or {}, language, default) or phrase("confirm", language), values)
    slot = intent.slots.get(asking)
    return choose((slot.ask if slot else None) or {}, language, default) or phrase("ask", language, slot=asking)


def same(value: Any, other: Any) -> bool:
    """Tell whether two slots would hold one value, whichever words said it."""
    for key in ("value", "id"):
        if isinstance(value, Mapping) and isinstance(other, Mapping) and key in value:
            return bool(value[key] == other.get(key))
    return bool(value == other)


def _corrected(
    intent: Intent,
    values: Mapping[str, Any],
    last: str | None,
    text: str,
    language: str,
    finders: Finders,
    asking: str,
) -> dict[str, Any]:
    """Return the values that a correction ("no, I meant five") changes: that said last before all others."""
    match = _CORRECTION.match(text)
    rest = text[match.end() :].strip() if match else ""
    if not rest or not values:
        return {}
    known = dict.fromkeys([*([last] if last else []), *values])
    names = [name for name in known if name in values and name in intent.slots]
    said = finders.fill_all(intent, rest, language)
    for name in names:
        alone = name == last and name not in said and not (asking in intent.slots and _is_free(intent, name))
        value = finders.fill(intent, name, rest, language, asked=True) if alone and not said else said.get(name)
        if value is not None and not same(value, values[name]):
            return {name: value}
    return {}


def _is_free(intent: Intent, name: str) -> bool:
    """Tell whether any words may fill a slot."""
    slot = intent.slots.get(name)
    return slot is not None and slot.type == "text"
