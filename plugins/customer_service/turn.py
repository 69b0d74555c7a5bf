"""One turn of a skill: what was said, what the office knows, and how questions are asked and answers given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ...core.chinese import in_place
from ...core.plugin import SkillContext, SkillResult
from .numbers import plain
from .office import Desk
from .reading import numbers
from .settings import CustomerServiceSettings
from .visits import Visit
from .words import Words

SECRET = ("customer", "proof", "agreed", "about", "score")  # what the conversation does not remember
MOST_CHOICES = 8


@dataclass(slots=True)
class Turn:
    """Hold one turn; `prefix` is said before whatever is answered."""

    skill: str
    context: SkillContext
    settings: CustomerServiceSettings
    desk: Desk
    visit: Visit
    words: Words
    now: float
    prefix: str = ""

    @property
    def today(self) -> date:
        """Return what day it is."""
        return datetime.fromtimestamp(self.now).date()

    def day(self, at: float) -> str:
        """Return the day of a moment as it is said."""
        return self.words.date(datetime.fromtimestamp(at).date())

    def answer_to(self, slot: str) -> str:
        """Return what was answered to a question of this skill; empty when it did not ask for that just now.

        An answer is what the customer wrote in this turn: nothing remembered, and nothing that a model says for them.
        """
        said = self.context.slots.get(slot)
        if self.kept("ask") != slot or not isinstance(said, str) or not said.strip():
            return ""
        if said.split() != self.context.text.split():
            return ""
        self.visit.waiting = {self.skill: self.visit.waiting[self.skill]}  # what others asked is over
        return said.strip()

    def kept(self, key: str) -> Any:
        """Return what this skill kept for its next turn."""
        return self.visit.waiting.get(self.skill, {}).get(key)

    def said_numbers(self) -> list[str]:
        """Return what may name something: of this message, of slots, of the message that it began with."""
        order = self.context.slots.get("order")
        found = [*numbers(self.context.text), *(numbers(order) if isinstance(order, str) else ())]
        found += self.kept("said") or ()
        own = plain(self.visit.customer or "")
        return [number for number in dict.fromkeys(found) if plain(number) != own]

    def said_kinds(self) -> set[str]:
        """Return the kinds of orders and cards that were named, in this message or in that which it began with."""
        text = in_place(self.context.text.lower())
        kinds = self.settings.kinds.items()
        named = {kind for kind, names in kinds if any(in_place(name.lower()) in text for name in names.values())}
        return named | set(self.kept("kinds") or ())

    def ask(self, slot: str, *texts: str, choices: Sequence[str] = (), **kept: Any) -> SkillResult:
        """Return a question, and remember on this side that it was asked."""
        said = self.kept("said") or numbers(self.context.text)
        kinds = sorted(self.said_kinds())
        self.visit.waiting[self.skill] = {"ask": slot, "said": said, "kinds": kinds, **kept}
        return self._result(texts, choices=choices[:MOST_CHOICES], ask=slot)

    def tell(self, *texts: str, note: str = "", hand_off: str = "") -> SkillResult:
        """Return an answer; this skill asks nothing any more."""
        self.forget()
        if note:
            self.visit.note(f"{self.skill}: {note}")
        return self._result(texts, hand_off=hand_off)

    def forget(self) -> None:
        """Forget what this skill asked and kept."""
        self.visit.waiting.pop(self.skill, None)

    def ask_yes(self, text: str, **kept: Any) -> SkillResult:
        """Ask for a yes or a no."""
        return self.ask("agreed", text, choices=(self.words.say("say_yes"), self.words.say("say_no")), **kept)

    def _result(self, texts: Sequence[str], **more: Any) -> SkillResult:
        text = self.words.joined(self.prefix, *texts)
        return SkillResult(text, slots=dict.fromkeys(SECRET, ""), **more)


__all__ = ["Turn"]
