"""Measure the finder of personal data beside Presidio as it comes.

    python benchmarks/personal_data.py ../shared/data/pii_presidio/synth_dataset_v2.jsonl \
        --peer /path/to/venv/bin/python --model en_core_web_lg

The rows are those of presidio-research: full_text, spans, template_id. They are split by template: 30 % to choose by,
the rest to report. Presidio runs in a Python of its own (`pip install presidio-analyzer` and a model), since spaCy
imports torch where there is one. Both sides are measured by the same code; `shared` is over the types that both know.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

from personac.core.evaluate.metrics import Counts, span_scores
from personac.core.evaluate.privacy import known_type
from personac.core.mind.privacy import find

HERE = Path(__file__).parent
NAMES = {"LOCATION": "place", "CRYPTO": "wallet", "MEDICAL_LICENSE": "tax_id", "US_BANK_NUMBER": "bank_account"}
PEER = r"""
import json, sys, time, resource
started = time.perf_counter()
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
made = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": sys.argv[1]}]}
engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=made).create_engine())
loaded = time.perf_counter() - started
found, spent = [], []
for text in json.load(sys.stdin):
    started = time.perf_counter()
    best = []
    for r in sorted(engine.analyze(text, "en"), key=lambda r: (-r.score, r.start - r.end)):
        if all(r.end <= b.start or b.end <= r.start for b in best):
            best.append(r)
    spent.append(time.perf_counter() - started)
    found.append([[r.start, r.end, r.entity_type] for r in best])
json.dump({"found": found, "spent": spent, "load": loaded,
           "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}, sys.stdout)
"""
Row = dict[str, Any]


def figures(rows: list[Row], found: list[list[Any]], kinds: set[str] | None = None) -> dict[str, Any]:
    """Return exact and overlapping F1 in all, and exact F1 by type."""
    truth = [
        [(s["start_position"], s["end_position"], known_type(s["entity_type"])) for s in row["spans"]] for row in rows
    ]
    wanted = {kind for spans in truth for _, _, kind in spans}
    if kinds is not None:
        wanted &= kinds
        truth = [[s for s in spans if s[2] in wanted] for spans in truth]
        found = [[s for s in spans if s[2] in wanted] for spans in found]
    exact, touching = span_scores(truth, found), span_scores(truth, found, touching=True)
    return {
        "exact": sum(exact.values(), Counts()).as_dict(),
        "overlapping": sum(touching.values(), Counts()).as_dict(),
        "by_type": {kind: round(counts.as_dict()["f1"], 3) for kind, counts in exact.items() if kind in wanted},
    }


def ours(texts: list[str]) -> tuple[list[list[Any]], list[float]]:
    """Return what the finder finds, with the seconds of each text; dates of birth are dates here."""
    find("warm up, Ann Lee")
    found, spent = [], []
    for text in texts:
        started = time.perf_counter()
        spans = find(text)
        spent.append(time.perf_counter() - started)
        found.append([(start, end, "date" if kind == "birth_date" else kind) for start, end, kind in spans])
    return found, spent


def peer(python: str, model: str, texts: list[str]) -> dict[str, Any]:
    """Return what Presidio finds, as it comes."""
    done = subprocess.run(
        [python, "-c", PEER, model], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    told["found"] = [[(s, e, NAMES.get(kind) or known_type(kind)) for s, e, kind in spans] for spans in told["found"]]
    return told


def quantile(spent: list[float], q: float) -> float:
    """Return a quantile in milliseconds."""
    return round(sorted(spent)[min(len(spent) - 1, int(len(spent) * q))] * 1000, 2)


def chinese() -> dict[str, Any]:
    """Return figures on sentences of the project: some with personal data, some that only look so."""
    from personal_data_zh import rows

    made = rows()
    texts = [text for text, _ in made]
    found, spent = ours(texts)
    truth = [[(s, e, "date" if k == "birth_date" else k) for s, e, k in spans] for _, spans in made]
    kinds = {kind for spans in truth for _, _, kind in spans}
    exact = span_scores(truth, [[s for s in spans if s[2] in kinds] for spans in found])
    false = Counter(
        kind
        for spans, (_, true) in zip(found, made, strict=True)
        if not true
        for _, _, kind in spans
        if kind in kinds - {"date", "place"}
    )
    return {
        "sentences": len(made),
        "without": sum(not true for _, true in made),
        "false_in_them": dict(false),
        "exact": sum(exact.values(), Counts()).as_dict(),
        "by_type": {kind: round(counts.as_dict()["f1"], 3) for kind, counts in exact.items()},
        "p50_ms": quantile(spent, 0.5),
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--peer", help="a Python that has presidio-analyzer and the model")
    parser.add_argument("--model", default="en_core_web_lg", help="spaCy's model, by name or path")
    parser.add_argument("--seed", type=int, default=13)
    args = parser.parse_args()
    rows: list[Row] = [json.loads(line) for line in args.rows.read_text("utf-8").splitlines()]
    templates = sorted({row["template_id"] for row in rows})
    random.Random(args.seed).shuffle(templates)
    chosen = set(templates[: round(len(templates) * 0.3)])
    parts = {"validation": [row["template_id"] in chosen for row in rows]}
    parts["rest"] = [not kept for kept in parts["validation"]]
    parts["all"] = [True] * len(rows)
    texts = [row["full_text"] for row in rows]
    found, spent = ours(texts)
    report: dict[str, Any] = {"ours": {"p50_ms": quantile(spent, 0.5), "p99_ms": quantile(spent, 0.99)}}
    both: set[str] | None = None
    told = peer(args.peer, args.model, texts) if args.peer else None
    if told:
        both = {kind for spans in told["found"] for _, _, kind in spans}
        report["presidio"] = {
            "model": args.model, "load_s": round(told["load"], 2), "mb": round(told["mb"]),
            "p50_ms": quantile(told["spent"], 0.5), "p99_ms": quantile(told["spent"], 0.99),
        }  # fmt: skip
    for name, keep in parts.items():
        here = [i for i, kept in enumerate(keep) if kept]
        of = [rows[i] for i in here]
        report["ours"][name] = figures(of, [found[i] for i in here])
        if told:
            report["ours"][name]["shared"] = figures(of, [found[i] for i in here], both)["exact"]
            report["presidio"][name] = figures(of, [told["found"][i] for i in here])
            report["presidio"][name]["shared"] = figures(of, [told["found"][i] for i in here], both)["exact"]
    report["chinese"] = chinese()
    print(json.dumps(report, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
