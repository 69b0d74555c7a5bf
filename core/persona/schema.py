"""The persona language, version 1, as types; every description here is read by authors.

Knows no files and no places in them. Whoever validates gets texts in every language by language code: a plain text
belongs to the persona's first language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from .nodes import WrittenFloat, WrittenInt
from .plugin_use import PluginUse, plugin_use

NAME_PATTERN = r"^[^\W\d][\w-]*$"
TYPE_PATTERN = r"^[^\W\d][\w-]*\.[^\W\d]\w*$"
SKILL_PATTERN = r"^[\w-]+\.[\w-]+$"
RETENTION_PATTERN = r"^([1-9][0-9]{0,3}[hdwmy]|0|forever)$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
COUNTRY_PATTERN = r"^[A-Z]{2}$"
PERSONAL_DATA = (
    "email", "phone", "id_card", "bank_card", "iban", "ip", "ssn", "passport", "driver_license", "tax_id", "plate",
    "bank_account", "wallet", "mac", "url", "account", "address", "zip_code", "birth_date", "age", "title", "date",
    "person", "place", "organization", "nationality",
)  # fmt: skip
"""The kinds of personal data that a persona may name: those that `core/mind/privacy` can find."""

_default_language: ContextVar[str] = ContextVar("default_language", default="en")


def _written(value: Any) -> Any:
    """Take a number where a text is meant, as it was written."""
    return value.written if isinstance(value, WrittenInt | WrittenFloat) else value


def _by_language(value: Any) -> Any:
    return value if isinstance(value, Mapping) else {_default_language.get(): value}


def _many(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _responses(value: Any) -> Any:
    by_language = _by_language(value)
    return {key: _many(item) for key, item in by_language.items()}


def _block(value: Any) -> Any:
    """Read a key without a value (`web:`) as an empty block."""
    return {} if value is None else value


def _not_true(value: Any) -> Any:
    """Keep `true` from being taken for 1."""
    return "true" if value is True else value


@dataclass(frozen=True, slots=True)
class Says:
    """Name in plain words what a type expects, for messages."""

    what: str


Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), BeforeValidator(_written)]
FilePath: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), Says("the path of a file")]
Language: TypeAlias = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN), Says("a language code")]
LocalText: TypeAlias = Annotated[
    dict[Language, Text],
    BeforeValidator(_by_language),
    Field(min_length=1),
    Says("a text, or a text for each language"),
]
Texts: TypeAlias = Annotated[tuple[Text, ...], Field(min_length=1)]
Names: TypeAlias = Annotated[tuple[Text, ...], BeforeValidator(_many), Says("a text or a list of texts")]
OneOrMore: TypeAlias = Annotated[
    tuple[Text, ...], BeforeValidator(_many), Field(min_length=1), Says("a text or a list of texts")
]
Responses: TypeAlias = Annotated[
    dict[Language, Texts],
    BeforeValidator(_responses),
    Field(min_length=1),
    Says("a text or a list of texts, for each language"),
]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=80), BeforeValidator(_written)]
Emotion: TypeAlias = Literal["neutral", "joy", "sadness", "anger", "fear", "surprise", "disgust"]
Country: TypeAlias = Annotated[str, StringConstraints(pattern=COUNTRY_PATTERN), Says("a country code such as GB")]
RuleSide: TypeAlias = Literal["input", "output", "tool"]
RuleAction: TypeAlias = Literal["refuse", "warn", "redact", "rewrite", "disclaim", "hand_off", "escalate", "end"]
Risk: TypeAlias = Literal[
    "harm", "self_harm", "sexual", "hate", "privacy", "misinformation", "advice", "human",
    "jailbreak", "injection", "prompt_leak", "suicidal", "concern", "abuse", "emergency",
]  # fmt: skip
Risks: TypeAlias = Annotated[tuple[Risk, ...], BeforeValidator(_many), Field(min_length=1)]
Emotions: TypeAlias = Annotated[tuple[Emotion, ...], BeforeValidator(_many), Field(min_length=1)]


def _form(value: Any) -> str:
    return "list" if isinstance(value, list | tuple) else "path"


class Part(BaseModel):
    """Be a block of a persona: frozen, and without keys that the language does not have."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)


