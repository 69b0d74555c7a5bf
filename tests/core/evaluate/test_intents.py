import csv
import json

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


def test_all_labels_of_a_message_are_found_by_folds(tmp_path) -> None:
    rows = [(text, [label], i % 2) for i, (text, label) in enumerate(ROWS) if text.isascii()]
    both = ["when do you open and can I get a refund", "refund my order, and what are your hours"]
    rows += [(text, ["hours", "refund"], i) for i, text in enumerate(both)] + [("sing me a song", [], 0)]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"text": t, "intents": i, "fold": f}) + "\n" for t, i, f in rows), "utf-8")
    found = evaluate_intents(path, None, folds="fold", tune="none")
    assert {"micro_f1", "precision", "recall"} <= set(found)
    assert found["recall"] > 0.5
    with pytest.raises(BadInput, match="fold"):
        evaluate_intents(path, None, folds="colour")
    with pytest.raises(BadInput, match="--folds"):
        evaluate_intents(path, None)


def test_one_example_a_label_and_contradicting_labels_are_learnt_from(tmp_path) -> None:
    known = table(tmp_path / "train.csv", [*ROWS[:1], *ROWS[5:6], (ROWS[0][0], "refund")])
    test = table(tmp_path / "test.csv", [("please refund me", "refund")])
    found = evaluate_intents(known, test, tune="none")
    assert found["accuracy"] in {0.0, 1.0}
    alone = evaluate_intents(table(tmp_path / "one.csv", ROWS[5:6]), test, tune="auto")
    assert alone["accuracy"] == 1.0


def test_a_language_that_no_encoder_reads_says_so(tmp_path) -> None:
    rows = [("ሰላም እንዴት ነህ ዛሬ", "greet"), ("መቼ ነው የምትከፍቱት", "hours"), ("ገንዘቤን መልሱልኝ እባካችሁ", "refund")]
    known = table(tmp_path / "train.csv", rows)
    with pytest.raises(BadInput, match="no encoder reads"):
        evaluate_intents(known, known, tune="none")


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
