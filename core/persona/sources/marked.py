"""Where the value of a slot stands in an example that names it."""

from __future__ import annotations

import re


def place(text: str, said: str) -> tuple[int, int] | None:
    """Return where a value stands in a text, as whole words if it can be, in any case; None when it does not."""
    wanted = re.escape(said)
    for pattern in (rf"(?<![^\W_]){wanted}(?![^\W_])", wanted):
        match = re.search(pattern, text) or re.search(pattern, text, re.IGNORECASE)
        if match is not None:
            return match.span()
    return None
