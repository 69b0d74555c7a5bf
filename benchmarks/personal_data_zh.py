"""Chinese sentences with personal data, and others that only look so, made with a seed from the file beside this one.

In the file `person NAME` is a value, `+person SENTENCE` a place for one, `- SENTENCE` holds none. No name, template or
sentence is shared with what the finder of names was trained on.
"""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

Span = tuple[int, int, str]
EACH = 8  # values for each template


def rows(seed: int = 5) -> list[tuple[str, list[Span]]]:
    """Return (text, spans) of each sentence."""
    said: dict[str, list[str]] = defaultdict(list)
    for line in Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines():
        kind, _, text = line.partition(" ")
        said[kind].append(text)
    rnd = random.Random(seed)
    made: list[tuple[str, list[Span]]] = [(text, []) for text in said["-"]]
    for name, templates in said.items():
        kind = name.removeprefix("+")
        for template in templates if name != kind else ():
            start = template.index("{}")
            for value in rnd.sample(said[kind], min(EACH, len(said[kind]))):
                made.append((template.replace("{}", value), [(start, start + len(value), kind)]))
    return made
