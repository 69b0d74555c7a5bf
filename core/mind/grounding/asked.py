"""What kind of figure a question asks for, and whether an answer holds one: "how much" wants money, "几点" a time.

Knows English and Chinese questions; of others it knows nothing.
"""

from __future__ import annotations

import re

from ..values.figures import Figures, in_text

_MONEY = re.compile(
    r"\bhow (?:much|expensive)\b|\b(?:costs?|prices?|fees?|fares?|charges?|deposit)\b"
    r"|多少钱|票价|价格|费用|收费|押金|起步价"
)
_MOST = re.compile(
    r"\bhow many\b|\bwhat (?:percentage|rate|limit|number|amount|sum)\b|\bhighest\b|\bmaximum\b|多少|几[个张次天]"
)
_TIME = re.compile(
    r"\bwhat time\b|\bhow (?:late|early)\b|\bwhen\b.*\b(?:open|close|start|stop|begin|end|last entry|arrive)"
    r"|\b(?:opening|closing) (?:hours|times?)\b|几点|什么时候[开关]|开放时间|营业时间"
)
_DURATION = re.compile(r"\bhow long\b|\bhow many (?:days|hours|minutes|weeks|months|years)\b|多久|多长时间|几天")
_DAY = re.compile(r"\b(?:which|what) days?\b|\bday of the week\b|星期几|周几")
_KINDS = {
    "time": ("time",),
    "duration": ("duration", "months", "working days"),
    "money": ("money", "price", "percent"),
}


def wanted(question: str) -> str | None:
    """Return the kind of figure that a question asks for: day, time, duration, money, number; None for no figure."""
    text = question.lower()
    for kind, pattern in (
        ("day", _DAY),
        ("time", _TIME),
        ("duration", _DURATION),
        ("money", _MONEY),
        ("number", _MOST),
    ):
        if pattern.search(text):
            return kind
    return None


def holds_kind(kind: str, text: str) -> bool:
    """Tell whether a text holds a figure of a kind that `wanted` returned."""
    found = in_text(text)
    if kind == "day":
        return bool(found.weekdays or any(quantity.kind == "date" for quantity in found.quantities))
    if kind == "money" and found.free:
        return True
    return _holds(found, kind)


def _holds(found: Figures, kind: str) -> bool:
    kinds = _KINDS.get(kind)
    return any(kinds is None or quantity.kind in kinds for quantity in found.quantities)


def unanswered(question: str, said: str, source: str) -> bool:
    """Tell whether a question asks for a figure that its source holds and what was said does not."""
    kind = wanted(question)
    return kind is not None and not holds_kind(kind, said) and holds_kind(kind, source)
