"""Finance: the mood of news by topic over time, and when bad news surges; never advice to buy or to sell.

A persona names the topics, and the files and feeds that the news comes from (settings.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ...core.plugin import FollowUp, Manifest, Place, Plugin, Skill, SkillContext, SkillResult, SlotSpec, hook
from . import words
from .answers import Answers
from .asking import Period, names_all, names_another, period
from .newsroom import Newsroom
from .settings import FinanceSettings, Topic
from .watch import SAME, Watch

ASKED, ABOUT, DAYS = "topic", "news_topics", "news_days"  # what a question asks for; what the conversation remembers
ALERTS = "news_alerts"  # the topics of which a user gets alerts: a fact where they agreed to be kept, and a slot
TOLD = "news_told"  # for each of them the first day, as a number, of the surge that was told last
USUAL_DAYS, CHART_DAYS = 7, 60
BUTTONS = 12


class Finance(Plugin):
    """Tell the mood of news, and when bad news surges."""

    manifest = Manifest(
        name="finance",
        version="1.0.0",
        contract=1,
        summary="The mood of news by topic over time, with alerts and pictures; never advice to buy or to sell.",
        reads=("text", "slots", "memory"),
        network=("*",),  # the hosts of the feeds that a persona names
        settings=FinanceSettings,
    )

    def __init__(self, settings: FinanceSettings) -> None:
        super().__init__(settings)
        self._topics: Mapping[str, Topic] = settings.topics
        self._watch = Watch()
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @hook
    def open(self, place: Place) -> None:
        """Take the place of the files; nothing is read before somebody asks."""
        self._newsroom = Newsroom(self.settings, place)

    @hook
    def skills(self) -> Mapping[str, Skill]:
        """Return the skills by name."""
        asked = {ASKED: SlotSpec(type="text", required=False, description="The topic that was asked for.")}
        return {
            "mood": Skill(run=self._mood, summary="Tell the mood of the news about a topic.", slots=asked),
            "compare": Skill(run=self._compare, summary="Compare the mood of topics."),
            "chart": Skill(run=self._chart, summary="Draw the news about a topic over time.", slots=asked, seconds=60),
            "changes": Skill(run=self._changes, summary="Tell what has changed: surges of bad news, moves of mood."),
            "alerts": Skill(run=self._alerts, summary="Tell the alerts of the topics that a user follows."),
            "follow": Skill(run=self._follow, summary="Begin alerts about topics.", slots=asked),
            "unfollow": Skill(run=self._unfollow, summary="End alerts about topics.", slots=asked),
            "look": Skill(run=self._look, summary="Look for alerts when it is time, and tell those that are new."),
        }

    @hook
    def close(self) -> None:
        """Close the archive, and end what is fetched."""
        self._newsroom.close()

    def _mood(self, context: SkillContext) -> SkillResult:
        """Tell how the news about a topic was; of several topics, compare them."""
        answers, days = self._answers(context), self._period(context, USUAL_DAYS)
        topics = self._asked(answers, context)
        if not topics:
            return self._which(answers, context)
        result = answers.mood(topics[0], days) if len(topics) == 1 else answers.compare(topics, days)
        return replace(result, slots={ABOUT: topics, DAYS: days.days})

    def _compare(self, context: SkillContext) -> SkillResult:
        """Compare the topics that are named, all when fewer than two are."""
        answers, days = self._answers(context), self._period(context, USUAL_DAYS)
        named = answers.archive.about(context.text)
        topics = named if len(named) > 1 else list(self._topics)
        return replace(answers.compare(topics, days), slots={ABOUT: topics, DAYS: days.days})

    def _chart(self, context: SkillContext) -> SkillResult:
        """Draw the topic that is named or was spoken of."""
        answers = self._answers(context)
        topics = self._asked(answers, context)
        if len(topics) != 1:
            return self._which(answers, context)
        said = period(context.text, self._newsroom.today)
        result = answers.chart(topics[0], said or Period.ending(self._newsroom.today, CHART_DAYS))
        return replace(result, slots={ABOUT: topics})

    def _changes(self, context: SkillContext) -> SkillResult:
        """Tell what has changed in the topics that are named, in all when none is."""
        answers = self._answers(context)
        return answers.changes(answers.archive.about(context.text) or list(self._topics))

    def _alerts(self, context: SkillContext) -> SkillResult:
        """Tell the alerts of the topics that the user follows."""
        answers, followed = self._answers(context), self._followed(context)
        if not followed:
            return SkillResult(words.say("not_followed", context.language, topics=answers.listed(list(self._topics))))
        return answers.alerts(followed)

    def _follow(self, context: SkillContext) -> SkillResult:
        """Add topics to those that the user gets alerts of, and tell the surges that go on in them."""
        answers, language = self._answers(context), context.language
        topics = list(self._topics) if names_all(context.text) else self._asked(answers, context)
        if not topics:
            return self._which(answers, context, "follow_which")
        followed = list(dict.fromkeys([*self._followed(context), *topics]))
        told = {**_told(context.planned), **answers.begun(topics)}
        parts = [words.say(name, language, topics=answers.listed(topics)) for name in ("follows", "kept")]
        lines = [words.sentences(parts, language), *answers.surging(topics)]
        return self._keeping(SkillResult("\n".join(lines)), followed, told)

    def _unfollow(self, context: SkillContext) -> SkillResult:
        """Take topics away from those that the user gets alerts of."""
        answers, followed = self._answers(context), self._followed(context)
        if not followed:
            return SkillResult(words.say("not_followed", context.language, topics=answers.listed(list(self._topics))))
        named = self._named(answers, context)
        topics = [name for name in followed if name in named]
        if names_all(context.text) or (len(followed) == 1 and not named):
            topics = followed
        if not topics:
            text = words.say("unfollow_which", context.language, topics=answers.listed(followed))
            return SkillResult(text, choices=[answers.named(name) for name in followed][:BUTTONS], ask=ASKED)
        text = words.say("unfollows", context.language, topics=answers.listed(topics))
        left = [name for name in followed if name not in topics]
        return self._keeping(SkillResult(text), left, _told(context.planned))

    def _look(self, context: SkillContext) -> SkillResult | None:
        """Tell surges that began since the last ones that were told, and ask to be called again."""
        followed = self._some(context.slots.get(ALERTS))
        if ALERTS in context.facts:  # ended elsewhere, perhaps
            followed = [name for name in followed if name in self._followed(context)]
        if not followed:
            return None
        answers, told = self._answers(context), dict(context.slots.get(TOLD) or {})
        begun = answers.begun(followed)
        new = [name for name, day in begun.items() if day > int(told.get(name, 0)) + SAME.days]
        lines = [*answers.surging(new), words.say("note", context.language)] if new else []
        plan = self._plan(followed, {**told, **{name: begun[name] for name in new}})
        return SkillResult("\n".join(lines), follow_ups=[plan])

    def _keeping(self, result: SkillResult, followed: list[str], told: Mapping[str, int]) -> SkillResult:
        """Return a result that keeps the topics, and that asks to be called for them where it may write later."""
        plan = self._plan(followed, told) if followed else FollowUp(ALERTS, None, optional=True)
        return replace(result, slots={ALERTS: followed}, remember={ALERTS: followed}, follow_ups=[plan])

    def _plan(self, followed: list[str], told: Mapping[str, int]) -> FollowUp:
        at = self.now() + timedelta(minutes=self.settings.alert_every)
        return FollowUp(ALERTS, at, "look", {ALERTS: followed, TOLD: dict(told)}, optional=True)

    def _answers(self, context: SkillContext) -> Answers:
        archive = self._newsroom.archive()
        return Answers(archive, self._topics, self._watch, self._newsroom.today, context.language)

    def _named(self, answers: Answers, context: SkillContext) -> list[str]:
        return answers.archive.about(context.text) or answers.archive.about(str(context.slots.get(ASKED) or ""))

    def _asked(self, answers: Answers, context: SkillContext) -> list[str]:
        """Return the topics that are asked for: those named, else those of before unless another seems to be named."""
        named = self._named(answers, context)
        return named if named or names_another(context.text) else self._some(context.remembered.get(ABOUT))

    def _followed(self, context: SkillContext) -> list[str]:
        return self._some(context.facts[ALERTS] if ALERTS in context.facts else context.remembered.get(ALERTS))

    def _some(self, kept: Any) -> list[str]:
        """Return those of the names that were kept which are topics now."""
        return [name for name in kept if name in self._topics] if isinstance(kept, list) else []

    def _which(self, answers: Answers, context: SkillContext, key: str = "which") -> SkillResult:
        names = [answers.named(name) for name in self._topics]
        key = "unknown" if names_another(context.text) else key
        text = words.say(key, context.language, topics=words.listed(names, context.language))
        return SkillResult(text, choices=names[:BUTTONS], ask=ASKED)

    def _period(self, context: SkillContext, usual: int) -> Period:
        today = self._newsroom.today
        said = period(context.text, today)
        if said is None and isinstance(days := context.remembered.get(DAYS), int) and 0 < days < 400:
            return Period.ending(today, days)
        return said or Period.ending(today, usual)


def _told(planned: Sequence[FollowUp]) -> Mapping[str, int]:
    """Return what was told of the surges that alerts are planned for."""
    told = next((plan.slots.get(TOLD) for plan in planned if plan.key == ALERTS), None)
    return {str(name): int(day) for name, day in told.items()} if isinstance(told, Mapping) else {}


__all__ = ["Finance", "FinanceSettings"]
