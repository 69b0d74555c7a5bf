"""Measure delivery: whether any message is lost, doubled or out of order, and how fast one is acknowledged.

    ../.venv/bin/python delivery.py faults [--messages 10000] [--kills 20] [--seed 0]
    ../.venv/bin/python delivery.py ack [--rate 50] [--seconds 30]

`faults` is the run of tests/core/delivery/fault_run.py, which the tests make in short: messages over the web, Slack
and Telegram, each library the real one, to a server that is ended by SIGKILL and started again; the platforms on
loopback fail 10 % of their calls (before or after they did as asked) or answer them with 429, deliver 10 % of the
messages twice, and browsers hang up on 10 % of their requests. The bot counts the turns of a conversation, so a turn
that was lost or ran twice shows in the answers that follow. The exit status is 1 when anything is wrong.
`ack` delivers single signed events of Slack's at a steady rate and times each HTTP answer: each is on the disk by then.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from typing import Any

from common import ROOT, quantiles

sys.path.append(str(ROOT))
from tests.connectors.slack.fake import headers_for
from tests.core.delivery.fault_run import fault_run, rig


async def ack(rate: float, seconds: float) -> dict[str, Any]:
    """Return the times of the acknowledgements in milliseconds."""
    times: list[float] = []
    async with rig(faults=0.0, seed=0) as run:
        await run.server.serving()

        async def one(n: int) -> None:
            event = run.slack.says(f"U{n % 40}", f"D{n % 40}", f"message {n}")
            body = json.dumps(run.slack.wrap(event)).encode()
            begun = time.perf_counter()
            address = f"{run.server.base}/p/count/slack/events"
            response = await run.client.post(address, content=body, headers=headers_for(body))
            response.raise_for_status()
            times.append((time.perf_counter() - begun) * 1000)

        tasks = []
        begun = time.perf_counter()
        for n in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + n / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(one(n)))
        await asyncio.gather(*tasks)
        measures = (await run.client.get(f"{run.server.base}/metrics")).text
    return {"events": len(times), "rate": rate, "ms": quantiles(times), "take_mean_ms": _mean(measures)}


def _mean(measures: str) -> float:
    wanted = [line for line in measures.splitlines() if line.startswith("personac_take_seconds") and "slack" in line]
    values = {line.split("{")[0]: float(line.rsplit(" ", 1)[1]) for line in wanted}
    return round(1000 * values["personac_take_seconds_sum"] / values["personac_take_seconds_count"], 3)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=["faults", "ack"])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    if given.what == "ack":
        print(json.dumps(asyncio.run(ack(given.rate, given.seconds)), indent=1))
        return
    result = asyncio.run(fault_run(given.messages, given.kills, each=50, seed=given.seed, pause=4.0))
    print(json.dumps(result, indent=1))
    wrong = ("lost", "doubled", "out_of_order", "turns_run_twice")
    sys.exit(any(result[name][key] for name in ("slack", "telegram", "web") for key in wrong))


if __name__ == "__main__":
    main()
