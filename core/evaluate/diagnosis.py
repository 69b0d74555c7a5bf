"""Finding the cause of what is found, measured on cases: when all is known, and when it has to be asked for.

Knows cases as names and answers; the columns are those of the public collections of symptom enquiries.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..compile.evidence import Case, fit
from ..evidence import Evidence
from .metrics import accuracy, expected_calibration_error, f1_scores
from .tables import Table, read_table

TURNS = 10
_ANSWERS = {"1": True, "0": False, "yes": True, "no": False, "true": True, "false": False}  # others are not known
_COLUMNS = ("exp_sxs", "imp_sxs", "label")


def evaluate_diagnosis(train: Path, test: Path, *, turns: int = TURNS) -> dict[str, Any]:
    """Return how often the right label comes first, and how well its probability is calibrated.

    The rows are {exp_sxs, imp_sxs, label}: findings said at once and findings known when asked for, each {name: 1 for
    yes, 0 for no, 2 for not sure}. `accuracy` has all of them as evidence, `told` those said at once, `asked` those and
    the answers to `turns` questions of the model's own choice, where `known` is the share that got yes or no.
    """
    learn, measure = read_table(train, _COLUMNS), read_table(test, _COLUMNS)
    started = time.perf_counter()
    cases = [Case({**said, **hidden}, label, frozenset(said)) for said, hidden, label in _cases(learn)]
    evidence = fit(cases)
    seconds = time.perf_counter() - started
    rows = _cases(measure)
    truth = [label for _, _, label in rows]
    whole = [evidence.ranking({**said, **hidden})[0] for said, hidden, _ in rows]
    found = [label for label, _ in whole]
    told = [evidence.ranking(said)[0][0] for said, _, _ in rows]
    enquiries = [_enquire(evidence, said, hidden, turns) for said, hidden, _ in rows]
    asked, known = sum(count for _, count, _ in enquiries), sum(count for _, _, count in enquiries)
    return {
        "accuracy": accuracy(truth, found),
        "macro_f1": f1_scores(truth, found)["macro_f1"],
        "ece": expected_calibration_error([sure for _, sure in whole], [a == b for a, b in zip(truth, found)]),
        "train_seconds": seconds,
        "cases": len(cases),
        "labels": len(evidence.labels),
        "findings": len(evidence.findings),
        "told": {"accuracy": accuracy(truth, told)},
        "asked": {
            "accuracy": accuracy(truth, [label for label, _, _ in enquiries]),
            "questions": asked / max(1, len(rows)),
            "known": known / max(1, asked),
        },
    }


def _enquire(
    evidence: Evidence, said: Mapping[str, bool], hidden: Mapping[str, bool], turns: int
) -> tuple[str, int, int]:
    """Return the label after so many questions, how many were asked and how many got an answer."""
    answers, asked = dict(said), set[str]()
    for _ in range(turns):
        question = evidence.next_question(answers, asked)
        if question is None:
            break
        asked.add(question[0])
        if question[0] in hidden:
            answers[question[0]] = hidden[question[0]]
    return evidence.ranking(answers)[0][0], len(asked), len(asked & hidden.keys())


def _cases(table: Table) -> list[tuple[dict[str, bool], dict[str, bool], str]]:
    labels = table.filled("label")
    return [
        (_answers(table, number, "exp_sxs"), _answers(table, number, "imp_sxs"), label)
        for number, label in enumerate(labels)
    ]


def _answers(table: Table, number: int, column: str) -> dict[str, bool]:
    given = table.rows[number][column]
    if not isinstance(given, dict):
        raise table.fault(number, f"{column} should be an object of findings with 1, 0 or 2")
    plain = {str(name): str(value).strip().lower() for name, value in given.items()}
    return {name: _ANSWERS[value] for name, value in plain.items() if value in _ANSWERS}
