"""What an author wants of a new persona, and what its name may be.

Knows nothing of terminals and writes no files.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..language import guess_language
from ..nodes import plain
from ..source import parse

LANGUAGES = ("en", "zh")
TONES = ("casual", "neutral", "formal")
DOMAINS = ("shop", "museum")
_TEXTS = Path(__file__).with_name("texts.yaml")
_LONGEST = 80
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])")


@dataclass(frozen=True, slots=True)
class Wishes:
    """Hold what a new persona shall be.

    `faq` are questions with their answers; without any, the persona begins with those of its `domain`.
    """

    name: str
    languages: tuple[str, ...] = ("en",)
    summary: str = ""
    tone: str = "casual"
    domain: str | None = None
    faq: tuple[tuple[str, str], ...] = ()

    @property
    def language(self) -> str:
        """Return the language of its author."""
        return self.languages[0]

    @property
    def examples(self) -> str | None:
        """Return the domain whose examples it begins with, or None when it has questions of its own."""
        return self.domain or (None if self.faq else DOMAINS[0])

    def rows(self) -> list[tuple[str, str, str]]:
        """Return what it knows, as (question, answer, language): the author's own first."""
        own = [(ask, answer, guess_language(f"{ask} {answer}", self.languages)) for ask, answer in self.faq]
        given = texts()["domains"][self.examples]["faq"] if self.examples else {}
        return [*own, *((ask, answer, code) for code in self.languages for ask, answer in given.get(code, ()))]


@cache
def texts() -> dict[str, Any]:
    """Return the texts of new personas."""
    tree, found = parse(_TEXTS.read_text(encoding="utf-8"), _TEXTS.name)
    if tree is None or found:
        raise ValueError(f"{_TEXTS.name} is damaged: {found}")
    return dict(plain(tree))


def name_fault(name: str, language: str = "en") -> str | None:
    """Return in a sentence, in an author's language, why a text cannot be a persona's name; None when it can."""
    faults = texts()["faults"][language]
    if not name.strip():
        return str(faults["empty"])
    if len(name) > _LONGEST:
        return str(faults["long"]).format(given=len(name), most=_LONGEST)
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp", "Cn", "Co") for c in name):
        return str(faults["unseen"])
    found = re.search(r"[/\\{}<>|]", name)
    if found:
        return str(faults["path" if found[0] in "/\\" else "sign"]).format(sign=found[0])
    folder = folder_of(name)
    return str(faults["folder"]).format(name=name) if not folder or _RESERVED.fullmatch(folder) else None


def folder_of(name: str) -> str:
    """Return the name of a persona's folder: mei_lin for Mei Lin."""
    words = re.findall(r"[\w-]+", unicodedata.normalize("NFC", name).casefold())
    return "_".join(words).strip("-_")
