"""Logging in on the page: with the persona's key, or with an account elsewhere by OpenID Connect.

Knows the form, its paths and cookies; does not know what is behind the door.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from ...core.errors import BadInput
from .door import SESSION_COOKIE, Door, Visitor, anonymous_of, new_user
from .oidc import Provider
from .page import STATIC

FLOW_COOKIE = "personac_flow"
FLOW_SECONDS = 600.0  # that somebody may take to log in at the provider


def login_router(door: Door) -> APIRouter:
    """Return the paths of one persona's log-in, none where nobody must log in; raise SettingsInvalid."""
    router = APIRouter(include_in_schema=False)
    settings = door.settings
    if not settings.locked:
        return router
    ways = " ".join(["key"] * (settings.key is not None) + ["oidc"] * (settings.oidc is not None))
    page = (STATIC / "login.html").read_text("utf-8").replace('data-ways=""', f'data-ways="{ways}"')

    @router.get("/login")
    async def form() -> Response:
        return HTMLResponse(page)

    @router.post("/login")
    async def login(request: Request) -> Response:
        body = (await request.body()).decode("utf-8", "replace")
        given = parse_qs(body, max_num_fields=10).get("key", [""])[0]
        if not door.is_key(given):
            return RedirectResponse("login?again=key", 303)
        return _entered(request, door, Visitor(anonymous_of(request) or new_user(), True))

    if settings.oidc is not None:
        _add_provider(router, door, Provider(settings.oidc, door.persona))
    return router


def _add_provider(router: APIRouter, door: Door, provider: Provider) -> None:
    @router.get("/oidc")
    async def oidc(request: Request, state: str = "", code: str = "") -> Response:
        """Send a browser to the provider, or let in the one that comes back from it."""
        here = str(request.url.replace(query="", fragment=""))
        try:
            if not {"state", "code", "error"} & request.query_params.keys():
                address, flow = await provider.begin(here)
                away = RedirectResponse(address, 303)
                _set(request, away, FLOW_COOKIE, door.signer.seal(flow, FLOW_SECONDS), int(FLOW_SECONDS))
                return away
            flow = door.signer.unseal(request.cookies.get(FLOW_COOKIE, "")) or {}
            user = await provider.finish(here, flow, state, code)
        except BadInput:
            return RedirectResponse("login?again=oidc", 303)
        response = _entered(request, door, Visitor(user, True))
        response.delete_cookie(FLOW_COOKIE, path=_folder(request))
        return response


def _entered(request: Request, door: Door, visitor: Visitor) -> Response:
    """Return the way to the page, with a session for who has logged in."""
    token, _ = door.token(visitor)
    response = RedirectResponse("./", 303)
    _set(request, response, SESSION_COOKIE, token, door.settings.seconds)
    return response


def _set(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(
        name, value, max_age=seconds, path=_folder(request), httponly=True, samesite="lax", secure=secure
    )


def _folder(request: Request) -> str:
    """Return the path of a persona's page: each persona of a server has a session of its own."""
    return request.url.path.rpartition("/")[0] + "/"
