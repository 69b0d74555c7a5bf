"""What every connector must do, as checks that its author runs against a platform of their own on loopback.

Knows the contract (contracts.Channel) and the delivery core, no platform. A rig stands between: the author's few lines
that let the platform deliver a message, fail a call, and tell what its user sees. Each check raises NotConforming.

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    async def test_it_conforms(check):
        await check(MyRig())
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from ..contracts import Channel, Desk
from ..delivery.measures import Measures
from ..delivery.patience import Patience
from ..delivery.post import Post
from ..errors import PersonacError
from ..message import MediaKind
from ..persona.schema import Limits
from ..store.sqlite import SQLiteStore
from .parrot import Parrot

WAIT_SECONDS = 20.0
QUIET_SECONDS = 0.7  # in which what must not come would have come
FLOOD_SECONDS = 1.5  # in which the messages of a flood arrive
HOSTILE = (
    "<b>bold</b> <script>alert(1)</script> &amp; &lt; \" '",
    "*stars* _lines_ ~waves~ `code` ```block``` [a link](https://example.com) > quote",
    "<!channel> <@U123> @everyone @here #general <https://example.com|text> :smile:",
    "back\\slash {curly} (round) |pipes| - = + . ! 中文，全角！ مرحبا 👩‍👩‍👧",
)


class NotConforming(PersonacError):
    """Report what a connector does not do."""


class Rig(Protocol):
    """Hold a platform on loopback with one connector on it."""

    name: str  # of the connector

    async def open(self, bot: Parrot, desk: Desk) -> Channel:
        """Return a new channel on the same platform, as after a restart; the kit calls its `run`."""

    async def deliver(self, key: str, conversation: str, user: str, text: str) -> None:
        """Let the platform deliver a message as it does; with the same key it is the same message again.

        Return when the platform was told that it arrived, or is asked for it (polling). Deliver again while it was not.
        """

    def seen(self, conversation: str) -> Sequence[str]:
        """Return the texts that the user of a conversation sees from the bot, in order, as they are displayed."""

    def fail(self, times: int, wait: float | None = None, done: bool = False) -> None:
        """Let the next calls that send a message fail: with Retry-After `wait` (429), else with a 5xx.

        With `done` the platform does what it is asked for, and fails then.
        """

    async def deliver_media(self, key: str, conversation: str, user: str, kind: MediaKind, data: bytes) -> bool:
        """Deliver a file; return false when the platform has no such thing."""

    async def close(self) -> None:
        """End the platform."""


class Run:
    """Hold one life of a bot on the rig's channel."""

    def __init__(self, rig: Rig, folder: Path, limits: Limits, patience: Patience) -> None:
        self.bot = Parrot()
        self._rig = rig
        self._store = SQLiteStore(folder / "parrot.sqlite")
        self.post = Post(self.bot, self._store, lambda: limits, Measures(), patience)

    async def start(self) -> None:
        """Open the channel and begin."""
        channel = await self._rig.open(self.bot, self.post.desk(self._rig.name))
        self.post.add(self._rig.name, channel)
        await self.post.start()

    async def end(self) -> None:
        """End in order."""
        await self.post.stop(5.0)
        self.post.close()
        self._store.close()

    def forget_sending(self) -> None:
        """From now on lose the note that an answer was sent, as a crash right after sending does."""
        self.post.deliveries.sent = lambda id, memo: None  # type: ignore[method-assign,assignment,return-value]


@asynccontextmanager
async def _life(
    rig: Rig, folder: Path, limits: Limits | None = None, patience: Patience | None = None
) -> AsyncIterator[Run]:
    run = Run(rig, folder, limits or Limits(), patience or Patience(0.05, 0.2, 50))
    await run.start()
    try:
        yield run
    finally:
        await run.end()


def _check(function: Callable[[Rig, Path], Awaitable[None]]) -> Callable[[Rig], Awaitable[None]]:
    """Give a check a folder for its store, and end the rig's platform after it."""

    async def check(rig: Rig) -> None:
        with tempfile.TemporaryDirectory() as folder:
            try:
                await function(rig, Path(folder))
            finally:
                await rig.close()

    check.__name__, check.__doc__ = function.__name__, function.__doc__
    return check


