"""The HTTP side: the page and its files, uploads, a plain JSON turn, and health; one set of paths for each bot."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request, Response, WebSocket
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field

from ...core.contracts import Bot
from ...core.errors import BadInput, PersonacError
from ...core.message import Message, Reply
from .media import MediaShelf
from .session import TEXT_CHARACTERS, Session

STATIC = Path(__file__).parent / "static"
COOKIE = "personac_user"
YEAR = 365 * 24 * 3600
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
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

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @app.exception_handler(BadInput)
    async def bad_input(request: Request, error: BadInput) -> JSONResponse:
        return JSONResponse({"code": error.code, "message": str(error)}, STATUS.get(error.code, 400))

    @app.exception_handler(PersonacError)
    async def unavailable(request: Request, error: PersonacError) -> JSONResponse:
        return JSONResponse({"code": "unavailable", "message": str(error)}, 503)

    return app


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
        name, received = await shelf.receive(_user(request), request.stream(), claimed, size)
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
