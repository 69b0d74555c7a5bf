"""The finder of personal data measured on marked texts."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from personac.core.errors import BadInput
from personac.core.evaluate.privacy import evaluate_privacy

TEXTS = [
    ("Write to ann@example.org or call 13912345678.", [(9, 24, "EMAIL_ADDRESS"), (33, 44, "Phone Number")]),
    ("我的邮箱是 li@example.cn，我叫李雷。", [(6, 19, "email"), (22, 24, "SHOE_SIZE")]),
    ("nothing here", []),
]


def write(folder: Path, rows: list[object]) -> Path:
    (folder / "s.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return folder / "s.jsonl"


def test_types_of_others_are_known_and_those_never_looked_for_are_misses(tmp_path: Path) -> None:
    rows = [{"text": t, "spans": [{"start": a, "end": b, "type": k} for a, b, k in spans]} for t, spans in TEXTS]
    found = evaluate_privacy(write(tmp_path, [*rows]))
    assert found["precision"] == 1
    assert found["recall"] == 0.75
    assert found["supported"]["f1"] == 1
    assert found["unsupported"] == ["shoe_size"]
    assert found["by_type"]["email"]["support"] == 2


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([{"start": 0, "end": 99, "type": "email"}], "does not lie in its text of 5"),
        ([{"start": 3, "end": 3, "type": "email"}], "from 3 to 3"),
        ([{"start": 0, "type": "email"}], "should have start, end and type"),
        ([{"start": 0.0, "end": 3.0, "type": "email"}], "should be whole numbers, not 0.0 and 3.0"),
        ([{"start": 0, "end": 3, "type": None}], "the type of a span should be a text, not None"),
        ("none", "spans should be a list"),
    ],
)
def test_a_span_that_cannot_be_is_named(tmp_path: Path, spans: object, said: str) -> None:
    with pytest.raises(BadInput, match=rf"s\.jsonl:1: .*{said}"):
        evaluate_privacy(write(tmp_path, [{"text": "hello", "spans": spans}]))


def test_a_table_of_texts_cannot_hold_spans(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("text,spans\nhello,[]\n", "utf-8")
    with pytest.raises(BadInput, match=r"s\.csv:2: spans should be a list .* in a \.jsonl or \.json file"):
        evaluate_privacy(tmp_path / "s.csv")


def test_a_share_of_nothing_is_no_number(tmp_path: Path) -> None:
    found = evaluate_privacy(write(tmp_path, [{"text": "nothing here", "spans": []}]))
    assert all(math.isnan(found[part]) for part in ("precision", "recall", "f1"))
    found = evaluate_privacy(write(tmp_path, [{"text": "to ann@example.org", "spans": []}]))
    assert (found["precision"], found["f1"]) == (0, 0)
    assert math.isnan(found["recall"])
