"""One turn: an action, or a step of a form, and the actions that follow from it, until the bot listens again.

Knows the conversation, the domain and a server; makes nothing of the answer but events and responses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .domain import REQUESTED, Domain
from .hearing import ANSWER, answered
from .saying import Said, Sayer
from .server import VERSION, ActionFault, Answer, DomainWanted, Server
from .tracker import Talk

MAPPINGS = "action_validate_slot_mappings"  # what Rasa calls for slots of no form, where a package has it
MOST_ACTIONS = 10  # one after the other in a turn


@dataclass(frozen=True, slots=True)
class Bot:
    """Hold what all turns share: the server, the domain, the actions that may run, the forms with what follows them."""

    server: Server
    domain: Domain
    allowed: Collection[str]
    forms: Mapping[str, Sequence[str]]
    domain_when_asked: bool = False


@dataclass(slots=True)
class Turn:
    """Run what one message asks for."""

    bot: Bot
    talk: Talk
    sayer: Sayer
    said: Said = field(default_factory=Said)
    asking: str = ""
    steps: int = 0
    reminders: list[Mapping[str, Any]] = field(default_factory=list)  # events that plan one or take one back

    async def begin(self, name: str, slots: Mapping[str, Any], told: Mapping[str, Any]) -> None:
        """Run an action or a form, and all that follows; `told` are the slots of the persona; raise ActionFault."""
        own = self.talk.state.slots
        changed = {} if name in self.bot.forms else {k: v for k, v in slots.items() if own.get(k) != v}
        await self._validated(MAPPINGS, changed)
        if name in self.bot.forms:
            await self._form(name, slots, told)
        else:
            await self._action(name)
        while (following := self.talk.state.followup) and not self.asking:
            await self._next(following)

    async def _next(self, name: str) -> None:
        """Do what an event or a form says comes next: an action, a response of the domain, a form, or to listen."""
        if name in self.bot.forms:
            await self._form(name, {}, {})
        elif name.startswith("utter_") and self.bot.domain.variations(name) and name not in self.bot.allowed:
            self._step(name)
            self._say({"response": name})
            self._ran(name)
        elif name == "action_listen":
            self._ran(name)
        else:
            await self._action(name)

    async def _action(self, name: str) -> None:
        answer = await self._call(name)
        self._ran(name)
        self._apply(answer)

    async def _form(self, name: str, slots: Mapping[str, Any], told: Mapping[str, Any]) -> None:
        """Take what was said into a form, have it validated, and ask on, or end the form."""
        self._step(name)
        talk, asked = self.talk, self.talk.state.slots.get(REQUESTED)
        going_on = talk.state.loop == name and asked and (asked in told or ANSWER in told)
        candidates: dict[str, Any] = {}
        if going_on:
            changed = {key: value for key, value in slots.items() if talk.heard.get(key) != value}
            answer = slots.get(str(asked), told.get(ANSWER))
            candidates = {**changed, str(asked): answered(str(asked), talk.message, answer, self.bot.domain)}
        else:
            self._ran(name)
            talk.add({"event": "active_loop", "name": name})
            candidates = dict(slots)
        talk.heard = dict(slots)
        before = [
            _slot(REQUESTED, asked if going_on else None),
            _ran(name),
        ]  # what comes behind is new to the validation
        wanted, known = await self._validated(f"validate_{name}", candidates, before)
        if talk.state.loop != name:  # the validation ended it
            return
        if not known:
            required = self.bot.domain.required(name)
            wanted = next((slot for slot in required if talk.state.slots.get(slot) is None), None)
        talk.add(_slot(REQUESTED, wanted))
        if wanted:
            await self._ask(name, wanted)
            return
        talk.add({"event": "active_loop", "name": None})
        for following in self.bot.forms[name]:
            await self._next(following)

    async def _validated(
        self, validation: str, candidates: Mapping[str, Any], before: Sequence[Mapping[str, Any]] = ()
    ) -> tuple[str | None, bool]:
        """Keep what passes a validation; return the slot that it asks for, and whether it says so at all."""
        found = [_slot(name, value) for name, value in candidates.items()]
        if validation not in self.bot.allowed:
            self.talk.add(*found)
            return None, False
        answer = await self._call(validation, [*before, *found])
        wanted, known = None, False
        kept, rest = {event["name"]: event for event in found}, []
        for event in answer.events:
            if event["event"] == "slot" and event["name"] == REQUESTED:
                wanted, known = event.get("value"), True
            elif event["event"] == "slot":
                kept[event["name"]] = dict(event)
            else:
                rest.append(event)
        if wanted is not None and not isinstance(wanted, str):
            raise ActionFault(f"the action {validation} asks for the slot {wanted!r}, which is no name")
        self._apply(Answer([*kept.values(), *rest], answer.responses))
        return wanted, known

    async def _ask(self, form: str, slot: str) -> None:
        before = len(self.said.texts)
        asker = next((n for n in (f"action_ask_{form}_{slot}", f"action_ask_{slot}") if n in self.bot.allowed), None)
        if asker is not None:
            await self._action(asker)
        else:
            self._say(self.sayer.question(form, slot, self.talk.state.slots))
        if len(self.said.texts) == before:
            self._say({"text": self.sayer.question("", slot, {}).get("text") or slot})
        self.asking = slot

    async def _call(self, name: str, extra: Sequence[Mapping[str, Any]] = ()) -> Answer:
        self._step(name)
        if name not in self.bot.allowed:
            raise ActionFault(f"the action {name} is not among those that may run; name it under `allow:`")
        domain = self.bot.domain
        call: dict[str, Any] = {
            "next_action": name, "sender_id": self.talk.sender, "tracker": self.talk.tracker(extra),
            "version": VERSION, "domain_digest": domain.digest,
        }  # fmt: skip
        if self.bot.domain_when_asked:
            try:
                return await self.bot.server.run(call)
            except DomainWanted:
                pass
        return await self.bot.server.run({**call, "domain": domain.values})

    def _step(self, name: str) -> None:
        self.steps += 1
        if self.steps > 2 * MOST_ACTIONS:
            raise ActionFault(f"more than {MOST_ACTIONS} actions follow each other; {name} is not run")

    def _apply(self, answer: Answer) -> None:
        self.reminders += [event for event in answer.events if event["event"] in ("reminder", "cancel_reminder")]
        for response in answer.responses:
            self._say(response)
        self.talk.add(*answer.events)

    def _say(self, response: Mapping[str, Any]) -> None:
        event = self.sayer.say(self.said, response, self.talk.state.slots)
        if event is not None:
            self.talk.add(event)

    def _ran(self, name: str) -> None:
        self.talk.add(_ran(name))


def _ran(name: str) -> dict[str, Any]:
    return {"event": "action", "name": name, "policy": None, "confidence": None, "timestamp": None}


def _slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value, "timestamp": None}
