"""What a persona may set of the finance plugin: the topics that it follows, and where its news comes from."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ...core.plugin import PersonaFile, Settings


def _of_the_web(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise ValueError("a feed's address begins with https:// or http://")
    return url


def _named(names: dict[str, str]) -> dict[str, str]:
    if not any(name.strip() for name in names.values()):
        raise ValueError("a topic needs a name, as {en: Cars, zh: 汽车}")
    return names


class Topic(BaseModel):
    """What news belongs to: its names, and other words by which it is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[dict[str, str], AfterValidator(_named)] = Field(
        description="The name by language, as {en: Cars, zh: 汽车}."
    )
    words: tuple[str, ...] = Field((), description="Other words by which news, and what users ask, belongs to it.")

    def named(self, language: str) -> str:
        """Return the name in a language, in the first one where that is missing."""
        return self.name.get(language) or next(name for name in self.name.values() if name)


class FinanceSettings(Settings):
    """What a persona may set."""

    topics: dict[str, Topic] = Field(min_length=1, max_length=200, description="The topics that are followed, by id.")
    news: tuple[PersonaFile, ...] = Field(
        (), description="Files of the persona with news, CSV or JSONL: date, title, text, source."
    )
    feeds: tuple[Annotated[str, AfterValidator(_of_the_web)], ...] = Field(
        (), description="Addresses of RSS or Atom feeds."
    )
    every: int = Field(15, ge=1, le=1440, description="Minutes between two looks at a feed.")
    alert_every: int = Field(60, ge=5, le=1440, description="Minutes between two looks for what users get alerts of.")
    keep_days: int = Field(400, ge=30, le=3660, description="Days after which news is deleted when the plugin starts.")
    as_of: date | None = Field(None, description="The day that counts as today, for news of the past.")
