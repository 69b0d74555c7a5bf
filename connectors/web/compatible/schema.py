"""What clients of OpenAI's API send, as far as a persona can use it; what it can't is passed over.

Field by field after https://platform.openai.com/docs/api-reference/chat/create and …/audio. Knows no HTTP.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

MESSAGES = 500


class Open(BaseModel):
    """Be an object that may have fields which are not known here."""

    model_config = ConfigDict(extra="allow")


class TextPart(Open):
    """Words."""

    type: Literal["text"]
    text: str


class ImageURL(Open):
    """Where a picture is: in the address itself."""

    url: Annotated[str, Field(description="A data URI; nothing is fetched from elsewhere.")]


class ImagePart(Open):
    """A picture."""

    type: Literal["image_url"]
    image_url: ImageURL


class InputAudio(Open):
    """A recording as base64."""

    data: str
    format: Annotated[str, Field(max_length=20)] = "wav"


class AudioPart(Open):
    """A recording."""

    type: Literal["input_audio"]
    input_audio: InputAudio


class RefusalPart(Open):
    """What an assistant would not say."""

    type: Literal["refusal"]
    refusal: str


def _kind(value: Any) -> str | None:
    return value.get("type") if isinstance(value, dict) else getattr(value, "type", None)


Part: TypeAlias = Annotated[
    Annotated[TextPart, Tag("text")]
    | Annotated[ImagePart, Tag("image_url")]
    | Annotated[AudioPart, Tag("input_audio")]
    | Annotated[RefusalPart, Tag("refusal")],
    Discriminator(_kind),
]


class ChatMessage(Open):
    """One message of the history that the client keeps."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | Annotated[list[Part], Field(max_length=50)] | None = None


class StreamOptions(Open):
    """What else is streamed."""

    include_usage: bool = False


class ResponseFormat(Open):
    """What form the answer is to have: a persona answers in plain words."""

    type: Literal["text"] = "text"


_ASKED: dict[str, Any] = {"contains": {"properties": {"role": {"const": "user"}}, "required": ["role", "content"]}}


class ChatRequest(Open):
    """A conversation whose last user message is to be answered."""

    model: Annotated[str, Field(min_length=1, max_length=200, description="A persona, as GET /v1/models lists them.")]
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MESSAGES, json_schema_extra=_ASKED)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Annotated[Literal[1] | None, Field(description="A persona gives one answer.")] = None
    max_tokens: Annotated[int | None, Field(ge=1)] = None
    max_completion_tokens: Annotated[int | None, Field(ge=1)] = None
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    response_format: ResponseFormat | None = None
    user: Annotated[str | None, Field(max_length=200, description="Who is talking.")] = None


class SpeechRequest(Open):
    """Words to be spoken with a persona's voice."""

    model: Annotated[str, Field(min_length=1, max_length=200, description="A persona, as GET /v1/models lists them.")]
    input: Annotated[str, Field(min_length=1, max_length=4096)]
    voice: Annotated[Any, Field(description="Passed over: a persona has its own voice.")] = None
    response_format: Literal["mp3", "opus", "wav", "pcm", "flac"] = "mp3"


class Usage(BaseModel):
    """How much was read and written, estimated: four letters of a word, or one Chinese character, are a token."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class AnswerMessage(BaseModel):
    """What the persona says."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: str | None = None


class Choice(BaseModel):
    """The one answer."""

    index: int = 0
    message: AnswerMessage
    logprobs: None = None
    finish_reason: Literal["stop", "length"]


class ChatCompletion(BaseModel):
    """The answer to a conversation; `personac` is the whole reply, with its sources."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    personac: dict[str, Any]


class Model(BaseModel):
    """A persona."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "personac"
    name: str
    description: str
    languages: list[str]


class ModelList(BaseModel):
    """The personas."""

    object: Literal["list"] = "list"
    data: list[Model]


class Transcribed(BaseModel):
    """What was heard; the fields beside `text` are there for `verbose_json`."""

    model_config = ConfigDict(extra="allow")

    text: str
