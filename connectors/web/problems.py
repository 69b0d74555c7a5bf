"""What every refusal over HTTP looks like: `{"code", "message"}`, and OpenAI's own shape below /v1.

Knows errors and their status; does not know what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as RoutingError

from ...core.errors import BadInput, PersonacError
from .protocol import TooFast, as_sentence

STATUS = {
    "too_large": 413, "busy": 503, "not_media": 415, "login_needed": 401, "session_over": 401, "wrong_origin": 403,
    "media_gone": 404, "model_not_found": 404, "unknown_conversation": 404, "too_fast": 429, "too_many_sessions": 429,
    "no_voice": 501, "no_hearing": 501, "no_export": 501, "stopped": 409,
}  # fmt: skip
KINDS = {401: "authentication_error", 403: "permission_error", 404: "invalid_request_error", 429: "rate_limit_error"}


class Problem(BaseModel):
    """What went wrong."""

    code: str = Field(description="A short name that stays the same.")
    message: str = Field(description="What a person can do about it.")


class OpenAIError(BaseModel):
    """The inside of an error in OpenAI's shape."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class OpenAIProblem(BaseModel):
    """An error in OpenAI's shape."""

    error: OpenAIError


def told(*statuses: int, openai: bool = False) -> dict[int | str, dict[str, Any]]:
    """Return the refusals of an operation, for its description."""
    model = OpenAIProblem if openai else Problem
    return {status: {"model": model, "description": HTTPStatus(status).phrase} for status in statuses}


def problem(
    path: str, status: int, code: str, message: str, headers: Mapping[str, str] | None = None, param: str | None = None
) -> JSONResponse:
    """Return a refusal in the shape that its path promises."""
    if status == 401:
        headers = {**(headers or {}), "WWW-Authenticate": "Bearer"}
    if status in (429, 503):
        headers = {"Retry-After": "1", **(headers or {})}
    if not path.startswith("/v1/"):
        return JSONResponse({"code": code, "message": message}, status, headers)
    kind = KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
    error = OpenAIError(message=message, type=kind, param=param, code=code)
    return JSONResponse({"error": error.model_dump()}, status, headers)


def describe(app: FastAPI) -> None:
    """Let an application answer every error in one of the two shapes."""

    @app.exception_handler(BadInput)
    async def bad_input(request: Request, error: BadInput) -> JSONResponse:
        param = "model" if error.code == "model_not_found" else None
        headers = {"Retry-After": str(error.wait)} if isinstance(error, TooFast) else None
        return problem(request.url.path, STATUS.get(error.code, 400), error.code, str(error), headers, param)

    @app.exception_handler(RequestValidationError)
    async def wrong_field(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        broken = first["type"] == "json_invalid"  # its place is where the text breaks, no field
        field = "" if broken else ".".join(str(part) for part in first["loc"][1:] or first["loc"])
        message = "The body is no JSON." if broken else f"`{field}`: {first['msg']}"
        status = 400 if request.url.path.startswith("/v1/") else 422  # as OpenAI's own does
        return problem(request.url.path, status, "wrong_field", message[:250], param=field or None)

    @app.exception_handler(RoutingError)
    async def not_served(request: Request, error: RoutingError) -> JSONResponse:
        status, text, headers = error.status_code, str(error.detail), error.headers
        allowed = _methods(app, request.url.path) if status in (404, 405) else []
        if allowed and request.method not in allowed:  # the files behind all paths know only GET
            status, headers = 405, {"Allow": ", ".join(allowed)}
            text = f"This path takes {' and '.join(allowed)}, not {request.method[:20]}."
        code = HTTPStatus(status).phrase.lower().replace(" ", "_")
        return problem(request.url.path, status, code, text, headers)

    @app.exception_handler(PersonacError)
    async def unavailable(request: Request, error: PersonacError) -> JSONResponse:
        return problem(request.url.path, 503, "unavailable", as_sentence(error))


def _methods(app: FastAPI, path: str) -> list[str]:
    """Return the methods of a path that the interface has, as its description lists them."""
    known: Mapping[str, Mapping[str, Any]] = app.openapi()["paths"]
    found: set[str] = set()
    for pattern, operations in known.items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(pattern)), path):
            found |= {method.upper() for method in operations}
    return sorted(found)
