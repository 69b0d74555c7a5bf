"""What may be paid back: the rules, applied in one order, the first that forbids it named. Knows no words."""

from __future__ import annotations

from datetime import date
from typing import Literal

from .office import Order
from .settings import RefundRules

Outcome = Literal["yes", "refunded", "cancelled", "never", "late", "much", "nothing"]


def refund(order: Order, rules: RefundRules, today: date) -> Outcome:
    """Return whether an order may be paid back, or what forbids it; `much` is for a person to decide."""
    if order.refunded is not None:
        return "refunded"
    if order.status == "cancelled":
        return "cancelled"
    if order.cents <= 0:
        return "nothing"
    if order.kind in rules.never:
        return "never"
    if (today - order.placed).days > rules.days:
        return "late"
    return "much" if order.cents > rules.limit * 100 else "yes"


__all__ = ["Outcome", "refund"]
