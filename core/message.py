"""What crosses a connector: messages in, events out.

Knows nothing of models, personas or channels. Sound is 16-bit little-endian mono PCM.
"""

from __future__ import annotations

import base64
import io
import mimetypes
import re
import struct
import uuid
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

MediaKind = Literal["audio", "image", "video"]
RIGHT = "personac."  # how `Reply.skill` begins where a reply is about the user's own data, and not for 👍 and 👎
PRIVACY, EXPORT = f"{RIGHT}privacy", f"{RIGHT}export"  # with an export, the channel hands over `Bot.export_files`
WITHOUT_FILES = frozenset({"api", "matrix", "mcp", "openai", "rasa"})  # channels that hand over no files
FORGOTTEN = f"{RIGHT}forgotten"  # all was erased: the channel forgets what it holds, too
WITHDRAWN = f"{RIGHT}withdrawn"  # nothing is to be kept, and what was is erased: the no itself stays known
IN_PRIVATE = f"{RIGHT}in_private"  # asked where others read along


@dataclass(frozen=True, slots=True)
class Media:
    """Hold one sound, picture or video as the user sent it, still encoded."""

    kind: MediaKind
    data: bytes
    mime: str = ""
    name: str = ""


CALL = "call"  # what a payload has, beside what its platform sent, of a skill that is due


@dataclass(frozen=True, slots=True)
class Call:
    """Name a skill that is called because its time has come, with no words of the user's before it.

    One that is `asked` for is called by another program for its user, whose words stand in the message.
    """

    skill: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message of a user: text, sounds and pictures, any of them absent; `speak` asks for a voice.

    One with a `call` is nobody's: a skill asked to be called at this time, unless the call is `asked` for. Without
    `keep` its turn does not outlive the process, whatever its user has decided.
    """

    text: str = ""
    media: tuple[Media, ...] = ()
    conversation: str = "local"
    user: str = "local"
    channel: str = "terminal"
    speak: bool = False
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    shared: bool = False  # others read along, as in a group
    call: Call | None = None
    keep: bool = True

    @property
    def due(self) -> bool:
        """Tell whether this is a call whose time has come, so that nobody waits for an answer."""
        return self.call is not None and not self.call.asked


@dataclass(frozen=True, slots=True)
class File:
    """Hold a file for a user, with the name to save it under."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Source:
    """Name a passage that an answer rests on; `score` is a cosine similarity in [-1, 1]."""

    id: str
    source: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Sound:
    """Hold a piece of speech with its mouth shapes.

    `visemes` are (seconds from the start, shape) with the shapes closed, small, open, wide, round, teeth. `note` says
    how the sound was made, where listeners must be able to know; every file of it carries that.
    """

    pcm: bytes
    sample_rate: int
    visemes: tuple[tuple[float, str], ...] = ()
    note: str = ""

    @property
    def seconds(self) -> float:
        """Return the length in seconds."""
        return len(self.pcm) / 2 / self.sample_rate

    def wav(self) -> bytes:
        """Return the sound as a WAV file."""
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.sample_rate)
            file.writeframes(self.pcm)
        return with_note(buffer.getvalue(), self.note)


def joined(sounds: Sequence[Sound]) -> Sound:
    """Return pieces of speech of one sample rate as one piece, without mouth shapes."""
    note = next((sound.note for sound in sounds if sound.note), "")
    return Sound(b"".join(sound.pcm for sound in sounds), sounds[0].sample_rate, note=note)


def with_note(wav: bytes, note: str) -> bytes:
    """Return a WAV file with a comment in its LIST/INFO chunk (Multimedia Programming Interface 1.0, 1991)."""
    if not note:
        return wav
    text = note.encode() + b"\0"
    info = b"INFOICMT" + struct.pack("<I", len(text)) + text + b"\0" * (len(text) % 2)
    chunks = wav[12:] + b"\0" * (len(wav) % 2) + b"LIST" + struct.pack("<I", len(info)) + info
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


@dataclass(frozen=True, slots=True)
class FiredRule:
    """Name an ethics rule that fired and what it did."""

    id: str
    did: str


