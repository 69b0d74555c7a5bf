"""Measure delivery: how fast a message is acknowledged, and whether any is lost, doubled or out of order.

    ../.venv/bin/python delivery.py ack  [--rate 50] [--seconds 30]
    ../.venv/bin/python delivery.py kill [--messages 10000] [--kills 20] [--persona ARTIFACT]

`ack` delivers single events at a steady rate and times each HTTP answer.
`kill` delivers messages of many conversations, 10 % of them twice, to a server that is ended
by SIGKILL at random moments and started again; the platform fails 10 % of its calls (before or after it took the
message) and answers some with 429. Then each answer must stand in its conversation once, in order, and tell the right
number of turns. The exit status is 1 when one does not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

HERE = Path(__file__).parent
FAILS = 0.1


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Platform:
    """A chat platform on loopback that fails now and then."""

    def __init__(self, fails: float, seed: int = 0) -> None:
        self.conversations: dict[str, list[tuple[str, str]]] = {}
        self.failed = 0
        self.took = asyncio.Event()
        self._fails = fails
        self._random = random.Random(seed)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a call."""
        if scope["type"] != "http":
            return
        body = b""
        more = True
        while more:
            packet = await receive()
            if packet["type"] == "http.disconnect":
                return  # killed in the middle of it
            body, more = body + packet.get("body", b""), packet.get("more_body", False)
        drawn = self._random.random()
        if scope["path"] == "/history":
            name = httpx.QueryParams(scope["query_string"].decode())["conversation"]
            status, said = 200, [key for key, _ in self.conversations.get(name, [])]
        else:
            said, status = {}, 200
            if drawn < self._fails * 0.4:
                status = 500
            elif drawn < self._fails * 0.6:
                status = 429
            else:
                sent = json.loads(body)
                self.conversations.setdefault(sent["conversation"], []).append((sent["key"], sent["text"]))
                self.took.set()
                status = 500 if drawn < self._fails else 200
        self.failed += status != 200
        headers = [(b"content-type", b"application/json"), (b"retry-after", b"0.2")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})


class Killed:
    """The server under test, started again whenever it is killed."""

    def __init__(self, store: Path, url: str, persona: str) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, str(HERE / "delivery_server.py"), str(store), str(self.port), url, persona]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(self._command)

    def kill(self) -> None:
        """End it by SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def terminate(self) -> int:
        """End it by SIGTERM and return its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(60)

    async def ready(self) -> None:
        """Wait until it serves."""
        async with httpx.AsyncClient() as client:
            while True:
                try:
                    if (await client.get(f"{self.base}/ready", timeout=5)).status_code == 200:
                        return
                except httpx.HTTPError:
                    await asyncio.sleep(0.02)


