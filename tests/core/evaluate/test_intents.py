import csv

import pytest
from personac.core.errors import BadInput
from personac.core.evaluate.intents import evaluate_intents

ROWS = [
    ("when do you open", "hours"), ("what are your opening hours", "hours"), ("几点开门", "hours"),
    ("how late are you open", "hours"), ("I want my money back", "refund"), ("please refund my order", "refund"),
    ("我要退款", "refund"), ("can I return this for a refund", "refund"),
]  # fmt: skip


def table(path, rows, header=("text", "label")):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_labels_are_learnt_and_found_by_the_path_of_a_turn(tmp_path) -> None:
    known = table(tmp_path / "train.csv", [*ROWS, ("sing me a song", "oos"), ("who won the match", "oos")])
    asked = [("are you open on Sundays", "hours"), ("退款", "refund"), ("", "refund"), ("😀😀", "hours")]
    test = table(tmp_path / "test.csv", [*asked, ("open " * 20_000, "hours")], ("text", "intent"))
    oos = table(tmp_path / "oos.csv", [("why is the sky blue",), ("draw a horse",)], ("text",))
    found = evaluate_intents(known, test, oos=oos, tune="none", shots=3)
    contract = {"accuracy", "macro_f1", "oos_recall", "oos_auroc", "in_scope_accuracy", "train_seconds", "p50_ms"}
    assert contract | {"ece", "weighted_f1"} <= set(found)
    assert found["accuracy"] >= 0.4
    assert found["in_scope_accuracy"] <= found["accuracy"]


def test_a_table_without_labels_is_refused(tmp_path) -> None:
    path = table(tmp_path / "train.csv", ROWS, ("text", "colour"))
    with pytest.raises(BadInput, match="label"):
        evaluate_intents(path, path)
    strangers = table(tmp_path / "oos.csv", [("hello", "oos")])
    with pytest.raises(BadInput, match="no label"):
        evaluate_intents(strangers, strangers)


def test_few_examples_are_tuned_on_and_the_tuned_encoder_is_read_back(tmp_path) -> None:
    pytest.importorskip("peft", reason="tuning is the extra 'lora', which make setup installs")
    known = table(tmp_path / "train.csv", [row for row in ROWS if row[0].isascii()])
    asked = [("are you open on Sundays", "hours"), ("I would like a refund", "refund")]
    found = evaluate_intents(known, table(tmp_path / "test.csv", asked), tune="auto")
    assert found["accuracy"] == 1.0
