"""The format of conversation tests, as types; every description here is read by authors.

Knows no files, no places in them and no persona: whether what a test names is there is checked in `conversations`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, StrictBool, StrictFloat, StrictInt, Tag

from .schema import Emotions, FilePath, Language, Name, OneOrMore, Part, Says, Text, _many

SINGLE = ("say", "audio", "image")
"""The keys that make an item a conversation of one turn, written without `turns`."""
NULLABLE = ("intent", "source", "rule", "skill")
"""The expectations that may be null: that there is none."""
Swap: TypeAlias = Literal["name", "gender", "age", "region", "dialect"]
SWAPS: tuple[Swap, ...] = ("name", "gender", "age", "region", "dialect")


def contained(value: Any) -> Any:
    """Read a text, or a list of texts, as what the answer must hold."""
    return {"contains": value} if isinstance(value, str | int | float | list) and value not in (True, False) else value


def _form(value: Any) -> str:
    if isinstance(value, dict) and "fairness" in value:
        return "fairness"
    return "one" if isinstance(value, dict) and "turns" not in value and any(key in value for key in SINGLE) else "many"


class Wanted(Part):
    """What a text must be like; capital letters, blanks and the width of letters do not matter."""

    contains: OneOrMore | None = Field(None, description="Texts that are all in it; a number counts only as a whole.")
    any_of: OneOrMore | None = Field(None, description="Texts of which at least one is in it.")
    equals: Text | None = Field(None, description="The whole text.")
    matches: Text | None = Field(None, description="A regular expression that is found in it.")


class Unwanted(Part):
    """What a text must not be like."""

    contains: OneOrMore | None = Field(None, description="Texts of which none is in it.")
    matches: Text | None = Field(None, description="A regular expression that is not found in it.")


WantedText: TypeAlias = Annotated[
    Wanted, BeforeValidator(contained), Says("a text, a list of texts, or a block with contains, any_of, …")
]
UnwantedText: TypeAlias = Annotated[
    Unwanted, BeforeValidator(contained), Says("a text, a list of texts, or a block with contains, matches")
]
Slots: TypeAlias = Annotated[dict[Name, Text | None], Says("a block with slots and their values")]


class Expect(Part):
    """What must be so after a turn; what is not named may be anything."""

    intent: OneOrMore | None = Field(None, description="The intent, or several of which one; null for none.")
    text: WantedText | None = Field(None, description="What the answer says.")
    source: OneOrMore | None = Field(
        None, description="A file that the answer cites, knowledge/faq.csv, or a line of it, knowledge/faq.csv:7; or "
        "a folder; several must all be cited; null for none."
    )  # fmt: skip
    rule: OneOrMore | None = Field(None, description="The ethics rule that fires, or several; null for none.")
    skill: Text | None = Field(None, description="The skill that answers, as plugin.skill; null for none.")
    language: Language | None = Field(None, description="The language of the answer.")
    emotion: Emotions | None = Field(None, description="The user's emotion, or several of which one.")
    slots: Slots | None = Field(
        None, description="What was understood, by slot: a value in any of its names; null for a slot not filled."
    )
    out_of_scope: StrictBool | None = Field(None, description="Whether the message is taken to belong to no intent.")
    redactions: tuple[Text, ...] | None = Field(
        None, description="The kinds of personal data that are masked: exactly these; [] for none."
    )
    transcript: WantedText | None = Field(None, description="What was heard in the recording.")
    picture_text: WantedText | None = Field(None, description="What was read in the picture.")


class ExpectNot(Part):
    """What must not be so after a turn; of several values, none."""

    intent: OneOrMore | None = Field(None, description="Intents that it is not.")
    text: UnwantedText | None = Field(None, description="What the answer does not say.")
    source: OneOrMore | None = Field(None, description="Files that the answer does not cite.")
    rule: OneOrMore | None = Field(None, description="Ethics rules that do not fire.")
    skill: OneOrMore | None = Field(None, description="Skills that do not answer.")
    language: OneOrMore | None = Field(None, description="Languages that the answer is not in.")
    emotion: Emotions | None = Field(None, description="Emotions that the user does not have.")
    slots: Slots | None = Field(None, description="Values that are not understood, by slot.")
    redactions: OneOrMore | None = Field(None, description="Kinds of personal data that are not masked.")


class Turn(Part):
    """One message of the user and what is expected of the answer."""

    say: Text | None = Field(None, description="What the user writes.")
    audio: FilePath | None = Field(None, description="The path of a recording that the user sends.")
    image: FilePath | None = Field(None, description="The path of a picture that the user sends.")
    expect: Expect = Field(Expect(), description="What must be so.")
    expect_not: ExpectNot = Field(ExpectNot(), description="What must not be so.")


class OneTurn(Turn):
    """A conversation of one turn, written without `turns`."""

    name: Text | None = Field(None, description="What the test is about; by default what is said first.")
    user: Text = Field("tester", description="Who is talking.")
    channel: Text = Field("test", description="The channel that the messages come from.")


class ManyTurns(Part):
    """A conversation: what is said in its turns is remembered from one to the next."""

    name: Text | None = Field(None, description="What the test is about; by default what is said first.")
    user: Text = Field("tester", description="Who is talking.")
    channel: Text = Field("test", description="The channel that the messages come from.")
    turns: Annotated[tuple[Turn, ...], Field(min_length=1), Says("a list of turns, each beginning with `- say:`")] = (
        Field(description="The messages of the user, in their order.")
    )


Share: TypeAlias = Annotated[StrictFloat, Field(ge=0, le=1)]


class Differences(Part):
    """How much more often one group may be answered otherwise than another, beyond what a placebo explains."""

    refusal: Share = Field(0.0, description="Of being refused, or not, by another rule.")
    answer: Share = Field(0.1, description="Of having an answer that is not the fallback.")
    intent: Share | None = Field(None, description="Of the intent that is understood.")
    source: Share | None = Field(None, description="Of the sources that are cited.")
    tone: Share | None = Field(None, description="Of the emotion read in the user, the face, and how the words sound.")
    length: Share | None = Field(None, description="Of answers that are longer or shorter by more than a quarter.")


class FairnessWanted(Part):
    """Who says the persona's own sentences, and how alike the answers must be."""

    swap: Annotated[tuple[Swap, ...], BeforeValidator(_many), Field(min_length=1)] = Field(
        SWAPS, description="What is swapped."
    )
    pairs: Annotated[StrictInt, Field(ge=1, le=5000)] = Field(
        60, description="How many pairs of each kind are said in each language."
    )
    seed: StrictInt = Field(0, description="Which sentences, names and places are drawn.")
    at_most: Differences = Field(
        Differences(), description="The greatest difference between groups, from 0 to 1, by outcome."
    )


class FairTest(Part):
    """A test that people of different groups are answered alike."""

    name: Text = Field("fairness", description="What the test is about.")
    fairness: FairnessWanted = Field(description="Who says what, and how alike the answers must be.")


Item: TypeAlias = Annotated[
    Annotated[OneTurn, Tag("one")] | Annotated[ManyTurns, Tag("many")] | Annotated[FairTest, Tag("fairness")],
    Discriminator(_form),
    Says("a conversation, beginning with `- name:` and `turns:`, or with `- say:`; or `- fairness:`"),
]
Items: TypeAlias = Annotated[tuple[Item, ...], Says("a list of conversations, each beginning with `- name:`")]
