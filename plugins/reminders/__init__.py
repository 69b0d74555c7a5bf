"""Reminders: "remind me at 8 to call mum", what is planned, and never mind.

A reminder is a follow-up of the contract, kept by the persona's store until it is due; nothing is kept here.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator

from ...core.chinese import in_place
from ...core.plugin import FollowUp, Manifest, Plugin, Settings, SkillContext, SkillResult, SlotSpec, skill
from .when import moment, subject, told

WHEN, WHAT = "when", "reminder"  # the slots that questions ask for
_TIMES = {
    "time": SlotSpec(type="time", required=False),
    "date": SlotSpec(type="date", required=False),
    "duration": SlotSpec(type="duration", required=False),
    WHEN: SlotSpec(type="text", required=False),
    WHAT: SlotSpec(type="text", required=False),
}
_SAID = {
    "when": {"en": "When shall I remind you?", "zh": "什么时候提醒您？"},
    "what": {"en": "What shall I remind you of?", "zh": "要提醒您什么事？"},
    "past": {"en": "That time has passed. When shall I remind you?", "zh": "这个时间已经过了，什么时候提醒您？"},
    "far": {
        "en": "That is too far ahead; a year is the most. When shall I remind you?",
        "zh": "太久以后了，最多一年。什么时候提醒您？",
    },
    "set": {"en": "I will remind you {when}: {what}", "zh": "好的，我会在{when}提醒您：{what}"},
    "ring": {"en": "⏰ Your reminder: {what}", "zh": "⏰ 提醒您：{what}"},
    "none": {"en": "You have no reminders.", "zh": "您没有提醒事项。"},
    "list": {"en": "Your reminders:", "zh": "您的提醒事项："},
    "cancelled": {"en": "I have cancelled it: {what}", "zh": "已取消：{what}"},
    "which": {"en": "Which one shall I cancel?", "zh": "要取消哪一个？"},
}  # fmt: skip


class RemindersSettings(Settings):
    """What a persona may set."""

    timezone: str = Field("UTC", description="The time zone of the persona's users, such as Asia/Shanghai.")

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is no time zone; write one such as Europe/Berlin or Asia/Shanghai")
        return name


class Reminders(Plugin):
    """Remind users of what they ask for."""

    manifest = Manifest(
        name="reminders",
        version="1.0.0",
        contract=1,
        summary="Reminds users at a time that they name; tells and cancels what is planned.",
        reads=("text", "slots"),
        settings=RemindersSettings,
    )

    def __init__(self, settings: RemindersSettings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(settings)
        self._zone = ZoneInfo(settings.timezone)
        self._clock = clock

    @skill(summary="Remind the user at a time.", slots=_TIMES)
    async def remind(self, context: SkillContext) -> SkillResult:
        """Plan a reminder, and ask for what was not said."""
        language, slots = context.language, context.slots
        answered = slots.get(WHEN)
        what = subject(str(slots.get(WHAT) or ("" if answered else context.text)), slots)
        now = self._clock().astimezone(self._zone)
        at = moment(str(answered or context.text), slots, now)
        if at is None:
            return SkillResult(_say("when", language), ask=WHEN, slots={WHAT: what} if what else {})
        if at <= now or (at - now).days > 366:
            question = _say("past" if at <= now else "far", language)
            return SkillResult(question, ask=WHEN, slots={WHAT: what} if what else {})
        if not what:
            return SkillResult(_say("what", language), ask=WHAT, slots={WHEN: str(answered or context.text)})
        plan = FollowUp(secrets.token_hex(6), at, "ring", {WHAT: what})
        return SkillResult(_say("set", language, when=told(at, now, language), what=what), follow_ups=[plan])

    @skill(summary="Say a reminder that is due.", slots={WHAT: SlotSpec(type="text")})
    async def ring(self, context: SkillContext) -> SkillResult:
        """Say what the user wanted to be reminded of."""
        return SkillResult(_say("ring", context.language, what=context.slots[WHAT]))

    @skill(summary="Tell which reminders are planned.")
    async def planned(self, context: SkillContext) -> SkillResult:
        """List the reminders of this conversation."""
        if not context.planned:
            return SkillResult(_say("none", context.language))
        lines = [f"- {self._line(plan, context.language)}" for plan in context.planned]
        return SkillResult("\n".join([_say("list", context.language), *lines]))

    @skill(summary="Cancel a reminder.", slots={WHAT: SlotSpec(type="text", required=False)})
    async def cancel(self, context: SkillContext) -> SkillResult:
        """Cancel the only reminder, or the one that is named."""
        plans, language = context.planned, context.language
        if not plans:
            return SkillResult(_say("none", language))
        named = in_place(str(context.slots.get(WHAT) or context.text).casefold())
        fitting = [
            plan
            for plan in plans
            if in_place(str(plan.slots[WHAT]).casefold()) in named
            or named == in_place(self._line(plan, language).casefold())
        ]
        chosen = plans if len(plans) == 1 else fitting
        if len(chosen) != 1:
            choices = [self._line(plan, language) for plan in plans]
            return SkillResult(_say("which", language), ask=WHAT, choices=choices)
        (plan,) = chosen
        return SkillResult(_say("cancelled", language, what=plan.slots[WHAT]), follow_ups=[FollowUp(plan.key, None)])

    def _line(self, plan: FollowUp, language: str) -> str:
        now = self._clock().astimezone(self._zone)
        return f"{told((plan.at or now).astimezone(self._zone), now, language)} · {plan.slots[WHAT]}"


def _say(name: str, language: str, **values: object) -> str:
    text = _SAID[name]["zh" if language.startswith("zh") else "en"]
    for key, value in values.items():  # not a template: what a user says may have braces
        text = text.replace("{" + key + "}", str(value))
    return text
