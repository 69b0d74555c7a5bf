"""The page, the widget and what they load and send: files, the face, uploads, the WebSocket.

Knows paths and headers; does not know what a turn is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response, WebSocket
from fastapi.responses import FileResponse, RedirectResponse
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from ...core.errors import BadInput
from .door import Door, anonymous_of, give_name, same_origin
from .guard import CSP, framed_by
from .hub import Hub
from .problems import told
from .session import Session
from .theme import ink_on, style_sheet

STATIC = Path(__file__).parent / "static"


class Upload(BaseModel):
    """A file that waits for the message that names it."""

    id: str = Field(description="What a message names it by, once, within some minutes.")
    kind: str = Field(description="audio, image or video.")
    bytes: int


def page_router(hub: Hub, door: Door) -> APIRouter:
    """Return the paths of one persona's page and widget."""
    router = APIRouter()
    settings = door.settings

    @router.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        visitor = door.visitor(request)
        if settings.locked and not (visitor and visitor.login):
            return RedirectResponse("login", 303)
        return FileResponse(STATIC / "index.html")

    @router.post("/name", include_in_schema=False)
    async def name(request: Request) -> Response:
        """Give a browser that has none the cookie that knows it; the page asks in one tab after the other."""
        response = Response(status_code=204)
        if not anonymous_of(request):
            give_name(request, response)
        return response

    @router.get("/embed", include_in_schema=False)
    async def embedded() -> Response:
        return FileResponse(STATIC / "index.html", headers={CSP: framed_by(settings.origins)})

    @router.get("/widget.json", include_in_schema=False)
    async def widget() -> Response:
        theme, profile = settings.theme, hub.bot.profile
        accent = theme.accent or "#1f6b58"
        told = {
            "name": profile.name,
            "languages": list(profile.languages),
            "position": theme.position,
            "accent": accent,
            "ink": ink_on(accent),
            "has_face": profile.face is not None,
        }
        return Response(json.dumps(told, ensure_ascii=False), media_type="application/json")

    @router.get("/theme.css", include_in_schema=False)
    async def theme() -> Response:
        return Response(style_sheet(settings.theme), media_type="text/css")

    @router.get("/face", include_in_schema=False)
    async def face() -> Response:
        profile = hub.bot.profile
        if profile.face is None:
            return Response(status_code=404)
        return Response(profile.face, media_type=profile.face_type)

    @router.get("/health", tags=["server"])
    async def health() -> dict[str, str]:
        """Tell that the server runs."""
        return {"status": "ok"}

    @router.get("/ready", tags=["server"])
    async def ready() -> dict[str, bool]:
        """Tell which of text, speech, pictures and voice are loaded."""
        return hub.bot.ready()

    @router.post(
        "/media",
        tags=["conversation"],
        response_model=Upload,
        responses=told(400, 401, 403, 408, 413, 415, 422, 503),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    kind: {"schema": {"type": "string", "format": "binary"}}
                    for kind in ("image/png", "image/jpeg", "image/webp", "audio/wav", "audio/mpeg", "audio/ogg",
                                 "audio/webm", "video/mp4", "video/webm")
                },
            }
        },
    )  # fmt: skip
    async def media(request: Request, content_type: Annotated[str, Header(include_in_schema=False)] = "") -> Upload:
        """Send a picture, a recording or a video ahead of the message that names it."""
        visitor = door.visitor(request)
        if settings.locked and visitor is None:
            door.enter(request)
        owner = door.checked(visitor).user if visitor is not None else ""
        length = request.headers.get("content-length", "")
        size = int(length) if length.isdigit() and len(length) < 16 else None
        claimed = content_type.split(";")[0].strip().lower()
        try:
            name, received = await hub.shelf.receive(owner, request.stream(), claimed, size)
        except ClientDisconnect:
            raise BadInput("cut_off", "The upload was cut off; please send that file again.") from None
        return Upload(id=name, kind=received.kind, bytes=len(received.data))

    @router.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        if not same_origin(websocket) and websocket.headers.get("origin", "").lower() not in settings.origins:
            await websocket.close(1008)
            return
        try:
            visitor = door.visitor(websocket)
        except BadInput:
            visitor = None  # a token in the hello may do better
        await Session(websocket, hub, door, visitor).run()

    return router
