"""Skills are run so that a bad one harms nobody else: cut off, told to the operator, the others go on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, Literal

import pytest
from personac.core.hosting import threads
from personac.core.hosting.host import STUCK, Host, Loaded
from personac.core.hosting.typed import slots_of
from personac.core.plugin import CONTRACT, Card, FollowUp, Manifest, Media, Reads, Skill, SkillContext, SkillResult
from personac.core.turn import Passage

MakeHost = Callable[..., Host]


@pytest.fixture
def make() -> Iterator[MakeHost]:
    """Return a function that makes the host of a plugin `p` from its skills."""
    hosts = []

    def host(reads: tuple[Reads, ...] = ("text", "slots"), seconds: float = 10.0, **skills: Any) -> Host:
        manifest = Manifest(name="p", version="1", contract=CONTRACT, reads=reads)
        made = {
            name: run if isinstance(run, Skill) else Skill(run=run, seconds=seconds) for name, run in skills.items()
        }
        hosts.append(Host({"p": Loaded("p", manifest, object(), made)}))
        return hosts[-1]

    yield host
    for one in hosts:
        one.close()


def asked(text: str = "hello", **slots: Any) -> SkillContext:
    """Return the context of a turn."""
    return SkillContext(text, "en", "wish", slots)


async def good(context: SkillContext) -> SkillResult:
    """Answer."""
    return SkillResult(f"you said {context.text}")


def on_a_thread(context: SkillContext) -> SkillResult:
    """Answer on a thread."""
    return SkillResult(threading.current_thread().name)


async def test_coroutines_run_on_the_loop_of_their_plugin_and_plain_functions_on_threads(make: MakeHost) -> None:
    async def where(context: SkillContext) -> SkillResult:
        return SkillResult(threading.current_thread().name)

    host = make(a=where, b=where, plain=on_a_thread)
    names = [(await host.run(f"p.{name}", asked())).result for name in ("a", "b", "plain")]
    first, second, third = (result.text for result in names if result)
    assert first == second != threading.current_thread().name
    assert third.startswith("plugin-p.plain")


async def test_what_a_skill_declines_is_no_failure(make: MakeHost) -> None:
    async def none(context: SkillContext) -> None:
        return None

    assert (await make(none=none).run("p.none", asked())).state == "declined"


class Boom(BaseException):
    """Be no Exception."""


def exits(context: SkillContext) -> SkillResult:
    """End the process."""
    raise SystemExit(3)


async def exits_async(context: SkillContext) -> SkillResult:
    """End the process from a coroutine."""
    raise SystemExit(3)


async def raises(context: SkillContext) -> SkillResult:
    """Raise what nobody expects."""
    raise Boom("oh")


def deep(context: SkillContext) -> SkillResult:
    """Recurse for ever."""
    return deep(context)


GARBAGE = [
    "a text",
    SkillResult(b"bytes"),  # type: ignore[arg-type]
    SkillResult("x", passages=[1]),  # type: ignore[list-item]
    SkillResult("x", choices=["yes", 3]),  # type: ignore[list-item]
    SkillResult("x", slots={"a": object()}),
    SkillResult("x", media=[b"png"]),  # type: ignore[list-item]
    SkillResult("x", media=[Media("image", b"x" * 5_000_000)]),
    SkillResult("x", media=[Media("image/png", b"x")]),  # type: ignore[arg-type]
    SkillResult("x", media=[Media("image", b"x", "text/html")]),
    SkillResult("x", cards=[Card("x", picture=Media("audio", b"x", "audio/wav"))]),
    SkillResult("x", follow_ups=[FollowUp("x", datetime.now(UTC), "no skill of it")]),
    SkillResult("x", slots={"a": float("nan")}),
    SkillResult("x", slots={"a": "x" * 30_000}),
    SkillResult("x", slots={1: "a"}),  # type: ignore[dict-item]
    SkillResult("x", hand_off=["a"]),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("bad", [exits, exits_async, raises, deep])
async def test_a_skill_that_crashes_fails_alone(make: MakeHost, bad: Any, caplog: pytest.LogCaptureFixture) -> None:
    host = make(bad=bad, good=good)
    assert (await host.run("p.bad", asked())).state == "failed"
    assert "the skill p.bad failed" in caplog.text
    assert "Traceback" in caplog.text
    assert (await host.run("p.good", asked())).result == SkillResult("you said hello")


@pytest.mark.parametrize("result", GARBAGE)
async def test_garbage_is_no_answer(make: MakeHost, result: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def bad(context: SkillContext) -> Any:
        return result

    assert (await make(bad=bad).run("p.bad", asked())).state == "failed"
    assert "p.bad failed" in caplog.text


async def test_a_flood_is_cut_to_size(make: MakeHost) -> None:
    async def flood(context: SkillContext) -> SkillResult:
        for number in range(10_000):
            context.tell(f"still {number} " + "x" * 10_000)
        passage = Passage("i", "s", "t", "x", "en")
        return SkillResult("y" * 5_000_000, [passage] * 10_000, choices=["z" * 10_000] * 1_000)

    told: list[str] = []
    outcome = await make(flood=flood).run("p.flood", asked(), told.append)
    assert outcome.result is not None
    assert len(outcome.result.text) == 8_000
    assert len(outcome.result.passages) == 50
    assert [len(choice) for choice in outcome.result.choices] == [80] * 12
    assert len(told) == 20
    assert max(map(len, told)) == 300


async def sleeps(context: SkillContext) -> SkillResult:
    """Wait for ever, and not hear that it is told to end."""
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(0.2)
            raise


def spins(context: SkillContext) -> SkillResult:
    """Use the processor for ever."""
    while True:
        sum(range(1000))


async def blocks(context: SkillContext) -> SkillResult:
    """Hold the event loop for ever."""
    while True:
        sum(range(1000))


@pytest.mark.parametrize("bad", [sleeps, spins])
async def test_a_skill_that_hangs_is_cut_off(make: MakeHost, bad: Any, caplog: pytest.LogCaptureFixture) -> None:
    host = make(bad=Skill(run=bad, seconds=0.1), good=good)
    hanging = asyncio.create_task(host.run("p.bad", asked()))
    assert (await host.run("p.good", asked())).state == "answered"
    assert (await hanging).state == "failed"
    assert "p.bad was cut off" in caplog.text
    assert (await host.run("p.good", asked())).state == "answered"


async def test_a_skill_that_blocks_its_loop_holds_up_no_other_turn(
    make: MakeHost, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "BLOCKED_SECONDS", 0.3)
    host = make(bad=blocks, good=good)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    assert (await host.run("p.bad", asked())).state == "failed"
    ticking.cancel()
    assert ticks > 2  # the server's own loop went on
    assert "it blocked the event loop" in caplog.text
    assert "in blocks" in caplog.text
    assert (await host.run("p.good", asked())).state == "answered"


async def test_a_plugin_whose_calls_do_not_end_is_called_no_more_until_one_has(
    make: MakeHost, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gate = threading.Event()

    def deaf(context: SkillContext) -> SkillResult:
        while not gate.wait(0.01):
            pass
        return SkillResult("at last")

    monkeypatch.setattr("personac.core.hosting.host.interrupt", lambda thread: None)  # as code in C would not hear it
    host = make(deaf=Skill(run=deaf, seconds=0.01), good=good)
    outcomes = await asyncio.gather(*(host.run("p.deaf", asked()) for _ in range(STUCK)))
    assert {outcome.state for outcome in outcomes} == {"failed"}
    assert (await host.run("p.good", asked())).state == "failed"
    assert f"{STUCK} calls of its plugin have not ended" in caplog.text
    gate.set()
    for call in host._places["p"].stuck:
        await asyncio.wrap_future(call)
    assert (await host.run("p.good", asked())).state == "answered"


async def test_a_turn_that_is_ended_ends_its_skill(make: MakeHost) -> None:
    ended = threading.Event()

    async def long(context: SkillContext) -> SkillResult:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()
        return SkillResult("")

    task = asyncio.create_task(make(long=long).run("p.long", asked()))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 5)


class Size(Enum):
    """Be a size."""

    SMALL = "small"
    LARGE = "large"


async def test_slots_come_as_the_types_that_a_skill_asks_for(make: MakeHost) -> None:
    seen: dict[str, Any] = {}

    async def book(
        context: SkillContext,
        city: str,
        people: int,
        day: date,
        how_long: timedelta,
        size: Size,
        kind: Literal["a", "b"],
        raw: dict[str, Any],
        extra: float | None = None,
    ) -> SkillResult:
        seen.update(locals())
        return SkillResult("booked")

    slots = {
        "city": {"id": "bj", "name": "Beijing"},
        "people": {"value": 4, "text": "four", "span": [0, 4]},
        "day": {"value": "2026-12-04", "text": "friday", "span": [0, 6]},
        "how_long": {"value": "PT90M", "text": "90 minutes", "span": [0, 9]},
        "size": {"id": "small", "name": "small"},
        "kind": "b",
        "raw": {"value": 1, "text": "one", "span": [0, 3]},
    }
    assert (await make(book=book).run("p.book", asked(**slots))).state == "answered"
    assert (seen["city"], seen["people"], seen["day"]) == ("Beijing", 4, date(2026, 12, 4))
    assert (seen["how_long"], seen["size"], seen["kind"]) == (timedelta(minutes=90), Size.SMALL, "b")
    assert (seen["raw"], seen["extra"]) == (slots["raw"], None)
    specs = slots_of("p.book", Skill(run=book))
    assert {name: (spec.type, spec.required) for name, spec in specs.items()} == {
        "city": ("text", True),
        "people": ("number", True),
        "day": ("date", True),
        "how_long": ("duration", True),
        "size": ("entity", True),
        "kind": ("entity", True),
        "raw": ("text", True),
        "extra": ("number", False),
    }
    assert specs["size"].values == ("small", "large")


HOSTILE = [
    "'; DROP TABLE users; --",
    "$(rm -rf /)",
    "{{7*7}}",
    "{0.__class__}",
    "%s%n",
    "\x00\u202e",
    "../../etc/passwd",
]


@pytest.mark.parametrize("value", HOSTILE)
async def test_hostile_words_reach_a_skill_as_data(make: MakeHost, value: str) -> None:
    async def echo(context: SkillContext, name: str) -> SkillResult:
        return SkillResult(name, slots={"name": name})

    outcome = await make(echo=echo).run("p.echo", asked(name=value))
    assert outcome.result == SkillResult(value, slots={"name": value})


async def test_a_skill_is_given_what_its_manifest_says_that_it_reads(make: MakeHost) -> None:
    seen: list[SkillContext] = []

    async def look(context: SkillContext) -> None:
        seen.append(context)

    whole = SkillContext("hello", "en", "wish", {"a": "b"}, history=[("user", "hi", "en")])
    for reads in ((), ("text",), ("slots",), ("history",), ("personal_data",)):
        await make(reads=reads, look=look).run("p.look", whole)  # type: ignore[arg-type]
    given = [(context.text, dict(context.slots), list(context.history)) for context in seen]
    assert given == [
        ("", {}, []),
        ("hello", {}, []),
        ("", {"a": "b"}, []),
        ("", {}, [("user", "hi", "en")]),
        ("hello", {"a": "b"}, []),
    ]


async def test_a_plugin_that_does_not_close_is_left_behind(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise RuntimeError("no")

    manifest = Manifest(name="p", version="1", contract=CONTRACT)
    Host({"p": Loaded("p", manifest, object(), {}, close=broken)}).close()
    assert "the plugin p did not close" in caplog.text
