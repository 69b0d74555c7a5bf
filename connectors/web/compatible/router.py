"""The paths below /v1, for all personas of a server: each is a model, and its name is that of its folder.

Knows HTTP; does not know how a turn is answered.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Header, Request, Response, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse

from ....core.contracts import Bot
from ....core.errors import BadInput
from ....core.message import Event, Media, Message, Reply, Sound
from ..door import Door, Visitor, bearer_of
from ..hub import Hub
from ..ledger import Ledger
from ..media import MEDIA_BYTES, kind_of
from ..problems import told
from . import chat
from .answers import Turn, Turns
from .audio import TranscriptFormat, subtitles, verbose
from .history import Places, said
from .parts import Asked, asked
from .schema import ChatCompletion, ChatRequest, Model, ModelList, SpeechRequest, Transcribed
from .sounds import TYPES, encode, seconds_of

STREAM = "text/event-stream"
SHARED = "openai-"  # begins the users of keys that may speak for many
_told = partial(told, openai=True)


class Models:
    """Find personas by the names of models, and tell who asks."""

    def __init__(self, bots: Sequence[Bot], doors: Mapping[str, Door]) -> None:
        self._bots = {bot.profile.slug: bot for bot in bots}
        self._doors, self._born = doors, int(time.time())

    def visitor(self, slug: str, request: Request) -> Visitor:
        """Return who asks a persona; raise BadInput (login_needed). Where no key is wanted, any one will do."""
        door, bearer = self._doors[slug], bearer_of(request)
        if door.is_key(bearer):
            return Visitor(f"{SHARED}key", True, True)
        claims = door.signer.read(bearer, slug) if bearer else None
        if claims is not None:
            return door.checked(Visitor(claims.user, claims.login))
        return door.checked(Visitor(f"{SHARED}{hashlib.sha256(bearer.encode('utf-8', 'replace')).hexdigest()[:16]}"))

    def find(self, name: str, request: Request) -> tuple[Bot, Visitor]:
        """Return a persona and who asks; raise BadInput (model_not_found, login_needed)."""
        bot = self._bots.get(name)
        if bot is None:
            words = f"The model `{name[:80]}` does not exist. Known: {', '.join(sorted(self._bots))}."
            raise BadInput("model_not_found", words)
        return bot, self.visitor(name, request)

    def described(self, slug: str) -> Model:
        """Return a persona as a model."""
        who = self._bots[slug].profile
        return Model(id=slug, created=self._born, name=who.name, description=who.summary, languages=list(who.languages))

    def open(self, request: Request) -> list[Model]:
        """Return the personas that may be asked; raise BadInput (login_needed) when there is none."""
        found: list[Model] = []
        refused: BadInput | None = None
        for slug in self._bots:
            try:
                self.visitor(slug, request)
            except BadInput as error:
                refused = error
                continue
            found.append(self.described(slug))
        if refused is not None and not found:
            raise refused
        return found


def compatible_router(hubs: Mapping[str, Hub], doors: Mapping[str, Door], turns: Turns) -> APIRouter:
    """Return the paths of OpenAI's API for some personas; whoever gives `turns` closes them."""
    router = APIRouter(prefix="/v1", tags=["openai"])
    models, places = Models([hub.bot for hub in hubs.values()], doors), Places()

    @router.get("/models", response_model=ModelList, responses=_told(401))
    async def list_models(request: Request) -> ModelList:
        """List the personas."""
        return ModelList(data=models.open(request))

    @router.get("/models/{model}", response_model=Model, responses=_told(400, 401, 404))
    async def one_model(model: str, request: Request) -> Model:
        """Describe one persona."""
        models.find(model, request)
        return models.described(model)

    @router.post(
        "/chat/completions",
        response_model=ChatCompletion,
        responses={
            200: {"content": {STREAM: {"schema": {"type": "string"}}}},
            **_told(400, 401, 403, 404, 413, 415, 429, 501, 503),
        },
    )
    async def completions(
        body: ChatRequest,
        request: Request,
        idempotency_key: Annotated[str, Header(max_length=200)] = "",
        x_stainless_retry_count: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> Any:
        """Answer the last user message of a conversation."""
        bot, visitor = models.find(body.model, request)
        question = await asyncio.to_thread(asked, body.messages)
        hubs[body.model].ledger.check(question.text, question.media)
        user = f"{visitor.user}/{body.user}" if body.user else visitor.user
        wanted = [body.model, user, idempotency_key, *(one.digest for one in (*question.before, question.itself))]
        key = hashlib.sha256("\n".join(wanted).encode("utf-8", "replace")).hexdigest()
        again = idempotency_key or x_stainless_retry_count not in ("", "0")
        turn = turns.find(key) if again else None
        if turn is None:
            own = bool(body.user) or not visitor.user.startswith(SHARED)  # one key may speak for many users
            ledger = hubs[body.model].ledger if own else None
            turn = await _begin(bot, body.model, user, question, places, ledger)
            turns.keep(key, turn)
        form = chat.Form(body, question)
        if not body.stream:
            return await form.whole(turn.read())
        chunks = form.chunks(turn.read())
        first = await anext(chunks)  # what is wrong is told with its status, before the words
        return StreamingResponse(_with(first, chunks), media_type=STREAM)

    @router.post(
        "/audio/transcriptions",
        response_model=Transcribed,
        responses={
            200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
            **_told(400, 401, 403, 404, 413, 415, 501, 503),
        },
    )
    async def transcriptions(
        request: Request,
        file: Annotated[UploadFile, File(description="A recording: WAV, MP3, M4A, Ogg, WebM or FLAC.")],
        model: Annotated[str, Form(min_length=1, max_length=200)],
        response_format: Annotated[TranscriptFormat, Form()] = "json",
    ) -> Any:
        """Write down what is said in a recording; its language is found by itself."""
        bot, _ = models.find(model, request)
        data = await file.read(MEDIA_BYTES + 1)
        if len(data) > MEDIA_BYTES:
            raise BadInput("too_large", f"That file is too large; at most {MEDIA_BYTES // 1024**2} MB can be sent.")
        claimed = (file.content_type or "").split(";")[0].lower()
        claimed = claimed if claimed.startswith(("audio/", "video/")) else "audio/octet-stream"
        if kind_of(data, claimed) == "image":
            raise BadInput("not_a_sound", "That file is a picture; please send a recording.")
        heard = await bot.hear(Media("audio", data, claimed, file.filename or ""))
        if response_format == "text":
            return PlainTextResponse(heard.text + "\n")
        if response_format == "json":
            return JSONResponse({"text": heard.text})
        seconds = await asyncio.to_thread(seconds_of, data)
        if response_format == "verbose_json":
            return JSONResponse(verbose(heard, seconds))
        return PlainTextResponse(subtitles(heard, seconds, response_format))

    @router.post(
        "/audio/speech",
        response_class=Response,
        responses={
            200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in TYPES.values()}},
            **_told(400, 401, 403, 404, 413, 501, 503),
        },
    )
    async def speech(body: SpeechRequest, request: Request) -> Response:
        """Speak a text with the persona's voice."""
        bot, _ = models.find(body.model, request)
        sounds: list[Sound] = [sound async for sound in bot.say(body.input)]
        data = await asyncio.to_thread(encode, sounds, body.response_format)
        return Response(data, media_type=TYPES[body.response_format])

    return router


async def _begin(bot: Bot, model: str, user: str, question: Asked, places: Places, ledger: Ledger | None) -> Turn:
    owner = f"{model}/{user}"
    conversation, place = await places.enter(bot, user, question.before, owner)
    message = Message(question.text, question.media, conversation, user, "openai")
    answer = ""

    async def events() -> AsyncIterator[Event]:
        nonlocal answer
        with nullcontext() if ledger is None else ledger.place(user, conversation):
            async for event in bot.answer(message):
                if isinstance(event, Reply):
                    answer = event.text
                yield event

    async def ended(well: bool) -> None:
        if not well:
            if place is not None:
                place.newest = True  # nothing was said in it
            return
        spoken = (*question.before, question.itself, said("persona", answer))
        await places.leave(bot, owner, spoken, conversation)

    return Turn(events(), ended)


async def _with(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for chunk in rest:
        yield chunk
