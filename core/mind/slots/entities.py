"""Find the entities of a slot that a message names: by any of their names, misspelt, in pinyin, in other characters.

Exact names win over near ones, longer over shorter. Knows no intents; what a name means is for others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from ...persona.schema import Persona
from ..values.typed import folded

FUZZY_LENGTH = 6  # letters of the shortest name that may be misspelt
PINYIN_LENGTH = 5  # letters of the shortest name that is looked for in pinyin
LONGEST = 4000  # characters of a message that are searched
_WORDS = 48  # of a message that are compared with names one by one
_FILLER = re.compile(
    r"[\W_]+|\b(?:the|a|at|in|to|for|of|is|it|its|it s|s|i|mean|meant|no|yes|please|well|oh|just|said)\b"
    r"|[我你您是说的吧呢啊哦嗯呀就那去请问]"
)
_HAN = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_LATIN_WORD = re.compile(r"[a-z]+(?:[1-5](?![a-z\d]))?")
_ENGLISH = frozenset(  # words that are syllables of pinyin too; alone they name nothing
    re.findall(
        r"\w+",
        "long men he she me can an ma pa wan pan tan ban fan man ran gun sun run fun hen pen ten den bin pin tin lie "
        "die pie sang hang bang gang song dong ping ding you a e o ai hai tang rang dang wei kan mai",
    )
)


def normal(text: str) -> str:
    """Return text for comparing names: NFKC, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


@dataclass(frozen=True, slots=True)
class Entity:
    """Hold one value of an entity slot: its id, the name to say by language, and all names that mean it."""

    id: str
    name: Mapping[str, str]
    names: tuple[str, ...]

    def value(self, language: str) -> dict[str, str]:
        """Return the slot's value as it stands in a reply."""
        return {"id": self.id, "name": self.name.get(language) or next(iter(self.name.values()))}


@dataclass(frozen=True, slots=True)
class Mention:
    """Hold where a message names an entity; `slips` is how far the words are from the name, 0 for the very name."""

    entity: Entity
    start: int
    end: int
    slips: float = 0.0


def entities_of(records: Iterable[Mapping[str, Any]], field: str, default_language: str) -> list[Entity]:
    """Return the entities that a file of records names by a field; `aliases` of a record count too."""
    found = []
    for record in records:
        names = record.get(field)
        if isinstance(names, str):
            names = {default_language: names}
        if not isinstance(names, Mapping) or not names:
            continue
        said = {str(k): str(v) for k, v in names.items()}
        aliases = [str(alias) for alias in record.get("aliases") or ()]
        unique = tuple(dict.fromkeys(normal(name) for name in [*said.values(), *aliases]))
        found.append(Entity(str(record.get("id") or next(iter(said.values()))), said, unique))
    return found


