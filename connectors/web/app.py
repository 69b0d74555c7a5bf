"""The HTTP side: the page and its files, uploads, a plain JSON turn, and health; one set of paths for each bot."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException as RoutingError
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Packet

from ...core.contracts import Bot
from ...core.errors import BadInput, PersonacError
from ...core.message import Message, Reply
from .media import MEDIA_BYTES, MediaShelf
from .session import TEXT_CHARACTERS, Session

STATIC = Path(__file__).parent / "static"
COOKIE = "personac_user"
YEAR = 365 * 24 * 3600
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
JSON_BYTES = 64 * 1024
STATUS = {"too_large": 413, "busy": 503, "not_media": 415}


class Turn(BaseModel):
    """What a client of one's own sends for one turn."""

    text: Annotated[str, Field(min_length=1, max_length=TEXT_CHARACTERS, description="What the user says.")]
    user: Annotated[str, Field(min_length=1, max_length=100, description="Who is talking.")] = "web"
    conversation: Annotated[str | None, Field(max_length=100, description="Which conversation goes on.")] = None


def make_app(bots: Sequence[Bot]) -> FastAPI:
    """Return the application: a single bot at /, several at /p/<slug>/."""
    app = FastAPI(title="personac", docs_url=None, redoc_url=None)
    shelf = MediaShelf()
    for bot in bots:
        prefix = "" if len(bots) == 1 else f"/p/{bot.profile.slug}"
        app.include_router(_router(bot, shelf), prefix=prefix)
    if len(bots) > 1:
        app.add_api_route("/", lambda: RedirectResponse(f"/p/{bots[0].profile.slug}/"), include_in_schema=False)
    for bot in bots:  # after all routes: a mount takes every path below it
        prefix = "/" if len(bots) == 1 else f"/p/{bot.profile.slug}"
        app.mount(prefix, StaticFiles(directory=STATIC), name=f"static-{bot.profile.slug}")

    app.add_middleware(_Guard)

    @app.exception_handler(BadInput)
    async def bad_input(request: Request, error: BadInput) -> JSONResponse:
        return _problem(STATUS.get(error.code, 400), error.code, str(error))

    @app.exception_handler(RequestValidationError)
    async def wrong_field(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:] if isinstance(part, str))
        return _problem(422, "wrong_field", f"`{field}`: {first['msg']}" if field else str(first["msg"]))

    @app.exception_handler(RoutingError)
    async def not_served(request: Request, error: RoutingError) -> JSONResponse:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
        return _problem(error.status_code, code, str(error.detail), error.headers)

    @app.exception_handler(PersonacError)
    async def unavailable(request: Request, error: PersonacError) -> JSONResponse:
        return _problem(503, "unavailable", str(error))

    return app


class _Guard:
    """Set the headers of every answer, and refuse a body larger than its path takes before it is in memory."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        left = 2 * MEDIA_BYTES if scope["path"].endswith("/media") else JSON_BYTES

        async def limited() -> Packet:
            nonlocal left
            packet = await receive()
            left -= len(packet.get("body", b""))
            if left < 0:
                raise HTTPException(413, "The body of this request is too large.")
            return packet

        async def dressed(packet: Packet) -> None:
            if packet["type"] == "http.response.start":
                headers = MutableHeaders(scope=packet)
                headers["Content-Security-Policy"] = POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers.setdefault("Cache-Control", "no-cache")  # the page and its parts change together
            await send(packet)

        await self.app(scope, limited, dressed)


def _problem(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return what every refusal over HTTP looks like."""
    return JSONResponse({"code": code, "message": message}, status, headers)


def _user(request: Request | WebSocket) -> str:
    """Return the anonymous id of a browser, empty when it has none yet."""
    value = request.cookies.get(COOKIE, "")
    return value if 16 <= len(value) <= 64 and value.replace("-", "").replace("_", "").isalnum() else ""


def _router(bot: Bot, shelf: MediaShelf) -> APIRouter:
    router = APIRouter()

    @router.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        response = FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})
        if not _user(request):
            secure = request.url.scheme == "https"
            value = secrets.token_urlsafe(18)
            response.set_cookie(COOKIE, value, max_age=YEAR, httponly=True, samesite="lax", secure=secure)
        return response

    @router.get("/face", include_in_schema=False)
    async def face() -> Response:
        profile = bot.profile
        if profile.face is None:
            return Response(status_code=404)
        return Response(profile.face, media_type=profile.face_type, headers={"Cache-Control": "no-cache"})

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/ready")
    async def ready() -> dict[str, bool]:
        return bot.ready()

    @router.post("/media", include_in_schema=False)
    async def media(request: Request) -> dict[str, Any]:
        length = request.headers.get("content-length", "")
        size = int(length) if length.isdigit() else None
        claimed = request.headers.get("content-type", "").split(";")[0].strip().lower()
        try:
            name, received = await shelf.receive(_user(request), request.stream(), claimed, size)
        except ClientDisconnect:
            raise BadInput("cut_off", "The upload was cut off; please send that file again.") from None
        return {"id": name, "kind": received.kind, "bytes": len(received.data)}

    @router.post("/api/turn")
    async def turn(body: Turn) -> JSONResponse:
        message = Message(body.text, (), body.conversation or f"api-{body.user}", body.user, "api")
        async for event in bot.answer(message):
            if isinstance(event, Reply):
                return JSONResponse(event.as_dict())
        raise PersonacError("the turn ended without an answer")

    @router.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        if not _same_origin(websocket):
            await websocket.close(1008)
            return
        await Session(websocket, lambda: bot, shelf, _user(websocket) or secrets.token_urlsafe(18)).run()

    return router


def _same_origin(websocket: WebSocket) -> bool:
    """Tell whether a browser's socket comes from our own page; programs send no Origin."""
    origin = websocket.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == websocket.headers.get("host")