@dataclass(frozen=True, slots=True)
class Card:
    """Hold something to look at beside the words, as plain texts: facts are names with values, a link is https."""

    title: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    picture: Media | None = None
    link: str = ""

    def texts(self) -> tuple[str, ...]:
        """Return all that can be read."""
        return (self.title, self.text, *(said for fact in self.facts for said in fact), self.link)

    def through(self, change: Callable[[str], str]) -> Card:
        """Return the card with its texts, the link left alone, passed through a function."""
        facts = tuple((change(name), change(value)) for name, value in self.facts)
        return Card(change(self.title), change(self.text), facts, self.picture, self.link)

    def as_dict(self) -> dict[str, Any]:
        """Return the card as JSON-ready values."""
        picture = None if self.picture is None else packed(self.picture)
        facts = [list(fact) for fact in self.facts]
        return {"title": self.title, "text": self.text, "facts": facts, "picture": picture, "link": self.link}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Card:
        """Return the card that `as_dict` gave these values."""
        picture = values["picture"]
        facts = tuple((name, value) for name, value in values["facts"])
        return cls(values["title"], values["text"], facts, unpacked(picture) if picture else None, values["link"])


def file_name(media: Media) -> str:
    """Return a name under which a sound or picture can be saved."""
    ending = (mimetypes.guess_extension(media.mime) or "").removeprefix(".")
    named = re.sub(r"[^\w.-]+", "-", media.name).strip("-.")[:80] or media.kind
    return named if not ending or named.lower().endswith(f".{ending}") else f"{named}.{ending}"


def packed(media: Media) -> dict[str, str]:
    """Return a sound or picture as JSON-ready values."""
    data = base64.b64encode(media.data).decode()
    return {"kind": media.kind, "mime": media.mime, "name": media.name, "data": data}


def unpacked(values: Mapping[str, Any]) -> Media:
    """Return the sound or picture that `packed` gave these values."""
    return Media(values["kind"], base64.b64decode(values["data"]), values["mime"], values["name"])


