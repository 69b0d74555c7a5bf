"""What Slack's requests lead to: Bolt's listeners over HTTP and Socket Mode.

A message is handed to the desk before Slack is told that it arrived; when it cannot be written down, Slack is not told
and delivers it again. Knows nothing of answers.
"""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, cast

from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from ...core.contracts import ASGI
from ...core.errors import PersonacError
from ...core.message import Incoming, Receipt
from .blocks import home
from .buttons import Buttons
from .events import message_of, own_of, user_of
from .gate import PATH, Gate
from .outbox import quiet
from .threads import Threads
from .words import language_of, say

if TYPE_CHECKING:
    from .channel import SlackChannel

log = logging.getLogger("personac.slack")
ANY = re.compile(r".+", re.DOTALL)
TAKEN = 2_000
CLAIMS = {"privacy": ("/privacy", "/隐私"), "export": ("/export", "/导出"), "forget": ("/forget", "/忘记")}
_COMMANDS = {
    "": "help", "help": "help", "帮助": "help", "privacy": "privacy", "隐私": "privacy", "export": "export",
    "导出": "export", "forget": "forget", "忘记": "forget", "back": "back", "返回": "back",
}  # fmt: skip


def _logger(name: str) -> logging.Logger:
    """Return a logger for Slack's packages, whose debugging shows people's words and tokens."""
    made = log.getChild(name)
    made.addFilter(quiet)
    return made


