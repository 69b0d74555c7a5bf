"""What the benchmarks share: the machine, quantiles, and a persona compiled for them."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")

import numpy as np

ROOT = Path(__file__).parents[1]
SEED = 20_26


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    cpu = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "onnxruntime": version("onnxruntime"),
        "faiss": version("faiss-cpu"),
        "load": [round(x, 1) for x in os.getloadavg()],
        "seed": SEED,
    }


def quantiles(milliseconds: Sequence[float]) -> dict[str, float]:
    """Return p50, p95 and p99."""
    values = np.percentile(np.asarray(milliseconds), [50, 95, 99])
    return {name: round(float(value), 2) for name, value in zip(("p50", "p95", "p99"), values)}


def questions(count: int) -> list[str]:
    """Return bank customers' questions: the sample persona's own examples, in a fixed random order."""
    from personac.core.persona.check import load

    persona = load(ROOT / "personas" / "bank_service").persona
    assert persona is not None
    texts = [e.text for i in persona.intents if not isinstance(i.examples, str) for e in i.examples if e.text]
    order = np.random.default_rng(SEED).integers(0, len(texts), count)
    return [texts[i] for i in order]


def show(name: str, results: dict[str, Any]) -> None:
    """Print the results as JSON."""
    json.dump({"benchmark": name, "machine": machine(), **results}, sys.stdout, indent=1, ensure_ascii=False)
    print()
