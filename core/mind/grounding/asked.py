"""What kind of figure a question asks for, and whether an answer holds one: "how much" wants money, "几点" a time.

Knows English and Chinese questions; of others it knows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...turn import Passage
from ..values.figures import Figures, in_text

_MONEY = re.compile(
    r"\bhow (?:much|expensive)\b|\b(?:costs?|prices?|fees?|fares?|charges?|deposit)\b"
    r"|多少(?:钱|元|块)|几(?:块|元)|门票(?:是|要|卖)?多少|票价|价格|费用|收费|押金|起步价"
)
_SIZE = re.compile(
    r"\bhow (?:heavy|tall|high|big|large|deep|wide|far|old|hot|cold)\b|\bhow much\b.*\bweighs?\b|多[重高大深宽远]"
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
        ("number", _SIZE),
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


def answering(question: str, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return passages with the first one that answers in front, where the best is of the same thing and does not.

    Of two passages about one place that stand near to a question, the one that holds the kind of figure that is asked
    for answers it. What a passage is about is the part of its title before the dot.
    """
    kind = wanted(question)
    if kind is None or not passages or holds_kind(kind, passages[0].text):
        return tuple(passages)
    thing = _thing(passages[0])
    same = [
        passage for passage in passages[1:] if thing and _thing(passage) == thing and holds_kind(kind, passage.text)
    ]
    return (same[0], *(passage for passage in passages if passage is not same[0])) if same else tuple(passages)


def _thing(passage: Passage) -> str:
    thing, dot, _ = passage.title.partition(" · ")
    return f"{passage.language} {thing}" if dot else ""
