"""The contract of plugins: what one declares, what it may bring, and what its skills are given and give back.

A plugin is a class, found by the entry-point group `personac.plugins` under its own name, that is made with its
settings, once for each persona that uses it. Knows neither personas nor how skills are run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, TypeVar, overload

import pluggy
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

from .message import Card as Card
from .message import Media as Media
from .turn import Passage as Passage

CONTRACT = 1
"""The version of this contract; it grows when a plugin that was written for the last one would no longer fit."""

Reads: TypeAlias = Literal["text", "slots", "media", "history", "memory", "personal_data"]
LocalText: TypeAlias = Mapping[str, str]
"""A text by language: {"en": "For how many?", "zh": "几位？"}."""
F = TypeVar("F", bound=Callable[..., Any])

hook = pluggy.HookimplMarker("personac")
_spec = pluggy.HookspecMarker("personac")


class Settings(BaseModel):
    """Be the root of a plugin's settings: unknown keys are errors. Without fields: there is nothing to set."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Place:
    """Say where the files of a plugin are: `files` has those that the persona ships, `data` is its own to write.

    `data` belongs to this plugin of this persona; the plugin makes it when it needs it. Where nothing is to be kept, as
    in a test, it is gone when the persona is closed.
    """

    files: Path
    data: Path


class Shipped:
    """Mark a setting that names a file of the persona."""


def _is_there(name: str, info: ValidationInfo) -> str:
    files: Path | None = (info.context or {}).get("files")
    if name and files is not None:
        path = PurePosixPath(name)
        if path.is_absolute() or name.startswith(".") or ".." in path.parts:
            raise ValueError(f"{name} should be a path below the persona's folder, such as office/orders.yaml")
        if not (files / path).is_file():
            raise ValueError(f"there is no file {name} in the persona's folder")
    return name


