"""Tourism: what a traveller asks about sights, answered from the persona's own records.

A record needs `id`, `name` and the fields that the skills read: opening_hours, price, transport, story; and `visit`
for what is near, ways, recommendations and plans. `find` and `tell` read any fields.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeGuard

from pydantic import Field

from ...core.plugin import Manifest, Plugin, Settings, Skill, SkillContext, SkillResult, hook
from ...core.turn import Passage
from . import words
from .planning import MOST_DAYS, plan
from .search import Search
from .tastes import learnt, recommended, tastes
from .visits import Visit, near, visits

FIELDS = {"ticket_price": "price", "transport": "transport", "story": "story"}
"""The field of a record that each of the plain skills reads."""
NEAR_KM, NEAR = 3.0, 5
NAMED = 4
LIKE, CLEARLY = 0.6, 0.04  # how like a record's picture one has to be, and how much more than the next (measured)


class TourismSettings(Settings):
    """What a persona may set."""

    holidays: tuple[date, ...] = Field((), description="Days on which what closes weekly is open: 2026-10-01, …")
    start: str = Field("", description="The id of the sight where plans of a day begin and end, such as wangfujing.")
    kind: str = Field("kind", description="The field of a record that says what it is: a hotel, a restaurant, a sight.")
    kinds: Mapping[str, tuple[str, ...]] = Field({}, description="Words for kinds: {hotel: [hotel, inn, 酒店, 宾馆]}.")
    fields: Mapping[str, tuple[str, ...]] = Field({}, description="Further words for fields: {pool: [swimming, 游泳]}.")


class Tourism(Plugin):
    """Answer opening hours, prices, ways there, stories, what is near, what fits a taste or wishes, and plan days."""

    manifest = Manifest(
        name="tourism",
        version="2.1.0",
        contract=1,
        summary="What a traveller asks about sights, from the persona's own records; plans of days.",
        reads=("text", "slots", "history", "media"),
        settings=TourismSettings,
    )

    def __init__(self, settings: TourismSettings) -> None:
        super().__init__(settings)
        self._holidays = frozenset(settings.holidays)
        self._start = settings.start
        self._known: tuple[int, dict[str, Visit]] = (0, {})
        self._search: tuple[int, Search] | None = None

    @hook
    def skills(self) -> Mapping[str, Skill]:
        """Return the skills by name."""
        plain = {name: Skill(run=_field_of_sight(field)) for name, field in FIELDS.items()}
        return {
            **plain,
            "opening_hours": Skill(run=self._opening_hours),
            "nearby": Skill(run=self._nearby),
            "find": Skill(run=lambda context: self._searched(context).find(context), unsure=True),
            "tell": Skill(run=lambda context: self._searched(context).tell(context)),
            "recommend": Skill(run=self._recommend),
            "recognise": Skill(run=self._recognise, pictures=True),
            "plan": Skill(run=self._plan, seconds=60.0),
        }

    async def _opening_hours(self, context: SkillContext) -> SkillResult | None:
        """Answer the hours, and of a day that was named, whether it is open then."""
        id = _sight(context.slots.get("sight"))
        if id is None:
            return None
        passage = context.passage_of(id, "opening_hours")
        visit, day = self._visits(context).get(id), _day(context.slots.get("date"))
        if visit is None or day is None:
            return None if passage is None else SkillResult(passage.text, [passage])
        language, name = context.language, _name(context, id)
        said: dict[str, object] = {"name": name, "day": words.weekday(day, language)}
        hours = visit.open_on(day, self._holidays)
        if hours is None:
            text = words.say("closed", language, **said)
        elif hours == (0, 24):
            return None if passage is None else SkillResult(passage.text, [passage])
        else:
            text = words.say("open", language, **said, first=words.clock(hours[0]), last=words.clock(hours[1]))
        return SkillResult(text if passage is None else f"{text}\n\n{passage.text}", _some(passage))

    async def _nearby(self, context: SkillContext) -> SkillResult | None:
        """Name the nearest other sights."""
        known, id = self._visits(context), _sight(context.slots.get("sight"))
        if id is None or id not in known:
            return None
        found = near(known, id, NEAR, NEAR_KM)
        name, language = _name(context, id), context.language
        if not found:
            return SkillResult(words.say("none_near", language, name=name, km=NEAR_KM))
        told = [
            words.say("near_one", language, name=_name(context, visit.id), far=words.distance(km, language))
            for visit, km in found
        ]
        text = words.say("near", language, name=name, list=words.listed(told, language))
        return SkillResult(text, _stories(context, [visit.id for visit, _ in found[:1]]))

    async def _recommend(self, context: SkillContext) -> SkillResult | None:
        """Name the sights that fit what was said, and what was asked about before."""
        known, language = self._visits(context), context.language
        said = tastes(context.text)
        likes = learnt(said, self._asked_about(context, known)) if known else said
        day = _day(context.slots.get("date")) or date.today()
        budget = _amount(context.slots.get("budget"))
        found = recommended(known, likes, day, budget=budget, holidays=self._holidays)[:NAMED]
        if not found:
            return SkillResult(words.say("no_fit", language)) if known else None
        told = [words.fitting(visit, _name(context, visit.id), day, language) for visit in found]
        liked = words.taste(said, language)
        text = words.say("fits" if liked else "fits_any", language, taste=liked, list=words.listed(told, language))
        return SkillResult(text, _stories(context, [visit.id for visit in found]))

    async def _recognise(self, context: SkillContext) -> SkillResult | None:
        """Name the sight that a picture shows, when it is like one of the records' and like no other, and tell it."""
        language = context.language
        if not context.seen:
            return SkillResult(words.say("unseen" if context.media else "no_picture", language))
        (id, near), *others = context.seen
        if near < LIKE or (others and near - others[0][1] < CLEARLY):
            return SkillResult(words.say("unrecognised", language))
        name, passage = _name(context, id), context.passage_of(id, "story")
        text = words.say("recognised", language, name=name)
        told = text if passage is None else f"{text}\n\n{passage.text}"
        return SkillResult(told, _some(passage), {"sight": {"id": id, "name": name}})

    def _plan(self, context: SkillContext) -> SkillResult | None:
        """Plan days: sights that were named, and what fits the tastes; solved on a thread of its own."""
        known, language = self._visits(context), context.language
        if not known:
            return None
        asked = _count(context.slots.get("days"))
        count = min(max(asked, 1), MOST_DAYS)
        first = _day(context.slots.get("date")) or date.today() + timedelta(1)
        days = [first + timedelta(number) for number in range(count)]
        wanted = _sight(context.slots.get("sight"))
        must = [wanted] if wanted in known else []
        likes = learnt(tastes(context.text), self._asked_about(context, known))
        start = self._start if self._start in known else None
        stops = plan(known, days, likes=likes, must=must, start=start, holidays=self._holidays)
        seen = {stop.visit.id for own in stops for stop in own}
        text = words.itinerary(days, stops, {id: _name(context, id) for id in seen}, language)
        if left := [_name(context, id) for id in must if id not in seen]:
            text += "\n" + words.say("left", language, list=words.listed(left, language))
        if asked > MOST_DAYS:
            text = words.say("too_many", language, most=MOST_DAYS) + "\n" + text
        return SkillResult(text, _stories(context, [stop.visit.id for own in stops for stop in own]))

    def _visits(self, context: SkillContext) -> dict[str, Visit]:
        key, known = self._known
        if key != id(context.records):
            known = visits(context.records)
            self._known = (id(context.records), known)
        return known

    def _searched(self, context: SkillContext) -> Search:
        if self._search is None or self._search[0] != id(context.records):
            own = self.settings
            self._search = id(context.records), Search(context.records, own.kind, own.kinds, own.fields)
        return self._search[1]

    def _asked_about(self, context: SkillContext, known: Mapping[str, Visit]) -> list[Visit]:
        """Return the sights that the user named earlier in the conversation."""
        said = " ".join(text for role, text, _ in context.history if role == "user").casefold()
        names = {one: _names(context.records[one]) for one in known}
        return [known[one] for one, own in names.items() if any(name.casefold() in said for name in own)]


