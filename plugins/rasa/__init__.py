"""Rasa: the custom actions and forms of a Rasa bot as skills, run by rasa-sdk itself and not changed.

Each action is a skill of its own name, `rasa.action_search`, and each form, `rasa.restaurant_form`. Here a turn of a
persona becomes a tracker, and what comes back becomes words, choices and slots.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from ...core.errors import PersonacError, SettingsInvalid
from ...core.plugin import Manifest, Plugin, Skill, SkillContext, SkillResult, SlotSpec, SlotType, hook
from .domain import REQUESTED, Domain
from .hearing import ANSWER, message_of, slots_of
from .pictures import pictures
from .reminding import follow_ups, reminded
from .saying import Sayer
from .server import Rejected
from .settings import RasaSettings, server_of
from .tracker import Talk
from .turn import Bot, Turn

log = logging.getLogger("personac.rasa")
VALIDATE, ASK = "validate_", "action_ask_"
INNER = (VALIDATE, ASK, "action_validate_slot_mappings", "action_session_start")  # what only forms and Rasa call
CALLS = 3  # of `seconds` each, that a turn may take
_NAME = re.compile(r"[^\W\d][\w-]*")


class Rasa(Plugin):
    """Run the actions of a Rasa bot."""

    manifest = Manifest(
        name="rasa",
        version="1.0.0",
        contract=1,
        summary="Runs the custom actions and forms of a Rasa bot, unmodified.",
        reads=("text", "slots", "history", "personal_data"),
        network=("*",),
        programs=("*",),
        settings=RasaSettings,
        open_ended=True,
    )

    def __init__(self, settings: RasaSettings) -> None:
        super().__init__(settings)
        if not settings.personal_data:
            self.manifest = replace(Rasa.manifest, reads=("text", "slots", "history"))  # type: ignore[misc]
        self._set = settings
        self._server = server_of(settings)
        self._images = {*settings.images, urlsplit(settings.url).hostname or ""} - {""}

    @hook
    def skills(self) -> Mapping[str, Skill]:
        """Return a skill for each action that may run and for each form; raise SettingsInvalid."""
        domain = Domain.read(self._set.domain)
        allowed = self._allowed(domain)
        forms = self._forms(domain, allowed)
        if self._set.allow:  # what belongs to a form may run with it
            allowed |= {n for form in forms for n in _belonging(form, domain) if n in domain.actions}
        bot = Bot(self._server, domain, allowed, forms, self._set.domain_when_asked)
        names = [*forms, *sorted(name for name in allowed if not name.startswith(INNER) and name not in forms)]
        for name in [name for name in names if not _NAME.fullmatch(name)]:
            log.warning("the action %r is no skill: a skill's name has letters, digits, _ and - only", name)
            names.remove(name)
        if unknown := sorted(set(self._set.reminders.values()) - set(names)):
            self._server.close()
            raise SettingsInvalid(f"plugins: rasa: `reminders:` leads to {unknown[0]}; there are {', '.join(names)}")
        seconds = min(120.0, CALLS * self._set.seconds)
        return {
            name: Skill(
                run=partial(self._answer, bot, name),
                summary=f"The form {name}." if name in forms else f"The action {name}.",
                slots=self._slots(name, domain) if name in forms else {},
                seconds=seconds,
            )
            for name in names
        }

    @hook
    def close(self) -> None:
        """End what was begun."""
        self._server.close()

    def _allowed(self, domain: Domain) -> set[str]:
        if self._set.allow:
            return set(self._set.allow) - set(domain.values["forms"])
        try:
            return set(self._server.actions())
        except PersonacError as error:
            self._server.close()
            if isinstance(error, SettingsInvalid):
                raise
            raise SettingsInvalid(
                f"{error}\nname the actions under `allow:`, and the persona starts without asking for them"
            ) from error

    def _forms(self, domain: Domain, allowed: Collection[str]) -> dict[str, tuple[str, ...]]:
        found = [str(name) for name in domain.values["forms"]]
        found = [name for name in found if not self._set.allow or name in self._set.allow or VALIDATE + name in allowed]
        found += [name.removeprefix(VALIDATE) for name in sorted(allowed) if name.startswith(VALIDATE)]
        return {name: self._set.forms.get(name, ()) for name in dict.fromkeys(found)}

    def _slots(self, form: str, domain: Domain) -> dict[str, SlotSpec]:
        """Return the slots that a form may ask for: all of the domain, as its validation may want more of them."""
        found = {ANSWER: SlotSpec(required=False, description="What is answered to a question of the form.")}
        for name in dict.fromkeys([*domain.required(form), *domain.slots]):
            if name == REQUESTED or not _NAME.fullmatch(name):
                continue
            kind: SlotType = "number" if domain.slots.get(name, {}).get("type") == "float" else "text"
            texts = [
                v.get("text") for q in (f"utter_ask_{form}_{name}", f"utter_ask_{name}") for v in domain.variations(q)
            ]
            ask = next((text for text in texts if isinstance(text, str) and "{" not in text), "")
            found[name] = SlotSpec(type=kind, required=False, ask={self._set.language: ask} if ask else {})
        return found

    async def _answer(self, bot: Bot, name: str, context: SkillContext) -> SkillResult | None:
        """Run an action or a form for one turn."""
        talk = Talk(bot.domain, context.kept, context.conversation, context.channel)
        if talk.state.paused or talk.state.ended:
            log.info("the conversation is paused for the Rasa actions; %s is not run", name)
            return None
        talk.catch_up(context.history)
        talk.recall(context.remembered)
        before = dict(talk.state.slots)
        due = reminded(context, bot.domain)
        message = message_of(context, bot.domain, talk.buttons) if due is None else due[0]
        slots = slots_of(message, context, bot.domain) if due is None else due[1]
        talk.hear(message)
        turn = Turn(bot, talk, Sayer(bot.domain, context.language, context.channel))
        try:
            await turn.begin(name, slots, context.slots if due is None else {})
        except Rejected as error:
            log.info("%s", error)
            return None
        plans = follow_ups(turn.reminders, self._set.reminders, context.planned, context.called)
        media, links = await pictures(turn.said.images, self._images)
        talk.buttons = {title: payload for title, payload in turn.said.buttons.items() if payload != title}
        changed = {k: v for k, v in talk.state.slots.items() if k != REQUESTED and before.get(k) != v}
        if turn.asking:  # what the form still wants is no value of it
            changed = {name: value for name, value in changed.items() if value is not None}
        talk.heard |= changed
        declared = self._slots(name, bot.domain) if name in bot.forms else {}
        return SkillResult(
            "\n\n".join(filter(None, [turn.said.text, *links])),
            slots=changed,
            choices=tuple(turn.said.buttons),
            ask=(turn.asking if turn.asking in declared else ANSWER) if turn.asking else "",
            media=media,
            foreign=bool(self._set.url),
            follow_ups=plans,
            keep=talk.kept(),
        )


def _belonging(form: str, domain: Domain) -> list[str]:
    slots = [*domain.required(form), *domain.slots]
    return [VALIDATE + form, *(f"{ASK}{n}" for slot in slots for n in (slot, f"{form}_{slot}"))]


__all__ = ["Rasa", "RasaSettings"]
