"""Compiling tour_guide: from nothing (an empty cache), with the encoders already exported, and unchanged.

python benchmarks/compile_time.py
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, show


def compile_once(persona: Path, cache: Path) -> tuple[float, float]:
    """Return seconds and peak megabytes of one compile, as a process of its own."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "personac", "compile", str(persona), "-q"],
        env={**os.environ, "PERSONAC_CACHE": str(cache)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    seconds = time.perf_counter() - begun
    return round(seconds, 2), round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


def main() -> None:
    """Run the benchmark."""
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        persona, cache = Path(folder) / "tour_guide", Path(folder) / "cache"
        shutil.copytree(ROOT / "personas" / "tour_guide", persona, ignore=shutil.ignore_patterns("build"))
        nothing = compile_once(persona, cache)
        results["from_nothing_s"], results["peak_mb"] = nothing
        results["unchanged_s"] = sorted(compile_once(persona, cache)[0] for _ in range(5))
        shutil.rmtree(persona / "build")
        shutil.rmtree(cache / "vectors")
        results["encoders_exported_s"] = compile_once(persona, cache)[0]
    show("compile_time", results)


if __name__ == "__main__":
    main()