class Tone(Part):
    """How the persona speaks."""

    traits: tuple[Text, ...] = Field((), description="A few words for the character, such as warm or concise.")
    formality: Literal["casual", "neutral", "formal"] = Field("neutral", description="How formal the words are.")
    emoji: Literal["never", "sparing", "often"] = Field("sparing", description="How often emoji are used.")
    instructions: str = Field("", description="Free text for the language model, when there is one.")
    greeting: LocalText | None = Field(None, description="What the persona says first, by language.")
    fallback: LocalText | None = Field(None, description="What it says when it has no answer, by language.")


def _dotted(value: Any) -> str:
    return "plugin" if isinstance(value, str) and "." in value else "own"


EngineName: TypeAlias = Annotated[
    Annotated[Literal["auto", "coqui", "piper", "espeak", "none"], Tag("own")]
    | Annotated[str, StringConstraints(pattern=TYPE_PATTERN), Says("a voice of a plugin, as inn.soft"), Tag("plugin")],
    Discriminator(_dotted),
]


class VoiceSettings(Part):
    """How the persona sounds."""

    engine: EngineName = Field(
        "auto",
        description="What makes the sound; auto takes the best that is installed, none keeps the persona silent.",
    )
    model: Text | None = Field(None, description="The engine's name of a model, or the path of one.")
    speaker: Text | None = Field(None, description="The speaker, in a model that has several.")
    reference: Text | None = Field(None, description="A recording whose voice is imitated; needs consent_by.")
    consent_by: Text | None = Field(
        None, description="Who agreed to the imitation of their voice, and when: NAME, DATE."
    )
    consent_recording: FilePath | None = Field(
        None, description="A recording in which they say so, with their name; what is said is checked."
    )
    speed: Annotated[StrictFloat, Field(ge=0.5, le=2)] = Field(
        1.0, description="The speed of speech; 1 is the voice's own."
    )


class Face(Part):
    """How the persona looks."""

    image: FilePath | None = Field(None, description="The path of a picture: svg, png, jpg, webp or gif.")
    expressions: dict[Emotion, Text] = Field(
        {}, description="For each emotion, the expression of the face or a picture."
    )


class KnowledgeSource(Part):
    """Files that the persona answers from."""

    path: FilePath = Field(description="A file, or a pattern such as knowledge/*.md, in the persona's folder.")


KnowledgeFile: TypeAlias = Annotated[KnowledgeSource, Says("a file, as `path: knowledge/faq.csv`")]


class PassageFilter(Part):
    """What a passage must be to be found: one of those named, under each key that is given."""

    language: Names = Field((), description="Languages of passages.")
    source: Names = Field((), description="Knowledge files, or patterns such as knowledge/*.md.")
    record: Names = Field((), description="The ids of records.")
    field: Names = Field((), description="Fields of records.")
    intent: Names = Field((), description="Intents that passages belong to.")


class Retrieval(Part):
    """How knowledge is looked up."""

    passages: Annotated[StrictInt, Field(ge=1, le=20)] = Field(5, description="How many passages are looked at.")
    min_score: Annotated[StrictFloat, Field(ge=0, le=1)] = Field(
        0.35, description="The least similarity, from 0 to 1, of a passage that may be an answer."
    )
    filter: PassageFilter = Field(PassageFilter(), description="Which passages may be found; all, if nothing is said.")
    rerank: Text | None = Field(
        None,
        description="A cross-encoder that reads the best passages with the message and puts them in order: its name "
        "on a model hub, or a folder. Surer and slower.",
    )


class Example(Part):
    """Something a user may say, show or play."""

    text: Text | None = Field(None, description="The words.")
    image: Text | None = Field(None, description="The path of a picture.")
    audio: Text | None = Field(None, description="The path of a recording.")
    video: Text | None = Field(None, description="The path of a video; its sound is heard too.")
    emotion: Emotion | None = Field(None, description="What is felt, in the words or in the voice.")
    slots: dict[Name, Text] = Field({}, description="Which of its words fill which slots: amount: 50 dollars.")

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not (self.text or self.image or self.audio or self.video):
            raise PydanticCustomError("empty_example", "an example needs one of text, image, audio, video")
        return self


def _example(value: Any) -> Any:
    return {"text": value} if isinstance(value, str | int | float) and not isinstance(value, bool) else value


ExampleList: TypeAlias = Annotated[
    tuple[Annotated[Example, BeforeValidator(_example), Says("a text")], ...], Field(min_length=1)
]
Examples: TypeAlias = Annotated[
    Annotated[FilePath, Tag("path")] | Annotated[ExampleList, Tag("list")],
    Discriminator(_form),
    Says("a list of texts, or the path of a csv or txt file"),
]
SlotValues: TypeAlias = Annotated[
    Annotated[FilePath, Tag("path")] | Annotated[Texts, Tag("list")],
    Discriminator(_form),
    Says("a list of texts, or a file's field such as knowledge/sights.yaml#name"),
]


