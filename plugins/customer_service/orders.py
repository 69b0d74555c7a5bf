"""Orders of a customer who has proven who they are: how they stand, and refunds by the rules, each at most once."""

from __future__ import annotations

import re

from ...core.plugin import SkillResult
from .numbers import plain
from .office import Order
from .reading import agreed
from .rules import refund as judged
from .turn import Turn


def look_up(turn: Turn, customer: str) -> SkillResult:
    """Tell how an order stands."""
    order = _chosen(turn, customer)
    if isinstance(order, SkillResult):
        return order
    words = turn.words
    by = order.delivered if order.status == "delivered" else order.expected
    key = f"{order.status}_by" if by is not None and words.has(f"{order.status}_by") else order.status
    status = words.say(key, date=words.date(by) if by else "") if words.has(key) else order.status
    told = words.say("order", order=words.order(order), status=status)
    back = ""
    if order.refunded is not None:
        back = words.say("refunded_too", amount=words.amount(order.cents), date=turn.day(order.refunded))
    return turn.tell(told, back, note=f"{order.number} is {order.status}, told")


def refund(turn: Turn, customer: str) -> SkillResult:
    """Pay an order back, after a yes, where the rules allow it; explain it where they do not."""
    words, rules = turn.words, turn.settings.refunds
    asked, wanted = turn.kept("agree"), None
    if asked and (said := turn.answer_to("agreed")):
        yes = agreed(said)
        if yes is None:
            return turn.ask_yes(words.say("yes_or_no"), agree=asked)
        if not yes:
            return turn.tell(words.say("left"), note=f"{asked} not wanted after all")
        wanted = asked
    order = _chosen(turn, customer, wanted)
    if isinstance(order, SkillResult):
        return order
    outcome, name, amount = judged(order, rules, turn.today), words.order(order), words.amount(order.cents)
    if outcome == "yes" and wanted is None:
        return turn.ask_yes(words.say("refund_sure", amount=amount, order=name), agree=order.number)
    if outcome == "yes":
        if turn.desk.refund(customer, order.number, order.cents, turn.now):
            return turn.tell(words.say("refund_done", amount=amount, order=name), note=f"{order.number}, {amount} done")
        outcome = "refunded"
    number = 0
    if outcome == "much":
        number = turn.desk.ticket("ticket", customer, f"Refund of {order.number}, {amount}", turn.now)
    told = words.say(
        f"refund_{outcome}",
        order=name,
        kind=words.kind(order.kind),
        amount=amount,
        days=rules.days,
        limit=words.amount(rules.limit * 100),
        date=turn.day(order.refunded or turn.now) if outcome == "refunded" else words.date(order.placed),
        number=number,
    )
    return turn.tell(told, note=f"{order.number} not done ({outcome})")


def _chosen(turn: Turn, customer: str, known: str | None = None) -> Order | SkillResult:
    """Return the order that is meant, of this customer's only; a question where it is not clear."""
    orders, words = turn.desk.orders(customer), turn.words
    if not orders:
        return turn.tell(words.say("no_orders"), note="no orders")
    said = [known] if known else turn.said_numbers()
    named = [order for order in orders if plain(order.number) in map(plain, said)]
    if not named:
        named = [order for order in orders if order.kind in turn.said_kinds()]
    if len(named) == 1:
        return named[0]
    shapes = {_shape(order.number) for order in orders}
    strange = next((number for number in said if _shape(number) in shapes), "") if not named else ""
    if len(orders) == 1 and not strange:
        return orders[0]
    unknown = words.say("not_yours", number=strange) if strange else ""
    turn.forget()  # a number that is none of theirs is not looked for again
    choices = [words.order(order) for order in named or orders]
    return turn.ask("order", unknown, words.say("which_order"), choices=choices)


def _shape(number: str) -> str:
    """Return how a number is made up, so that one that looks like an order's is told from other words with figures."""
    return re.sub(r"[A-Z]", "A", re.sub(r"\d", "0", plain(number)))


__all__ = ["look_up", "refund"]
