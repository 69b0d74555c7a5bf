"""Read what a traveller wishes of a place: its kind, near what, limits for its fields, and what is asked about it.

Knows the kinds and fields of records by their words, and keeps no state.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .concepts import NEAR
from .fields import Field, Kind, fold, is_free
from .figures import Figure, figures
from .naming import Names, gone, place_of

_SEEKS = re.compile(
    r"推荐|[想要]?找|想[去住吃玩逛要]|要[去住吃]|[预想]订|安排|求一?[个家]|来[一个家]|换[一个家]"
    r"|recommend|find|look(?:ing)? for|suggest|want to|i'?d like|(?:can|could) (?:i|we) (?:eat|stay|go)|where can",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"有没有|有什么|有哪些|哪[家个里儿]|介绍|any (?:good|other)|is there an?\b|are there|which|what", re.IGNORECASE
)
_YES_NO = re.compile(r"吗|么$|有没有|是否|是不是|能不能|does|is there|do they|has it|\?$", re.IGNORECASE)
_ANY = re.compile(r"哪|有|which|any|\ban?\b|what", re.IGNORECASE)
_OTHER = re.compile(
    r"换[一个家成]|别的|另外?[一那几]|另外的|其他|还有(?:没有|别|其)|another|other|different|else", re.IGNORECASE
)
_CHEAP = re.compile(r"便宜|实惠|省钱|最低价|cheap|affordable|inexpensive|budget", re.IGNORECASE)
_PAID = re.compile(r"不免费|不是免费|(?<!不)(?<!否)要?收费|(?<!不)要买?门票|not free|paid", re.IGNORECASE)
_THIS = re.compile(
    r"(?:这|那|该|此|刚才|刚刚|上面|它|this|that|the|its?)(?:\s*(?:一)?[个家座间处里])?\s*的?$", re.IGNORECASE
)
_CLAUSES = "，。！？；,.!?;"
_HAN = re.compile("[\u3400-\u9fff]")
WORD_NEAR = 10  # characters between a field's word and its figure
_TALK = 4  # characters of a value that may as well be a word of the talk itself, as a dish called "other" is


@dataclass(frozen=True, slots=True)
class Wish:
    """Hold a limit for one field: a range, or any of some values."""

    field: str
    low: float = float("-inf")
    high: float = float("inf")
    values: frozenset[str] = frozenset()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what was read: `named` are records, `near` that one of them, or the place spoken about, is to be close."""

    kind: str | None = None
    of: str | None = None  # the kind of the place that is spoken about: this hotel
    named: tuple[str, ...] = ()
    near: bool = False
    wishes: tuple[Wish, ...] = ()
    asked: tuple[str, ...] = ()  # fields to be told
    seeks: bool = False
    asks: bool = False  # which there are, less clearly
    whether: bool = False  # something is so
    about: bool = False  # its kind is said first: has the hotel a pool?
    other: bool = False
    cheap: bool = False