SlotType: TypeAlias = Annotated[
    Annotated[Literal["entity", "text", "number", "money", "date", "time", "duration", "email", "phone"], Tag("own")]
    | Annotated[str, StringConstraints(pattern=TYPE_PATTERN), Says("a type of a plugin, as inn.room"), Tag("plugin")],
    Discriminator(_dotted),
]


class Slot(Part):
    """A piece of what the user says that an answer needs."""

    type: SlotType = Field(
        "text", description="What fills the slot; entity is one of the values, inn.room a type of the plugin inn."
    )
    values: SlotValues | None = Field(
        None, description="What an entity may be: a list, or a file's field as knowledge/sights.yaml#name."
    )
    required: StrictBool = Field(False, description="Whether the persona asks for it when the user has not said it.")
    ask: LocalText | None = Field(None, description="The question for it, by language.")

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        if self.type == "entity" and self.values is None:
            raise PydanticCustomError("entity_without_values", "an entity needs its values")
        return self


class Intent(Part):
    """Something that users want."""

    name: Name = Field(description="A short name, used by rules, tests and reports.")
    description: Text | None = Field(None, description="What the user wants, in a sentence.")
    examples: Examples = Field(
        description="What users say when they want it: a list, or the path of a csv or txt file."
    )
    responses: Responses | None = Field(
        None, description="Answers to choose from, by language; {slot} is what was said."
    )
    skill: Annotated[str, StringConstraints(pattern=SKILL_PATTERN)] | None = Field(
        None, description="What a plugin does for it: plugin.skill."
    )
    slots: dict[Name, Slot] = Field({}, description="The pieces of what the user says that the answer needs.")
    confirm: LocalText | None = Field(
        None, description="Asked before the answer, for a yes, by language; {slot} is what was said."
    )


class AgeRange(Part):
    """How old a user says to be, in years; holds only once an age was said."""

    below: Annotated[StrictInt, Field(ge=1, le=120)] | None = Field(None, description="Younger than this.")
    at_least: Annotated[StrictInt, Field(ge=1, le=120)] | None = Field(None, description="This old or older.")

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.below is None and self.at_least is None:
            raise PydanticCustomError("empty_age", "an age needs one of below, at_least")
        return self

    def holds(self, age: int | None) -> bool:
        """Tell whether an age is within; None, when none was said, is not."""
        if age is None:
            return False
        return (self.below is None or age < self.below) and (self.at_least is None or age >= self.at_least)


