"""A text turn beside the bare encoder and FAISS, in one process and one run.

python benchmarks/text_turn.py [TURNS]
"""

from __future__ import annotations

import gc
import sys
import time

import numpy as np
from common import ROOT, quantiles, questions, show
from personac.core.cli.building import find_artifact, open_persona
from personac.core.message import Message


async def run(turns: int) -> dict[str, object]:
    """Alternate bare and whole turns over the same questions."""
    import faiss

    artifact = find_artifact(ROOT / "personas" / "bank_service", None)
    runtime = open_persona(artifact, None)
    encoders = runtime.parts.encoders
    index = faiss.read_index(str(next((artifact / "index").glob("*.faiss"))))
    gc.collect()
    gc.freeze()  # as `personac serve` does
    bare: list[float] = []
    whole: list[float] = []
    stages: dict[str, list[float]] = {}
    for number, text in enumerate([*questions(50), *questions(turns)]):
        start = time.perf_counter()
        vectors = encoders.encode_now([(text, "en")])[0]
        index.search(next(iter(vectors.values()))[None], 20)
        middle = time.perf_counter()
        events = [event async for event in runtime.answer(Message(text, conversation=f"c{number % 20}"))]
        end = time.perf_counter()
        if number >= 50:
            bare.append((middle - start) * 1000)
            whole.append((end - middle) * 1000)
            for stage, ms in events[-1].milliseconds.items():  # type: ignore[union-attr]
                stages.setdefault(stage, []).append(ms)
    runtime.close()
    pairs = np.array(whole) / np.array(bare)
    return {
        "turns": turns,
        "bare_ms": quantiles(bare),
        "turn_ms": quantiles(whole),
        "p50_ratio": round(float(np.median(whole) / np.median(bare)), 3),
        "median_of_pairwise_ratios": round(float(np.median(pairs)), 3),
        "p99_over_p50": round(float(np.percentile(whole, 99) / np.median(whole)), 2),
        "stage_p50_ms": {stage: round(float(np.median(values)), 3) for stage, values in stages.items()},
    }


if __name__ == "__main__":
    import uvloop  # the loop that `personac serve` runs on

    show("text_turn", uvloop.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)))