def finders_of(
    persona: Persona, records: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[tuple[str, str], EntityFinder]:
    """Return the finders of all entity slots by (intent, slot); `records` are by the path of their file."""
    found: dict[tuple[str, str], EntityFinder] = {}
    made: dict[object, EntityFinder] = {}
    for intent in persona.intents:
        for name, slot in intent.slots.items():
            if slot.values is None:
                continue
            if slot.values not in made:
                if isinstance(slot.values, str):
                    path, _, field = slot.values.partition("#")
                    entities = entities_of(records.get(path, ()), field or "name", persona.language)
                else:
                    entities = entities_of([{"id": v, "name": v} for v in slot.values], "name", persona.language)
                made[slot.values] = EntityFinder(entities)
            found[intent.name, name] = made[slot.values]
    return found


class EntityFinder:
    """Find entities of one slot in text."""

    def __init__(self, entities: Sequence[Entity]) -> None:
        self.by_id = {entity.id: entity for entity in entities}
        names = [(_plain(name), entity) for entity in entities for name in entity.names if name]
        self._names = sorted(names, key=lambda item: -len(item[0]))
        self._by_name = dict(reversed(self._names))
        pattern = "|".join(_exactly(name) for name, _ in self._names)
        self._pattern = re.compile(pattern) if pattern else None
        han = [(name, entity) for name, entity in self._names if len(name) > 1 and _HAN.fullmatch(name)]
        self._sounds = [(name, _sound(name), entity) for name, entity in han]
        self._pinyin = {
            "".join(syllable[:-1] for syllable in sound): (name, entity) for name, sound, entity in self._sounds
        }
        pinyin = [(key, entity) for key, (_, entity) in self._pinyin.items()]
        spelt = [item for item in [*self._names, *pinyin] if item[0].isascii() and len(item[0]) >= FUZZY_LENGTH]
        self._spelt = list(dict(reversed(spelt)).items())
        self._slips = np.array([1 if len(name) < 9 else 2 if len(name) < 16 else 3 for name, _ in self._spelt])
        self._most_words = max((name.count(" ") + 1 for name, _ in self._spelt), default=0)

    def is_all(self, text: str) -> bool:
        """Tell whether a text says nothing but an entity's name, little words left out: "the Drum Tower, please"."""
        mentions = self.mentions(text)
        if not mentions:
            return False
        rest = list(normal(text) if len(normal(text)) == len(text) else folded(text))
        for mention in mentions:
            rest[mention.start : mention.end] = " " * (mention.end - mention.start)
        return not _FILLER.sub("", "".join(rest))

    def find(self, text: str) -> Entity | None:
        """Return the entity that the text names: the longest exact name, else the nearest by spelling, else None."""
        mentions = self.mentions(text)
        if not mentions:
            return None
        return max(mentions, key=lambda mention: (mention.end - mention.start) * (1 - mention.slips)).entity

    def mentions(self, text: str) -> list[Mention]:
        """Return where a text names entities, in order; mentions do not overlap."""
        plain = _plain(text[:LONGEST])
        if self._pattern is None or not plain.strip():
            return []
        found = [
            Mention(self._by_name[" ".join(match[0].split())], *match.span()) for match in self._pattern.finditer(plain)
        ]
        found += self._by_sound(plain)
        if not found:
            found = self._by_pinyin(plain) or self._by_spelling(plain)
        found.sort(key=lambda mention: (-(mention.end - mention.start) * (1 - mention.slips), mention.start))
        kept: list[Mention] = []
        for mention in found:
            if all(mention.end <= other.start or other.end <= mention.start for other in kept):
                kept.append(mention)
        return sorted(kept, key=lambda mention: mention.start)

    def _by_sound(self, plain: str) -> list[Mention]:
        """Return Chinese names in other characters that sound alike: 頤和園 and 慕田玉 for 颐和园 and 慕田峪."""
        if not self._sounds:
            return []
        found = []
        for run in _HAN.finditer(plain):
            heard = _sound(run[0])
            for name, sound, entity in self._sounds:
                size = len(sound)
                toneless = size > 2
                for i in range(len(heard) - size + 1):
                    said = heard[i : i + size]
                    if said != sound and not (toneless and [s[:-1] for s in said] == [s[:-1] for s in sound]):
                        continue
                    same = sum(a == b for a, b in zip(name, run[0][i : i + size], strict=True))
                    if size > same and same * 3 >= size:
                        start = run.start() + i
                        found.append(Mention(entity, start, start + size, (size - same) / size))
        return found

    def _by_pinyin(self, plain: str) -> list[Mention]:
        """Return Chinese names written in Latin letters, with tones or without, in one word or several."""
        if not self._pinyin:
            return []
        words = list(_LATIN_WORD.finditer(plain))[:_WORDS]
        letters = [word[0].rstrip("12345") for word in words]
        found = []
        for i in range(len(words)):
            joined = ""
            for j in range(i, min(i + 6, len(words))):
                if j > i and plain[words[j - 1].end() : words[j].start()] not in (" ", "", "'", "-", "’"):
                    break
                joined += letters[j]
                named = self._pinyin.get(joined)
                if named and len(joined) >= PINYIN_LENGTH and not _ENGLISH.issuperset(letters[i : j + 1]):
                    found.append(Mention(named[1], words[i].start(), words[j].end(), 0.1))
        return found

    def _by_spelling(self, plain: str) -> list[Mention]:
        """Return Latin names with a letter or two wrong."""
        words = list(_WORD.finditer(plain))[:_WORDS]
        places = [(i, j) for i in range(len(words)) for j in range(i, min(i + self._most_words + 1, len(words)))]
        said = [plain[words[i].start() : words[j].end()] for i, j in places]
        if not said or not self._spelt:
            return []
        slips = cdist([name for name, _ in self._spelt], said, scorer=OSA.distance, score_cutoff=3)  # [names, places]
        found = []
        for row, column in np.argwhere((slips > 0) & (slips <= self._slips[:, None])):
            (name, entity), (i, j) = self._spelt[row], places[column]
            if name in self._pinyin and " " in said[column]:
                continue
            if not _other_word(name, said[column]):
                found.append(Mention(entity, words[i].start(), words[j].end(), float(slips[row, column]) / len(name)))
        return found


def _other_word(name: str, said: str) -> bool:
    """Tell whether a difference lies in one short word, which then is sooner another word than a slip."""
    own, other = name.split(), said.split()
    if len(own) != len(other):
        return False
    return any(OSA.distance(a, b) * 3 > max(len(a), 3) for a, b in zip(own, other, strict=True))


def _exactly(name: str) -> str:
    written = r"\s+".join(re.escape(word) for word in name.split())
    return rf"(?<![a-z\d]){written}(?![a-z\d])" if name.isascii() else written


def _plain(text: str) -> str:
    """Return a text of the same length: half-width, lower case, without accents."""
    text = folded(text)
    return (
        text
        if text.isascii()
        else "".join(unicodedata.normalize("NFD", char)[0] if char > "\x7f" else char for char in text)
    )


@lru_cache(maxsize=4096)
def _sounds_of(text: str) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin

    said = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False, errors="ignore")
    return tuple(syllable if syllable[-1:].isdigit() else f"{syllable}5" for syllable in said)


def _sound(text: str) -> list[str]:
    """Return the syllables of Chinese characters in pinyin, each with the number of its tone."""
    return list(_sounds_of(text))
