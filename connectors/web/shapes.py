"""What clients of one's own send and get, as the description of the interface tells it.

Knows fields and their limits; does not know what is done with them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool

from .protocol import ID_CHARACTERS, MEDIA_PIECES, TEXT_CHARACTERS
from .replies import ReplyModel

Text = Annotated[str, Field(max_length=TEXT_CHARACTERS, description="What the user says.")]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class Turn(BaseModel):
    """What a client of one's own sends for one turn."""

    text: Annotated[Text, Field(min_length=1)]
    user: Annotated[Name, Field(description="Who is talking.")] = "web"
    conversation: Annotated[Name | None, Field(description="Which conversation goes on.")] = None
    consent: Annotated[
        StrictBool | None, Field(description="What the user has just decided: whether what they say may be kept.")
    ] = None


class Said(BaseModel):
    """A message of a session's conversation."""

    text: Text = ""
    id: Annotated[
        str | None,
        Field(min_length=1, max_length=ID_CHARACTERS, description="One's own id; sent again, it is answered once."),
    ] = None
    media: Annotated[list[Name], Field(max_length=MEDIA_PIECES, description="Ids that POST media returned.")] = []
    conversation: Annotated[Name | None, Field(description="The conversation; that of the session when absent.")] = None
    speak: Annotated[StrictBool, Field(description="Whether sound events are wanted, on a stream.")] = False


class SessionStart(BaseModel):
    """What begins a session."""

    user: Annotated[Name | None, Field(description="A name for the user; only with the persona's key.")] = None


class SessionModel(BaseModel):
    """A session: its token goes into `Authorization: Bearer`."""

    token: str
    conversation: str
    expires: Annotated[float, Field(description="Seconds since 1970.")]


class Line(BaseModel):
    """Something that was said."""

    role: Literal["user", "persona"]
    text: str
    language: str


class History(BaseModel):
    """What was said lately, oldest first."""

    conversation: str
    consent: Literal["implied", "ask", "granted", "denied"]
    lines: list[Line]


class Answered(BaseModel):
    """An answer and the message that it belongs to."""

    id: str
    conversation: str
    reply: ReplyModel


class Consent(BaseModel):
    """Whether the conversation may be kept."""

    granted: StrictBool
