"""What a persona may set: the back office and its file, how customers prove who they are, the rules of refunds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...core.plugin import PersonaFile, Settings

Fact = Literal["birth", "postcode", "phone"]


class Verification(Settings):
    """How a customer proves who they are, beside the customer number."""

    facts: tuple[Fact, ...] = Field(
        ("birth",), min_length=1, description="What is asked: date of birth, postcode, last four digits of the phone."
    )
    tries: int = Field(3, ge=1, le=10, description="Wrong answers after which nothing is asked for a while.")
    minutes: int = Field(15, ge=1, le=240, description="How long a proof lasts within its conversation.")
    locked_minutes: int = Field(30, ge=1, le=1440, description="For how long nothing is asked then.")


class RefundRules(Settings):
    """What may be paid back without a person."""

    days: int = Field(30, ge=0, description="Days after the order in which it may be asked for.")
    limit: int = Field(500, ge=0, description="The largest amount; above it a person decides.")
    never: tuple[str, ...] = Field((), description="Kinds of orders that are never paid back.")


class CustomerServiceSettings(Settings):
    """What a persona may set."""

    database: str = Field("", description="URL of the back office, as SQLAlchemy reads it; a SQLite file by default.")
    office: PersonaFile = Field("", description="A YAML file that fills a back office that is empty.")
    verification: Verification = Verification()
    refunds: RefundRules = RefundRules()
    kinds: dict[str, dict[str, str]] = Field({}, description="What kinds of orders and cards are called, by language.")
    currency: dict[str, str] = Field(
        {"en": "{amount} pounds", "zh": "{amount}英镑"}, description="How an amount is said, by language."
    )
    seconds: int = Field(5, ge=1, le=9, description="How long the database may take.")


__all__ = ["CustomerServiceSettings", "Fact", "RefundRules", "Verification"]
