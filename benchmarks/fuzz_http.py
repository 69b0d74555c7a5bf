"""Throw 100,000 broken HTTP requests at a server with all connectors: no 500, nothing of its inside in an answer.

    ../.venv/bin/python fuzz_http.py [--requests 100000] [--seed 0]

Requests are those of tests/core/delivery/http_fuzz.py, of which the tests make some thousands. The exit status is 1
when one is answered 500, or shows a trace, a path, a secret or an error of the code.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from typing import Any

from common import ROOT

sys.path.append(str(ROOT))
from tests.core.delivery.http_fuzz import fuzzed


async def run(count: int, seed: int) -> dict[str, Any]:
    """Return what the requests were answered."""
    async with fuzzed(seed) as fuzzer:
        begun = time.perf_counter()
        await fuzzer.run(count)
        seconds = time.perf_counter() - begun
    return {
        "requests": count,
        "statuses": dict(sorted(fuzzer.statuses.items())),
        "failures": len(fuzzer.failures),
        "first_failures": fuzzer.failures[:10],
        "slowest_s": round(fuzzer.slowest, 2),
        "requests_per_second": round(count / seconds),
    }


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    result = asyncio.run(run(given.requests, given.seed))
    print(json.dumps(result, indent=1))
    sys.exit(bool(result["failures"]))


if __name__ == "__main__":
    main()
