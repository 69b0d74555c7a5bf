"""Sentences for the judge of risks, written as short grammars.

A file has sections, each headed by the kind of its sentences in brackets. A line is a sentence: `(a|b)` is a choice,
`{name}` one of a list, which a line `@name = a | b` gives; `*12 ` before a sentence says how many are made of it. What
stands after ` ~ ` is the sentence's harmless twin, which shares words with it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

DATA = Path(__file__).with_name("data")
PLAIN = DATA / "plain"  # what is harmless and everyday, or sounds dangerous only
NEXT = DATA / "next"  # by other authors than the first
ATTACKS = DATA / "attacks"  # on the rules, in everyday clothes
MORE = DATA / "more"  # by others again, for what can learn from so many
BORDER = DATA / "border"  # by the last: mild and everyday, and close to what is harmless
MADE = 6  # sentences of a line that does not say how many
SAFE = "safe"
TWIN = " ~ "
_CHOICE = re.compile(r"\(([^()]*)\)")
_NAME = re.compile(r"\{(\w+)\}")
_COUNT = re.compile(r"\*(\d+) ")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Hold a sentence, its kind, its language, and the line that it comes from.

    `share` is 1 over those of the line, `folder` that of the file; a `twin` is the harmless side of a line.
    """

    text: str
    kind: str
    language: str
    line: str
    share: float
    folder: str = ""
    twin: bool = False


def sentences(folder: Path = DATA) -> list[Sentence]:
    """Return all sentences of the files NAME.LANGUAGE.txt of a folder, the same every time."""
    return [sentence for path in sorted(folder.glob("*.*.txt")) for sentence in _read(path)]


def _read(path: Path) -> Iterator[Sentence]:
    language, kind = path.suffixes[0][1:], ""
    lists: dict[str, list[str]] = {}
    for written in path.read_text("utf-8").splitlines():
        line = written.strip()
        if not line or line.startswith("# "):
            continue
        if line.startswith("@"):
            name, _, values = line[1:].partition("=")
            lists[name.strip()] = [value.strip() for value in values.split("|")]
        elif re.fullmatch(r"\[[a-z_]+\]", line):
            kind = line[1:-1]
        else:
            said, _, twin = line.partition(TWIN)
            for side, its_kind, is_twin in ((said, kind, False), (twin, SAFE, True)):
                for text in (made := _made(side, lists) if side else []):
                    yield Sentence(text, its_kind, language, line, 1 / len(made), path.parent.name, is_twin)


def _made(line: str, lists: dict[str, list[str]]) -> list[str]:
    count = _COUNT.match(line)
    wanted, rest = (int(count[1]), line[count.end() :]) if count else (MADE, line)
    chance = random.Random(crc32(line.encode()))
    found: dict[str, None] = {}
    for _ in range(3 * wanted):
        found.setdefault(_one(rest, lists, chance))
        if len(found) == wanted:
            break
    return list(found)


def _one(text: str, lists: dict[str, list[str]], chance: random.Random) -> str:
    text = _NAME.sub(lambda match: chance.choice(lists[match[1]]) if match[1] in lists else match[0], text)
    while True:
        made = _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), text)
        if made == text:
            return " ".join(text.split())
        text = made