async def _until(rig: Rig, conversation: str, texts: Sequence[str], what: str) -> None:
    """Wait until the user sees exactly these texts; blanks are not compared, for platforms set their own."""
    end = time.monotonic() + WAIT_SECONDS
    while _plain(rig.seen(conversation)) != _plain(texts):
        if time.monotonic() > end:
            raise NotConforming(
                f"{what}: the user should see {list(texts)!r} and sees {list(rig.seen(conversation))!r}"
            )
        await asyncio.sleep(0.01)


def _plain(texts: Sequence[str]) -> str:
    return "".join("".join(texts).split())


@_check
async def answers_what_is_said(rig: Rig, folder: Path) -> None:
    """A message is answered in its conversation, and nowhere else."""
    async with _life(rig, folder):
        await rig.deliver("k1", "c1", "u1", "hello")
        await _until(rig, "c1", [Parrot.said("hello")], "a message must be answered")
        if rig.seen("c2"):
            raise NotConforming("an answer went to another conversation")


@_check
async def keeps_the_order(rig: Rig, folder: Path) -> None:
    """Messages of one conversation are answered in their order, though the first take longest."""
    async with _life(rig, folder) as run:
        run.bot.seconds = lambda text: 0.15 if text.endswith("0") else 0.0
        for n in range(5):
            for c in ("c1", "c2"):
                await rig.deliver(f"{c}-{n}", c, f"u-{c}", f"message {n}")
        for c in ("c1", "c2"):
            await _until(rig, c, [Parrot.said(f"message {n}") for n in range(5)], "answers must come in order")


@_check
async def drops_duplicates(rig: Rig, folder: Path) -> None:
    """A message that the platform delivers again gets no second answer, also after a restart."""
    async with _life(rig, folder):
        for _ in range(3):
            await rig.deliver("k1", "c1", "u1", "once")
        await _until(rig, "c1", [Parrot.said("once")], "a duplicate must not be answered again")
    async with _life(rig, folder):
        await rig.deliver("k1", "c1", "u1", "once")
        await rig.deliver("k2", "c1", "u1", "twice")
        await _until(rig, "c1", [Parrot.said("once"), Parrot.said("twice")], "a duplicate after a restart")
        await asyncio.sleep(QUIET_SECONDS)
        await _until(rig, "c1", [Parrot.said("once"), Parrot.said("twice")], "a duplicate must not be answered again")


@_check
async def tries_again(rig: Rig, folder: Path) -> None:
    """A platform that fails is tried again until it takes the answer."""
    async with _life(rig, folder):
        rig.fail(3)
        await rig.deliver("k1", "c1", "u1", "hello")
        await _until(rig, "c1", [Parrot.said("hello")], "a failed send must be tried again")


@_check
async def waits_as_long_as_asked(rig: Rig, folder: Path) -> None:
    """Retry-After is honoured."""
    async with _life(rig, folder):
        rig.fail(1, wait=1.0)
        started = time.monotonic()
        await rig.deliver("k1", "c1", "u1", "hello")
        await _until(rig, "c1", [Parrot.said("hello")], "after a 429 the answer must be sent")
        if time.monotonic() - started < 0.95:
            raise NotConforming("the platform asked to wait for a second (Retry-After), and was called before")


@_check
async def sends_once_though_the_platform_says_it_failed(rig: Rig, folder: Path) -> None:
    """An answer that the platform took, but answered with an error, is not sent a second time."""
    async with _life(rig, folder):
        rig.fail(1, done=True)
        await rig.deliver("k1", "c1", "u1", "hello")
        await _until(rig, "c1", [Parrot.said("hello")], "the answer must be seen once")
        await rig.deliver("k2", "c1", "u1", "more")
        await _until(rig, "c1", [Parrot.said("hello"), Parrot.said("more")], "the answer must be seen once")


@_check
async def sends_once_after_a_crash(rig: Rig, folder: Path) -> None:
    """An answer that went out just before a crash is not sent again after it."""
    async with _life(rig, folder) as run:
        run.forget_sending()
        await rig.deliver("k1", "c1", "u1", "hello")
        await _until(rig, "c1", [Parrot.said("hello")], "a message must be answered")
    async with _life(rig, folder):
        await rig.deliver("k2", "c1", "u1", "more")
        texts = [Parrot.said("hello"), Parrot.said("more")]
        await _until(rig, "c1", texts, "after a crash nothing may be seen twice")


