"""The evaluation of slots."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from personac.core.errors import BadInput
from personac.core.evaluate.slots import evaluate_slots, normal_form

SAID = [("send 50 dollars to Bob", "50 dollars", 50), ("pay Alice 20 dollars", "20 dollars", 20), ("hello", "", 0)]


def table(path: Path, *, nlupp: bool = False) -> Path:
    lines = []
    for fold, (text, money, amount) in enumerate(SAID * 2):
        start = text.index(money) if money else 0
        value = {"amount": amount, "currency": "USD"}
        plain = [{"slot": "sum", "start": start, "end": start + len(money), "value": value}] if money else []
        named = {"sum": {"text": money, "span": [start, start + len(money)], "value": value}} if money else {}
        lines.append(json.dumps({"text": text, "slots": named if nlupp else plain, "fold": fold // 3}))
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("nlupp", [False, True])
def test_spans_and_values_are_measured_in_both_formats(tmp_path: Path, nlupp: bool) -> None:
    file = table(tmp_path / "a.jsonl", nlupp=nlupp)
    found = evaluate_slots(file, None, folds="fold", today=date(2026, 11, 23), progress=lambda *_: None)
    assert found["runs"] == 2
    assert (found["f1"], found["precision"], found["recall"], found["value_accuracy"]) == (1, 1, 1, 1)
    assert found["by_slot"]["sum"]["spans"] == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"text": "hi", "slots": [{"slot": "a", "start": 0, "end": 9}]}, "outside of the text"),
        ({"text": "hi", "slots": [{"slot": "a"}]}, "needs its name and where it stands"),
    ],
)
def test_a_wrong_row_is_named_by_its_line(tmp_path: Path, row: dict[str, object], said: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps(row) + "\n", "utf-8")
    with pytest.raises(BadInput, match=rf"a\.jsonl:1: .*{said}"):
        evaluate_slots(file, file, progress=lambda *_: None)


def test_values_by_their_parts_take_the_normal_form() -> None:
    assert normal_form({"day": 3, "month": 4, "year": 2022}) == "2022-04-03"
    assert normal_form({"hour": 9, "minute": 5}) == "09:05"
    assert normal_form({"amount": 8.0, "currency": "ambiguous"}) == {"amount": 8.0, "currency": None}
    assert normal_form(3) == 3