@contextmanager
def platform_server(platform: Platform) -> Iterator[tuple[str, Any]]:
    """Serve a platform on the running loop; yield its address and the coroutine to run."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(platform, port=port, log_level="error", lifespan="off"))
    try:
        yield f"http://127.0.0.1:{port}", server._serve
    finally:
        server.should_exit = True


async def deliver(client: httpx.AsyncClient, base: str, slug: str, message: dict[str, str]) -> None:
    """Deliver a message as platforms do: again until it is acknowledged."""
    while True:
        try:
            response = await client.post(f"{base}/p/{slug}/relay/events", json=message, timeout=5)
            if response.status_code == 200:
                return
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.05)


async def kill(messages: int, kills: int, persona: str, fails: float, seed: int) -> dict[str, Any]:
    """Run the fault run and return what came of it."""
    chance = random.Random(seed)
    platform = Platform(fails, seed)
    conversations = max(4, messages // 50)
    each = messages // conversations
    slug = json.loads((Path(persona) / "manifest.json").read_text())["persona"] if persona else "echo"
    with tempfile.TemporaryDirectory() as folder, platform_server(platform) as (url, serve):
        serving = asyncio.create_task(serve())
        server = Killed(Path(folder), url, persona)
        server.start()
        started = time.perf_counter()
        doubled = 0

        async def talk(number: int, client: httpx.AsyncClient) -> None:
            nonlocal doubled
            own = random.Random(seed * 1000 + number)
            for n in range(each):
                said = {"conversation": f"c{number}", "user": f"u{number}", "key": f"{number}-{n}", "text": f"m{n}"}
                await deliver(client, server.base, slug, said)
                if own.random() < FAILS:
                    doubled += 1
                    await deliver(client, server.base, slug, said)
                await asyncio.sleep(own.uniform(0, 0.1))

        async def killer() -> None:
            for _ in range(kills):
                await server.ready()
                await asyncio.sleep(chance.uniform(0.05, 1.0))
                server.kill()
                server.start()

        limits = httpx.Limits(max_connections=64)
        async with httpx.AsyncClient(limits=limits) as client:
            killing = asyncio.create_task(killer())
            await asyncio.gather(*(talk(number, client) for number in range(conversations)))
            await killing
        await server.ready()
        total = conversations * each
        quiet = 0
        while sum(map(len, platform.conversations.values())) < total and quiet < 60:
            platform.took.clear()
            try:
                await asyncio.wait_for(platform.took.wait(), 1)
                quiet = 0
            except TimeoutError:
                quiet += 1
        await asyncio.sleep(2)  # a doubled answer would come now
        status = server.terminate()
    serving.cancel()
    found = {name: [key for key, _ in lines] for name, lines in platform.conversations.items()}
    counts = Counter(key for keys in found.values() for key in keys)
    wanted = {f"c{c}": [f"{c}-{n}" for n in range(each)] for c in range(conversations)}
    wrong_turns = 0
    if not persona:
        for lines in platform.conversations.values():
            said = list(dict(lines).values())
            wrong_turns += sum(text != f"{n + 1}: m{n}" for n, text in enumerate(said))
    return {
        "messages": total,
        "kills": kills,
        "duplicates_delivered": doubled,
        "calls_failed": platform.failed,
        "lost": sum(key not in counts for keys in wanted.values() for key in keys),
        "doubled": sum(count - 1 for count in counts.values()),
        "out_of_order": sum(list(dict.fromkeys(found.get(c, []))) != keys for c, keys in wanted.items()),
        "turns_run_twice": wrong_turns,
        "exit_status": status,
        "seconds": round(time.perf_counter() - started, 1),
    }


async def ack(rate: float, seconds: float) -> dict[str, Any]:
    """Deliver at a steady rate and return the times of the acknowledgements in milliseconds."""
    platform = Platform(0.0)
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder, platform_server(platform) as (url, serve):
        serving = asyncio.create_task(serve())
        server = Killed(Path(folder), url, "")
        server.start()
        await server.ready()
        async with httpx.AsyncClient() as client:

            async def one(n: int) -> None:
                said = {"conversation": f"c{n % 40}", "user": f"u{n % 40}", "key": str(n), "text": f"message {n}"}
                begun = time.perf_counter()
                response = await client.post(f"{server.base}/p/echo/relay/events", json=said)
                response.raise_for_status()
                times.append((time.perf_counter() - begun) * 1000)

            tasks = []
            begun = time.perf_counter()
            for n in range(int(rate * seconds)):
                await asyncio.sleep(max(0.0, begun + n / rate - time.perf_counter()))
                tasks.append(asyncio.create_task(one(n)))
            await asyncio.gather(*tasks)
            measures = (await client.get(f"{server.base}/metrics")).text
        server.terminate()
    serving.cancel()
    times.sort()
    return {
        "events": len(times),
        "rate": rate,
        **{f"p{p}_ms": round(times[min(len(times) - 1, int(len(times) * p / 100))], 2) for p in (50, 95, 99)},
        "max_ms": round(times[-1], 2),
        "take_mean_ms": round(_mean(measures, "personac_take_seconds"), 3),
    }


def _mean(measures: str, name: str) -> float:
    values = {line.split("{")[0]: float(line.rsplit(" ", 1)[1]) for line in measures.splitlines() if line[:1] != "#"}
    return 1000 * values[f"{name}_sum"] / values[f"{name}_count"]


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=["ack", "kill"])
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--fails", type=float, default=FAILS)
    parser.add_argument("--persona", default="", help="the artifact of a persona; by default a bot that counts turns")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.what == "ack":
        print(json.dumps(asyncio.run(ack(given.rate, given.seconds)), indent=1))
        return
    result = asyncio.run(kill(given.messages, given.kills, given.persona, given.fails, given.seed))
    print(json.dumps(result, indent=1))
    sys.exit(any(result[key] for key in ("lost", "doubled", "out_of_order", "turns_run_twice", "exit_status")))


if __name__ == "__main__":
    main()
