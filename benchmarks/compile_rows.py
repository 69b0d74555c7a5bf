"""Compiling ten thousand questions and answers: from nothing, beside the bare encoders, and with one line changed.

python benchmarks/compile_rows.py --rows FILE [--languages en,zh] [--answers N]
FILE is a csv with the columns text,label or question,answer, or JSON lines with question and answer.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import SEED, show

BARE = """
import json, sys, time
from personac.core.models.text import load_text_encoder
texts = json.load(open(sys.argv[1]))
for name in sys.argv[2].split(","):
    encoder = load_text_encoder(name)
    encoder.warm_up()
    begun = time.perf_counter()
    encoder.encode(texts)
    print(time.perf_counter() - begun)
"""


def read(path: Path, count: int) -> list[tuple[str, str]]:
    """Return questions and answers; a label becomes an answer that names it."""
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        pairs = [(row["question"], row["answer"]) for row in rows]
    else:
        table = list(csv.DictReader(path.open(encoding="utf-8")))
        pairs = [
            (row["text"], f"Please see the page about {row['label'].replace('_', ' ')}, part {i % 9 + 1}.")
            if "text" in row
            else (row["question"], row["answer"])
            for i, row in enumerate(table)
        ]
    return pairs[:count]


def write(folder: Path, pairs: list[tuple[str, str]], languages: str) -> None:
    """Write a persona that knows the pairs."""
    folder.mkdir(parents=True, exist_ok=True)
    source = f"personac: 1\nname: Rows\nlanguages: [{languages}]\nknowledge: [{{path: faq.csv}}]\n"
    (folder / "persona.yaml").write_text(source, "utf-8")
    with (folder / "faq.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("question", "answer"), *pairs])


def compile_once(persona: Path, cache: Path) -> dict[str, Any]:
    """Return seconds, peak megabytes and the passes of one compile, as a process of its own."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "personac", "compile", str(persona), "-q", "--json"],
        env={**os.environ, "PERSONAC_CACHE": str(cache)},
        check=True,
        stdout=subprocess.PIPE,
    )
    seconds = time.perf_counter() - begun
    ran = [run["name"] for run in json.loads(done.stdout)["passes"] if run["ran"]]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"s": round(seconds, 2), "ran": ran, "peak_mb": round(peak)}


def bare(pairs: list[tuple[str, str]], languages: str, folder: Path, cache: Path) -> float:
    """Return the seconds that the encoders alone need for the texts that a compile encodes, loading left out."""
    texts = list(dict.fromkeys(text for q, a in pairs for text in (f"{q}. {a}", q)))
    (folder / "texts.json").write_text(json.dumps(texts), "utf-8")
    names = "all-MiniLM-L6-v2" if languages == "en" else "use-multilingual,all-MiniLM-L6-v2"
    done = subprocess.run(
        [sys.executable, "-c", BARE, str(folder / "texts.json"), names],
        env={**os.environ, "PERSONAC_CACHE": str(cache)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return round(sum(map(float, done.stdout.split())), 2)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--languages", default="en")
    parser.add_argument("--answers", type=int, help="cut answers to so many characters")
    options = parser.parse_args()
    pairs = [(q, a[: options.answers]) for q, a in read(options.rows, options.count)]
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name), Path(name) / "cache"
        persona = folder / "rows"
        write(persona, pairs, options.languages)
        results: dict[str, Any] = {"rows": len(pairs), "file": options.rows.name, "languages": options.languages}
        results["from_nothing"] = compile_once(persona, cache)
        shutil.rmtree(persona / "build")
        shutil.rmtree(cache / "vectors")
        shutil.rmtree(cache / "passes")
        results["bare_encoders_s"] = bare(pairs, options.languages, folder, cache)
        results["encoders_exported"] = compile_once(persona, cache)
        results["of_bare_throughput"] = round(results["bare_encoders_s"] / results["encoders_exported"]["s"], 3)
        results["one_line_changed"] = []
        for step in range(7):
            place = (SEED + step * len(pairs) // 7) % len(pairs)
            question, answer = pairs[place]
            pairs[place] = (question, f"{answer} Revised, edition {step + 2}.")
            write(persona, pairs, options.languages)
            results["one_line_changed"].append(compile_once(persona, cache))
        results["unchanged"] = [compile_once(persona, cache)["s"] for _ in range(3)]
    show("compile_rows", results)


if __name__ == "__main__":
    main()
