"""Emotions of a table: folds, modalities, and what is wrong with a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from personac.core.errors import BadInput
from personac.core.evaluate.emotion import evaluate_emotion

GLAD = ("I am so happy!", "What a wonderful day", "this is great, thank you", "I love it")
SAD = ("I feel so alone", "my dog died last night", "I cannot stop crying", "everything is lost")


def table(path: Path, columns: str, rows: list[str]) -> Path:
    path.write_text("\n".join([columns, *rows]) + "\n", "utf-8")
    return path


def dialogues(path: Path) -> Path:
    rows = [f'{n},0,Ann,"{text}",joy,a{n % 2}' for n, text in enumerate(GLAD)]
    rows += [f'{n},1,Bob,"{text}",sadness,a{n % 2}' for n, text in enumerate(SAD)]
    return table(path, "dialogue,utterance,speaker,text,emotion,part", rows)


def test_words_and_history_are_told_apart_and_measured(tmp_path: Path) -> None:
    found = evaluate_emotion(dialogues(tmp_path / "a.csv"), folds="part", seeds=1)
    assert found["rows"] == 8
    assert found["accuracy"] > 0.6
    assert {"accuracy", "weighted_f1", "macro_f1"} <= set(found)
    names = {"words alone", "history alone", "without words", "without history"}
    assert set(found["by_modality"]) == names
    assert sum(found["attention"].values()) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("columns", "row", "folds", "said"),
    [
        ("text", "hello", "text", "emotion"),
        ("emotion,part", "joy,a", "part", "text"),
        ("text,emotion,part", "hello,,a", "part", "emotion is empty"),
        ("audio,emotion,part", "nothing.wav,joy,a", "part", "there is no recording nothing.wav"),
        ("text,emotion,part", "hello,joy,a", "part", "folds need two"),
        ("text,emotion,part", "hello,joy,a", "speaker", "speaker"),
        ("text,emotion,part", "hello,joy,a", None, "column for folds"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(
    columns: str, row: str, folds: str | None, said: str, tmp_path: Path
) -> None:
    rows = [row] if said == "folds need two" else [row, row.removesuffix("a") + "b" if row.endswith(",a") else row]
    with pytest.raises(BadInput, match=said):
        evaluate_emotion(table(tmp_path / "t.csv", columns, rows), folds=folds, seeds=1)


@pytest.mark.parametrize("content", [b"", b"this is no sound" * 40])
def test_a_recording_that_cannot_be_heard_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(content)
    path = table(tmp_path / "t.csv", "file,text,label,part", ["broken.wav,hello,joy,a", ",hello,joy,b"])
    with pytest.raises(BadInput, match=r"broken\.wav"):
        evaluate_emotion(path, folds="part", seeds=1)


def test_an_emotion_that_was_never_learnt_is_an_error(tmp_path: Path) -> None:
    learnt = table(tmp_path / "a.csv", "text,emotion", ["hello,joy", "oh no,sadness"])
    asked = table(tmp_path / "b.csv", "text,emotion", ["argh,rage"])
    with pytest.raises(BadInput, match="rage"):
        evaluate_emotion(learnt, asked, seeds=1)
