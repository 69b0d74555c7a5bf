"""`personac serve` with bank_service: start, memory, latency of one client, throughput of 32.

python benchmarks/serve_load.py [SECONDS]. The clients run in a process of their own.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time

import psutil
from common import ROOT, quantiles, questions, show
from personac.core.cli.building import find_artifact

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


def client_process(port: int, clients: int, seconds: float) -> dict[str, object]:
    """Run `load` in a process of its own."""
    command = [sys.executable, __file__, "--client", str(port), str(clients), str(seconds)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result: dict[str, object] = json.loads(out)
    return result


def main(seconds: float) -> None:
    """Run the benchmark."""
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
                results["clients_32"] = client_process(port, CLIENTS, seconds)
                memory_after = process.memory_info().rss / 2**20
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
    if sys.argv[1:2] == ["--client"]:
        latencies, rate = asyncio.run(load(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
        json.dump({"turns": len(latencies), "ms": quantiles(latencies), "turns_per_second": round(rate, 1)}, sys.stdout)
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 15.0)
