"""Find the documents that 50 customer-service tasks need, from what the customer says: tau2-bench's bank.

    python bank_documents.py --data FOLDER [--tasks 50] [--seed 0]

FOLDER holds documents.jsonl and tasks.jsonl (bank_kb_tau2). The documents, each with its title, are indexed with the
same code that compiles and serves a persona. A task's `required_documents` are those that its answer rests on; tasks
are drawn with the seed. Two questions are put for each:

reason: why the customer calls, one query. It is the line that the scenario lets the customer open with ("Opening: …");
else the paragraph "Your situation"; else the paragraph behind the one that says who the customer is. Nothing of what
the agent should do, and no list of answers, is in it.
talk: the reason and every other line of at least 15 characters that the scenario puts into the customer's mouth, in
quotes, each a query of its own, as in a chat; found is what any of them found among its best five.

recall is the share of a task's documents among those found, all the share of tasks with every one of them. Peers in the
same run: the memory's own full-text search and each sentence encoder alone, and bm25s with its defaults.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import bm25s
import numpy as np
from numpy.typing import NDArray
from personac.core.compile.memory import write_memory
from personac.core.compile.passes import Passes
from personac.core.compile.vectors import TextVectors
from personac.core.mind.memory.index import Index
from personac.core.mind.memory.lexical import Lexical
from personac.core.mind.memory.retrieval import Memory
from personac.core.models.text import load_text_encoder
from personac.core.senses import SharedEncoders
from personac.core.turn import Passage
from retrieval import read

ENCODER = "all-MiniLM-L6-v2"
DEPTHS = (5, 10, 20)
EACH = 5  # documents of each line of a talk
Search: TypeAlias = Callable[[str], list[str]]
_OPENING = re.compile(r"opening[^\"“\n]*[\"“]([^\"”]+)[\"”]", re.I)
_SAID = re.compile(r"[\"“]([^\"”]{15,})[\"”]")
_SITUATION = re.compile(r"\*\*Your situation:\*\*\s*(.+?)\n\s*\n", re.S)


def main() -> None:
    """Print recall and the share of tasks with all documents, for each search."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    documents, tasks = read(given.data / "documents.jsonl"), read(given.data / "tasks.jsonl")
    tasks = random.Random(given.seed).sample(tasks, given.tasks)
    passages = [Passage(d["id"], f"{d['id']}.md", d["title"], d["content"], "en") for d in documents]
    needed = [set(task["required_documents"]) for task in tasks]
    talks = [talk(task["instructions"]) for task in tasks]
    count = np.array([len(ids) for ids in needed])
    lines = np.array([len(said) for said in talks])
    print(f"{len(passages)} documents, {len(tasks)} tasks; a task needs {count.mean():.1f} documents (median "
          f"{np.median(count):.0f}, at most {count.max()}), its customer says {lines.mean():.1f} lines")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="personac-") as name, Passes() as passes:
        own = np.zeros(len(tasks))
        for label, search in searches(Path(name), passages, passes).items():
            shown, shares = figures(search, needed, talks)
            own = shares if label == "personac" else own
            print(f"{label:18}", *shown, behind(own - shares, given.seed), sep="  ", flush=True)
    best = [sum(min(k, n) / n for n in count) / len(count) for k in DEPTHS]
    print("the most that can be", *(f"recall@{k} {value:.3f}" for k, value in zip(DEPTHS, best, strict=True)), sep="  ")


def talk(scenario: str) -> list[str]:
    """Return why a customer calls, and what else they say."""
    opening = _OPENING.search(scenario)
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", scenario) if part.strip()]
    situation = _SITUATION.search(scenario)
    reason = opening[1] if opening else situation[1] if situation else paragraphs[min(1, len(paragraphs) - 1)]
    return list(dict.fromkeys([reason.strip(), *(line.strip() for line in _SAID.findall(scenario))]))


def searches(folder: Path, passages: Sequence[Passage], passes: Passes) -> dict[str, Search]:
    """Return each search by its name: text in, the ids of the best documents out."""
    vectors = TextVectors.named([ENCODER], lambda name, done, total: None)
    write_memory(folder, passages, vectors, passes, lambda name, done, total: None)
    memory = Memory(folder, vectors.versions)
    shared = SharedEncoders([load_text_encoder(encoder.name) for encoder in vectors.encoders])
    shared.warm_up()
    memory.compare_aspects(shared.encode_now)
    index, lexical = Index.open(folder / "index", ENCODER), Lexical(folder / "lexical")
    words = bm25s.BM25()
    words.index(bm25s.tokenize([f"{p.title} {p.text}" for p in passages], show_progress=False), show_progress=False)

    def personac(text: str) -> list[str]:
        found = memory.search(shared.encode_now([(text, "en")])[0], None, text, "en", max(DEPTHS), collapse=False)
        return [passage.id for passage in found]

    def vectors_alone(text: str) -> list[str]:
        matrix: Any = np.stack([shared.encode_now([(text, "en")])[0][ENCODER]])
        _, owners = index.search(matrix, 4 * max(DEPTHS))
        return [passages[i].id for i in dict.fromkeys(owners[0].tolist()) if i >= 0]

    def peer(text: str) -> list[str]:
        rows, _ = words.retrieve(bm25s.tokenize([text], show_progress=False), k=max(DEPTHS), show_progress=False)
        return [passages[i].id for i in rows[0].tolist()]

    return {
        "personac": personac,
        "full-text alone": lambda text: [passages[i].id for i in lexical.search(text, max(DEPTHS))],
        "MiniLM alone": vectors_alone,
        "bm25s": peer,
    }


def behind(lead: NDArray[np.float64], seed: int) -> str:
    """Return how far a search is behind in recall@10, with a 95 % interval from 10,000 draws of the tasks."""
    if not lead.any():
        return ""
    drawn = np.random.default_rng(seed).choice(lead, (10_000, len(lead))).mean(1)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return f"behind in recall@10 by {lead.mean():.3f} ({low:.3f} to {high:.3f})"


def figures(
    search: Search, needed: Sequence[set[str]], talks: Sequence[Sequence[str]]
) -> tuple[list[str], NDArray[np.float64]]:
    """Return the figures of a search, and each task's recall@10."""
    found = [[search(line) for line in said] for said in talks]
    shown, at_ten = [], np.zeros(len(needed))
    for k in DEPTHS:
        shares = [len(ids & set(lists[0][:k])) / len(ids) for ids, lists in zip(needed, found, strict=True)]
        shown.append(f"recall@{k} {np.mean(shares):.3f} all@{k} {np.mean([share == 1 for share in shares]):.2f}")
        at_ten = np.array(shares) if k == 10 else at_ten
    unions = [{one for ranked in lists for one in ranked[:EACH]} for lists in found]
    shares = [len(ids & union) / len(ids) for ids, union in zip(needed, unions, strict=True)]
    size = np.mean([len(union) for union in unions])
    shown.append(f"talk: recall {np.mean(shares):.3f} all {np.mean([s == 1 for s in shares]):.2f} of {size:.0f} found")
    return shown, at_ten


if __name__ == "__main__":
    main()
