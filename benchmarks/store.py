"""Measure what sealing costs: messages taken, answered and closed, and turns read, with the seals and without them.

    ../.venv/bin/python store.py [--messages 5000] [--users 500]

Both halves run in the same process over the same tables, alternating, 32 messages at a time as the server's writer gets
them; "without" writes the JSON as it is. Each figure is the median of five rounds. Processor time is of the whole
process, and tells more than the clock, which mostly waits for the disk. An erasure is timed with the store filled.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from common import show
from personac.core.message import Answer, Incoming, Message, Reply, Source
from personac.core.store.seals import Seals
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState

ROUNDS, TOGETHER = 5, 32
SAID = "How much is a ticket for the Forbidden City in July, and do I have to book it in advance? 要提前预约吗？"
ANSWER = Answer(
    Reply(
        "A ticket costs 60 yuan from April to October. " * 6,
        "en",
        sources=(Source("1", "sights.yaml:31", "x" * 400, 0.7),),
    )
)


class _Plain(Seals):
    """Write values as they are."""

    def seal(self, database: sqlite3.Connection, user: str, where: str, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False).encode()

    def open(self, database: sqlite3.Connection, user: str, where: str, sealed: bytes) -> Any:
        return json.loads(sealed)


def round_of(store: SQLiteStore, messages: int, users: int, begun: int) -> dict[str, float]:
    """Return microseconds a message, of processor time and by the clock, to write and to read."""
    deliveries = store.deliveries()
    clock, processor = time.perf_counter(), time.process_time()
    for start in range(begun, begun + messages, TOGETHER):
        batch = []
        for number in range(start, start + TOGETHER):
            user = f"web:{number % users}"
            batch.append(
                (user, deliveries.take(Incoming("web", f"{user}/{number}", user, user, {"text": SAID}), own=True))
            )
        written = []
        for user, taken in batch:
            row = taken.result()
            assert row is not None
            with store.holding() as held:
                message = Message(SAID, (), user, user, "web")
                store.record(
                    message, SAID, ANSWER.reply.text, "en", DialogueState("price", None, {"sight": "x"}), keep=True
                )
            written.append((row, deliveries.answered(row, ANSWER, {}, held)))
        for row, done in written:
            done.result()
            last = deliveries.sent(row, {})
        last.result()
    wrote = time.process_time() - processor, time.perf_counter() - clock
    deliveries.close()
    processor = time.process_time()
    for number in range(messages):
        user = f"web:{number % users}"
        store.dialogue(user)
        store.history(user, 3)
    read = time.process_time() - processor
    return {
        "write_cpu_us": wrote[0] / messages * 1e6,
        "write_clock_us": wrote[1] / messages * 1e6,
        "read_cpu_us": read / messages * 1e6,
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--users", type=int, default=500)
    given = parser.parse_args()
    messages = given.messages // TOGETHER * TOGETHER
    with tempfile.TemporaryDirectory(prefix="personac-") as name:
        stores = {kind: SQLiteStore(Path(name) / kind / "a.sqlite") for kind in ("sealed", "plain")}
        stores["plain"]._seals = _Plain(stores["plain"]._seals.keyring, "plain")
        rounds: dict[str, list[dict[str, float]]] = {kind: [] for kind in stores}
        for number in range(ROUNDS):
            for kind, store in stores.items():
                rounds[kind].append(round_of(store, messages, given.users, number * messages))
        figures = {
            kind: {key: round(statistics.median(one[key] for one in many), 1) for key in many[0]}
            for kind, many in rounds.items()
        }
        erasures = []
        for number in range(50):
            begun = time.perf_counter()
            stores["sealed"].erase(f"web:{number}")
            erasures.append((time.perf_counter() - begun) * 1000)
        for store in stores.values():
            store.close()
        show(
            "store",
            {
                "messages": messages,
                "rounds": ROUNDS,
                **figures,
                "erasure_ms_median": round(statistics.median(erasures), 1),
            },
        )


if __name__ == "__main__":
    main()
