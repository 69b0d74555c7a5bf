"""Finance: the mood of news by topic over time, and when bad news surges; never advice to buy or to sell.

A persona names the topics, and the files and feeds that the news comes from (settings.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.plugin import Manifest, Plugin, Skill, SkillContext, SkillResult, SlotSpec, hook
from ...core.turn import Passage
from . import words
from .archive import Archive, Judged
from .asking import Period, names_another, period
from .newsroom import Newsroom
from .settings import FinanceSettings, Topic

ASKED, ABOUT, DAYS = "topic", "news_topics", "news_days"  # what a question asks for; what the conversation remembers
USUAL_DAYS = 7
HEADLINES = 3
BUTTONS = 12


class Finance(Plugin):
    """Tell the mood of news."""

    manifest = Manifest(
        name="finance",
        version="1.0.0",
        contract=1,
        summary="The mood of news by topic over time; never advice to buy or to sell.",
        reads=("text", "slots"),
        settings=FinanceSettings,
    )

    def __init__(self, settings: FinanceSettings) -> None:
        super().__init__(settings)
        self._topics: Mapping[str, Topic] = settings.topics
        self._newsroom = Newsroom(settings)

    @hook
    def skills(self) -> Mapping[str, Skill]:
        """Return the skills by name."""
        slots = {ASKED: SlotSpec(type="text", required=False, description="The topic that was asked for.")}
        return {
            "mood": Skill(run=self._mood, summary="Tell the mood of the news about a topic.", slots=slots),
            "compare": Skill(run=self._compare, summary="Compare the mood of topics."),
        }

    @hook
    def close(self) -> None:
        """Close the archive."""
        self._newsroom.close()

    def _mood(self, context: SkillContext) -> SkillResult:
        """Tell how the news about a topic was, against before, with three headlines."""
        archive, language = self._newsroom.archive(), context.language
        topics = self._asked(archive, context)
        if not topics:
            return self._which(context)
        if len(topics) > 1:
            return self._compared(archive, context, topics)
        days, name = self._period(context), topics[0]
        mood = archive.mood(name, days.first, days.last)
        said = {"topic": self._topics[name].named(language), "when": words.when(days, language)}
        kept = {ABOUT: [name], DAYS: days.days}
        if not mood.items:
            return SkillResult(words.say("none", language, **said), slots=kept)
        told = archive.told(name, days.first, days.last)
        parts = [words.say("mood", language, **said, was=words.was(mood, language))]
        if mood.items == 1:
            parts = [words.say("one", language, **said, label=words.say(words.LABELS[told[0].label], language))]
        else:
            rest = mood.items - mood.good - mood.bad
            parts.append(words.say("counts", language, items=mood.items, good=mood.good, bad=mood.bad, rest=rest))
        if (earlier := days.before()) and (
            before := archive.mood(name, earlier.first, earlier.last)
        ).items >= words.FEW:
            shares = {"now": words.percent(mood.bad_share), "before": words.percent(before.bad_share)}
            parts.append(words.say("worse", language, **shares, days=words.length(days, language)))
        if mood.items < words.FEW:
            parts.append(words.say("few", language))
        shown = _headlines(told, mood.lean, language)
        lines = [words.say("headlines", language), *(words.headline(one, language) for one in shown)] if shown else []
        text = "\n".join([words.sentences(parts, language), *lines, words.say("note", language)])
        return SkillResult(text, [_passage(one) for one in shown], kept)

    def _compare(self, context: SkillContext) -> SkillResult:
        """Compare the topics that are named, all when fewer than two are."""
        archive = self._newsroom.archive()
        named = archive.about(context.text)
        return self._compared(archive, context, named if len(named) > 1 else list(self._topics))

    def _compared(self, archive: Archive, context: SkillContext, topics: list[str]) -> SkillResult:
        days, language = self._period(context), context.language
        moods = [(name, archive.mood(name, days.first, days.last)) for name in topics]
        moods.sort(key=lambda one: (one[1].items == 0, -one[1].lean))
        lines = [words.say("compare", language, when=words.when(days, language))]
        for name, mood in moods:
            key = "compared" if mood.items else "compared_none"
            said: dict[str, Any] = {"items": mood.items, "good": mood.good, "bad": mood.bad}
            topic = self._topics[name].named(language)
            lines.append(words.say(key, language, topic=topic, was=words.was(mood, language), **said))
        text = "\n".join([*lines, words.say("note", language)])
        return SkillResult(text, slots={ABOUT: topics, DAYS: days.days})

    def _asked(self, archive: Archive, context: SkillContext) -> list[str]:
        """Return the topics that are asked for: those named, else those of before unless another seems to be named."""
        named = archive.about(context.text) or archive.about(str(context.slots.get(ASKED) or ""))
        if named or names_another(context.text):
            return named
        before = context.slots.get(ABOUT)
        return [name for name in before if name in self._topics] if isinstance(before, list) else []

    def _which(self, context: SkillContext) -> SkillResult:
        names = [topic.named(context.language) for topic in self._topics.values()]
        key = "unknown" if names_another(context.text) else "which"
        text = words.say(key, context.language, topics=words.listed(names, context.language))
        return SkillResult(text, choices=names[:BUTTONS], ask=ASKED)

    def _period(self, context: SkillContext) -> Period:
        today = self._newsroom.today
        said = period(context.text, today)
        if said is None and isinstance(days := context.slots.get(DAYS), int) and 0 < days < 400:
            return Period.ending(today, days)
        return said or Period.ending(today, USUAL_DAYS)


def _headlines(told: list[Judged], lean: float, language: str) -> list[Judged]:
    """Return what says most: first of the side that the news leans to and in the user's language, newest first."""
    side = "positive" if lean > 0 else "negative"
    quotable = [one for one in told if not words.advises(one.item.title)]
    quotable.sort(key=lambda one: (one.label != side, one.item.language != words.code(language), -abs(one.score)))
    return sorted(quotable[:HEADLINES], key=lambda one: one.item.day, reverse=True)


def _passage(judged: Judged) -> Passage:
    item = judged.item
    text = words.quoted(item.title)
    return Passage(f"news:{judged.id}", item.place or item.source, item.day.isoformat(), text, item.language)


__all__ = ["Finance", "FinanceSettings"]