class Condition(Part):
    """When a rule holds; exactly one kind, with any, all and not to combine."""

    topic: Text | None = Field(None, description="A topic in words; what is close to it in meaning fits.")
    examples: Texts | None = Field(None, description="For a topic: things that users say about it.")
    unlike: Texts | None = Field(
        None, description="For a topic: things that users say that sound like it and are not about it."
    )
    threshold: Annotated[StrictFloat, Field(ge=0, le=1)] | None = Field(
        None, description="For a topic: how close in meaning a message must be, from 0 to 1."
    )
    words: OneOrMore | None = Field(
        None,
        description="One or more words or phrases, found however they are spelled or spaced.",
    )
    pattern: Text | None = Field(None, description="A regular expression.")
    pii: OneOrMore | None = Field(None, description="One or more kinds of personal data.")
    intent: OneOrMore | None = Field(None, description="One or more intents of this persona.")
    emotion: Emotions | None = Field(None, description="One or more emotions of the user.")
    risk: Risks | None = Field(
        None, description="One or more kinds of danger, found by a judge that ships with personac (docs/risks.md)."
    )
    language: Annotated[tuple[Language, ...], BeforeValidator(_many), Field(min_length=1)] | None = Field(
        None, description="One or more languages of this persona that the turn is in."
    )
    age: AgeRange | None = Field(None, description="What the user said of their own age in this conversation.")
    channel: OneOrMore | None = Field(None, description="One or more channels: web, slack, telegram, terminal, …")
    any: Annotated[tuple[Condition, ...], Field(min_length=1)] | None = Field(None, description="At least one holds.")
    all: Annotated[tuple[Condition, ...], Field(min_length=1)] | None = Field(None, description="All of these hold.")
    not_: Condition | None = Field(None, alias="not", description="This does not hold.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = self.kinds()
        if len(kinds) != 1:
            raise PydanticCustomError("condition_kinds", "{kinds}", {"kinds": ", ".join(kinds)})
        if self.topic is None and (self.examples or self.unlike or self.threshold is not None):
            raise PydanticCustomError("only_for_topic", "examples, unlike and threshold belong to a topic")
        return self

    def kinds(self) -> list[str]:
        """Return which kinds are given."""
        given = {
            "topic": self.topic, "words": self.words, "pattern": self.pattern, "pii": self.pii, "intent": self.intent,
            "emotion": self.emotion, "risk": self.risk, "language": self.language, "age": self.age,
            "channel": self.channel, "any": self.any, "all": self.all, "not": self.not_,
        }  # fmt: skip
        return [kind for kind, value in given.items() if value is not None]


class Rule(Part):
    """What the persona must not do, or must do."""

    id: Name = Field(description="A short name; replies and reports say which rule fired.")
    when: Condition = Field(description="When the rule holds.")
    on: Annotated[tuple[RuleSide, ...], BeforeValidator(_many), Field(min_length=1)] = Field(
        ("input", "output"),
        description="What is looked at: what the user says (input), what the persona says (output), what a plugin or "
        "a tool returns (tool).",
    )
    do: RuleAction = Field(
        "refuse",
        description="refuse, hand_off, escalate (tells people at once) and end (closes the conversation) say `say` and "
        "nothing else; warn says it before the answer and disclaim after it; redact masks what was found; rewrite says "
        "it in other words.",
    )
    say: LocalText | None = Field(
        None,
        description="What the persona says then, by language. {offer} becomes what it can do, {name} its name, "
        "{help_line} a help line of the user's country, {team} that people are told now, if `alerts` can tell any; "
        "for rewrite, {text} what it was going to say.",
    )
    instead: LocalText | None = Field(
        None,
        description="For rewrite: what stands instead of the words or the pattern that were found; \\1 is the first "
        "group of the pattern.",
    )


class GuardSettings(Part):
    """A guard model of your own, asked beside the judge of risks; what it names are risks that rules look at."""

    model: Text = Field(description="The name of the model: a Llama Guard, ShieldGemma or Qwen3Guard.")
    base_url: Text = Field(description="The address of an OpenAI-compatible server.")
    api_key: Text | None = Field(None, description="The key, from the environment: ${GUARD_API_KEY}.")
    seconds: Annotated[StrictFloat, Field(gt=0, le=30)] = Field(2.0, description="How long it may take to answer.")
    when_down: Literal["allow", "refuse"] = Field(
        "allow",
        description="When it does not answer: go by the judge of risks alone, or take the message for harm.",
    )


class Ethics(Part):
    """What the persona must never do, and what it must do."""

    disclosure: Literal["always", "when_asked"] = Field(
        "always", description="When it says that it is a bot: at the start and when asked, or only when asked."
    )
    sets: Names = Field(
        (),
        description="Sets of rules that come with personac: general, medical, finance, minors, crisis. A rule of "
        "your own with the id of one of theirs takes its place.",
    )
    without: Names = Field((), description="The ids of rules of those sets that are switched off.")
    say: dict[Name, LocalText] = Field({}, description="Other words for rules of those sets, by id.")
    country: Annotated[str, StringConstraints(pattern=COUNTRY_PATTERN), Says("a country code such as GB")] | None = (
        Field(None, description="The country whose help line is named to people in need: US, GB, CN, …")
    )
    guard: GuardSettings | None = Field(None, description="A guard model beside the judge of risks; optional.")
    rules: Annotated[tuple[Rule, ...], Says("a list of rules, each beginning with `- id:`")] = Field(
        (), description="The rules, looked at in this order, before those of the sets."
    )


class Privacy(Part):
    """What is kept of users."""

    redact: tuple[Text, ...] = Field(
        ("email", "phone", "id_card", "bank_card"), description="The kinds of personal data that are masked."
    )
    consent: Literal["ask", "implied"] = Field("ask", description="Whether users are asked before anything is kept.")
    retention: Annotated[str, StringConstraints(pattern=RETENTION_PATTERN), BeforeValidator(_written)] = Field(
        "30d", description="How long a conversation is kept: 12h, 30d, 4w, 6m, 1y; 0 keeps nothing; forever."
    )
    keep_media: StrictBool = Field(False, description="Whether pictures and recordings of users are kept.")
    contact: LocalText | None = Field(
        None, description="Whom users may ask about their data, by language: a name, an address."
    )

    @property
    def seconds(self) -> int | None:
        """Return the retention in seconds, None for ever; a month has 30 days."""
        if self.retention == "forever":
            return None
        units = {"h": 3600, "d": 86400, "w": 604800, "m": 2592000, "y": 31536000}
        return int(self.retention[:-1] or 0) * units.get(self.retention[-1], 0)


class ModelSettings(Part):
    """A language model that puts answers into words; without it the persona answers from what it was given."""

    provider: Literal["openai", "transformers"] = Field(
        "openai", description="openai: any OpenAI-compatible server; transformers: a model on this machine."
    )
    name: Text = Field(description="The name of the model.")
    base_url: Text | None = Field(None, description="The address of the server.")
    api_key: Text | None = Field(None, description="The key, from the environment: ${OPENAI_API_KEY}.")
    tools: Names = Field(
        (), description="Skills that it may call, each as plugin.skill, or all. The user is still asked for a yes."
    )


class Encoders(Part):
    """Which encoders the persona hears, sees and reads with."""

    text: OneOrMore = Field(("auto",), description="Sentence encoders; auto chooses by the persona's languages.")
    image: Text = Field("auto", description="The picture encoder; auto, none or a name.")
    speech: Text = Field("auto", description="The speech recogniser; auto, none or a name.")
    tune: Literal["none", "lora", "full"] = Field(
        "none",
        description="Whether the top layers of a sentence encoder learn from the intents' examples: all their weights "
        "(full), or adapters of low rank (lora). Compiling takes minutes longer.",
    )


class Limits(Part):
    """How much users may send; whoever sends more is told so, and asked to wait."""

    per_user: Annotated[StrictInt, Field(ge=1, le=10_000)] = Field(
        60, description="How many messages one user may send in a minute before the last one is answered."
    )
    per_conversation: Annotated[StrictInt, Field(ge=1, le=10_000)] = Field(
        120, description="The same for all users of a conversation together."
    )
    waiting: Annotated[StrictInt, Field(ge=1, le=10_000)] = Field(
        50, description="How many messages of a user, or of a conversation, may wait for their answers."
    )
    characters: Annotated[StrictInt, Field(ge=1, le=4000)] = Field(
        4000, description="How long a message may be, in characters."
    )
    megabytes: Annotated[StrictInt, Field(ge=1, le=20)] = Field(
        20, description="How large the pictures and recordings of one message may be together."
    )


def _plugin_form(value: Any) -> str:
    return "block" if isinstance(value, Mapping) else "name"


PluginNamed: TypeAlias = Annotated[
    Annotated[Text, Tag("name")]
    | Annotated[
        dict[Text, Annotated[dict[str, Any], BeforeValidator(_block)]], Field(min_length=1, max_length=1), Tag("block")
    ],
    Discriminator(_plugin_form),
    Says("the name of a plugin, or `name: {settings}`"),
]


class WebhookAlerts(Part):
    """An address that alerts are posted to as JSON, signed."""

    url: Text = Field(description="The address; https, unless it is this machine.")
    secret: Text = Field(description="What the signature is made with, from the environment: ${ALERTS_SECRET}.")


class MailAlerts(Part):
    """People who get alerts by e-mail."""

    to: OneOrMore = Field(description="One or more addresses.")
    sender: Text = Field(alias="from", description="The address that the mails come from.")
    server: Text = Field(description="The mail server (SMTP).")
    port: Annotated[StrictInt, Field(ge=1, le=65535)] = Field(587, description="Its port.")
    tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the way there is encrypted; none only for a server on this machine."
    )
    user: Text | None = Field(None, description="The name to log in with.")
    password: Text | None = Field(None, description="The password, from the environment: ${SMTP_PASSWORD}.")


