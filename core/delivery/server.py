"""One server: the posts of several personas, the HTTP front, and the order in which all of it starts and ends.

Knows bots, connectors and signals; does not know how personas are compiled or which connectors are installed.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from ..contracts import ASGI, Bot, Channel, Connector
from ..persona.schema import Limits
from ..spans import turn_on
from ..store.sqlite import SQLiteStore
from .desk import PersonaDesk
from .host import Door, Host
from .logs import fields
from .measures import Measures
from .patience import Patience
from .post import Post

log = logging.getLogger("personac.delivery")
GRACE_SECONDS = 20.0  # for the turns that run when the server is told to end
SITE_SECONDS = 8.0


class Site(Protocol):
    """Serve HTTP until cancelled: the application of the pages goes through `wrap` first."""

    def __call__(self, wrap: Callable[[ASGI], ASGI], desks: Mapping[str, PersonaDesk]) -> Awaitable[None]: ...


class Beside(Protocol):
    """Run beside the turns."""

    def start(self) -> None: ...

    async def stop(self) -> None: ...


class DeliveryServer:
    """Run personas on their channels."""

    def __init__(self, patience: Patience | None = None) -> None:
        self.measures = Measures()
        self.posts: dict[str, Post] = {}
        self._patience = patience
        self._off: dict[tuple[str, str], str] = {}
        self._serving = False
        self.monitor: ASGI | None = None  # served below /monitor
        self.door: Door | None = None  # of the measures
        self.beside: list[Beside] = []  # what runs as long as the server does

    def add(self, bot: Bot, store: SQLiteStore, limits: Callable[[], Limits]) -> Post:
        """Take in a persona; raise Unavailable when its store cannot be written."""
        post = Post(bot, store, limits, self.measures, self._patience)
        self.posts[post.slug] = post
        return post

    def open(self, post: Post, connector: Connector, settings: Mapping[str, Any]) -> Channel:
        """Put a persona on a channel; raise SettingsInvalid."""
        channel = connector.open(post.bot, settings, post.desk(connector.name))
        post.add(connector.name, channel)
        return channel

    def off(self, post: Post, name: str, reason: str) -> None:
        """Tell in `/ready` why a channel that the persona names is not there."""
        self._off[post.slug, name] = reason

    def wrap(self, site: ASGI) -> ASGI:
        """Put webhooks, health, readiness and measures ahead of a site."""
        channels = {
            (slug, name): channel for slug, post in self.posts.items() for name, channel in post.channels.items()
        }
        told = self.measures
        return Host(site, channels, self.ready, lambda: (told.content_type, told.text()), self.monitor, self.door)

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Return whether all channels are up, and how each persona is."""
        personas: dict[str, Any] = {}
        well = self._serving
        for slug, post in self.posts.items():
            channels = post.ready()
            well = well and all(state == "up" for state in channels.values())
            off = {name: reason for (own, name), reason in self._off.items() if own == slug}
            personas[slug] = {**post.bot.ready(), "channels": {**channels, **off}}
        return well, {"ready": well, "personas": personas}

    async def run(self, site: Site, grace: float = GRACE_SECONDS) -> None:
        """Serve until the site ends, or SIGTERM or SIGINT comes; then finish what runs, and end.

        A second signal ends what still runs; it is gone on with at the next start.
        """
        turn_on()
        stop, hurry = asyncio.Event(), asyncio.Event()

        def told() -> None:
            (hurry if stop.is_set() else stop).set()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told)
        desks = {slug: post.desk("web") for slug, post in self.posts.items()}
        for beside in self.beside:
            beside.start()
        for post in self.posts.values():
            await post.start()  # before anything new comes in: what was left is older
        serving: asyncio.Future[Any] = asyncio.ensure_future(site(self.wrap, desks))
        stopping: asyncio.Future[Any] = asyncio.create_task(stop.wait())
        try:
            self._serving = True
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._serving = False
            log.info("ending", extra=fields(seconds=grace))
            await self._end(grace, hurry)
            serving.cancel()
            stopping.cancel()
            await asyncio.wait([serving, stopping], timeout=SITE_SECONDS)
            await asyncio.gather(*(beside.stop() for beside in self.beside))
            for post in self.posts.values():
                await asyncio.to_thread(post.close)
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
        if serving.done() and not serving.cancelled():
            serving.result()

    async def _end(self, grace: float, hurry: asyncio.Event) -> None:
        """Stop all posts side by side; when there is a hurry, at once."""
        posts = self.posts.values()
        ending: asyncio.Future[Any] = asyncio.gather(*(post.stop(grace) for post in posts), return_exceptions=True)
        hurried: asyncio.Future[Any] = asyncio.create_task(hurry.wait())
        await asyncio.wait([ending, hurried], return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not ending.done():
            for post in posts:
                post.hurry()
            await ending
