"""What is answered about the news in the archive: mood, comparison, changes, a picture. Knows no turns and no users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from ...core.message import Media
from ...core.plugin import SkillResult
from ...core.turn import Passage
from . import words
from .archive import Archive, Judged
from .asking import Period
from .picture import Words, draw
from .settings import Topic
from .watch import Alarm, Watch

HEADLINES = 3
MOVED = 0.15  # a change of the share of bad items that is worth telling
WEEK = 7


@dataclass(frozen=True, slots=True)
class Answers:
    """Answer in one language, from one archive, about the topics of a persona."""

    archive: Archive
    topics: Mapping[str, Topic]
    watch: Watch
    today: date
    language: str

    def mood(self, name: str, days: Period) -> SkillResult:
        """Tell how the news about a topic was, against before, with headlines."""
        mood, language = self.archive.mood(name, days.first, days.last), self.language
        said = {"topic": self.named(name), "when": words.when(days, language)}
        if not mood.items:
            return SkillResult(words.say("none", language, **said))
        told = self.archive.told(name, days.first, days.last)
        if mood.items == 1:
            label = words.say(words.LABELS[told[0].label], language)
            parts = [words.say("one", language, **said, label=label)]
        else:
            counts = {"items": mood.items, "good": mood.good, "bad": mood.bad, "rest": mood.neither}
            parts = [
                words.say("mood", language, **said, was=words.was(mood, language)),
                words.say("counts", language, **counts),
            ]
        earlier = days.before()
        before = self.archive.mood(name, earlier.first, earlier.last)
        if before.items >= words.FEW:
            shares = {"now": words.percent(mood.bad_share), "before": words.percent(before.bad_share)}
            parts.append(words.say("worse", language, **shares, days=words.length(days, language)))
        if mood.items < words.FEW:
            parts.append(words.say("few", language))
        shown = _headlines(told, mood.lean, language)
        lines = [words.say("headlines", language), *(words.headline(one, language) for one in shown)] if shown else []
        text = "\n".join([words.sentences(parts, language), *lines, self._note()])
        return SkillResult(text, [_passage(one) for one in shown], foreign=bool(shown))

    def compare(self, names: Sequence[str], days: Period) -> SkillResult:
        """Tell the mood of several topics, best first."""
        moods = [(name, self.archive.mood(name, days.first, days.last)) for name in names]
        moods.sort(key=lambda one: (one[1].items == 0, -one[1].lean))
        lines = [words.say("compare", self.language, when=words.when(days, self.language))]
        for name, mood in moods:
            key = "compared" if mood.items else "compared_none"
            said: dict[str, Any] = {"items": mood.items, "good": mood.good, "bad": mood.bad}
            was = words.was(mood, self.language)
            lines.append(words.say(key, self.language, topic=self.named(name), was=was, **said))
        return SkillResult("\n".join([*lines, self._note()]))

    def changes(self, names: Sequence[str]) -> SkillResult:
        """Tell surges of bad news, and topics whose news is worse or better than the week before."""
        lines = [line for name in names for line in self._changes(name)]
        day = words.on(self.today, self.language)
        if not lines:
            return SkillResult(words.say("no_changes", self.language, day=day, topics=self.listed(names)))
        return SkillResult("\n".join([words.say("changes", self.language, day=day), *lines, self._note()]))

    def alerts(self, names: Sequence[str]) -> SkillResult:
        """Tell the surges of some topics."""
        lines = [self._alarm(one) for name in names for one in self.watch.alarms(self.archive, name, self.today)]
        day = words.on(self.today, self.language)
        if not lines:
            return SkillResult(words.say("no_alerts", self.language, day=day, topics=self.listed(names)))
        return SkillResult("\n".join([words.say("alerts", self.language, day=day), *lines, self._note()]))

    def begun(self, names: Sequence[str]) -> dict[str, int]:
        """Return the first days, as numbers, of the surges that go on in some topics."""
        return {one.topic: one.since.toordinal() for one in self._surging(names)}

    def surging(self, names: Sequence[str]) -> list[str]:
        """Return a line for each of the surges that go on in some topics."""
        return [self._alarm(one) for one in self._surging(names)]

    def chart(self, name: str, days: Period) -> SkillResult:
        """Draw the news of a topic over time; the words say what the picture shows."""
        span, language = self.archive.span(), self.language
        if span is not None and span[0] > days.first:  # no empty space before the first news
            days = Period(min(span[0], days.last), days.last)
        mood = self.archive.mood(name, days.first, days.last)
        said = {"topic": self.named(name), "when": words.when(days, language)}
        if not mood.items:
            return SkillResult(words.say("none", language, **said))
        alarms = self.watch.alarms(self.archive, name, self.today, days.days)
        told = {key: words.say(f"chart_{key}", language) for key in ("good", "bad", "surge", "axis", "weeks")}
        picture = draw(
            self.archive.moods(name, days.first, days.last),
            [(one.since, one.until) for one in alarms],
            Words(
                words.say("chart_title", language, **said), told["good"], told["bad"], told["surge"], told["axis"],
                told["weeks"], partial(words.short, language=language),
            ),
        )  # fmt: skip
        text = words.say("chart", language, **said, items=mood.items, good=mood.good, bad=mood.bad)
        lines = [text, *map(self._alarm, alarms), self._note()]
        return SkillResult("\n".join(lines), media=[Media("image", picture, "image/png", f"{name}.png")])

    def named(self, name: str) -> str:
        """Return the name of a topic."""
        return self.topics[name].named(self.language)

    def listed(self, names: Sequence[str]) -> str:
        """Return the names of topics in words."""
        return words.listed([self.named(name) for name in names], self.language)

    def _changes(self, name: str) -> list[str]:
        alarms = self.watch.alarms(self.archive, name, self.today)
        if alarms:
            return [self._alarm(one) for one in alarms]
        week = Period.ending(self.today, WEEK)
        now = self.archive.mood(name, week.first, week.last)
        before = self.archive.mood(name, week.before().first, week.before().last)
        moved = now.bad_share - before.bad_share
        if min(now.items, before.items) < words.FEW or abs(moved) < MOVED:
            return []
        shares = {"now": words.percent(now.bad_share), "before": words.percent(before.bad_share)}
        key = "moved_up" if moved > 0 else "moved_down"
        return [words.say(key, self.language, topic=self.named(name), **shares)]

    def _surging(self, names: Sequence[str]) -> list[Alarm]:
        found = [one for name in names for one in self.watch.alarms(self.archive, name, self.today)]
        return [one for one in found if one.lasts(self.today)]

    def _alarm(self, alarm: Alarm) -> str:
        key = "surge_on" if alarm.lasts(self.today) else "surge_over"
        return words.say(
            key, self.language, topic=self.named(alarm.topic), day=words.on(alarm.since, self.language),
            when=words.when(Period(alarm.since, alarm.until), self.language), now=words.percent(alarm.now),
            before=words.percent(alarm.before),
        )  # fmt: skip

    def _note(self) -> str:
        return words.say("note", self.language)


def _headlines(told: Sequence[Judged], lean: float, language: str) -> list[Judged]:
    """Return what says most: first of the side that the news leans to and in the user's language, newest first."""
    side = "positive" if lean > 0 else "negative"
    quotable = [one for one in told if not words.advises(one.item.title)]
    quotable.sort(key=lambda one: (one.label != side, one.item.language != words.code(language), -abs(one.score)))
    return sorted(quotable[:HEADLINES], key=lambda one: one.item.day, reverse=True)


def _passage(judged: Judged) -> Passage:
    item = judged.item
    text = words.quoted(item.title)
    return Passage(f"news:{judged.id}", item.place or item.source, item.day.isoformat(), text, item.language)