class SlackAlerts(Part):
    """A channel of Slack that gets alerts: by an incoming webhook, or by a bot's token."""

    webhook: Text | None = Field(None, description="An incoming webhook, from the environment: ${SLACK_ALERTS}.")
    token: Text | None = Field(None, description="A bot's token, from the environment: ${SLACK_BOT_TOKEN}.")
    channel: Text | None = Field(None, description="With a token: the id of the channel.")
    api: Text = Field("https://slack.com/api/", description="With a token: where Slack's interface is.")


class Alerts(Part):
    """Who is told when something goes wrong: when a rule escalates, and when the monitor sees a surge."""

    webhook: WebhookAlerts | None = Field(None, description="Post alerts to an address.")
    email: MailAlerts | None = Field(None, description="Send alerts by e-mail.")
    slack: SlackAlerts | None = Field(None, description="Write alerts into a channel of Slack.")
    page: Text | None = Field(
        None, description="Where people reach the server, for links: https://bot.example.com. Without it, none is sent."
    )
    floor: Annotated[StrictInt, Field(ge=1, le=1_000_000)] = Field(
        10, description="How many there must be within an hour for a surge."
    )
    times: Annotated[StrictFloat, Field(ge=1, le=1000)] = Field(
        2.0, description="How many times as many as expected there must be for a surge."
    )
    quiet_minutes: Annotated[StrictInt, Field(ge=0, le=10_080)] = Field(
        60, description="After an escalation: how long the same rule is not told again for the same conversation."
    )


