"""REST and Server-Sent Events for clients of one's own.

Knows HTTP and who may do what; does not know what a bot does.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response, Security
from fastapi import Path as PathField
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.security import HTTPBearer

from ...core.errors import BadInput, PersonacError
from ...core.message import FORGOTTEN, Message, Reply
from .door import Door, Visitor, conversation_of, first_conversation, new_user
from .hub import Hub, consent_of
from .problems import told
from .protocol import ID_CHARACTERS
from .protocol import Request as Frame
from .replies import ReplyModel
from .shapes import Answered, Consent, History, Line, Name, Said, SessionModel, SessionStart, Turn
from .streams import Queue, stream, whole
from .talks import Talk

STREAM = "text/event-stream"
BEARER = [Security(HTTPBearer(auto_error=False, scheme_name="session", description="A token of POST api/session."))]


def api_router(hub: Hub, door: Door) -> APIRouter:
    """Return the paths of one persona's interface for programs."""
    router = APIRouter(prefix="/api")

    def enter(request: Request) -> Visitor:
        visitor = door.visitor(request)
        if visitor is None:
            raise BadInput("login_needed", "Begin a session with POST api/session and send its token as a bearer.")
        return door.checked(visitor)

    def own_talk(visitor: Visitor, wanted: str | None) -> Talk:
        name = conversation_of(visitor.user, wanted or first_conversation(visitor.user))
        if wanted is not None and name != wanted:
            raise BadInput("unknown_conversation", "That conversation is not one of this session.")
        return hub.talk(name, visitor.user)

    @router.post("/turn", tags=["turn"], response_model=ReplyModel, responses=told(400, 401, 403, 413, 422, 429, 503))
    async def turn(body: Turn, request: Request) -> JSONResponse:
        """Answer one text, without a session: whoever asks says who is talking."""
        door.checked(door.visitor(request) or Visitor(""))
        hub.ledger.check(body.text)
        if body.consent is False:  # a no is heard whatever the limits say
            await hub.decide(body.user, False)
        conversation = f"api-{body.user}-{body.conversation}" if body.conversation else f"api-{body.user}"
        message = Message(body.text, (), conversation, body.user, "api", keep=body.consent is not False)
        with hub.ledger.place(body.user, conversation):
            if body.consent:
                await hub.decide(body.user, True)
            async for event in hub.bot.answer(message):
                if isinstance(event, Reply):
                    if event.about_data:
                        await hub.settled(body.user, event)
                    return JSONResponse(event.as_dict())
        raise PersonacError("the turn ended without an answer")

    @router.post("/session", tags=["session"], response_model=SessionModel, responses=told(400, 401, 403, 413, 422))
    async def session(request: Request, body: SessionStart | None = None) -> SessionModel:
        """Begin a session, or renew the one whose token is sent."""
        visitor, user = door.enter(request), body.user if body is not None else None
        if visitor.master:
            visitor = Visitor(user or new_user(), True)
        elif user is not None:
            raise BadInput("login_needed", "Only the persona's key may name the user of a session.")
        token, claims = door.token(visitor)
        return SessionModel(token=token, conversation=first_conversation(visitor.user), expires=claims.until)

    @router.post(
        "/messages",
        dependencies=BEARER,
        tags=["conversation"],
        response_model=Answered,
        responses={
            200: {"content": {STREAM: {"schema": {"type": "string"}}}},
            **told(400, 401, 403, 404, 409, 413, 422, 429, 503),
        },
    )
    async def messages(body: Said, request: Request) -> Any:
        """Say something; the answer comes as JSON, or word by word where `Accept: text/event-stream` asks for it."""
        visitor = enter(request)
        talk, queue = own_talk(visitor, body.conversation), Queue()
        id = body.id or secrets.token_hex(8)
        streamed = STREAM in request.headers.get("accept", "")
        frame = Frame("message", id, body.text, tuple(body.media), speak=body.speak and streamed)
        await talk.join(queue)
        try:
            await talk.ask(frame, listener=queue)
        except BaseException:
            talk.leave(queue)
            raise
        if streamed:
            return StreamingResponse(stream(talk, queue, id), media_type=STREAM)
        try:
            return await whole(talk, queue, id)
        finally:
            talk.leave(queue)

    @router.post(
        "/messages/{id}/got",
        dependencies=BEARER,
        tags=["conversation"],
        status_code=204,
        responses=told(400, 401, 403, 404, 413, 422),
    )
    async def got(
        id: Annotated[str, PathField(max_length=ID_CHARACTERS)],
        request: Request,
        conversation: Annotated[Name | None, Query(description="That of the session when absent.")] = None,
    ) -> None:
        """Tell that the answer to a message has arrived: then it need not be kept for who comes back."""
        await own_talk(enter(request), conversation).got(id)

    @router.get(
        "/events",
        dependencies=BEARER,
        tags=["conversation"],
        response_class=StreamingResponse,
        responses={200: {"content": {STREAM: {"schema": {"type": "string"}}}}, **told(400, 401, 404, 422)},
    )
    async def events(
        request: Request,
        conversation: Annotated[Name | None, Query(description="That of the session when absent.")] = None,
        last_event_id: Annotated[str, Header(description="Tell what came after this event.", max_length=100)] = "",
        follow: Annotated[bool, Query(description="Go on with what will come; else end with what is known.")] = True,
    ) -> StreamingResponse:
        """Follow a conversation: all that happens in it, from where one was before."""
        talk, queue = own_talk(enter(request), conversation), Queue()
        await talk.join(queue, last_event_id or None)
        return StreamingResponse(stream(talk, queue, None, follow=follow), media_type=STREAM)

    @router.post(
        "/stop",
        dependencies=BEARER,
        tags=["conversation"],
        status_code=204,
        responses=told(400, 401, 403, 404, 413, 422),
    )
    async def stop(
        request: Request,
        conversation: Annotated[Name | None, Query(description="That of the session when absent.")] = None,
    ) -> None:
        """End the running answer and drop messages that wait."""
        await own_talk(enter(request), conversation).stop()

    @router.get(
        "/history", dependencies=BEARER, tags=["session"], response_model=History, responses=told(400, 401, 404, 422)
    )
    async def history(
        request: Request,
        conversation: Annotated[Name | None, Query(description="That of the session when absent.")] = None,
    ) -> History:
        """Return what was said lately, and what the user decided about keeping it."""
        visitor = enter(request)
        name = own_talk(visitor, conversation).conversation
        said = await asyncio.to_thread(hub.bot.history, name)
        lines = [Line.model_validate({"role": role, "text": text, "language": own}) for role, text, own in said]
        consent = await asyncio.to_thread(consent_of, hub.bot, visitor.user)
        return History.model_validate({"conversation": name, "consent": consent, "lines": lines})

    @router.post(
        "/consent", dependencies=BEARER, tags=["session"], status_code=204, responses=told(400, 401, 403, 413, 422, 503)
    )
    async def consent(body: Consent, request: Request) -> None:
        """Decide whether the conversation may be kept; a no erases what was kept."""
        await hub.decide(enter(request).user, body.granted)

    @router.get("/me", dependencies=BEARER, tags=["session"], responses=told(400, 401, 501, 503))
    async def export(request: Request) -> dict[str, Any]:
        """Return all that is kept of the session's user."""
        return await asyncio.to_thread(hub.bot.export, enter(request).user)

    @router.delete("/me", dependencies=BEARER, tags=["session"], status_code=204, responses=told(400, 401, 403, 503))
    async def forget(request: Request) -> None:
        """Erase all that is kept of the session's user."""
        reply = await hub.forget(enter(request).user)
        if reply.skill != FORGOTTEN:  # it could not be done, and the words say so
            raise PersonacError(reply.text)

    @router.get(
        "/me/files/{kind}",
        dependencies=BEARER,
        tags=["session"],
        response_class=Response,
        responses=told(400, 401, 404, 422, 503),
    )
    async def files(
        kind: Annotated[Literal["json", "html"], PathField(description="For programs, or a page to read.")],
        request: Request,
        language: Annotated[str, Query(max_length=20, description="Of the page.")] = "",
    ) -> Response:
        """Return all that is kept of the session's user as a file to save."""
        user, wanted = enter(request).user, language or hub.bot.profile.languages[0]
        made = await asyncio.to_thread(hub.bot.export_files, user, wanted)
        file = next(file for file in made if file.name.endswith(kind))
        heads = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "no-store"}
        return Response(file.data, media_type=file.mime, headers=heads)

    return router
