"""One skill in one transaction: the visit is read, the door is passed, the work is done, the visit is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...core.plugin import SkillContext, SkillResult
from . import cards, cases, orders
from .door import enter
from .office import Office
from .settings import CustomerServiceSettings
from .turn import Turn
from .visits import key_of, read, write
from .words import Words

FOR_ALL: Mapping[str, Callable[[Turn], SkillResult]] = {"hand_over": cases.hand_over, "finish": cases.finish}
FOR_CUSTOMERS: Mapping[str, Callable[[Turn, str], SkillResult]] = {
    "order": orders.look_up,
    "refund": orders.refund,
    "card": cards.look_up,
    "block_card": cards.block,
    "ticket": cases.open_ticket,
    "ticket_status": cases.ticket_status,
}


def do(name: str, context: SkillContext, settings: CustomerServiceSettings, office: Office, now: float) -> SkillResult:
    """Return what a skill answers."""
    with office.open() as desk:
        visit = read(desk.connection, key_of(context.conversation, context.user))
        turn = Turn(name, context, settings, desk, visit, Words(context.language, settings), now)
        result = FOR_ALL[name](turn) if name in FOR_ALL else _for_customer(turn)
        write(desk.connection, visit, now)
    return result


def _for_customer(turn: Turn) -> SkillResult:
    if (asked := enter(turn)) is not None:
        return asked
    return FOR_CUSTOMERS[turn.skill](turn, turn.visit.customer or "")


__all__ = ["do"]
