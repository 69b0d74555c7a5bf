"""Causes found from findings, on cases drawn here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from personac.core.compile.evidence import Case, fit
from personac.core.errors import BadInput
from personac.core.evaluate.diagnosis import evaluate_diagnosis
from personac.core.evidence import Evidence

CHANCES = {
    "感冒": {"流涕": 0.9, "发热": 0.4, "腹泻": 0.05, "口渴": 0.3},
    "肠炎": {"流涕": 0.05, "发热": 0.4, "腹泻": 0.9, "口渴": 0.3},
}


def cases(count: int, seed: int) -> list[Case]:
    random = np.random.default_rng(seed)
    labels = [list(CHANCES)[number % 2] for number in range(count)]
    return [Case({n: bool(random.random() < p) for n, p in CHANCES[label].items()}, label) for label in labels]


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return fit(cases(200, 0))


def test_probabilities_are_those_of_the_cases(evidence: Evidence) -> None:
    held_out = cases(400, 1)
    sure = [evidence.probabilities(case.answers)[evidence.labels.index(case.label)] for case in held_out]
    best = [evidence.ranking(case.answers)[0] for case in held_out]
    right = np.mean([label == case.label for (label, _), case in zip(best, held_out)])
    assert right > 0.9
    assert np.mean([chance for _, chance in best]) == pytest.approx(right, abs=0.05)
    assert np.mean(sure) > 0.85


def test_it_asks_first_what_tells_the_labels_apart(evidence: Evidence) -> None:
    first, gain = evidence.next_question({}) or ("", 0.0)
    second, less = evidence.next_question({first: True}) or ("", 0.0)
    assert {first, second} == {"流涕", "腹泻"}
    assert gain > less > 0
    assert evidence.next_question({}, CHANCES["感冒"]) is None


def test_an_answer_of_no_counts_and_unknown_findings_do_not(evidence: Evidence) -> None:
    assert evidence.ranking({"腹泻": False})[0][0] == "感冒"
    assert evidence.ranking({"腹泻": True, "头晕": True}) == evidence.ranking({"腹泻": True})


def test_what_was_told_at_once_is_learnt_from_alone_and_is_no_answer_to_a_question() -> None:
    told = [Case(case.answers, case.label, frozenset({"流涕"})) for case in cases(200, 0)]
    evidence = fit(told)
    place = evidence.findings.index("流涕")
    assert evidence.rates[place].max() < 0.01 < evidence.rates.max()
    only = {"流涕": True}
    right = [one.label for one in cases(200, 1) if one.answers["流涕"]].count("感冒") / sum(
        one.answers["流涕"] for one in cases(200, 1)
    )
    assert dict(evidence.ranking(only))["感冒"] == pytest.approx(right, abs=0.1)


def test_it_reads_what_it_wrote_and_fits_the_same_again(evidence: Evidence) -> None:
    again = Evidence.from_dict(json.loads(json.dumps(evidence.as_dict())))
    assert again.probabilities({"发热": True}) == pytest.approx(evidence.probabilities({"发热": True}), abs=1e-4)
    assert (again.next_question({}) or ("",))[0] == (evidence.next_question({}) or ("",))[0]
    assert fit(cases(200, 0)).as_dict() == evidence.as_dict()


def test_one_label_and_one_case_are_enough(evidence: Evidence) -> None:
    assert fit([Case({"热": True}, "a")]).ranking({})[0] == ("a", 1.0)
    with pytest.raises(ValueError, match="no cases"):
        fit([])


def test_figures_are_given_for_what_is_told_and_what_is_asked(tmp_path: Path) -> None:
    for name, drawn in (("train", cases(200, 0)), ("test", cases(100, 1))):
        rows = [
            {"exp_sxs": {"发热": str(int(c.answers["发热"]))}, "imp_sxs": {n: int(v) for n, v in c.answers.items()},
             "label": c.label}
            for c in drawn
        ]  # fmt: skip
        (tmp_path / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    found = evaluate_diagnosis(tmp_path / "train.jsonl", tmp_path / "test.jsonl", turns=2)
    assert found["accuracy"] > 0.9 > 0.6 > found["told"]["accuracy"]
    assert found["asked"]["questions"] == 2
    assert found["asked"]["accuracy"] > 0.85
    (tmp_path / "test.jsonl").write_text('{"exp_sxs": [], "imp_sxs": {}, "label": "a"}', "utf-8")
    with pytest.raises(BadInput, match=r"test\.jsonl:1: exp_sxs should be an object"):
        evaluate_diagnosis(tmp_path / "train.jsonl", tmp_path / "test.jsonl")
