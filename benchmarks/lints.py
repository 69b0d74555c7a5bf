"""The lints of understanding: how many planted faults they find, how much else they flag, and how long they take.

python benchmarks/lints.py --examples FILE... [--shots N] [--intents N] [--seeds N]
    FILE is a csv with the columns text,label; a twentieth of its labels is moved, and one intent in five split in two.
python benchmarks/lints.py --rows FILE [--count N]
    FILE is as for compile_rows.py; the time of each lint on its knowledge, the vectors given.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from common import SEED, show
from compile_rows import read, write
from personac.core.compile.lints import knowledge as knowledge_lints
from personac.core.compile.lints.contradictions import clashes
from personac.core.compile.lints.material import Material
from personac.core.compile.lints.run import encoding, lint_persona
from personac.core.compile.lints.similarity import Sentences
from personac.core.compile.vectors import TextVectors
from personac.core.persona.check import check
from personac.core.persona.checks.examples import same_form


def quiet(*_: object) -> None:
    """Show no progress."""


def drawn(file: Path, intents: int | None, shots: int | None, random: np.random.Generator) -> dict[str, list[str]]:
    """Return examples by intent, drawn from a file, none of them twice."""
    by_label: dict[str, list[str]] = {}
    seen: set[str] = set()
    for row in csv.DictReader(file.open(encoding="utf-8")):
        form = same_form(row["text"])
        if form and form not in seen:
            by_label.setdefault(row.get("label") or row["intent"], []).append(row["text"])
        seen.add(form)
    labels = sorted(by_label)
    chosen = [labels[i] for i in random.permutation(len(labels))[: intents or len(labels)]]
    return {label: [by_label[label][i] for i in random.permutation(len(by_label[label]))[:shots]] for label in chosen}


def persona_of(folder: Path, examples: dict[str, list[str]]) -> Path:
    """Write a persona whose intents have their examples in files."""
    folder.mkdir(parents=True)
    lines = ["personac: 1", "name: Planted", "intents:"]
    for number, (label, texts) in enumerate(examples.items()):
        name = f"{label.replace('?', '')}_{number}"
        lines += [f"  - name: {name}", f"    examples: {name}.csv", "    responses: Yes."]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["text"], *([text] for text in texts)])
    (folder / "persona.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def flagged(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (code, file, words) of what the lints find in examples."""
    loaded = check(folder)
    if loaded.persona is None:
        raise SystemExit("\n".join(f"{d.span} {d.message}" for d in loaded.diagnostics))
    for finding in lint_persona(folder, loaded, quiet):
        path = Path(finding.span.path)
        row = path.read_text("utf-8").splitlines()[finding.span.line - 1] if path.suffix == ".csv" else ""
        yield finding.code, path.stem, next(csv.reader([row]), [""])[0] if row else ""


def planted(file: Path, options: argparse.Namespace, seed: int, folder: Path) -> Counter[str]:
    """Return what was planted and found with one seed: examples in the wrong intent, and intents split in two."""
    random = np.random.default_rng(SEED + seed)
    examples = drawn(file, options.intents, options.shots, random)
    counts: Counter[str] = Counter()
    labels = list(examples)
    where = [(label, text) for label in labels for text in examples[label]]
    moved: set[str] = set()
    mixed = {label: list(texts) for label, texts in examples.items()}
    for index in random.choice(len(where), max(1, len(where) // 20), replace=False).tolist():
        label, text = where[index]
        other = labels[(labels.index(label) + 1 + int(random.integers(len(labels) - 1))) % len(labels)]
        mixed[label].remove(text)
        mixed[other].append(text)
        moved.add(same_form(text))
    found = [same_form(words) for code, _, words in flagged(persona_of(folder / "moved", mixed)) if code == "P0404"]
    hits = len(moved & set(found))
    counts.update(moved=len(moved), flagged=len(found), hits=hits, examples=len(where))
    halves: dict[str, list[str]] = {}
    split = {labels[i] for i in random.choice(len(labels), max(1, len(labels) // 5), replace=False)}
    for label, texts in examples.items():
        middle = len(texts) // 2
        halves |= {f"{label}_a": texts[:middle], f"{label}_b": texts[middle:]} if label in split else {label: texts}
    names = [name for code, name, _ in flagged(persona_of(folder / "split", halves)) if code == "P0401"]
    told = {name.rpartition("_")[0] for name in names}
    counts.update(split=len(split), split_found=sum(f"{label}_b" in told for label in split), overlaps=len(names))
    return counts


def examples_benchmark(options: argparse.Namespace) -> None:
    """Show precision and recall of P0404, and how many split intents P0401 finds, for each file."""
    for file in options.examples:
        total: Counter[str] = Counter()
        for seed in range(options.seeds):
            with tempfile.TemporaryDirectory() as name:
                total += planted(file, options, seed, Path(name))
        show(
            "planted faults",
            {
                "file": f"{file.parent.name}/{file.name}",
                "shots": options.shots,
                "intents": options.intents,
                **total,
                "precision": round(total["hits"] / max(1, total["flagged"]), 3),
                "recall": round(total["hits"] / total["moved"], 3),
            },
        )


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return a result and the seconds of CPU that it took, all threads together."""
    begun = time.process_time()
    result = call()
    return result, round(time.process_time() - begun, 2)


def rows_benchmark(options: argparse.Namespace) -> None:
    """Show the seconds of each lint on knowledge."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "rows"
        write(folder, read(options.rows, options.count), "en")
        loaded = check(folder)
        if loaded.persona is None or loaded.knowledge is None or loaded.tree is None:
            raise SystemExit("the rows make no persona")
        material = Material.gather(loaded.persona, loaded.tree, folder, loaded.knowledge)
        encode = encoding(TextVectors.open(loaded.persona, quiet), quiet)
        passages = loaded.knowledge.passages
        texts = [f"{passage.title}. {passage.text}" for passage in passages]
        sentences, vectors_s = timed(lambda: Sentences.of(texts, [p.language for p in passages], encode))
        memory = Path(name) / "near.npz"
        (pairs, cosines), near_s = timed(lambda: knowledge_lints.near_pairs(passages, sentences, memory))
        _, again_s = timed(lambda: knowledge_lints.near_pairs(passages, sentences, memory))
        found, clashes_s = timed(lambda: clashes(passages, pairs, cosines))
        every, all_s = timed(lambda: list(knowledge_lints.lint_knowledge(material, sentences, memory)))
        show(
            "time of the lints",
            {
                "passages": len(passages),
                "pairs": len(pairs),
                "vectors_s": vectors_s,
                "neighbours_s": near_s,
                "neighbours_again_s": again_s,
                "contradictions_s": clashes_s,
                "all_of_knowledge_s": all_s,
                "contradictions": len(found),
                "findings": dict(Counter(finding.code for finding in every)),
            },
        )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, nargs="*", default=[])
    parser.add_argument("--shots", type=int)
    parser.add_argument("--intents", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    options = parser.parse_args()
    examples_benchmark(options)
    if options.rows:
        rows_benchmark(options)


if __name__ == "__main__":
    main()
