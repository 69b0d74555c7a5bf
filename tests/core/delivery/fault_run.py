"""Deliver messages on three platforms to a server that is killed, and look at what its users got.

The platforms and the browsers live here and go on while the server is down. Platforms fail a part of their calls,
before or after they did as asked, and answer some with 429; they deliver messages twice; browsers hang up.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from ...connectors.slack.fake import SECRET, TOKEN, FakeSlack, Fault, headers_for, words
from ...connectors.telegram.fake import DROP, FakeTelegram, Served
from ...connectors.telegram.fake import TOKEN as TELEGRAM_TOKEN

FAULTS = 0.1  # of the platforms' calls
AGAIN = 0.1  # of the messages are delivered twice
HANG_UP = 0.1  # of the browsers' requests are given up before their answer
QUIET_SECONDS = 60.0  # without any new answer, after which what is missing is lost


class BadSlack(FakeSlack):
    """A workspace that fails now and then."""

    def __init__(self, chance: random.Random, part: float) -> None:
        super().__init__()
        self.chance, self.part, self.failed = chance, part, 0

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if self.chance.random() < self.part:
            self.failed += 1
            kinds = [Fault(429, "ratelimited", retry_after=1), Fault(503), Fault(after=True), Fault(500, after=True)]
            self.faults[request.match_info["method"]].append(self.chance.choice(kinds))
        return await super()._api(request)


class BadTelegram(FakeTelegram):
    """A Bot API server that fails now and then."""

    def __init__(self, chance: random.Random, part: float) -> None:
        super().__init__()
        self.chance, self.part, self.failed = chance, part, 0

    async def _call(self, request: Any) -> Any:
        method = request.path_params["method"]
        self.faults = [fault for fault in self.faults if fault.times]
        if self.chance.random() < self.part:
            self.failed += 1
            kind = self.chance.randrange(5)
            if kind == 0:
                self.fail(method, 429, "Too Many Requests: retry after 1", retry_after=1)
            else:
                error: Any = 502 if kind < 3 else DROP
                self.fail(method, error, "Bad Gateway", after=kind in (2, 4))
        return await super()._call(request)


class Killed:
    """The server under test, started again whenever it is killed."""

    def __init__(self, store: Path, settings: dict[str, Any]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        self.base = f"http://127.0.0.1:{port}"
        script = str(Path(__file__).with_name("fault_server.py"))
        self._command = [sys.executable, script, str(store), str(port), json.dumps(settings)]
        self._process = subprocess.Popen(self._command)

    def kill(self) -> None:
        """End it by SIGKILL, and start it."""
        self._process.kill()
        self._process.wait()
        self._process = subprocess.Popen(self._command)

    def terminate(self) -> int:
        """End it by SIGTERM and return its exit status."""
        self._process.terminate()
        return self._process.wait(60)

    async def serving(self) -> None:
        """Wait until it serves; raise RuntimeError when it ended."""
        async with httpx.AsyncClient() as client:
            while self._process.poll() is None:
                try:
                    if (await client.get(f"{self.base}/health", timeout=5)).status_code == 200:
                        return
                except httpx.HTTPError:
                    await asyncio.sleep(0.02)
        raise RuntimeError(f"the server ended with {self._process.returncode}")


@dataclass
class Talk:
    """One conversation: what is said in it, and what came back, in order."""

    number: int
    size: int
    got: list[str] = field(default_factory=list)  # by the browser; the platforms keep theirs


@dataclass
class Rig:
    """The platforms, and the server that they talk with."""

    slack: BadSlack
    telegram: BadTelegram
    server: Killed
    client: httpx.AsyncClient
    chance: random.Random
    twice: int = 0

    async def again(self) -> bool:
        """Tell whether to deliver this message twice."""
        chosen = self.chance.random() < AGAIN
        self.twice += chosen
        return chosen

    async def insist(self, request: Callable[[], Awaitable[httpx.Response]], *done: int) -> httpx.Response:
        """Make a request until it is answered with one of these statuses."""
        while True:
            try:
                response = await request()
                if response.status_code in done:
                    return response
                if response.status_code < 429:
                    raise RuntimeError(f"{response.request.url}: {response.status_code} {response.text}")
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)

    async def on_slack(self, talk: Talk) -> None:
        """Write direct messages; Slack delivers each until it is acknowledged."""
        address = f"{self.server.base}/p/count/slack/events"
        for n in range(talk.size):
            event = self.slack.says(f"U{talk.number}", f"D{talk.number}", f"m{n}")
            body = json.dumps(self.slack.wrap(event)).encode()

            async def deliver(body: bytes = body) -> httpx.Response:
                return await self.client.post(address, content=body, headers=headers_for(body), timeout=5)

            for _ in range(1 + await self.again()):
                await self.insist(deliver, 200)
            await asyncio.sleep(self.chance.uniform(0, 0.2))

    async def on_telegram(self, talk: Talk) -> None:
        """Write private messages, which the server fetches."""
        for n in range(talk.size):
            update = self.telegram.say(f"m{n}", chat=1000 + talk.number, user=1000 + talk.number)
            await asyncio.sleep(self.chance.uniform(0, 0.2))
            if await self.again():
                self.telegram.again(update)

    async def on_web(self, talk: Talk) -> None:
        """Write as a browser does: again, with the same id, until the answer is there."""
        base = f"{self.server.base}/api"
        token = (await self.insist(lambda: self.client.post(f"{base}/session", json={}), 200)).json()["token"]
        headers = {"authorization": f"Bearer {token}"}

        async def ask(n: int) -> httpx.Response:
            hang_up = self.chance.random() < HANG_UP
            said = {"id": f"id{n}", "text": f"m{n}"}
            seconds = self.chance.uniform(0.001, 0.02) if hang_up else 10.0
            return await self.client.post(f"{base}/messages", json=said, headers=headers, timeout=seconds)

        for n in range(talk.size):
            times = 1 + await self.again()
            answers = await asyncio.gather(*(self.insist(lambda n=n: ask(n), 200) for _ in range(times)))
            talk.got += dict.fromkeys(answer.json()["reply"]["text"] for answer in answers)  # shown by id: once
            got = f"{base}/messages/id{n}/got"
            await self.insist(lambda got=got: self.client.post(got, headers=headers), 204)


def judge(talks: Sequence[Talk], found: Callable[[Talk], list[str]]) -> dict[str, int]:
    """Return what was lost, doubled and out of order."""
    result = dict.fromkeys(("messages", "lost", "doubled", "out_of_order", "turns_run_twice"), 0)
    for talk in talks:
        answers = [match for text in found(talk) if (match := re.fullmatch(r"(\d+): m(\d+)", text))]
        numbers = [int(match[2]) for match in answers]
        result["messages"] += talk.size
        result["lost"] += len(set(range(talk.size)) - set(numbers))
        result["doubled"] += len(found(talk)) - len(set(numbers))
        result["out_of_order"] += list(dict.fromkeys(numbers)) != sorted(set(numbers))
        result["turns_run_twice"] += any(int(match[1]) != n + 1 for n, match in enumerate(answers))
    return result


@asynccontextmanager
async def rig(faults: float, seed: int) -> AsyncIterator[Rig]:
    """Start the platforms and the server."""
    chance = random.Random(seed)
    slack, telegram = BadSlack(chance, faults), BadTelegram(chance, faults)
    await slack.start()
    limits = httpx.Limits(max_connections=200)
    async with Served(telegram.app()) as served, httpx.AsyncClient(limits=limits, timeout=10) as client:
        telegram.base = served.base
        own = {"base_url": f"{telegram.base}/bot", "base_file_url": f"{telegram.base}/file/bot"}
        settings = {
            "slack": {"bot_token": TOKEN, "signing_secret": SECRET, "api": f"{slack.base}/api/", "feedback": False},
            "telegram": {"token": TELEGRAM_TOKEN, "feedback": False, **own},
            "web": {"secret": "a secret that outlives the process"},
        }
        with tempfile.TemporaryDirectory() as folder:
            server = Killed(Path(folder), settings)
            try:
                yield Rig(slack, telegram, server, client, chance)
            finally:
                server.terminate()
                telegram.closing = True
                await slack.stop()


async def fault_run(
    messages: int, kills: int, each: int, seed: int, faults: float = FAULTS, pause: float = 1.0
) -> dict[str, Any]:
    """Run it with conversations of `each` messages, killed after up to `pause` seconds of serving each time."""
    started = time.perf_counter()
    count = max(1, messages // (3 * each))
    talks = {name: [Talk(n, each) for n in range(count)] for name in ("slack", "telegram", "web")}
    async with rig(faults, seed) as run:
        found: dict[str, Callable[[Talk], list[str]]] = {
            "slack": lambda talk: [words(message) for message in run.slack.of_bot(f"D{talk.number}")],
            "telegram": lambda talk: [message.text or "" for message in run.telegram.sent(1000 + talk.number)],
            "web": lambda talk: talk.got,
        }
        killed = 0

        async def killer() -> None:
            nonlocal killed
            for _ in range(kills):
                await run.server.serving()
                await asyncio.sleep(run.chance.uniform(0.05, pause))
                run.server.kill()
                killed += 1

        ways = {"slack": run.on_slack, "telegram": run.on_telegram, "web": run.on_web}
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(killer())
            for name, own in talks.items():
                for talk in own:
                    tasks.create_task(ways[name](talk))

        def there() -> int:
            own = sum(message.by_bot for message in run.telegram.messages.values())  # in one pass: it is asked often
            return own + sum(len(found[name](talk)) for name in ("slack", "web") for talk in talks[name])

        delivered = time.perf_counter() - started
        known, quiet = there(), time.monotonic()
        while known < 3 * count * each and time.monotonic() - quiet < QUIET_SECONDS:
            await asyncio.sleep(0.5)
            if (now := there()) != known:
                known, quiet = now, time.monotonic()
        await asyncio.sleep(1.5)  # a doubled answer would come now
        status = run.server.terminate()
        return {
            **{name: judge(own, found[name]) for name, own in talks.items()},
            "kills": killed,
            "delivered_twice": run.twice,
            "calls_failed": run.slack.failed + run.telegram.failed,
            "calls": len(run.slack.calls) + len(run.telegram.calls),
            "exit_status": status,
            "seconds_delivering": round(delivered, 1),
            "seconds": round(time.perf_counter() - started, 1),
        }
