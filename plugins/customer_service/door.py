"""Who is there: asks for the customer number and what only that customer knows, and lets through who has proven it.

An unknown number and a wrong answer are told the same, and both count; after some of them nothing is asked for a
while, whether they came in one conversation, from one user, or were about one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from ...core.plugin import SkillResult
from .numbers import plain
from .reading import fact, fits, numbers
from .settings import Fact
from .turn import Turn
from .visits import failed, forgiven, key_of, locked


def enter(turn: Turn) -> SkillResult | None:
    """Return what is to be asked or told at the door; None lets the turn through."""
    visit, rules = turn.visit, turn.settings.verification
    if visit.proven(turn.now) is not None:
        return None
    visit.customer = None
    if (shut := _locked(turn, turn.kept("claimed"))) is not None:
        return shut
    if said := turn.answer_to("customer"):
        claimed = next((number for number in numbers(said)), "")
        if not claimed:
            return turn.ask("customer", turn.words.say("customer_unclear"))
        if (shut := _locked(turn, claimed)) is not None:
            return shut
        rest = said.replace(claimed, " ")
        return _hear(turn, claimed, list(rules.facts), True, rest)
    if said := turn.answer_to("proof"):
        wanted: list[Fact] = turn.kept("wanted")
        return _hear(turn, turn.kept("claimed"), wanted, turn.kept("fits"), said)
    return turn.ask("customer", turn.words.say("ask_customer"))


def _hear(turn: Turn, claimed: str, wanted: Sequence[Fact], good: bool, said: str) -> SkillResult | None:
    """Take in the facts that were said, and ask for the others; what came of it is told when all are there."""
    customer, is_answer = turn.desk.customer(claimed), turn.answer_to("proof")
    while wanted:
        value = fact(wanted[0], said)
        if value is None:
            key = f"{wanted[0]}_unclear" if is_answer else f"ask_{wanted[0]}"
            return turn.ask("proof", turn.words.say(key), claimed=claimed, wanted=list(wanted), fits=good)
        good &= fits(wanted[0], value, customer)
        wanted, said, is_answer = wanted[1:], "", ""
    if not good or customer is None:
        return _refuse(turn, claimed)
    forgiven(turn.desk.connection, _keys(turn, claimed))
    turn.visit.customer = customer.number
    turn.visit.until = turn.now + turn.settings.verification.minutes * 60
    turn.visit.note(f"verified: {customer.number}")
    turn.prefix = turn.words.say("verified", name=customer.name)
    return None


def _refuse(turn: Turn, claimed: str) -> SkillResult:
    seconds = turn.settings.verification.locked_minutes * 60
    failed(turn.desk.connection, _keys(turn, claimed), seconds, turn.now)
    turn.visit.note("verification: details did not match")
    return _locked(turn, claimed) or turn.ask("customer", turn.words.say("wrong"))


def _locked(turn: Turn, claimed: str | None) -> SkillResult | None:
    keys = _keys(turn, claimed or "")
    seconds = locked(turn.desk.connection, keys, turn.settings.verification.tries, turn.now)
    if not seconds:
        return None
    return turn.tell(turn.words.say("locked", minutes=ceil(seconds / 60)), note="locked after wrong details")


def _keys(turn: Turn, claimed: str) -> list[str]:
    """Return under what wrong answers are counted: this conversation, this user, this number."""
    keys = [turn.visit.key, key_of("user", turn.context.user)]
    return [*keys, key_of("number", plain(claimed))] if claimed else keys


__all__ = ["enter"]