class Reader:
    """Read texts for the records of a persona."""

    def __init__(self, kinds: Mapping[str, Kind], names: Names) -> None:
        self.kinds, self._names = kinds, names
        self._of = {id: kind.name for kind in kinds.values() for id in kind.ids}
        self._kind_words = sorted(
            ((word, kind.name) for kind in kinds.values() for word in kind.words), key=lambda pair: -len(pair[0])
        )
        self._values = {kind: _by_head(own.fields.values(), self._taken()) for kind, own in kinds.items()}

    def read(self, text: str, before: str | None = None) -> Reading:
        """Return what a text says; `before` is the kind that was spoken about."""
        named, rest = self._names.take(fold(text))
        near = next(((at, word) for word in NEAR if (at := place_of(rest, word)) >= 0), None)
        if near is None and (away := re.search("离.{1,30}近", rest)):
            near = (away.start(), "离")
        rest, tail = self._parted(rest, near) if near is not None and not named else (rest, "")
        near = None if tail else near
        kind, of = self._kind_of(rest, near)
        if named and near is None:
            of = of or self._of[named[0][1]]
        own = self.kinds.get(kind or (of if near is None else None) or before or next(iter(self.kinds)))
        assert own is not None
        if kind is None and of is None and near is None:
            own = self._kind_by_values(rest, own)
            kind = own.name if own.name != before else None
        about = kind is not None and self._is_about(rest, own)
        wishes, rest = self._wishes(rest, own)
        spoken = of or (kind if near is None else None) or before or own.name
        told = self.kinds.get(spoken, own) if near is None or kind is None else own
        asked, rest = _asked(rest, told)
        asked += [field for field in _asked(tail, told)[0] if field not in asked]
        return Reading(
            kind,
            of,
            tuple(id for _, id in named),
            near is not None,
            tuple(wishes),
            tuple(asked),
            _SEEKS.search(rest) is not None,
            _ASKS.search(rest) is not None,
            _YES_NO.search(rest) is not None,
            about,
            _OTHER.search(rest) is not None,
            _CHEAP.search(rest) is not None,
        )

    def _taken(self) -> set[str]:
        """Return words that are never a value: those of kinds and of fields."""
        fields = (word for kind in self.kinds.values() for field in kind.fields.values() for word in field.words)
        return {*fields, *(word for word, _ in self._kind_words), *NEAR}

    def _parted(self, text: str, near: tuple[int, str]) -> tuple[str, str]:
        """Return a text and its last clauses, when a place is looked for and then asked about: "what is near it?"."""
        start = max(text.rfind(sign, 0, near[0]) for sign in _CLAUSES) + 1
        head, tail = text[:start], text[start:]
        sought = _SEEKS.search(head) is not None and any(place_of(head, word) >= 0 for word, _ in self._kind_words)
        limited = any(next(self._valued(tail, kind), None) for kind in self.kinds.values()) or any(figures(tail))
        return (head, tail) if sought and not limited and _SEEKS.search(tail) is None else (text, "")

    def _kind_of(self, text: str, near: tuple[int, str] | None) -> tuple[str | None, str | None]:
        """Return the kind that is looked for, and the kind of the place that is spoken about."""
        said = list[tuple[int, int, str, bool]]()  # where, length of the word, kind, said as "this …"
        rest = text
        for own in self.kinds.values():
            for start, end, _, _ in self._valued(text, own):
                if any(word in text[start:end] for word, _ in self._kind_words):
                    rest = gone(rest, start, end)
        for word, kind in self._kind_words:
            at = place_of(rest, word)
            while at >= 0:
                said.append((at, len(word), kind, _THIS.search(text[max(0, at - 8) : at]) is not None))
                rest = gone(rest, at, at + len(word))
                at = place_of(rest, word)
        if near is None:
            sought = [one for one in said if not one[3]]
            spoken = next((kind for _, _, kind, this in said if this), None)
            best = max(sought, key=lambda one: (one[1], one[0]), default=None)
            return (best[2] if best else None), spoken
        place, word = near
        behind = _HAN.search(word) is not None
        after, ahead = [one for one in said if one[0] > place], [one for one in said if one[0] < place]
        first, second = (after, ahead) if behind else (ahead, after)
        anchor = max(second, key=lambda one: one[0], default=None)
        if not first and anchor is not None and not anchor[3]:
            return anchor[2], None
        best = max((one for one in first if not one[3]), key=lambda one: (one[1], -one[0]), default=None)
        return (best[2] if best else None), (anchor[2] if anchor else None)

    def _is_about(self, text: str, kind: Kind) -> bool:
        """Tell whether a text names its kind first, and then a value, as what is known about: has the hotel a pool?"""
        value = next((start for start, *_ in self._valued(text, kind)), 0)
        said = min((at for word in kind.words if 0 <= (at := text.find(word)) < value), default=-1)
        return said >= 0 and _ANY.search(text[:said]) is None

    def _kind_by_values(self, text: str, own: Kind) -> Kind:
        """Return the kind whose values are named, when none of those of `own` are."""
        if next(self._valued(text, own), None) is not None:
            return own
        others = (kind for kind in self.kinds.values() if kind is not own)
        return next((kind for kind in others if next(self._valued(text, kind), None) is not None), own)

    def _wishes(self, text: str, kind: Kind) -> tuple[list[Wish], str]:
        wishes = list[Wish]()
        valued = list(self._valued(text, kind))
        for start, end, field, values in valued:
            wishes.append(Wish(field.name, values=values, said=text[start:end]))
            text = gone(text, start, end)
        for figure in figures(text):
            if (limited := _field_for(figure, text, kind)) is not None:
                said = text[figure.start : figure.end].strip()
                wishes.append(Wish(limited.name, figure.low, figure.high, said=said))
                text = _read(text, figure, limited)
        price = next(
            (field for field in kind.fields.values() if field.unit == "money" and field.kind == "number"), None
        )
        if price is not None and not any(wish.field == price.name for wish in wishes):
            if paid := _PAID.search(text):
                wishes.append(Wish(price.name, low=0.01, said=paid[0]))
            elif is_free(text):
                wishes.append(Wish(price.name, 0.0, 0.0, said="免费" if _HAN.search(text) else "free"))
        return wishes, text

    def _valued(self, text: str, kind: Kind) -> Iterator[tuple[int, int, Field, frozenset[str]]]:
        """Yield the choices and items of a kind that a text names, with their places; the longest at each place."""
        start = 0
        while start < len(text) - 1:
            for way, field, values in self._values[kind.name].get(text[start : start + 2], ()):
                if place_of(text[: start + len(way) + 2], way, start) == start:
                    yield start, start + len(way), field, values
                    start += len(way) - 1
                    break
            start += 1


