"""The skills of search: find a place that fits, and tell what is asked about one; both read the text alike.

What a conversation spoke about is kept between turns: the place, by kind, and what was looked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ....core.plugin import SkillContext, SkillResult
from ....core.turn import Passage
from ..visits import near as near_by
from ..visits import visits
from ..words import listed
from . import words
from .fields import Kind, fold, kinds_of
from .finding import Fit, fitting, fulfils
from .naming import Names
from .wishes import Reader, Reading, Wish

MORE = 2  # places that are named beside the first
SHOWN = 2  # fields that are told of an offered place, beside the wished ones
FAR_KM, FAR_COUNT = 3.0, 50
OFFERED = 20  # offers that are remembered, so that others come next


@dataclass(slots=True)
class Talk:
    """Hold what a conversation spoke about."""

    kind: str | None = None
    last: dict[str, str] = field(default_factory=dict)  # the latest place of each kind
    wishes: list[Wish] = field(default_factory=list)
    near: str | None = None
    offered: list[str] = field(default_factory=list)
    open: bool = False  # the last turn offered something

    @property
    def spoken(self) -> str | None:
        """Return the place that is spoken about."""
        return self.last.get(self.kind or "")

    def packed(self) -> dict[str, Any]:
        """Return it as JSON."""
        wishes = [
            {**asdict(wish), "values": sorted(wish.values), "low": str(wish.low), "high": str(wish.high)}
            for wish in self.wishes
        ]
        return {**asdict(self), "wishes": wishes}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Talk:
        """Return what was packed."""
        if not kept:
            return cls()
        wishes = [
            Wish(one["field"], float(one["low"]), float(one["high"]), frozenset(one["values"]), one["said"])
            for one in kept["wishes"]
        ]
        return cls(kept["kind"], dict(kept["last"]), wishes, kept["near"], list(kept["offered"]), kept["open"])


class Search:
    """Answer over the records of one persona."""

    def __init__(
        self,
        records: Mapping[str, Mapping[str, Any]],
        by: str,
        kinds: Mapping[str, Sequence[str]],
        fields: Mapping[str, Sequence[str]],
    ) -> None:
        """`by` is the field that names the kind of a record; `kinds` and `fields` are further words for them."""
        self._records, self._by = records, by
        self.kinds = kinds_of(records, by, kinds, fields)
        other = {
            way for kind in self.kinds.values() for own in kind.fields.values() for way in (*own.values, *own.words)
        }
        self._names = Names(records, {*other, *(word for kind in self.kinds.values() for word in kind.words)})
        self._reader = Reader(self.kinds, self._names)

    def find(self, context: SkillContext) -> SkillResult | None:
        """Offer the place that fits best; a text that only asks about one is answered so."""
        return self._answer(context, seeks=True)

    def tell(self, context: SkillContext) -> SkillResult | None:
        """Tell what is asked about a place; a text that wishes for one is answered so."""
        return self._answer(context, seeks=False)

    def _answer(self, context: SkillContext, *, seeks: bool) -> SkillResult | None:
        if not self._records:
            return None
        talk = Talk.of(context.kept)
        reading = self._reader.read(context.text, talk.kind)
        if context.unsure and not _is_own(reading, talk):
            return None
        sought = _is_search(reading, talk)
        if sought is None:
            sought = seeks
        return self._offer(context, reading, talk) if sought else self._told(context, reading, talk)

    def _offer(self, context: SkillContext, reading: Reading, talk: Talk) -> SkillResult | None:
        language = context.language
        name = reading.kind or (self._kind(reading.named[0]) if reading.named and not reading.near else talk.kind)
        kind = self.kinds.get(name or "") or next(iter(self.kinds.values()))
        anew = reading.kind is not None and (reading.kind != talk.kind or reading.seeks or reading.asks)
        goes_on = not reading.near and (
            (reading.other and reading.kind in (None, talk.kind)) or (talk.open and not anew)
        )
        wishes = _joined(talk.wishes if goes_on else (), reading.wishes)
        near = self._anchor(reading, talk) if reading.near else (talk.near if goes_on else None)
        without = talk.offered if reading.other else ()
        among: Sequence[str] | None = None
        if near is not None:
            among = self._around(near, kind)
            if not among:
                talk.kind, talk.wishes, talk.near, talk.open = kind.name, wishes, near, True
                return self._keep(words.say("none_near", language, near=self._name(near, language)), (), talk)
        elif reading.named and not goes_on:
            among = [id for id in reading.named if self._kind(id) == kind.name] or None
            wishes = list(reading.wishes)
        wishes = [wish for wish in wishes if wish.field in kind.fields]
        fits = fitting(self._records, kind, wishes, among=among, without=without, cheap=reading.cheap)
        if not fits:
            return self._keep(words.say("no_more" if without else "none", language), (), talk)
        best = fits[0]
        talk.kind, talk.wishes, talk.near, talk.open = kind.name, wishes, near, True
        talk.last[kind.name] = best.id
        talk.offered = [*talk.offered, best.id][-OFFERED:]
        text = self._offered(kind, fits, wishes, near, language)
        asked = [name for name in reading.asked if name in kind.fields and name not in {wish.field for wish in wishes}]
        if asked:
            text += "\n" + self._facts(best.id, asked, language)
        return self._keep(text, self._sources(context, best.id, [wish.field for wish in wishes] + asked), talk)

    def _offered(self, kind: Kind, fits: Sequence[Fit], wishes: Sequence[Wish], near: str | None, language: str) -> str:
        best = fits[0]
        shown = dict.fromkeys(
            wish.field for wish in wishes if kind.fields[wish.field].kind in ("number", "span", "choice")
        )
        others = (own.name for own in kind.fields.values() if own.kind == "number" and own.name not in shown)
        facts = [
            words.fact(kind.fields[name], known, language)
            for name in (*shown, *list(others)[:SHOWN])
            if (known := self._records[best.id].get(name)) is not None
        ]
        said: dict[str, object] = {
            "name": self._name(best.id, language),
            "known": words.say("known", language, list=words.joined(facts, language)) if facts else "",
        }
        if best.missed:
            missed = listed([words.wished(wish, kind.fields[wish.field]) for wish in best.missed], language)
            if near is None:
                return words.say("miss", language, **said, list=missed)
            return words.say("miss_near", language, **said, list=missed, near=self._name(near, language))
        lead = words.say("near", language, near=self._name(near, language)) if near is not None else ""
        text = lead + words.say("offer", language, **said)
        more = [self._name(fit.id, language) for fit in fits[1 : 1 + MORE] if not fit.missed]
        if more and wishes:
            text += words.say("more", language, list=listed(more, language), s="" if len(more) > 1 else "s")
        return text

    def _told(self, context: SkillContext, reading: Reading, talk: Talk) -> SkillResult | None:
        id, language = self._anchor(reading, talk), context.language
        if id is None:
            return SkillResult(words.say("which", language)) if reading.asked else None
        kind, name = self.kinds[self._kind(id)], self._name(id, language)
        told, used = list[str](), list[str]()
        if reading.near and reading.kind is not None:
            around = [self._name(other, language) for other in self._around(id, self.kinds[reading.kind])]
            key = "around" if around else "none_around"
            told.append(words.say(key, language, name=name, list=listed(around[: words.LISTED], language)))
            used += [own.name for own in kind.fields.values() if own.of == reading.kind]
        asked = [field for field in reading.asked if field in kind.fields and field not in used]
        if asked:
            told.append(self._facts(id, asked, language))
        for wish in reading.wishes:
            if wish.field in kind.fields and wish.field not in asked:
                key = "has" if fulfils(self._records[id], kind, wish) else "has_not"
                told.append(words.say(key, language, name=name, list=words.wished(wish, kind.fields[wish.field])))
                used.append(wish.field)
        if not told:
            return None
        talk.kind, talk.open = kind.name, False
        talk.last[kind.name] = id
        return self._keep("\n".join(told), self._sources(context, id, used + asked), talk)

    def _facts(self, id: str, asked: Sequence[str], language: str) -> str:
        kind, record = self.kinds[self._kind(id)], self._records[id]
        facts = [words.fact(kind.fields[name], record.get(name), language) for name in asked]
        return words.say("tell", language, name=self._name(id, language), list=words.joined(facts, language))

    def _anchor(self, reading: Reading, talk: Talk) -> str | None:
        """Return the place that a text is about: the one it names, the last of its kind, or the one spoken about."""
        if reading.named:
            return reading.named[0]
        kind = reading.of or (None if reading.near else reading.kind)
        return talk.last.get(kind) if kind else talk.spoken

    def _around(self, id: str, kind: Kind) -> list[str]:
        """Return the places of a kind near another: those it lists, those that list it, or those within 3 km."""
        record, own = self._records[id], self.kinds[self._kind(id)]
        lists = [field.name for field in own.fields.values() if field.kind == "places"]
        listed = [
            other
            for name in lists
            for other in self._names.ids(record.get(name) or ())
            if self._kind(other) == kind.name
        ]
        if listed:
            return list(dict.fromkeys(other for other in listed if other != id))
        back = [field.name for field in kind.fields.values() if field.kind == "places" and field.of == own.name]
        names = {fold(str(record.get("name")))}
        listing = [
            other
            for other in kind.ids
            if other != id and any(fold(one) in names for name in back for one in self._records[other].get(name) or ())
        ]
        if listing or "visit" not in record:
            return listing
        known = visits({one: self._records[one] for one in (id, *kind.ids)})
        return [visit.id for visit, _ in near_by(known, id, FAR_COUNT, FAR_KM)]

    def _kind(self, id: str) -> str:
        return str(self._records[id].get(self._by, "") if self._by else "")

    def _name(self, id: str, language: str) -> str:
        name = self._records[id].get("name", id)
        if isinstance(name, Mapping):
            return str(name.get(language.split("-")[0]) or next(iter(name.values())))
        return str(name)

    def _sources(self, context: SkillContext, id: str, fields: Sequence[str]) -> list[Passage]:
        """Return the passages that say what was told, or another about the place."""
        own = [*fields, *self.kinds[self._kind(id)].fields]
        found = [passage for name in own if (passage := context.passage_of(id, name)) is not None]
        return found[: max(1, sum(context.passage_of(id, name) is not None for name in fields))]

    def _keep(self, text: str, passages: Sequence[Passage], talk: Talk) -> SkillResult:
        return SkillResult(text, passages, keep=talk.packed())


def _is_own(reading: Reading, talk: Talk) -> bool:
    """Tell whether a text is about places at all, where nothing else knows what it wants."""
    said = bool(reading.asked or reading.wishes)
    if reading.named or reading.kind is not None:
        return said or reading.near or (reading.kind is not None and reading.seeks)
    return bool(talk.last) and (said or (talk.open and (reading.other or reading.cheap)))


def _is_search(reading: Reading, talk: Talk) -> bool | None:
    """Tell whether a text looks for a place rather than asks about one; None where it may be either."""
    limits = any(not wish.values for wish in reading.wishes)
    if reading.other and not reading.near:
        return True
    if reading.seeks and not (reading.asked and reading.kind is None and not reading.wishes):
        return True
    if reading.near and reading.kind is not None:
        return bool(reading.wishes)
    if reading.of is not None:
        return False
    if reading.wishes and (limits or not reading.whether):
        return talk.open or reading.kind is not None or not talk.last
    if reading.wishes:
        about = reading.about and reading.kind in talk.last
        return not about and (reading.kind is not None or not talk.last)
    if reading.kind is not None and reading.asks and not reading.asked:
        return True
    return False if reading.asked else None


def _joined(before: Sequence[Wish], now: Sequence[Wish]) -> list[Wish]:
    """Return the wishes of two turns; a limit that is said again takes the place of the first."""
    again = {wish.field for wish in now if not wish.values}
    return [*(wish for wish in before if wish.field not in again and wish not in now), *now]
