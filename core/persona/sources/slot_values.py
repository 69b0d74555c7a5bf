"""Read the things that a slot may be from the file that it names, which need not be knowledge too."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from ..schema import Persona
from .records import read_records
from .tables import read_table


def slot_records(persona: Persona, root: Path, known: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the records of each file that slots take their values from, by its path, without those that are known."""
    found: dict[str, list[dict[str, Any]]] = {}
    for intent in persona.intents:
        for slot in intent.slots.values():
            path = slot.values.partition("#")[0] if isinstance(slot.values, str) else ""
            if not path or path in known or path in found:
                continue
            if path.lower().endswith(".csv"):
                table = read_table(root / path, (), ())
                rows = [{column: row[column] for column in table.columns if column} for row in table.rows]
                found[path] = [row if "id" in row else {"id": f"{path}#{i}", **row} for i, row in enumerate(rows, 1)]
            else:
                found[path] = read_records(root / path, persona.languages).values()
    return found
