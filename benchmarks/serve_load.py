"""`personac serve` with bank_service: start, latency of one client, throughput beside its bare text encoders, open
WebSockets of which some talk, what the connector takes of a turn, and memory over many turns.

    ../.venv/bin/python serve_load.py [--seconds 15] [--sockets 2000] [--talking 200] [--every 5] [--turns 100000]

The clients run in a process of their own. The bare encoders run in batches of 32, in a process with a thread for each
core, between two halves of the 32 clients' load. Who talks over a WebSocket writes a message every so many seconds on
average. The overhead of a turn is what its client waits beyond what the reply says that the mind took: the connector,
and the store of messages on their way, which is synchronised to the disk twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import psutil
from common import ROOT, quantiles, questions, show
from personac.core.cli.building import find_artifact
from personac.core.compile.artifact import read_manifest
from personac.core.models.text import load_text_encoder
from websockets.asyncio.client import ClientConnection, connect

CLIENTS = 32


class Client:
    """Speak HTTP/1.1 over one kept connection, with as little work as possible."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def connect(self) -> None:
        """Open the connection."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def turn(self, text: str, user: str) -> dict[str, object]:
        """Run one turn and return the reply."""
        body = json.dumps({"text": text, "user": user}).encode()
        head = "POST /api/turn HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        self.writer.write(head.encode() + body)
        status = await self.reader.readline()
        length = 0
        while (line := await self.reader.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        data = await self.reader.readexactly(length)
        if b" 200 " not in status:
            raise RuntimeError(data.decode())
        reply: dict[str, object] = json.loads(data)
        return reply


async def start(port: int, deadline: float) -> float:
    """Return the seconds until the first answer."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < deadline:
        try:
            client = Client(port)
            await client.connect()
            await client.turn("hello", "first")
            return time.perf_counter() - begun
        except OSError:
            await asyncio.sleep(0.01)
    raise TimeoutError("the server did not answer")


async def load(port: int, clients: int, seconds: float) -> tuple[list[float], float]:
    """Return latencies in milliseconds and turns per second of so many clients."""
    texts = questions(2000)
    latencies: list[float] = []
    end = time.perf_counter() + seconds

    async def one(number: int) -> None:
        client = Client(port)
        await client.connect()
        turn = number
        while time.perf_counter() < end:
            begun = time.perf_counter()
            await client.turn(texts[turn % len(texts)], f"user{number}")
            latencies.append((time.perf_counter() - begun) * 1000)
            turn += clients

    begun = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(clients)))
    return latencies, len(latencies) / (time.perf_counter() - begun)


async def say(socket: ClientConnection, id: str, text: str) -> tuple[float, float]:
    """Run one turn over a WebSocket; return its milliseconds, and those that the mind took of them."""
    begun, mind = time.perf_counter(), 0.0
    await socket.send(json.dumps({"type": "message", "id": id, "text": text, "speak": False}))
    waited = 0.0
    while True:
        frame = json.loads(await socket.recv())
        if frame.get("id") != id:
            continue
        if frame["type"] == "error":
            raise RuntimeError(frame)
        if frame["type"] == "reply":
            waited = (time.perf_counter() - begun) * 1000
            mind = frame["reply"]["milliseconds"]["total"]
        if frame["type"] == "done":
            await socket.send(json.dumps({"type": "got", "id": id}))
            return waited, mind


async def sockets(port: int, count: int, talking: int, every: float, seconds: float) -> dict[str, object]:
    """Open so many WebSockets; some talk, each at times of its own; and one alone before that."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    texts, chance = questions(2000), random.Random(0)
    url = f"ws://127.0.0.1:{port}/ws"
    times: list[float] = []
    async with connect(url) as socket:
        alone = [await say(socket, f"a{n}", texts[n]) for n in range(300)][20:]
    opened = [await connect(url, ping_interval=None) for _ in range(count)]
    end = time.perf_counter() + seconds

    async def talk(socket: ClientConnection, number: int) -> None:
        await asyncio.sleep(chance.uniform(0, every))
        turn = 0
        while time.perf_counter() < end:
            begun = time.perf_counter()
            times.append((await say(socket, f"{number}-{turn}", texts[chance.randrange(len(texts))]))[0])
            turn += 1
            await asyncio.sleep(max(0.0, chance.uniform(0.5, 1.5) * every - (time.perf_counter() - begun)))

    await asyncio.gather(*(talk(socket, n) for n, socket in enumerate(opened[:talking])))
    await asyncio.gather(*(socket.close() for socket in opened))
    one, many = quantiles([waited for waited, _ in alone]), quantiles(times)
    return {
        "open": count,
        "talking": talking,
        "turns_per_second": round(len(times) / seconds, 1),
        "one_client_ms": one,
        "ms": many,
        "p99_over_one_client_p50": round(many["p99"] / one["p50"], 2),
        "overhead_ms": quantiles([waited - mind for waited, mind in alone]),
    }


def bare(seconds: float) -> float:
    """Return the texts per second of the persona's encoders for English alone, in batches of 32."""
    names = read_manifest(find_artifact(ROOT / "personas" / "bank_service", None))["models"]
    encoders = [load_text_encoder(name, threads=os.cpu_count() or 1) for name in names]
    encoders = [encoder for encoder in encoders if encoder.languages is None or "en" in encoder.languages]
    texts = questions(2000)

    def encode(at: int) -> None:
        for encoder in encoders:
            encoder.encode(texts[at : at + CLIENTS])

    for start in range(0, 320, CLIENTS):
        encode(start)
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        encode(done % 1984)
        done += CLIENTS
    return done / (time.perf_counter() - begun)