PersonaFile = Annotated[str, AfterValidator(_is_there), Shipped()]
"""A setting that names a file of the persona, or nothing: checked, packed by `compile`, found below `Place.files`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Declare what a plugin is, what it reads and what it may do; what is not declared is neither given nor allowed.

    `reads`: text (with personal data masked), slots, media, history, memory (facts about the user, which it may
    also keep); personal_data: the same without masks. `network` names hosts (`api.example.org`, `*.example.org`,
    `*`), `files` folders that it reads and writes, `programs` what it starts (`*`: what its settings name).
    `settings` is what a persona may write under `plugins: [{name: …}]`. `open_ended`: which skills there are is known
    only when it runs.
    """

    name: str
    version: str
    contract: int
    summary: str = ""
    reads: Sequence[Reads] = ("text", "slots")
    network: Sequence[str] = ()
    files: Sequence[str] = ()
    programs: Sequence[str] = ()
    settings: type[BaseModel] = Settings
    open_ended: bool = False

    @property
    def reads_personal_data(self) -> bool:
        """Tell whether its skills are given texts and slots without masks."""
        return "personal_data" in self.reads


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Ask to be called again at a time, without a message of the user's: for "remind me at 8".

    `at` has a time zone; None takes back what was asked for under the same `key`, and a new time replaces it. `skill`
    is one of the same plugin; it is called with `slots`, and what it answers is sent to the conversation, or nothing
    when it returns None or a result without text. A time that has passed means at once. One that is `optional` is left
    out where the channel cannot be written to later, and the skill's answer stands.
    """

    key: str
    at: datetime | None
    skill: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    optional: bool = False


@dataclass(frozen=True, slots=True)
class SkillContext:
    """Hold what a skill may see of a turn, as far as the manifest says that it reads it.

    `slots` are as the reply has them: an entity is {id, name}; a number, date and so on {value, text, span}; a text is
    itself. All of it was said by a user, and may be hostile: never build SQL, a command or a template from it. Personal
    data in it is masked ([email 1]) unless the manifest says `personal_data`; a mark in an answer becomes the real
    value again before the user sees it.
    `seen` are the records whose pictures (`image:`) are most like the message's picture, or a frame of its video, at
    most five with the cosine of their vectors, for plugins that read media.
    `records` are the persona's records by id; `passage_of(record id, field)` returns the passage that a field of a
    record became, in the user's language where there is one, so that the answer can name its source. `user` and
    `conversation` are stable names that are not the platform's ids. `tell` shows a word while the skill works.
    `unsure` tells that nothing else knows what the message wants.
    `planned` are the plugin's own follow-ups of this conversation; `called` tells that one of them is due now.
    `remembered` are slots that earlier turns of the conversation filled and results have set; `kept` is what this
    plugin kept of it.
    """

    text: str
    language: str
    intent: str
    slots: Mapping[str, Any]
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    passage_of: Callable[[str, str], Passage | None] = lambda record, name: None
    passages: Sequence[Passage] = ()
    media: Sequence[Media] = ()
    seen: Sequence[tuple[str, float]] = ()  # records by their pictures, most like first
    history: Sequence[tuple[str, str, str]] = ()  # (role, text, language), oldest first
    user: str = ""
    conversation: str = ""
    channel: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)  # what skills of this plugin remember of the user
    remembered: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 0.0  # of the intent
    kept: Mapping[str, Any] = field(default_factory=dict)
    tell: Callable[[str], None] = lambda text: None
    planned: Sequence[FollowUp] = ()
    called: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class SkillResult:
    """Hold what a skill answers; passages named here become the reply's sources, choices its buttons.

    `slots` are remembered by the conversation. `ask` names a slot that the text asks for: what the user says next fills
    it, and the skill is called again with all slots; a value that will not do is refused so. `remember` keeps facts
    about the user by key, as JSON, and deletes those that are None; nothing is kept of a user who did not agree, nor
    when the manifest does not read memory. `media` are pictures and
    sounds beside the words, which have to do without them where a channel does not show them. `foreign` says that the
    words came from elsewhere, a server or a page: orders to a language model in them are left out. `hand_off` asks for
    a person to take over, and is what that person reads first: what was asked, what is known, what was tried. The user
    is not shown it. `follow_ups` are kept, sealed, until they are due; where the channel cannot be written to later,
    the user is told so. `keep` is what this plugin is given back as `kept` in the same conversation, as JSON
    and shown to nobody; None leaves it as it was.
    `cards` are shown below the words on the web page, and are left out elsewhere.
    """

    text: str
    passages: Sequence[Passage] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)
    choices: Sequence[str] = ()
    ask: str = ""
    media: Sequence[Media] = ()
    remember: Mapping[str, Any] = field(default_factory=dict)
    foreign: bool = False
    hand_off: str = ""
    follow_ups: Sequence[FollowUp] = ()
    keep: Mapping[str, Any] | None = None
    cards: Sequence[Card] = ()


SlotType: TypeAlias = str
"""text, entity, number, money, date, time, duration, email, phone, or a plugin's own as `plugin.type`."""


@dataclass(frozen=True, slots=True)
class Found:
    """Hold a value that a recogniser found, as JSON, and where: text[start:end]."""

    value: Any
    start: int
    end: int


