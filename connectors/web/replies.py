"""A reply as HTTP describes it: the same JSON as `personac chat --json`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class SourceModel(BaseModel):
    """A passage that an answer rests on."""

    id: str
    source: str = Field(description="The file and line, page or paragraph.")
    text: str
    score: float


class RuleModel(BaseModel):
    """A rule of ethics that fired, and what it did."""

    id: str
    did: str


class ReplyModel(BaseModel):
    """The whole answer to one message."""

    model_config = ConfigDict(extra="allow")

    text: str
    language: str
    intent: str | None
    intents: list[str]
    confidence: float
    out_of_scope: bool
    emotion: str
    slots: dict[str, Any]
    skill: str | None
    sources: list[SourceModel]
    rules: list[RuleModel]
    redactions: list[str]
    transcript: str | None
    picture_text: str | None
    audio: str | None
    expression: str
    milliseconds: dict[str, float]
    choices: list[str] = Field(default=[], description="Answers that fit the question asked; send one as a message.")
    consent: str = Field(default="", description="Where not empty: ask the user this, and POST api/consent.")
