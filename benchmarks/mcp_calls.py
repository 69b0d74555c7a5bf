"""What a tool of an MCP server costs as a skill: a call over the same call by the SDK's own client, and the start.

    python benchmarks/mcp_calls.py [--calls 500] [--rounds 5]

The server is the SDK's, with one tool that does nothing, over its input and output. Rounds alternate between the two
clients, which talk to a process of the server each. The start is a persona's with five such servers, side by side.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.server import MCPServer
from mcp_types import ToolAnnotations
from personac.plugins.mcp import Mcp
from personac.testing import SkillClient


def serve() -> None:
    """Be the server."""
    server = MCPServer("bench")

    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    def greet(name: str) -> str:
        return f"hello {name}"

    server.run("stdio")


async def timed(call: Callable[[], Awaitable[Any]], count: int) -> list[float]:
    """Return how long each of some calls took, in milliseconds."""
    found = []
    for _ in range(count):
        start = time.perf_counter()
        await call()
        found.append((time.perf_counter() - start) * 1000)
    return found


def settings() -> dict[str, Any]:
    """Return how a persona names the server."""
    return {"command": sys.executable, "args": [__file__, "--serve"], "allow": ["greet"], "start_seconds": 60}


async def compare(calls: int, rounds: int) -> None:
    """Print both clients' calls."""
    own, bare = list[float](), list[float]()
    parameters = StdioServerParameters(command=sys.executable, args=[__file__, "--serve"])
    async with Client(parameters) as client, SkillClient(Mcp, servers={"bench": settings()}) as skills:
        await timed(lambda: skills.call("bench_greet", name="Ann"), 20)
        await timed(lambda: client.call_tool("greet", {"name": "Ann"}), 20)
        for _ in range(rounds):
            bare += await timed(lambda: client.call_tool("greet", {"name": "Ann"}), calls)
            own += await timed(lambda: skills.call("bench_greet", name="Ann"), calls)
    for name, times in (("the SDK's client", bare), ("as a skill", own)):
        p99 = statistics.quantiles(times, n=100)[98]
        print(f"{name}: p50 {statistics.median(times):.2f} ms, p99 {p99:.2f} ms, {len(times)} calls")


async def start(servers: int) -> float:
    """Return the seconds until a plugin with some servers is made."""
    begun = time.perf_counter()
    async with SkillClient(Mcp, servers={f"bench{number}": settings() for number in range(servers)}):
        return time.perf_counter() - begun


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", action="store_true")
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    asyncio.run(compare(options.calls, options.rounds))
    for servers in (1, 5):
        times = [asyncio.run(start(servers)) for _ in range(3)]
        print(f"made with {servers} servers: {statistics.median(times):.2f} s (median of 3)")


if __name__ == "__main__":
    main()