def _authorized_by(token: str) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Give Bolt the token without asking Slack: a message must be written down also while Slack is down."""

    async def authorize(enterprise_id: str | None, team_id: str | None, user_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, bot_token=token)

    return authorize


class Listeners:
    """Listen to one workspace on behalf of a channel."""

    def __init__(self, channel: SlackChannel) -> None:
        self.channel = channel
        settings = channel.settings
        app = AsyncApp(
            name="personac.slack.app",
            signing_secret=settings.signing_secret or "socket mode only",
            authorize=_authorized_by(settings.bot_token),
            client=AsyncWebClient(base_url=settings.api),
            process_before_response=True,  # a listener ends before Slack gets its answer
            request_verification_enabled=True,
            logger=_logger("bolt"),
        )
        app.event(ANY)(self._event)
        app.command(ANY)(self._command)
        app.block_action(ANY)(Buttons(self).pressed)
        for other in (app.shortcut, app.view, app.options):
            other(ANY)(self._nothing)
        app.error(self._failed)
        self._app = app
        self._threads = Threads(channel.bot, channel.outbox)
        self._taken: OrderedDict[str, asyncio.Future[Receipt]] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._drawing = asyncio.Lock()
        self.asgi: ASGI | None = None
        if settings.signing_secret:
            self.asgi = Gate(settings.signing_secret, cast(ASGI, AsyncSlackRequestHandler(app, PATH)))

    async def run(self) -> None:
        """Stay connected in Socket Mode until cancelled."""
        token = self.channel.settings.app_token
        if not token:
            return
        client = AsyncWebClient(base_url=self.channel.settings.api)
        handler = AsyncSocketModeHandler(self._app, token, logger=_logger("socket"), web_client=client)
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]
            await asyncio.Event().wait()
        finally:
            socket = handler.client
            running = (socket.message_processor, socket.current_session_monitor, socket.message_receiver)
            await handler.close_async()  # type: ignore[no-untyped-call]
            await asyncio.gather(*(task for task in running if task is not None), return_exceptions=True)

    async def close(self) -> None:
        """End what was begun beside the requests."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def beside(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do what Slack need not wait for, and what nothing depends on."""

        async def quietly() -> None:
            try:
                await work
            except PersonacError as error:
                log.info("%s", error)
            except Exception:
                log.exception("a request beside the answers failed")

        task = asyncio.create_task(quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _failed(self, error: Exception) -> BoltResponse:
        """Tell Slack to deliver again what could not be written down; nothing of the request is logged."""
        malformed = isinstance(error, TypeError | AttributeError | LookupError | ValueError)
        if malformed:
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} at {place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
            log.warning("a signed request was malformed, or is not understood (%s)", where)
        else:
            log.error(
                "a message could not be taken: %s", error if isinstance(error, PersonacError) else type(error).__name__
            )
        return BoltResponse(status=400 if malformed else 503, body="")

    async def _nothing(self, ack: Any) -> None:
        await ack()

    # events

    async def _event(self, body: dict[str, Any]) -> None:
        event = body["event"]
        if event.get("type") == "app_home_opened":
            await self._opened(body, event)
            return
        incoming = message_of(body, self.channel.settings)
        if incoming is None:
            return
        if incoming.payload["kind"] == "overheard" and not await self._threads.has_us(incoming, body):
            return
        await self.take(incoming)

    async def take(self, incoming: Incoming) -> None:
        """Hand a message to the desk; when this returns, Slack may be told that it arrived."""
        if incoming.payload["thread"] and incoming.payload["kind"] == "message":
            self._threads.joined(incoming.conversation)
        taking = self._taken.get(incoming.key)
        if taking is None:  # Slack tells of a mention twice, and again what was not acknowledged in time
            taking = self._taken[incoming.key] = asyncio.ensure_future(self.channel.desk.take(incoming))
            if len(self._taken) > TAKEN:
                self._taken.popitem(last=False)
        try:
            await asyncio.shield(taking)
        except BaseException:
            if taking.done():  # it could not be written down; Slack delivers it again
                self._taken.pop(incoming.key, None)
            raise

    async def _opened(self, body: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        team, user = str(body.get("team_id")), str(event.get("user"))
        if event.get("tab") == "home":
            self.beside(self.publish(team, user))
        elif event.get("tab") == "messages" and isinstance(event.get("channel"), str):
            await self.take(own_of("hello", f"hello:{team}:{user}", team, user, event["channel"]))

    async def language(self, team: str, user: str) -> str:
        """Return the language to speak with a person where nothing was written."""
        return await asyncio.to_thread(lambda: self._last_language(self.channel.bot.export(user_of(team, user))))

    def _last_language(self, kept: Mapping[str, Any]) -> str:
        """Return the language of a person's latest turn, of all that is kept of them; else the persona's first."""
        bot = self.channel.bot
        if turns := kept.get("turns"):
            last = max(reversed(turns), key=lambda turn: float(turn["at"]))
            for _, text, language in reversed(bot.history(last["conversation"])):
                if text == last["answered"]:  # others write in the same thread, too
                    return language
        return language_of("", bot.profile.languages)

    async def publish(self, team: str, user: str, language: str = "") -> None:
        """Draw the home tab of a person, in the language of their latest turn where none is given."""
        bot, outbox = self.channel.bot, self.channel.outbox
        name = user_of(team, user)
        async with self._drawing:  # one after the other, so that the last one drawn is the newest
            kept = await asyncio.to_thread(bot.export, name)
            count = sum(len(kept.get(name, ())) for name in ("turns", "feedback"))
            language = language or await asyncio.to_thread(self._last_language, kept)
            view = home(bot.profile, language, bot.consent(name), count)
            await outbox.call(outbox.client.views_publish(user_id=user, view=dict(view)))

    # commands

    async def _command(self, body: dict[str, Any], ack: Any) -> None:
        text, command = str(body.get("text") or "").strip(), str(body.get("command") or "/")
        team, user = str(body["team_id"]), str(body["user_id"])
        bot, channel = self.channel.bot, str(body.get("channel_id") or "")
        language = language_of(text, bot.profile.languages)
        asked = _COMMANDS.get(text.lower())
        if asked == "help":
            await ack(say("help", language, command=command))
        elif asked in CLAIMS:
            await self.claim(asked, team, user, str(body.get("trigger_id")), language)
            await ack() if channel == self.channel.known_direct(user) else await ack(say("in_direct", language))
        elif asked == "back":
            case = await self.channel.handoff.people.of_user(user) if self.channel.settings.people else None
            if case is not None:
                await self.back(team, case.ts)
            await ack(say("back" if case else "no_case", language))
        else:
            key = f"command:{team}:{body.get('trigger_id')}"
            await self.take(own_of("command", key, team, user, f"@{user}", text=text, direct=True))
            await ack() if channel == self.channel.known_direct(user) else await ack(say("in_direct", language))

    async def claim(self, wish: str, team: str, user: str, trigger: str, language: str) -> None:
        """Take what somebody asks about their own data; it is answered in direct messages."""
        text = CLAIMS[wish][1 if language.startswith("zh") else 0]
        key = f"{wish}:{team}:{trigger}"
        await self.take(own_of("command", key, team, user, f"@{user}", text=text, direct=True))

    async def erase(self, team: str, user: str, trigger: str, language: str) -> None:
        """Erase all that is kept of somebody who has confirmed it, and tell them so in direct messages."""
        reply = await asyncio.to_thread(self.channel.bot.erase_and_tell, user_of(team, user), language)
        told = {"text": reply.text, "language": reply.language}
        await self.take(own_of("told", f"told:{team}:{trigger}", team, user, f"@{user}", direct=True, **told))
        self.beside(self.publish(team, user, language))

    def forget(self, incoming: Incoming) -> None:
        """Let go of what is held of somebody's conversation."""
        self._threads.forget(incoming.conversation)

    async def back(self, team: str, ts: str) -> None:
        """Take the wish that the bot answers again in a case."""
        people = self.channel.settings.people
        await self.take(own_of("back", f"back:{team}:{ts}", team, "", people, ts, case=ts))
