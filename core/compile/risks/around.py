"""Sentences as they come in a conversation: with who speaks, or small talk, around them.

Nothing of what is around makes a sentence more or less dangerous, so it keeps its kind. A judge that never heard this
holds the speaker's age, region or faith for a sign of danger.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from zlib import crc32

from .grammar import DATA, SAFE, Sentence, sentences

AROUND = DATA / "around"
FRAMED = 0.15  # of the sentences are said once more so
_PLACE = "{text}"
_ENDS = ".!?。！？"
_ALONE = re.compile(rf"(.+[{_ENDS}]) ?{re.escape(_PLACE)}")


def with_around(rows: Iterable[Sentence]) -> list[Sentence]:
    """Return sentences, some once more with something around them, and what is around, where it stands alone."""
    frames = sentences(AROUND)
    languages = {frame.language for frame in frames}
    by_language = {code: [frame.text for frame in frames if frame.language == code] for code in languages}
    found = list(rows)
    for row in tuple(found):
        chance = random.Random(crc32(f"around {row.text}".encode()))
        if chance.random() < FRAMED:
            found.append(replace(row, text=framed(row.text, chance.choice(by_language[row.language]))))
    return [*found, *_alone(frames)]


def framed(text: str, frame: str) -> str:
    """Return a text in a frame, with the capital letter and the sign between them that the place asks for."""
    before, _, after = frame.partition(_PLACE)
    if before.strip() and before.rstrip()[-1] not in _ENDS and text[1:2].islower():
        text = text[0].lower() + text[1:]
    if text[-1] in _ENDS:
        after = after.lstrip("，。")
    elif after.lstrip()[:1].isupper():
        text += "."
    return f"{before}{text}{after}"


def _alone(frames: Sequence[Sentence]) -> list[Sentence]:
    """Return what stands around, where it is a sentence by itself: it is harmless."""
    alone = ((frame, _ALONE.fullmatch(frame.text)) for frame in frames)
    return [replace(frame, text=match[1], kind=SAFE) for frame, match in alone if match]
