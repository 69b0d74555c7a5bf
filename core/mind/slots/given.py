"""Values that another program gives for the slots of an intent, as the persona has them.

A text is read as if the user had said it in answer to the question for that slot. Knows no turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...persona.schema import Intent
from .found import Finders


def given(intent: Intent, slots: Mapping[str, Any], finders: Finders, language: str) -> dict[str, Any]:
    """Return the slots of an intent that are given; a text that is no value of its slot is left out."""
    found: dict[str, Any] = {}
    for name, value in slots.items():
        if name not in intent.slots or value is None:
            continue
        if intent.slots[name].type != "text" and not isinstance(value, Mapping):
            value = finders.fill(intent, name, str(value), language, asked=True)
        if value is not None:
            found[name] = value
    return found
