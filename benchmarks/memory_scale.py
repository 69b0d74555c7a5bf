"""The memory from a thousand to a million passages: its index beside bare FAISS with the same one, in the same run.

python benchmarks/memory_scale.py [--texts FILE]... [--sizes 1000,10000,100000,1000000] [--plot memory_scale.svg]

The vectors are made as the product makes them, and then extended, as encoding a million sentences takes hours here:
real sentences are encoded with all-MiniLM-L6-v2; a mixture of Gaussians (one for each cluster of sentences, of low rank
with a remainder in all directions) is fitted on them, and drawn from. The questions are real sentences that the mixture
has not seen. FILEs have the sentences, CSV with a column `text`, JSON lines with a key `text`, or one a line; without
any they are those of the sample personas.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import psutil
from common import ROOT, SEED, quantiles, show
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
NAME = "all-MiniLM-L6-v2"
ASKED = 1000
PER_CLUSTER, RANK = 28, 16
NEAREST = 10


def sentences(files: list[Path]) -> list[str]:
    """Return the different sentences of files, or of the sample personas."""
    found: list[str] = []
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            if file.suffix == ".csv":
                csv.field_size_limit(10**9)
                found += [row["text"] for row in csv.DictReader(lines)]
            elif file.suffix == ".jsonl":
                found += [json.loads(line)["text"] for line in lines]
            else:
                found += [line.strip() for line in lines]
    if not files:
        from personac.core.persona.check import load
        from personac.core.persona.sources.knowledge import read_knowledge

        for folder in sorted((ROOT / "personas").iterdir()):
            persona = load(folder).persona
            assert persona is not None
            found += [e.text for i in persona.intents if not isinstance(i.examples, str) for e in i.examples if e.text]
            for passage in read_knowledge(persona, folder).passages:
                found += [passage.title, *passage.text.replace("? ", ". ").split(". ")]
    return [text for text in dict.fromkeys(found) if text and len(text.split()) > 1]


def encode(texts: list[str]) -> Matrix:
    """Return the vectors of texts, from the cache where they are known."""
    from personac.core.compile.vectors import TextVectors

    vectors = TextVectors()
    vectors._add(NAME)
    return vectors.of(vectors.encoders[0], texts, "encode", lambda *_: None)


def draw(seen: Matrix, count: int) -> Matrix:
    """Fit the mixture on vectors and draw from it: [count, d], of length one."""
    clusters = max(1, len(seen) // PER_CLUSTER)
    means = faiss.Kmeans(seen.shape[1], clusters, niter=12, seed=SEED, spherical=True, min_points_per_centroid=1)
    means.train(seen)
    of = means.index.search(seen, 1)[1][:, 0]
    random = np.random.default_rng(SEED)
    share = np.bincount(of, minlength=clusters) / len(seen)
    drawn = np.empty((count, seen.shape[1]), np.float32)
    at = 0
    for cluster, wanted in enumerate(random.multinomial(count, share)):
        members = seen[of == cluster]
        if not wanted:
            continue
        mean = members.mean(0)
        _, spread, axes = np.linalg.svd(members - mean, full_matrices=False)  # [k], [k, d]
        spread = spread / np.sqrt(max(1, len(members) - 1))
        rest = np.sqrt(np.square(spread[RANK:]).sum() / seen.shape[1])
        part = random.standard_normal((wanted, len(spread[:RANK])), np.float32) @ (axes[:RANK] * spread[:RANK, None])
        part += rest * random.standard_normal((wanted, seen.shape[1]), np.float32)
        drawn[at : at + wanted] = mean + part
        at += wanted
    random.shuffle(drawn)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


def neighbours(vectors: Matrix, asked: Matrix) -> dict[str, float]:
    """Return how near the nearest are, and the local intrinsic dimension (Levina and Bickel, 2004; 20 neighbours)."""
    exact = faiss.IndexFlatIP(vectors.shape[1])
    exact.add(vectors)
    scores, _ = exact.search(asked, 20)
    far = np.sqrt(np.maximum(2 - 2 * scores, 1e-9))
    dimension = -1 / np.minimum(np.log(far[:, :-1] / far[:, -1:]).mean(1), -1e-6)
    named = {"first": float(np.median(scores[:, 0])), "tenth": float(np.median(scores[:, 9]))}
    return {name: round(value, 3) for name, value in (*named.items(), ("dimension", float(np.median(dimension))))}


def build(folder: Path, vectors: Matrix, asked: Matrix) -> dict[str, Any]:
    """Write an index, as the compiler does, and what an exact search finds."""
    from personac.core.mind.memory.indexing import write_index

    start = time.perf_counter()
    facts = write_index(folder, "memory", vectors, range(len(vectors)), "benchmark")
    seconds = time.perf_counter() - start
    exact = faiss.IndexFlatIP(vectors.shape[1])
    exact.add(vectors)
    np.save(folder / "exact.npy", exact.search(asked, NEAREST)[1])
    np.save(folder / "asked.npy", asked)
    size = sum((folder / name).stat().st_size for name in facts.files)
    return {
        "rows": facts.rows, "kind": facts.kind, "nprobe": facts.breadth,
        "build_s": round(seconds, 2), "file_mb": round(size / 1e6, 1), "recall_at_build": facts.recall,
    }  # fmt: skip


def measure(folder: Path) -> dict[str, Any]:
    """Measure one index in a process of its own: loading, resident memory, and every question to both in turn."""
    from personac.core.mind.memory.index import MAPPED, Index

    process = psutil.Process()
    asked, exact = np.load(folder / "asked.npy"), np.load(folder / "exact.npy")
    for file in folder.glob("memory.*"):  # the disk's cache forgets it, where it can
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    gc.collect()
    before = process.memory_full_info()
    loads = []
    for _ in range(2):
        start = time.perf_counter()
        index = Index.open(folder, "memory", "benchmark")
        loads.append(time.perf_counter() - start)
        if len(loads) == 1:
            loaded = process.memory_full_info()
            for question in asked:  # all parts that questions touch are in memory then
                index.search(question[None], NEAREST)
            after = process.memory_full_info()
    bare = faiss.read_index(str(folder / "memory.faiss"), MAPPED)
    faiss.omp_set_num_threads(1)
    ours_ms: list[float] = []
    bare_ms: list[float] = []
    found = np.empty_like(exact)
    for number, question in enumerate(asked):
        query = question[None]
        for mine in (True, False) if number % 2 else (False, True):
            start = time.perf_counter()
            if mine:
                found[number] = index.search(query, NEAREST)[1][0]
            else:
                bare.search(query, NEAREST)
            (ours_ms if mine else bare_ms).append((time.perf_counter() - start) * 1000)
    recall = np.mean([len(set(a) & set(b)) / NEAREST for a, b in zip(found.tolist(), exact.tolist())])
    mega = 1e6
    return {
        "recall@10": round(float(recall), 4),
        "ms": quantiles(ours_ms),
        "bare_ms": quantiles(bare_ms),
        "p50_ratio": round(float(np.median(ours_ms) / np.median(bare_ms)), 3),
        "p99_ratio": round(float(np.percentile(ours_ms, 99) / np.percentile(bare_ms, 99)), 3),
        "load_s": round(loads[0], 4),
        "load_again_s": round(loads[1], 4),
        "loaded_mb": round((loaded.rss - before.rss) / mega, 1),
        "resident_mb": round((after.rss - before.rss) / mega, 1),
        "private_mb": round((after.uss - before.uss) / mega, 1),
    }


def run(files: list[Path], sizes: list[int], folder: Path) -> dict[str, Any]:
    """Return the figures of all sizes."""
    texts = sentences(files)
    vectors = encode(texts)
    order = np.random.default_rng(SEED).permutation(len(vectors))
    held = min(ASKED, len(order) // 5)
    asked, seen = vectors[order[:held]], vectors[order[held:]]
    drawn = draw(seen, max(sizes))
    some = min(len(seen), len(drawn))
    likeness = {"real": neighbours(seen[:some], asked), "drawn": neighbours(drawn[:some], asked)}
    figures = []
    for size in sizes:
        place = folder / str(size)
        place.mkdir()
        figures.append(build(place, drawn[:size], asked))
        command = [sys.executable, __file__, "--measure", str(place)]
        figures[-1] |= json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(json.dumps(figures[-1]), file=sys.stderr, flush=True)
    return {"sentences": len(texts), "questions": held, "likeness": likeness, "sizes": figures}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, action="append", default=[])
    parser.add_argument("--sizes", default="1000,3000,10000,30000,100000,300000,1000000")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        json.dump(measure(given.measure), sys.stdout)
    else:
        with tempfile.TemporaryDirectory(prefix="personac-") as made:
            results = run(given.texts, [int(size) for size in given.sizes.split(",")], Path(made))
        if given.plot:
            from memory_scale_plot import plot

            plot(results["sizes"], given.plot)
        show("memory_scale", results)
