"""Turn Rasa's responses into words: pictures and buttons are told, variants for a channel give way to general ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...language import guess_language
from ...schema import base
from ..said import clean, harmless
from .domain import Domain
from .shapes import a_dict, a_list, a_text

LANGUAGE_SLOT = "language"
"""The slot whose value, in the condition of a variant, tells the variant's language."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Hold one way to say a response: its number in the domain, its language, its words and what they end with."""

    index: int
    language: str
    words: str
    ending: str


def variants(domain: Domain, name: str, languages: Sequence[str]) -> list[Variant]:
    """Return the variants of a response that a persona can say."""
    told = [(index, variant) for index, variant in enumerate(domain.responses.get(name, [])) if shown(variant)[0]]
    general = [(i, v) for i, v in told if not v.get("channel") and (not v.get("condition") or _language(v, languages))]
    found = []
    for index, variant in general or told:
        words, ending = shown(variant)
        found.append(Variant(index, _language(variant, languages) or guess_language(words, languages), words, ending))
    return found


def is_plain(variant: dict[str, Any], languages: Sequence[str]) -> bool:
    """Tell whether a variant is nothing but words (and, it may be, a language)."""
    rest = {key for key, value in variant.items() if value and key not in ("text", "id", "metadata")}
    return rest <= {"condition"} and (not variant.get("condition") or bool(_language(variant, languages)))


def shown(variant: dict[str, Any]) -> tuple[str, str]:
    """Return a variant in words, and what they end with beyond its text: a picture's address, titles of buttons."""
    parts = []
    for key in ("image", "attachment"):
        address = variant.get(key)
        if isinstance(address, str) and address.startswith(("https://", "http://")):
            parts.append(clean(address).strip())
    buttons = [*a_list(variant.get("buttons")), *a_list(variant.get("quick_replies"))]
    titles = [title for button in buttons if (title := _said(a_dict(button).get("title")))]
    if titles:
        parts.append("(" + " / ".join(titles) + ")")
    ending = "\n".join(parts)
    text = _said(variant.get("text"))
    return "\n".join(part for part in (text, ending) if part), ending


def language_condition(code: str) -> list[dict[str, Any]]:
    """Return the condition of a variant that is said in one language."""
    return [{"type": "slot", "name": LANGUAGE_SLOT, "value": code}]


def _said(value: Any) -> str:
    return harmless(clean(a_text(value))).strip()


def _language(variant: dict[str, Any], languages: Sequence[str]) -> str:
    conditions = [a_dict(item) for item in a_list(variant.get("condition"))]
    if len(conditions) != 1 or conditions[0].get("name") != LANGUAGE_SLOT:
        return ""
    code = a_text(conditions[0].get("value"))
    return next((known for known in languages if base(known) == base(code)), "") if code else ""