def memory(process: psutil.Process, port: int, turns: int) -> list[dict[str, object]]:
    """Return the memory after each tenth of so many turns of 32 clients."""
    found: list[dict[str, object]] = []
    done = 0
    while done < turns:
        part = client_process(port, CLIENTS, max(1.0, turns / 10 / 150))
        done += int(str(part["turns"]))
        found.append({"turns": done, "mb": round(process.memory_info().rss / 2**20)})
    return found


def client_process(port: int, clients: int, seconds: float) -> dict[str, object]:
    """Run `load` in a process of its own."""
    return _process("--client", str(port), str(clients), str(seconds))


def _process(*arguments: str) -> dict[str, object]:
    command = [sys.executable, __file__, *arguments]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result: dict[str, object] = json.loads(out)
    return result


def main(given: argparse.Namespace) -> None:
    """Run the benchmark."""
    seconds = given.seconds
    artifact = find_artifact(ROOT / "personas" / "bank_service", None)
    starts, memory_first, memory_after = [], 0.0, 0.0
    results: dict[str, object] = {}
    folder = tempfile.mkdtemp(prefix="personac-bench-")
    for round_number in range(5):
        port = 18700 + round_number
        command = [sys.executable, "-m", "personac", "serve", str(artifact), "--port", str(port), "--lazy"]
        command += ["--store", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            starts.append(asyncio.run(start(port, 60)))
            process = psutil.Process(server.pid)
            memory_first = max(memory_first, process.memory_info().rss / 2**20)
            if round_number == 4:
                client_process(port, 4, 3)
                results["one_client"] = client_process(port, 1, seconds)
                halves, rates = [], []
                for _ in range(2):
                    halves.append(client_process(port, CLIENTS, seconds / 2))
                    rates.append(float(str(_process("--bare", str(seconds / 2))["texts_per_second"])))
                served = sum(float(str(half["turns_per_second"])) for half in halves) / 2
                results["clients_32"] = {**halves[-1], "turns_per_second": round(served, 1)}
                results["bare_encoders_texts_per_second"] = round(sum(rates) / 2, 1)
                results["share_of_bare_encoders"] = round(served / (sum(rates) / 2), 3)
                memory_after = process.memory_info().rss / 2**20
                options = (given.sockets, given.talking, given.every, seconds)
                results["sockets"] = _process("--talk", str(port), *map(str, options))
                results["memory"] = memory(process, port, given.turns)
        finally:
            server.terminate()
            server.wait(20)
    shutil.rmtree(folder)
    show(
        "serve_load",
        {
            "first_answer_s": sorted(round(value, 2) for value in starts),
            "memory_first_answer_mb": round(memory_first),
            "memory_after_load_mb": round(memory_after),
            **results,
        },
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        json.dump({"texts_per_second": bare(float(sys.argv[2]))}, sys.stdout)
    elif sys.argv[1:2] == ["--talk"]:
        port, count, talking = map(int, sys.argv[2:5])
        json.dump(asyncio.run(sockets(port, count, talking, float(sys.argv[5]), float(sys.argv[6]))), sys.stdout)
    elif sys.argv[1:2] == ["--client"]:
        latencies, rate = asyncio.run(load(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
        json.dump({"turns": len(latencies), "ms": quantiles(latencies), "turns_per_second": round(rate, 1)}, sys.stdout)
    else:
        parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
        parser.add_argument("--seconds", type=float, default=15.0)
        parser.add_argument("--sockets", type=int, default=2000)
        parser.add_argument("--talking", type=int, default=200)
        parser.add_argument("--every", type=float, default=5.0)
        parser.add_argument("--turns", type=int, default=100_000)
        main(parser.parse_args())
