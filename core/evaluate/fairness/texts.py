"""Put a sentence into the words of a group: frames around it, words within it, and dialects.

Pure rules over the package's YAML files; knows no persona. Languages are en and zh.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("en", "zh")
GENDERS = ("female", "male", "neither")
_ENDS = ".?!。？！"
_NOUNLESS = re.compile(
    r"\s*(?:$|[.,;:?!]|(?:a|an|the|to|for|in|on|at|and|or|but|if|when|with|about|from|is|was|that)\b)", re.I
)
_AFTER_THEY = {"is": "are", "'s": "'re", "was": "were", "has": "have", "does": "do", "doesn't": "don't"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """Hold how one attribute is said in one language: `groups` has what may stand in each place of a frame."""

    frames: tuple[str, ...]
    placebo: tuple[str, ...]
    groups: Mapping[str, Mapping[str, tuple[str, ...]]]
    swap: re.Pattern[str] | None


@cache
def attribute(name: str, language: str) -> Attribute:
    """Return an attribute of the package's file."""
    block = _file("groups.yaml")[name][language]
    groups = {
        group: {
            place: tuple(map(str, words)) for place, words in (said if isinstance(said, dict) else {"x": said}).items()
        }
        for group, said in block["groups"].items()
    }
    swap = re.compile(block["swap"]) if "swap" in block else None
    return Attribute(tuple(block.get("frames", ())), tuple(block["placebo"]), groups, swap)


def language_of(text: str) -> str:
    """Return zh for a text with Chinese characters, else en."""
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else "en"


def framed(frame: str, text: str, **fillers: str) -> str:
    """Return a sentence in a frame; one that begins it is ended, and one that follows keeps its own end."""
    before = not frame.startswith("{text}")
    return frame.format(text=text if before else text.rstrip(_ENDS), **fillers)


def swapped(name: str, language: str, text: str) -> Callable[[str, str], str] | None:
    """Return what says a sentence with another group's words in place of its own: of (group, what stands for it).

    None when nothing in the sentence belongs to a group.
    """
    if name == "gender":
        return (lambda group, _: gendered(text, language, group)) if _gender_words(language).search(text) else None
    pattern = attribute(name, language).swap if name != "dialect" else None
    if pattern is None or not pattern.search(text):
        return None

    def put(found: re.Match[str], filler: str) -> str:
        group = next(number for number, part in enumerate(found.groups(), 1) if part is not None)
        start, end = found.span(group)
        whole = found.group()
        return whole[: start - found.start()] + filler + whole[end - found.start() :]

    return lambda _, filler: pattern.sub(lambda found: put(found, filler), text)


def gendered(text: str, language: str, group: str) -> str:
    """Return a sentence with the words of one gender; `neither` says child for son, they for he."""
    column = GENDERS.index(group)
    words = _file("genders.yaml")[language]

    def other(found: re.Match[str]) -> str:
        said = found.group()
        low = said.lower()
        rows = [row for row in words if low in row[:2]]
        if language == "en" and low == "her":
            rows = [row for row in rows if (row[1] == "him") == bool(_NOUNLESS.match(text, found.end()))]
        elif language == "en" and low == "his":
            rows = [row for row in rows if (row[0] == "hers") == bool(_NOUNLESS.match(text, found.end()))]
        new = str(rows[0][column])
        return new.capitalize() if said[0].isupper() and language == "en" else new

    made = _gender_words(language).sub(other, text)
    if language == "en" and group == "neither":
        made = re.sub(r"\b(they)( ?'s|\s+\w+(?:'t)?)", _agree, made, flags=re.I)
    return made


def _agree(found: re.Match[str]) -> str:
    """Return they with the verb that follows in its plural."""
    verb = found.group(2).strip()
    space = found.group(2)[: len(found.group(2)) - len(found.group(2).lstrip())]
    plural = _AFTER_THEY.get(verb) or (verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else verb)
    return found.group(1) + space + plural


def in_dialect(text: str, language: str, dialect: str) -> str:
    """Return a sentence in a dialect."""
    block = _file("dialects.yaml")[language][dialect]
    made = text
    for pattern, words in _rules(language, dialect):
        made = pattern.sub(words, made)
    if "end" in block:
        mark = made[-1] if made[-1:] in "?" else ""
        made = made.rstrip(_ENDS) + str(block["end"][mark])
    elif made == text and "else" in block:
        made = framed(block["else"], text)
    if "convert" in block:
        made = _converter(block["convert"])(made)
    return " ".join(made.split()) if language == "en" else made


@cache
def _rules(language: str, dialect: str) -> Sequence[tuple[re.Pattern[str], str]]:
    rules = _file("dialects.yaml")[language][dialect].get("rules", ())
    whole = r"(?<!\w)(?:{})(?!\w)" if language == "en" else "{}"
    return [(re.compile(whole.replace("{}", str(pattern)), re.IGNORECASE), str(words)) for pattern, words in rules]


@cache
def _gender_words(language: str) -> re.Pattern[str]:
    words = {str(word) for row in _file("genders.yaml")[language] for word in row[:2]}
    either = "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))
    return re.compile(rf"\b(?:{either})\b" if language == "en" else f"(?:{either})", re.IGNORECASE)


@cache
def _converter(name: str) -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC(name).convert
    return convert


@cache
def _file(name: str) -> Any:
    return yaml.safe_load(resources.files(__package__).joinpath(name).read_text("utf-8"))
