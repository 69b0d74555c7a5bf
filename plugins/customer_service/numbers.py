"""How numbers of customers, orders and tickets are compared. Knows nothing else."""

from __future__ import annotations

import re


def plain(number: str) -> str:
    """Return a number without what people leave out or write otherwise."""
    return re.sub(r"[^A-Za-z0-9]", "", number).upper()


__all__ = ["plain"]
