"""What a customer is told, in English and Chinese. Values are put in as they are, never read as templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from .settings import CustomerServiceSettings

if TYPE_CHECKING:  # it needs a database library, which checking a persona does not
    from .office import Card, Order

WORDS: Mapping[str, Mapping[str, str]] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


class Words:
    """Say things in the language of a turn, with the persona's own names for kinds and amounts."""

    def __init__(self, language: str, settings: CustomerServiceSettings) -> None:
        self.language = "zh" if language.startswith("zh") else "en"
        self._settings = settings

    def say(self, key: str, **values: object) -> str:
        """Return one of the sentences."""
        return WORDS[key][self.language].format(**values)

    def has(self, key: str) -> bool:
        """Tell whether there is such a sentence."""
        return key in WORDS

    def kind(self, kind: str) -> str:
        """Return what a kind of order or card is called."""
        return _local(self._settings.kinds.get(kind, {}), self.language) or kind.replace("_", " ")

    def amount(self, cents: int) -> str:
        """Return an amount as it is said."""
        figure = f"{cents // 100:,}" if cents % 100 == 0 else f"{cents / 100:,.2f}"
        return _local(self._settings.currency, self.language).replace("{amount}", figure)

    def date(self, day: date) -> str:
        """Return a date as it is said."""
        if self.language == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def order(self, order: Order) -> str:
        """Return what an order is called; short enough for a button."""
        about = f", {order.about}" if order.about else ""
        return f"{order.number} ({self.kind(order.kind)}{about})"

    def card(self, card: Card) -> str:
        """Return what a card is called."""
        return self.say("card", kind=self.kind(card.kind), last4=card.last4)

    def joined(self, *parts: str) -> str:
        """Return sentences one behind the other."""
        return ("" if self.language == "zh" else " ").join(part for part in parts if part)


def _local(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")


__all__ = ["WORDS", "Words"]
