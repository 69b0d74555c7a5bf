"""The application: for each bot its page, its widget and its interface for programs; for all of them OpenAI's.

Knows the parts and the order of their paths: a single bot is at /, several are at /p/<slug>/.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from ...core.contracts import Bot, Desk
from .api import api_router
from .compatible import Turns, compatible_router
from .description import describe_paths
from .door import Door
from .guard import Guard
from .hub import Hub
from .ledger import Ledger
from .login import login_router
from .media import MediaShelf
from .page import STATIC, page_router
from .problems import describe
from .settings import read_settings

DESCRIPTION = """Talk with personas over HTTP. `api/…` is for clients of one's own; `/v1/…` is for any client of
OpenAI's API. A refusal is `{"code", "message"}`, or OpenAI's own shape below `/v1`."""


def make_app(
    bots: Sequence[Bot],
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    desks: Mapping[str, Desk] | None = None,
) -> FastAPI:
    """Return the application.

    `settings` are the blocks `connectors.web` by slug, their environment variables filled in; `desks` write messages
    down, by slug. Raise SettingsInvalid.
    """
    shelf, turns, slugs = MediaShelf(), Turns(), [bot.profile.slug for bot in bots]
    doors = {slug: Door(slug, read_settings((settings or {}).get(slug, {}), slug)) for slug in slugs}
    hubs = {bot.profile.slug: Hub(bot, shelf, Ledger((desks or {}).get(bot.profile.slug))) for bot in bots}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        for hub in hubs.values():
            await hub.resume()
        yield
        turns.close()
        for hub in hubs.values():
            await hub.close()

    app = FastAPI(title="personac", description=DESCRIPTION, docs_url=None, redoc_url=None, lifespan=lifespan)
    for slug in slugs:
        prefix = _prefix(slugs, slug)
        for router in (
            page_router(hubs[slug], doors[slug]),
            login_router(doors[slug]),
            api_router(hubs[slug], doors[slug]),
        ):
            app.include_router(router, prefix=prefix)
    app.include_router(compatible_router(hubs, doors, turns))
    if len(bots) > 1:
        app.add_api_route("/", lambda: RedirectResponse(f"/p/{slugs[0]}/"), include_in_schema=False)
    for slug in slugs:  # after all routes: a mount takes every path below it
        app.mount(_prefix(slugs, slug) or "/", StaticFiles(directory=STATIC), name=f"static-{slug}")

    every = frozenset(origin for door in doors.values() for origin in door.settings.origins)

    def origins(path: str) -> Collection[str]:
        if path.startswith("/v1/"):
            return every
        for slug, door in doors.items():
            if path.startswith(_prefix(slugs, slug) + "/"):
                return door.settings.origins
        return ()

    app.add_middleware(Guard, origins=origins)
    describe(app)
    describe_paths(app, slugs)
    return app


def _prefix(slugs: Sequence[str], slug: str) -> str:
    return "" if len(slugs) == 1 else f"/p/{slug}"
