"""Show lists of texts as paragraphs of a page, and bring what an author changed there back into the list.

Knows no format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import Any


def shown_items(value: Any, say: Callable[[str], str]) -> list[str]:
    """Return what is shown of each item of a list, or of a text; an empty text for what is not shown."""
    given = value if isinstance(value, list) else [value]
    return [flat(say(item)) if isinstance(item, str) else "" for item in given]


def flat(text: str) -> str:
    """Return a text as one paragraph that is no heading, no list and no fence."""
    text = " ".join(text.split())
    return re.sub(r"^(?:#{1,6}|[-*+>]|\d{1,3}[.)]|```|~~~)(?=\s|$)\s*", "", text)


def paragraphs(shown: Sequence[str]) -> str:
    """Return items as paragraphs."""
    return "\n\n".join(text for text in shown if text)


def items_of(text: str) -> list[str]:
    """Return the items of a part of a page: its paragraphs, or the items of its list."""
    if re.match(r"[-*+][ \t]", text.strip()):
        parts = re.split(r"^[-*+][ \t]+", text.strip(), flags=re.MULTILINE)
    else:
        parts = re.split(r"\n[ \t]*\n", text)
    return [" ".join(part.split()) for part in parts if part.strip()]


def merged(original: Any, shown: Sequence[str], now: Sequence[str], places: Sequence[int] | None = None) -> Any:
    """Return a list in which the items that changed are new and all others, shown or not, are the original ones.

    `places` are the indices in the original of what is shown; by default each item is shown in its place. A text
    that was no list becomes a text again.
    """
    given = list(original) if isinstance(original, list) else [] if original is None else [original]
    at = [place for place, text in zip(places if places is not None else range(len(given)), shown) if text]
    words = [text for text in shown if text]
    if not isinstance(original, list) and original is not None:
        return "\n\n".join(now)
    replaced: dict[int, list[Any]] = {}
    end: list[Any] = []
    for what, i, j, k, m in SequenceMatcher(None, words, list(now), autojunk=False).get_opcodes():
        if what == "equal":
            continue
        for place in at[i:j]:
            replaced.setdefault(place, [])
        if i < j:
            replaced[at[i]] = list(now[k:m])
        elif i < len(at):
            replaced[at[i]] = [*replaced.get(at[i], []), *now[k:m], given[at[i]]]
        else:
            end += now[k:m]
    found = [item for place, value in enumerate(given) for item in replaced.get(place, [value])]
    return found + end