class Lints(Part):
    """Which warnings the author has looked at and does not want to see again."""

    allow: tuple[Text, ...] = Field(
        (), description="Codes of warnings, each alone (P0402) or for some files only (P0402 knowledge/*.csv)."
    )


class Persona(Part):
    """One chat bot: who it is, what it knows, how it speaks, what it must never do."""

    personac: Annotated[Literal[1], BeforeValidator(_not_true), Field(description="The version of this language.")]
    name: Annotated[Text, Field(max_length=80)] = Field(description="What the persona is called.")
    summary: str = Field("", description="What the persona is for, in a sentence.")
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = Field(
        ("en",), description="The languages it speaks, the first by default: en, zh, pt-BR."
    )
    tone: Tone = Field(Tone(), description="How it speaks.")
    voice: VoiceSettings = Field(VoiceSettings(), description="How it sounds.")
    face: Face = Field(Face(), description="How it looks.")
    knowledge: Annotated[tuple[KnowledgeFile, ...], Says("a list of files, each as `- path: …`")] = Field(
        (), description="The files that it answers from."
    )
    retrieval: Retrieval = Field(Retrieval(), description="How knowledge is looked up.")
    intents: Annotated[tuple[Intent, ...], Says("a list of intents, each beginning with `- name:`")] = Field(
        (), description="What users want from it, with examples."
    )
    ethics: Ethics = Field(Ethics(), description="What it must never do.")
    privacy: Privacy = Field(Privacy(), description="What is kept of users.")
    model: ModelSettings | None = Field(None, description="A language model; optional.")
    encoders: Encoders = Field(Encoders(), description="What it hears, sees and reads with; optional.")
    plugins: tuple[PluginNamed, ...] = Field(
        (),
        description="The plugins whose skills it uses: each a name, or `name: {settings}`. One that is being written "
        "is named by its folder: ./weather.",
    )
    connectors: dict[str, Annotated[dict[str, Any], BeforeValidator(_block)]] = Field(
        {}, description="The channels it is on, each with its settings."
    )
    limits: Limits = Field(Limits(), description="How much users may send.")
    alerts: Alerts = Field(Alerts(), description="Who is told when something goes wrong.")
    lints: Lints = Field(Lints(), description="Which warnings are not shown.")
    extensions: dict[str, Any] = Field(
        {}, description="What other programs keep with the persona; personac does not read it."
    )

    @property
    def language(self) -> str:
        """Return the default language."""
        return self.languages[0]

    @property
    def plugin_uses(self) -> list[PluginUse]:
        """Return the plugins with what is set for each."""
        return [plugin_use(written, Path()) for written in self.plugins]

    @model_validator(mode="wrap")
    @classmethod
    def _know_language(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Tell the texts below which language a plain one belongs to."""
        languages = data.get("languages") if isinstance(data, Mapping) else None
        first = languages[0] if isinstance(languages, list | tuple) and languages else "en"
        known = isinstance(first, str) and re.match(LANGUAGE_PATTERN, first)
        token = _default_language.set(first if known else "en")
        try:
            return handler(data)
        finally:
            _default_language.reset(token)

    @model_validator(mode="after")
    def _can_answer(self) -> Self:
        if not self.knowledge and not self.intents:
            raise PydanticCustomError("nothing_to_answer", "a persona needs knowledge or intents")
        return self


def base(language: str) -> str:
    """Return the language without script and region: zh for zh-Hant-TW."""
    return language.split("-")[0]