@_check
async def goes_on_after_a_crash(rig: Rig, folder: Path) -> None:
    """A message that was taken and not answered before a crash is answered after it."""
    async with _life(rig, folder, patience=Patience(30.0, 30.0, 50)):
        rig.fail(1)
        await rig.deliver("k1", "c1", "u1", "hello")
        await asyncio.sleep(QUIET_SECONDS)
    async with _life(rig, folder) as run:
        await run.post.hasten()
        await _until(rig, "c1", [Parrot.said("hello")], "what a crash left over must be sent")


@_check
async def tells_of_limits(rig: Rig, folder: Path) -> None:
    """A message that is too long gets the sentence that says so; so does a flood, once."""
    async with _life(rig, folder, Limits(characters=20, per_user=2, waiting=2)) as run:
        await rig.deliver("k1", "c1", "u1", "x" * 21)
        end = time.monotonic() + WAIT_SECONDS
        while "21" not in _plain(rig.seen("c1")):
            if time.monotonic() > end:
                raise NotConforming(f"a message over the limit of length must be told: {list(rig.seen('c1'))!r}")
            await asyncio.sleep(0.01)
        run.bot.free.clear()
        for n in range(8):
            await rig.deliver(f"f{n}", "c2", "u2", f"flood {n}")
        await asyncio.sleep(FLOOD_SECONDS)  # all of them are there before the first is answered
        run.bot.free.set()
        end = time.monotonic() + WAIT_SECONDS
        while len(rig.seen("c2")) < 3:
            if time.monotonic() > end:
                raise NotConforming(f"a flood must be told once: {list(rig.seen('c2'))!r}")
            await asyncio.sleep(0.01)
        await asyncio.sleep(QUIET_SECONDS)
        if len(rig.seen("c2")) != 3:
            raise NotConforming(f"of a flood two are answered and one is told of it: {list(rig.seen('c2'))!r}")


@_check
async def shows_hostile_text_as_it_is(rig: Rig, folder: Path) -> None:
    """Markup in a message or in an answer does nothing: the user sees the characters that were written."""
    async with _life(rig, folder):
        for n, text in enumerate(HOSTILE):
            await rig.deliver(f"k{n}", f"c{n}", "u1", text)
            await _until(rig, f"c{n}", [Parrot.said(text)], "markup must be shown as it is written")


@_check
async def sends_long_answers_whole(rig: Rig, folder: Path) -> None:
    """An answer longer than a message may be is sent in parts, none lost."""
    async with _life(rig, folder) as run:
        run.bot.answers["tell"] = " ".join(f"This is sentence number {n} of a long answer." for n in range(250))
        await rig.deliver("k1", "c1", "u1", "tell")
        await _until(rig, "c1", [run.bot.answers["tell"]], "a long answer must be seen whole")


@_check
async def hears_and_sees(rig: Rig, folder: Path) -> None:
    """Sound and pictures arrive in the message as they were sent."""
    kinds: tuple[MediaKind, ...] = ("audio", "image")
    async with _life(rig, folder) as run:
        for kind in kinds:
            data = b"RIFF\x24\0\0\0WAVEfmt " if kind == "audio" else b"\x89PNG\r\n\x1a\n" + bytes(32)
            if not await rig.deliver_media(f"k-{kind}", "c1", "u1", kind, data):
                continue
            end = time.monotonic() + WAIT_SECONDS
            while not any(media.kind == kind and media.data == data for media in run.bot.media):
                if time.monotonic() > end:
                    raise NotConforming(f"the {kind} did not arrive as it was sent: {_told(run.bot.media)}")
                await asyncio.sleep(0.01)


def _told(media: Sequence[Any]) -> str:
    return ", ".join(f"{one.kind} of {len(one.data)} bytes" for one in media) or "nothing did"


CHECKS = (
    answers_what_is_said, keeps_the_order, drops_duplicates, tries_again, waits_as_long_as_asked,
    sends_once_though_the_platform_says_it_failed, sends_once_after_a_crash, goes_on_after_a_crash, tells_of_limits,
    shows_hostile_text_as_it_is, sends_long_answers_whole, hears_and_sees,
)  # fmt: skip
