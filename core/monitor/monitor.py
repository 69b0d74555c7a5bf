"""The monitor of one persona: it listens to replies, looks for surges, and tells people.

Knows replies, the book and the ways; does not know channels or HTTP. Listening adds numbers in memory; only a rule that
escalates is written at once, before its reply goes out, so that what the user was promised survives a crash (where the
disk is full it is told from memory). The rest happens in tasks of its own: one counts and looks, one hands out alerts,
and each way has one while it sends, so that counting waits for no way and no way for another.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from ..delivery.logs import fields
from ..delivery.patience import Patience
from ..errors import PersonacError, RetryLater, Undeliverable
from ..message import Message, Reply
from ..persona.schema import Alerts, Rule
from . import surges, words
from .book import SLOT, Book, Due, Escalation
from .signs import WATCHED, opinion, risks_of, signs
from .tallies import NONE, Tallies, Visit
from .ways import SECONDS, Way

T = TypeVar("T")
log = logging.getLogger("personac.monitor")
FLUSH_SECONDS = 2.0
LOOK_SECONDS = 60.0
PRUNE_SECONDS = 3600.0
VISITS = 100_000  # that wait to be written at a time
STOP_SECONDS = 5.0  # that alerts on their way get at the end
PATIENCE = Patience(2.0, 1800.0, 24)  # given up after about nine hours


class Measures(Protocol):
    """Count for Prometheus."""

    def sign(self, persona: str, sign: str) -> None: ...

    def alert(self, persona: str, way: str, outcome: str) -> None: ...


class Monitor:
    """Watch one persona."""

    def __init__(
        self,
        slug: str,
        book: Book,
        settings: Callable[[], Alerts],
        rules: Callable[[], tuple[Rule, ...]],
        ways: Callable[[], Mapping[str, Way]],
        measures: Measures | None = None,
        audit: Callable[[str, Mapping[str, Any]], None] | None = None,
        patience: Patience = PATIENCE,
        keeps: Callable[[str], bool] = lambda user: False,
        name: Callable[[str], str] = lambda user: user,
        place: Callable[[str], str] = lambda conversation: "",
    ) -> None:
        """Watch; `settings`, `rules` and `ways` are asked anew each time: a persona can change between turns.

        `keeps` tells of a user whether they agreed to be kept; only then they count in statistics. `name` is what a
        user is called in the book, which makes a hash of it; `place` is what stands for a conversation in the store.
        """
        self.slug = slug
        self.book = book
        self._settings = settings
        self._rules = rules
        self._ways = ways
        self._measures = measures
        self._audit = audit
        self._patience = patience
        self._known: tuple[tuple[Rule, ...], dict[str, frozenset[str]]] = ((), {})
        self._new = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._sending: dict[str, asyncio.Task[None]] = {}  # by way
        self._spare: Book | None = None  # in memory, for escalations that the book could not take
        self._threads = ThreadPoolExecutor(2, "monitor")  # for the book: others' threads may all wait for somebody
        self._tallies = Tallies(book)
        self._visits: deque[Visit] = deque(maxlen=VISITS)
        self._keeps = keeps
        self._name = name
        self._place = place

    # listening

    async def heard(self, message: Message, reply: Reply) -> None:
        """Count a reply; write down whom its escalations must be told to, before the reply goes out."""
        rules = self._rules()
        if rules is not self._known[0]:
            self._known = (rules, risks_of(rules))
        self._count(*signs(reply, self._known[1]))
        keys = {"intents": reply.intent or NONE, "languages": reply.language, "emotions": reply.emotion}
        if not reply.erased:  # who was erased a moment ago
            self._visits.append(Visit(message.user, self.book.clock(), "turn", keys))
        for rule in reply.rules:
            if rule.did == "escalate":
                await self._escalate(message, rule.id)

    def opinion(self, user: str, good: bool) -> None:
        """Count what a user thought of an answer."""
        self._count(opinion(good))
        self._visits.append(Visit(user, self.book.clock(), "opinion", {"feedback": "good" if good else "bad"}))

    def forget(self, user: str) -> None:
        """Let go of what waits to be told or counted of a user."""
        for visit in [visit for visit in list(self._visits) if visit.user == user]:
            with suppress(ValueError):  # counted meanwhile
                self._visits.remove(visit)
        try:
            if self._spare is not None:
                self._spare.forget(self._name(user))
            self._tallies.forget(self._name(user))
            self.book.forget(self._name(user))
        except PersonacError as error:
            log.error("the monitor could not forget an erased user: %s", error, extra=fields(persona=self.slug))

    def _count(self, *found: str) -> None:
        self.book.count(*found)
        for sign in found if self._measures is not None else ():
            assert self._measures is not None
            self._measures.sign(self.slug, sign)

    async def _escalate(self, message: Message, rule: str) -> None:
        settings, id, now = self._settings(), secrets.token_hex(8), self.book.clock()
        link = self._link(settings, id)
        alert = words.escalation(self.slug, rule, message.channel, id, now, link)
        known = Escalation(id, now, rule, message.channel, self._place(message.conversation))
        ways = dict.fromkeys(self._ways(), alert)
        user = self._name(message.user)
        once = f"{rule}\n{message.channel}\n{message.conversation}"
        told = (once, settings.quiet_minutes * 60, ways, user, known)
        try:
            new = await self._written(self.book.promise, *told)
        except PersonacError as error:
            log.error(
                "an escalation could not be written down, and is told from memory: %s", error,
                extra=fields(persona=self.slug, rule=rule),
            )  # fmt: skip
            self._spare = self._spare or Book(None, self.book.clock)
            new = self._spare.promise(*told)
        if new:
            self._note("escalation", {"rule": rule, "escalation": id, "ways": sorted(ways)})
            if not ways:
                log.error("a rule escalated and nobody is told", extra=fields(persona=self.slug, rule=rule))
            self._new.set()

    def _link(self, settings: Alerts, escalation: str = "") -> str:
        end = f"/{escalation}" if escalation else ""
        return f"{settings.page.rstrip('/')}/monitor#{quote(self.slug)}{end}" if settings.page else ""

    def flush(self) -> None:
        """Write what was counted."""
        self.book.flush()
        visits = [self._visits.popleft() for _ in range(len(self._visits))]
        agreed = {user: self._keeps(user) for user in {visit.user for visit in visits}}
        if kept := [replace(visit, user=self._name(visit.user)) for visit in visits if agreed[visit.user]]:
            self._tallies.add(kept)

    def prune(self) -> None:
        """Let go of what is older than it is kept."""
        self.book.prune()
        self._tallies.prune()

    # looking and telling

    def look(self) -> None:
        """Look for surges that begin or end, and write down what is told of them."""
        now = self.book.clock()
        settings, first, ways = self._settings(), self.book.first(), self._ways()
        if first is None:
            return
        since = now - surges.DAYS * surges.DAY - 2 * surges.HOUR
        counts = self.book.counts(since)
        past = self.book.surges(since)
        for sign in WATCHED:
            known = [(begun - surges.HOUR, ended or now) for own, begun, ended in past if own == sign]
            is_open = any(own == sign and ended is None for own, _, ended in past)
            count = surges.window(counts.get(sign, {}), now, SLOT)
            before = surges.history(counts.get(sign, {}), now, first, SLOT, known)
            expected = surges.expected(count, before)
            kind, write = ("recovered", self.book.end_surge) if is_open else ("surge", self.book.begin_surge)
            calm = expected.is_calm(count, settings.floor)
            if calm if is_open else expected.is_surge(count, settings.floor, settings.times):
                alert = words.surge(kind, self.slug, sign, count, expected, now, self._link(settings))
                if write(sign, dict.fromkeys(ways, alert)):
                    self._note(kind, {"sign": sign, "count": count, "ways": sorted(ways)})
                    log.warning(kind, extra=fields(persona=self.slug, sign=sign, count=count))

    async def send(self) -> None:
        """Send the alerts whose time has come, and wait until they and those on their way are sent."""
        await self._hand_out()
        while self._sending:
            await asyncio.gather(*self._sending.values())
            await self._hand_out()

    async def _hand_out(self) -> None:
        """Begin to send the alerts whose time has come, by each way that sends nothing just now."""
        for book in filter(None, (self._spare, self.book)):
            try:
                due = await self._written(book.due, tuple(self._sending))
            except PersonacError as error:
                log.error("the monitor: %s", error, extra=fields(persona=self.slug))
                continue
            ways = self._ways() if due else {}
            for name in dict.fromkeys(alert.way for alert in due):
                own = [alert for alert in due if alert.way == name]
                self._sending[name] = asyncio.create_task(self._send_all(name, own, ways.get(name), book))

    async def _send_all(self, name: str, due: Sequence[Due], way: Way | None, book: Book) -> None:
        try:
            outcomes = await asyncio.gather(*(self._send(alert, way, book) for alert in due), return_exceptions=True)
        finally:
            del self._sending[name]
            self._new.set()  # it may have more to send
        for error in outcomes:
            if isinstance(error, BaseException):  # of the book; the alert is taken again after a while
                log.error("the monitor: %s", error, extra=fields(persona=self.slug, way=name))

    async def _send(self, due: Due, way: Way | None, book: Book) -> None:
        outcome, name = "retried", f"{self.slug}-{'' if book is self.book else 'spare-'}{due.id}-{int(due.at)}"
        try:
            if way is None:
                raise Undeliverable("the persona names this way no more")
            await asyncio.wait_for(way(name, due.body), 2 * SECONDS)
            outcome = "sent"
            await self._written(book.sent, due.id)
        except Undeliverable as error:
            outcome = "given up"
            await self._written(book.failed, due.id, str(error))
            log.error("an alert cannot be sent: %s", error, extra=fields(persona=self.slug, way=due.way))
        except Exception as error:  # of a way: a network, a server of somebody else
            reason = str(error) if isinstance(error, PersonacError) else type(error).__name__
            if self._patience.is_over(due.tries + 1):
                outcome = "given up"
                await self._written(book.failed, due.id, reason)
                log.error("an alert was given up: %s", reason, extra=fields(persona=self.slug, way=due.way))
            else:
                asked = error.seconds if isinstance(error, RetryLater) else None
                seconds = max(FLUSH_SECONDS, self._patience.seconds(due.tries + 1, asked))
                await self._written(book.later, due.id, seconds, reason)
                log.warning("an alert will be sent again: %s", reason, extra=fields(persona=self.slug, way=due.way))
        finally:
            if self._measures is not None:
                self._measures.alert(self.slug, due.way, outcome)
            if outcome != "retried":
                what = {"alert": due.id, "way": due.way, "outcome": outcome}
                self._note("alert", what | {key: due.body[key] for key in ("kind", "rule", "sign") if key in due.body})

    async def _written(self, act: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, act, *given)

    def _note(self, event: str, what: Mapping[str, Any]) -> None:
        if self._audit is not None:
            self._audit(event, what)

    # its tasks

    def start(self) -> None:
        """Begin to write, look and send."""
        self._tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._tell())]

    async def stop(self) -> None:
        """End the tasks, try once more to send what waits, and close the book."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        try:
            await self._written(self.flush)
        except PersonacError as error:
            log.error("the monitor: %s", error, extra=fields(persona=self.slug))
        try:
            await asyncio.wait_for(self.send(), STOP_SECONDS)
        except TimeoutError:
            log.warning("alerts are sent at the next start", extra=fields(persona=self.slug))
        if self._spare is not None and (lost := self._spare.waiting().get("open")):
            log.error("%d alerts that could not be written down are lost", lost, extra=fields(persona=self.slug))
        for book in filter(None, (self._spare, self.book)):
            await self._written(book.close)
        self._threads.shutdown(wait=False)

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        looked = pruned = -PRUNE_SECONDS
        while True:
            try:
                await self._written(self.flush)
                if loop.time() - looked >= LOOK_SECONDS:
                    looked = loop.time()
                    await self._written(self.look)
                if loop.time() - pruned >= PRUNE_SECONDS:
                    pruned = loop.time()
                    await self._written(self.prune)
            except PersonacError as error:
                log.error("the monitor: %s", error, extra=fields(persona=self.slug))
            await asyncio.sleep(FLUSH_SECONDS)

    async def _tell(self) -> None:
        while True:
            self._new.clear()
            await self._hand_out()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._new.wait(), FLUSH_SECONDS)