Recogniser: TypeAlias = Callable[[str, str], Iterable[Found]]
"""What finds the values of a slot type: given a text and its language; the first that it names is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Hold a piece of a plugin's knowledge, as it may be quoted; `key` names it within the plugin, once.

    `title` gives its context and is searched, but not said. `language` is a code such as en; a plugin that knows
    something in several languages gives a fact for each.
    """

    key: str
    text: str
    language: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSpec:
    """Describe a slot of a skill; an intent of the persona that has a slot of this name overrides it."""

    type: SlotType = "text"
    required: bool = True
    ask: LocalText = field(default_factory=dict)
    values: Sequence[str] = ()  # of an entity
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Hold one skill: a function of the context, and of its slots where it names them, with what is known about it.

    A coroutine function runs on the event loop that all skills of the plugin share, a plain one on a thread of its
    own. It returns a SkillResult, or None to let the pipeline go on without it, and is cut off after `seconds`.
    `confirm` is asked before it runs, for a yes; {slot} in it is what was said. `checks` are asked as soon as a slot is
    filled, with the value as the skill would get it and the language: what they return is said, and the slot asked for
    again; None takes the value. They are plain functions, and quick.
    One for `pictures` is asked, too, when a picture comes without words, where an intent of the persona names it.
    One for what is `unsure` is asked before the persona says that it does not know; None means that it does not either.
    """

    run: Callable[..., Any]
    summary: str = ""
    slots: Mapping[str, SlotSpec] = field(default_factory=dict)
    ask: Mapping[str, LocalText] = field(default_factory=dict)
    confirm: LocalText = field(default_factory=dict)
    seconds: float = 10.0
    checks: Mapping[str, Callable[..., str | None]] = field(default_factory=dict)
    pictures: bool = False
    unsure: bool = False


@overload
def skill(function: F, /) -> F: ...
@overload
def skill(
    *,
    name: str = "",
    summary: str = "",
    slots: Mapping[str, SlotSpec] | None = None,
    ask: Mapping[str, LocalText] | None = None,
    confirm: LocalText | None = None,
    seconds: float = 10.0,
    checks: Mapping[str, Callable[..., str | None]] | None = None,
    pictures: bool = False,
    unsure: bool = False,
) -> Callable[[F], F]: ...
def skill(
    function: F | None = None,
    /,
    *,
    name: str = "",
    summary: str = "",
    slots: Mapping[str, SlotSpec] | None = None,
    ask: Mapping[str, LocalText] | None = None,
    confirm: LocalText | None = None,
    seconds: float = 10.0,
    checks: Mapping[str, Callable[..., str | None]] | None = None,
    pictures: bool = False,
    unsure: bool = False,
) -> F | Callable[[F], F]:
    """Make a method of a plugin one of its skills, under its own name unless another is given.

    Slots are those that the method's parameters name, with the types of their annotations; `ask` has the questions for
    them, `slots` says more of those that need it. `checks` may be methods of the class, defined above.
    """

    def mark(function: F) -> F:
        told = summary or (function.__doc__ or "").strip().partition("\n")[0]
        made = Skill(
            run=function,
            summary=told,
            slots=slots or {},
            ask=ask or {},
            confirm=confirm or {},
            seconds=seconds,
            checks=checks or {},
            pictures=pictures,
            unsure=unsure,
        )
        function.__personac_skill__ = (name or function.__name__, made)  # type: ignore[attr-defined]
        return function

    return mark if function is None else mark(function)


class Hooks:
    """What a plugin may bring: methods of its class with these signatures, each marked with `@hook`."""

    @_spec
    def skills(self) -> Mapping[str, Skill]:  # type: ignore[empty-body]
        """Return skills beside those that `@skill` marks, by their names within the plugin."""

    @_spec
    def open(self, place: Place) -> None:
        """Take in where files are; called once, before the first turn, and not by `check`."""

    @_spec
    def slot_types(self) -> Mapping[str, Recogniser]:  # type: ignore[empty-body]
        """Return recognisers by the names of slot types; `room` of the plugin `inn` is `type: inn.room`."""

    @_spec
    def knowledge(self) -> Iterable[Fact]:  # type: ignore[empty-body]
        """Return what the persona knows beside its files; read when it is checked and compiled."""

    @_spec
    def rules(self) -> Sequence[Mapping[str, Any]]:  # type: ignore[empty-body]
        """Return ethics rules as a persona writes them, as mappings; looked at after the persona's own."""

    @_spec
    def close(self) -> None:
        """Let go of connections; called once, after the last turn."""


class Plugin:
    """Stand at the root of plugins; `__init__` is light and connects to nothing."""

    manifest: ClassVar[Manifest]

    def __init__(self, settings: Any) -> None:
        self.settings = settings
