"""Measure `eval retrieval` on MedQuAD, the bank's knowledge base of tau2-bench, and KdConv's places.

    python retrieval.py --data FOLDER [--part test|dev] [--set medquad|bank|places ...]

FOLDER holds medquad/, bank_kb_tau2/ and kdconv_zh/. Every search alone is measured in the same run, and bm25s with
its own tokenizer and defaults beside them.

medquad: the passage is an answer's first 400 characters and nothing else, in the order of the file; 1,000 questions
drawn with seed 0 (`dev`: 300 others, seed 5). "In no order" has the file's lines shuffled (seed 7): an answer's
neighbours, which say what it is about, are lost.
bank: title and content of a document; the question is a task's whole instructions, cut nowhere.
places, in Chinese: a turn of the travel dialogues (`dev` or `test`) that names a place, asks (？ or 吗), and is
followed by a turn that uses the place's Information. In English: for each of these places one of five templates, chosen
with seed 1, with the name in pinyin and its last word translated where it is one of eighteen (Gongyuan: Park). The
passage is the Information with the name as its title; "untitled" is the same without.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from personac.core.evaluate.metrics import ndcg_at, recall_at, reciprocal_rank
from personac.core.evaluate.retrieval import evaluate_retrieval

Rows = list[dict[str, Any]]
SETS = ["medquad", "bank", "places"]
LAST = {
    "森林公园": "Forest Park", "公园": "Park", "博物馆": "Museum", "美术馆": "Art Museum", "寺": "Temple",
    "广场": "Square", "长城": "Great Wall", "风景区": "Scenic Area", "水库": "Reservoir", "大学": "University",
    "胡同": "Hutong", "山": "Mountain", "教堂": "Church", "桥": "Bridge", "湖": "Lake", "故居": "Former Residence",
    "陵": "Tomb", "王府": "Prince's Mansion",
}  # fmt: skip
TEMPLATES = (
    "What is there to see at {}?", "Tell me about {}.", "Do you know {}?", "I want to visit {}, what is it like?",
    "Is {} worth a visit?",
)  # fmt: skip


def main() -> None:
    """Print a line of figures for each set and each search."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=("dev", "test"), default="test")
    parser.add_argument(
        "--set", choices=("medquad", "bank", "places"), nargs="*", default=["medquad", "bank", "places"]
    )
    given = parser.parse_args()
    for name, passages, queries in sets(given.data, given.part, given.set):
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / "passages.jsonl", Path(folder) / "queries.jsonl"]
            for path, rows in zip(paths, (passages, queries), strict=True):
                path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
            found = evaluate_retrieval(*paths, parts=True)
        parts = found.pop("parts")
        print(f"{name}: {len(passages)} passages, {len(queries)} questions, {', '.join(found['encoders'])}")
        for search, figures in {"personac": found, **parts, "bm25s": peer(passages, queries)}.items():
            shown = [f"{key} {value:.3f}" for key, value in figures.items() if isinstance(value, float)]
            print(f"  {search:20} {'  '.join(shown)}", flush=True)


def sets(data: Path, part: str, wanted: list[str]) -> Iterator[tuple[str, Rows, Rows]]:
    """Yield the name, the passages and the queries of each set."""
    if "medquad" in wanted:
        rows = read(data / "medquad/medquad_9k.jsonl")
        random.seed(0)
        drawn = random.sample(range(len(rows)), 1000)
        if part == "dev":
            drawn = random.Random(5).sample(sorted(set(range(len(rows))) - set(drawn)), 300)
        passages = [{"id": str(i), "text": row["answer"][:400]} for i, row in enumerate(rows)]
        asked = [{"text": rows[i]["question"], "relevant": [str(i)]} for i in drawn]
        yield "medquad", passages, asked
        yield "medquad, in no order", random.Random(7).sample(passages, len(passages)), asked
    if "bank" in wanted:
        documents, tasks = read(data / "bank_kb_tau2/documents.jsonl"), read(data / "bank_kb_tau2/tasks.jsonl")
        passages = [{"id": d["id"], "title": d["title"], "text": d["content"]} for d in documents]
        yield "bank", passages, [{"text": t["instructions"], "relevant": t["required_documents"]} for t in tasks]
    if "places" in wanted:
        places = read(data / "kdconv_zh/kb_travel.jsonl")
        known = questions(read(data / f"kdconv_zh/travel_{part}.jsonl"), {place["name"] for place in places})
        chosen = random.Random(1)
        names = sorted({name for name, _ in known})
        chinese = [{"text": text, "relevant": [name]} for name, text in known]
        english = [{"text": chosen.choice(TEMPLATES).format(in_english(n)), "relevant": [n]} for n in names]
        untitled = [{"id": place["name"], "text": place["Information"]} for place in places]
        titled = [{**row, "title": row["id"]} for row in untitled]
        for label, passages in (("places", titled), ("places, untitled", untitled)):
            yield f"{label}, asked in Chinese", passages, chinese
            yield f"{label}, asked in English", passages, english


def read(path: Path) -> Rows:
    """Return the rows of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def questions(dialogues: Rows, names: set[str]) -> list[tuple[str, str]]:
    """Return (place, question), each once, in the order of the dialogues."""
    found = []
    for dialogue in dialogues:
        for turn, answer in zip(dialogue["turns"], dialogue["turns"][1:], strict=False):
            text = turn["text"]
            for name, kind, *_ in answer["facts"]:
                if kind == "Information" and name in names and name in text and any(c in text for c in "？?吗"):
                    found.append((name, text))
    return list(dict.fromkeys(found))


def in_english(name: str) -> str:
    """Return a place's name in pinyin, its last word translated where it is known."""
    from pypinyin import lazy_pinyin

    last = next((word for word in LAST if name.endswith(word) and len(name) > len(word)), "")
    spelt = "".join(lazy_pinyin(name.removesuffix(last))).capitalize()
    return f"{spelt} {LAST[last]}" if last else spelt


def peer(passages: Rows, queries: Rows) -> dict[str, float]:
    """Return the figures of bm25s with its defaults (English stop words; Chinese cut by jieba)."""
    import bm25s
    import jieba

    def split(texts: list[str]) -> Any:
        if any("\u4e00" <= char <= "\u9fff" for char in passages[0]["text"]):
            texts = [" ".join(jieba.cut_for_search(text)) for text in texts]
        return bm25s.tokenize(texts, stopwords="en", show_progress=False)

    index = bm25s.BM25()
    index.index(split([f"{row.get('title', '')} {row['text']}" for row in passages]), show_progress=False)
    rows, _ = index.retrieve(split([row["text"] for row in queries]), k=100, show_progress=False)
    ranked = [[passages[i]["id"] for i in row] for row in rows.tolist()]
    pairs = [(found, query["relevant"]) for found, query in zip(ranked, queries, strict=True)]
    figures = {f"recall@{k}": sum(recall_at(*pair, k) for pair in pairs) / len(pairs) for k in (1, 5, 10)}
    figures["mrr"] = sum(reciprocal_rank(*pair) for pair in pairs) / len(pairs)
    return {**figures, "ndcg@10": sum(ndcg_at(*pair, 10) for pair in pairs) / len(pairs)}


if __name__ == "__main__":
    main()
