"""What a Rasa action costs as a skill, over the same call made by hand, in each way that actions can run.

    python benchmarks/rasa_actions.py PYTHON [--calls 500] [--rounds 5]

PYTHON is an interpreter with rasa-sdk (`python -m venv V && V/bin/pip install rasa-sdk==3.21.1`). The action sets a
slot and says a sentence. By hand: the last call that the skill made, posted again with httpx to the same server. In
turn, in each round. In this process, rasa-sdk's packages are imported behind those that are installed here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from common import quantiles, show
from personac.core.testing.skills import SkillClient
from personac.plugins.rasa import Rasa

ACTION = """
from rasa_sdk import Action
from rasa_sdk.events import SlotSet

class Greet(Action):
    def name(self):
        return "action_greet"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="Welcome!")
        return [SlotSet("greeted", True)]
"""


async def timed(call: Callable[[], Awaitable[Any]], times: int) -> list[float]:
    """Return milliseconds for each of some calls."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        await call()
        found.append((time.perf_counter() - started) * 1000)
    return found


async def measure(python: str, calls: int, rounds: int) -> dict[str, Any]:
    """Return medians by way."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "greeting.py").write_text(ACTION, "utf-8")
        domain = {"slots": {"greeted": {"type": "bool"}}}
        settings: dict[str, Any] = {"actions": "greeting", "path": folder, "domain": domain}
        sys.path.append(str(next((Path(python).parents[1] / "lib").glob("python3*")) / "site-packages"))
        async with SkillClient(Rasa, **settings, python=python) as child, SkillClient(Rasa, **settings) as here:
            webhook = child.plugin._server._webhook
            sent: list[dict[str, Any]] = []
            run = webhook.run
            webhook.run = lambda call: (sent.append(call), run(call))[1]
            for client in (child, here):
                for _ in range(50):  # a conversation of some length
                    await client.call("action_greet", "Good evening")
            webhook.run = run
            body = json.dumps(sent[-1]).encode()
            ways: dict[str, list[float]] = {"by hand": [], "child": [], "in this process": []}
            async with httpx.AsyncClient() as http:
                for _ in range(rounds):
                    ways["by hand"] += await timed(lambda: http.post(webhook._url, content=body), calls)
                    ways["child"] += await timed(lambda: child.call("action_greet", "Good evening"), calls)
                    ways["in this process"] += await timed(lambda: here.call("action_greet", "Good evening"), calls)
            return {"body_bytes": len(body), "milliseconds": {way: quantiles(ms) for way, ms in ways.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python")
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    show("rasa_actions", asyncio.run(measure(args.python, args.calls, args.rounds)))


if __name__ == "__main__":
    main()