@dataclass(slots=True)
class Reply:
    """Hold the whole answer to one message; `as_dict` is the stable JSON of the command line.

    `hand_off` is for people, not for the user: `as_dict` leaves it out.
    """

    text: str
    language: str
    intent: str | None = None
    confidence: float = 0.0
    out_of_scope: bool = False
    emotion: str = "neutral"
    slots: dict[str, Any] = field(default_factory=dict)
    skill: str | None = None
    sources: tuple[Source, ...] = ()
    rules: tuple[FiredRule, ...] = ()
    redactions: tuple[str, ...] = ()
    transcript: str | None = None
    picture_text: str | None = None
    audio: str | None = None
    expression: str = "neutral"
    milliseconds: dict[str, float] = field(default_factory=dict)
    intents: tuple[str, ...] = ()  # all that the message asked for
    choices: tuple[str, ...] = ()  # answers that fit the question asked, few enough for buttons
    media: tuple[Media, ...] = ()  # pictures and sounds that a skill gives beside its words
    cards: tuple[Card, ...] = ()
    consent: str = ""  # the question whether the conversation may be kept, where it is to be asked below this answer
    hand_off: str = ""  # where a skill asks for a person to take over: what that person should know

    @property
    def about_data(self) -> bool:
        """Tell whether this is about the user's own data, and no answer of the persona's."""
        return (self.skill or "").startswith(RIGHT)

    @property
    def erased(self) -> bool:
        """Tell whether what was kept of the user was erased just now, so that whoever holds something lets go of it."""
        return self.skill in (FORGOTTEN, WITHDRAWN)

    def as_dict(self) -> dict[str, Any]:
        """Return the reply as JSON-ready values; `media` and `cards` are there only when the reply has some."""
        return {
            **({"media": [packed(one) for one in self.media]} if self.media else {}),
            **({"cards": [card.as_dict() for card in self.cards]} if self.cards else {}),
            "text": self.text,
            "language": self.language,
            "intent": self.intent,
            "intents": list(self.intents),
            "confidence": round(self.confidence, 4),
            "out_of_scope": self.out_of_scope,
            "emotion": self.emotion,
            "slots": self.slots,
            "skill": self.skill,
            "sources": [
                {"id": s.id, "source": s.source, "text": s.text, "score": round(s.score, 4)} for s in self.sources
            ],
            "rules": [{"id": r.id, "did": r.did} for r in self.rules],
            "redactions": list(self.redactions),
            "transcript": self.transcript,
            "picture_text": self.picture_text,
            "audio": self.audio,
            "expression": self.expression,
            "milliseconds": {stage: round(ms, 2) for stage, ms in self.milliseconds.items()},
            "choices": list(self.choices),
            "consent": self.consent,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Reply:
        """Return the reply that `as_dict` gave these values."""
        made: dict[str, Any] = {
            k: tuple(v) if k in ("intents", "redactions", "choices") else v for k, v in values.items()
        }
        made["sources"] = tuple(Source(**source) for source in values["sources"])
        made["media"] = tuple(unpacked(one) for one in values.get("media", ()))
        made["cards"] = tuple(Card.from_dict(card) for card in values.get("cards", ()))
        made["rules"] = tuple(FiredRule(**rule) for rule in values["rules"])
        return cls(**made)


@dataclass(frozen=True, slots=True)
class Heard:
    """Tell what was understood from a sound."""

    transcript: str
    language: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Tell what was found in a picture: its text, and what it seems to show."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """Carry the next words of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Carry a word about what is being done, while the answer is being made; it is no part of the answer."""

    text: str


Event: TypeAlias = Heard | Seen | Progress | Delta | Reply | Sound


@dataclass(frozen=True, slots=True)
class Profile:
    """Describe a persona to those who talk with it; texts are by language."""

    name: str
    slug: str
    summary: str
    languages: tuple[str, ...]
    greeting: dict[str, str]
    consent: Literal["ask", "implied"]
    consent_text: dict[str, str]
    has_voice: bool
    face: bytes | None = None
    face_type: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Hold one message as a platform delivered it; it is written down before the platform is told that it arrived.

    `key` is the platform's own id of the message, unique within the channel: a second one with the same key is a
    duplicate. Turns of one `conversation` run in the order in which they were taken. `payload` is JSON: all that the
    channel needs later to make the Message and to address the answer; it is deleted when the answer was sent.
    """

    channel: str
    key: str
    conversation: str
    user: str
    payload: dict[str, Any] = field(default_factory=dict)

    @property
    def call(self) -> Call | None:
        """Return the skill that is due, None for what a platform delivered."""
        told = self.payload.get(CALL)
        return None if told is None else Call(told["skill"], told["slots"], told["language"])

    def called(self) -> Message:
        """Return the message of a skill that is due."""
        told = self.payload[CALL]
        return Message(
            "", (), told["conversation"], self.user, self.channel, id=self.key, shared=told["shared"], call=self.call
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what is to be sent for one incoming message; `speak` tells that a voice was asked for."""

    reply: Reply
    speak: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values."""
        return {"reply": {**self.reply.as_dict(), "hand_off": self.reply.hand_off}, "speak": self.speak}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Answer:
        """Return the answer that `as_dict` gave these values."""
        return cls(Reply.from_dict({"choices": values.get("choices", ()), **values["reply"]}), values["speak"])


@dataclass(frozen=True, slots=True)
class Known:
    """Tell how far a message has come; the answer is there between answered and sent."""

    state: Literal["received", "answered", "sent", "failed"]
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Tell what became of a message that was handed in; true when it is new and will be answered.

    `limit` names the limit that it ran into (rate, waiting), `wait` the seconds after which there is room. The user is
    told by the channel's `send`, once in a while; a channel whose client waits for a status may tell it itself.
    """

    new: bool
    limit: Literal["rate", "waiting"] | None = None
    wait: float = 0.0

    def __bool__(self) -> bool:
        return self.new


@dataclass(frozen=True, slots=True)
class Erasure:
    """Be the receipt for what was deleted of a user: `parts` counts rows by what they held, `rows` is their sum.

    `at` is in seconds since 1970. `waiting` counts messages that are being answered: they go once that is sent. Not
    `done` yet is an erasure with such, or what is not cleaned yet, as it is at the next start. The audit log keeps it,
    by `id` and without a name; not `recorded` yet is one whose entry is not there and follows.
    """

    id: str
    at: float
    rows: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)
    done: bool = True
    waiting: int = 0
    recorded: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Return the receipt as JSON-ready values."""
        return {
            "id": self.id, "at": self.at, "rows": self.rows, "parts": dict(self.parts), "done": self.done,
            "waiting": self.waiting, "recorded": self.recorded,
        }  # fmt: skip