def _field_of_sight(field: str) -> Callable[[SkillContext], Awaitable[SkillResult | None]]:
    async def answer(context: SkillContext) -> SkillResult | None:
        id = _sight(context.slots.get("sight"))
        passage = context.passage_of(id, field) if id else None
        return None if passage is None else SkillResult(passage.text, [passage])

    return answer


def _sight(slot: Any) -> str | None:
    return str(slot["id"]) if isinstance(slot, Mapping) and slot.get("id") else None


def _day(slot: Any) -> date | None:
    value = slot.get("value") if isinstance(slot, Mapping) else slot
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def _amount(slot: Any) -> float | None:
    value = slot.get("value") if isinstance(slot, Mapping) else None
    amount = value.get("amount") if isinstance(value, Mapping) else value
    return float(amount) if _is_number(amount) else None


def _count(slot: Any) -> int:
    """Return a number of days from a number or a duration (P3D); 1 where there is none."""
    value = slot.get("value") if isinstance(slot, Mapping) else slot
    if _is_number(value):
        return int(min(value, 1000))
    text = str(value or "")
    digits = text[1:-1]
    if text.startswith("P") and digits.isdigit():
        return min(int(digits), 1000) * (7 if text.endswith("W") else 1)
    return 1


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _names(record: Mapping[str, Any]) -> list[str]:
    name = record.get("name")
    return [str(text) for text in name.values()] if isinstance(name, Mapping) else [str(name)] if name else []


def _name(context: SkillContext, id: str) -> str:
    name = context.records[id].get("name", id)
    if isinstance(name, Mapping):
        return str(name.get(context.language) or name.get(words.tongue(context.language)) or next(iter(name.values())))
    return str(name)


def _stories(context: SkillContext, ids: Sequence[str]) -> list[Passage]:
    """Return passages about sights, for the sources of an answer that names them."""
    found = (context.passage_of(id, "opening_hours") for id in ids)
    return [passage for passage in found if passage is not None]


def _some(passage: Passage | None) -> list[Passage]:
    return [] if passage is None else [passage]