def _by_head(fields: Iterable[Field], taken: set[str]) -> dict[str, list[tuple[str, Field, frozenset[str]]]]:
    found: dict[str, list[tuple[str, Field, frozenset[str]]]] = {}
    for field in fields:
        for way, values in field.values.items():
            if len(way) > 1 and way not in taken and not (len(way) <= _TALK and _is_talk(way)):
                found.setdefault(way[:2], []).append((way, field, values))
    for own in found.values():
        own.sort(key=lambda one: -len(one[0]))
    return found


def _is_talk(way: str) -> bool:
    return is_free(way) or any(said.search(f"有{way}") for said in (_SEEKS, _ASKS, _OTHER, _CHEAP, _PAID, _YES_NO))


def _field_for(figure: Figure, text: str, kind: Kind) -> Field | None:
    """Return the field that a figure limits: that of its unit; of several, the one whose word is nearest before."""
    fits = [
        field
        for field in kind.fields.values()
        if field.kind in ("number", "span") and (figure.unit == field.unit or not figure.unit)
    ]
    before = text[max(0, figure.start - WORD_NEAR) : figure.start]
    worded = [(max(before.rfind(word) for word in field.words), field) for field in fits]
    at, best = max(worded, key=lambda pair: pair[0], default=(-1, None))
    if at >= 0:
        return best
    return fits[0] if fits and figure.unit else None


def _read(text: str, figure: Figure, field: Field) -> str:
    """Return a text without a figure and the word of its field before it."""
    begin = max(0, figure.start - WORD_NEAR)
    before = text[begin : figure.start]
    at = max(before.rfind(word) for word in field.words)
    return gone(text, begin + at if at >= 0 else figure.start, figure.end)


def _asked(text: str, kind: Kind) -> tuple[list[str], str]:
    """Return the fields of a kind that a text speaks of, in its order, and the text without their words."""
    words = sorted(
        ((word, field.name) for field in kind.fields.values() for word in field.words), key=lambda p: -len(p[0])
    )
    found = list[tuple[int, str]]()
    for word, name in words:
        at = place_of(text, word)
        while at >= 0:
            found.append((at, name))
            text = gone(text, at, at + len(word))
            at = place_of(text, word)
    return list(dict.fromkeys(name for _, name in sorted(found))), text


__all__ = ["Reader", "Reading", "Wish"]
