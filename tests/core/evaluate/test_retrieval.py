"""`eval retrieval` on a few passages, through the real encoder and memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from personac.core.errors import BadInput
from personac.core.evaluate.retrieval import evaluate_retrieval

PASSAGES = [
    {"id": "a", "text": "王府井是一条步行街，有很多老字号。"},
    {"id": 2, "text": "颐和园里有昆明湖和长廊。", "title": "颐和园"},
    {"id": "c", "text": "八达岭长城在延庆，坐高铁可以到。"},
]


def written(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def test_the_figures_are_those_of_what_was_found(tmp_path: Path) -> None:
    asked = [{"text": "颐和园里有什么湖？", "relevant": [2]}, {"text": "怎么去八达岭？", "relevant": ["c", "a"]}]
    passages = written(tmp_path, "p.jsonl", PASSAGES)
    found = evaluate_retrieval(passages, written(tmp_path, "q.jsonl", asked), parts=True)
    assert found["recall@1"] == 0.75
    assert found["recall@5"] == found["mrr"] == 1.0
    assert found["p50_ms"] > found["search_p50_ms"] > 0
    assert set(found["parts"]) == {"use-multilingual", "full-text"}
    assert found["parts"]["full-text"]["recall@1"] == 0.75


@pytest.mark.parametrize(
    ("passages", "queries", "said"),
    [
        ([*PASSAGES, PASSAGES[0]], [{"text": "x", "relevant": ["a"]}], r"p.jsonl:4: id 'a' comes twice"),
        (PASSAGES, [{"text": "x", "relevant": ["z"]}], r"q.jsonl:1: no passage has the id 'z'"),
        (PASSAGES, [{"text": "x", "relevant": "a"}], r"q.jsonl:1: relevant should be a list"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(
    tmp_path: Path, passages: list[dict[str, Any]], queries: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        evaluate_retrieval(written(tmp_path, "p.jsonl", passages), written(tmp_path, "q.jsonl", queries))
