"""Give names that the persona language allows to what Rasa calls otherwise, and remember what it was."""

from __future__ import annotations

import re

from ...schema import NAME_PATTERN


class Names:
    """Hold the names of one kind of thing; `originals` has those that were changed."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._given: dict[str, str] = {}
        self.originals: dict[str, str] = {}

    def give(self, original: str) -> str:
        """Return the name for a thing, the same for the same thing."""
        if original in self._given:
            return self._given[original]
        name = re.sub(r"[^\w-]+", "_", original).strip("_")[:70] or self._prefix
        if not re.match(NAME_PATTERN, name):
            name = f"{self._prefix}_{name}"
        taken = set(self._given.values())
        number, unique = 2, name
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        self._given[original] = unique
        if unique != original:
            self.originals[unique] = original
        return unique
