"""Read the file that fills an empty back office: customers, orders and cards.

A date may be relative to the day of filling (`today-5`), so that samples do not grow old.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Date, Integer, Table

from ...core.errors import SettingsInvalid
from .tables import CARDS, CUSTOMERS, ORDERS

_RELATIVE = re.compile(r"today(?:([+-]\d{1,5}))?")
TABLES = (CUSTOMERS, ORDERS, CARDS)


def read_seed(path: Path, today: date | None = None) -> dict[Table, list[dict[str, Any]]]:
    """Return the rows for each table; raise SettingsInvalid naming the row that does not fit."""
    try:
        given = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsInvalid(f"{path.name} cannot be read: {error}") from error
    known = {table.name: table for table in TABLES}
    if not isinstance(given, dict) or not set(given) <= set(known):
        raise SettingsInvalid(f"{path.name} should have the lists {', '.join(known)}, and nothing else")
    day = today or date.today()
    return {table: [_row(path, table, row, day) for row in given.get(name) or ()] for name, table in known.items()}


def _row(path: Path, table: Table, row: Any, today: date) -> dict[str, Any]:
    if not isinstance(row, dict) or not set(row) <= set(table.c.keys()):
        columns = ", ".join(table.c.keys())
        raise SettingsInvalid(f"{path.name}: a row of {table.name} has the keys {columns}; found: {row!r}")
    found: dict[str, Any] = {}
    for column in table.c:
        value = row.get(column.name)
        needed = not column.nullable and column.default is None
        if value is None and needed:
            raise SettingsInvalid(f"{path.name}: a row of {table.name} lacks `{column.name}`: {row!r}")
        if value is None:
            found[column.name] = column.default.arg if column.default is not None else None  # type: ignore[attr-defined]
        elif isinstance(column.type, Date):
            found[column.name] = _date(path, value, today)
        elif isinstance(column.type, Integer):
            if not isinstance(value, int) or isinstance(value, bool):
                raise SettingsInvalid(f"{path.name}: `{column.name}` should be a whole number, not {value!r}")
            found[column.name] = value
        else:
            found[column.name] = str(value)
    return found


def _date(path: Path, value: Any, today: date) -> date:
    if isinstance(value, date):
        return value
    match = _RELATIVE.fullmatch(str(value))
    if match is None:
        raise SettingsInvalid(f"{path.name}: {value!r} is no date; write 2026-11-29 or today-5")
    return today + timedelta(days=int(match[1] or 0))


__all__ = ["read_seed"]
