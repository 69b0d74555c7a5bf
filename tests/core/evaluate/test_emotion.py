"""Emotions of a table: folds, modalities, and what is wrong with a file."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from personac.core.compile import feeling
from personac.core.errors import BadInput
from personac.core.evaluate import emotion_judges
from personac.core.evaluate.emotion import evaluate_emotion

GLAD = ("I am so happy!", "What a wonderful day", "this is great, thank you", "I love it")
SAD = ("I feel so alone", "my dog died last night", "I cannot stop crying", "everything is lost")

MOODS = [*((text, "joy") for text in GLAD), *((text, "sadness") for text in SAD)]


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


@pytest.mark.parametrize("tune", ["none", "full"])
def test_of_many_rows_several_judges_are_pooled(tune: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (feeling, emotion_judges):
        monkeypatch.setattr(module, "FEW", 16)
    rows = [f'{n % 5},{n},Ann,"{text}",{emotion}' for n, (text, emotion) in enumerate(4 * MOODS)]
    learnt = table(tmp_path / "a.csv", "dialogue,utterance,speaker,text,emotion", rows)
    asked = table(tmp_path / "b.csv", "dialogue,utterance,speaker,text,emotion", rows[:8])
    found = evaluate_emotion(learnt, asked, seeds=1, tune=tune)
    judges = {"network", "word runs"} | ({"tuned encoder"} if tune != "none" else set())
    assert set(found["by_judge"]) == judges
    assert found["accuracy"] > 0.8


def test_an_encoder_is_not_tuned_on_few_rows(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="from 1000 rows on"):
        evaluate_emotion(dialogues(tmp_path / "a.csv"), folds="part", seeds=1, tune="full")


@pytest.mark.parametrize("number", ["", "first", "nan"])
def test_an_utterance_needs_a_number(number: str, tmp_path: Path) -> None:
    rows = ["d,1,Ann,hello,joy,a", f"d,{number},Bob,oh no,sadness,b"]
    path = table(tmp_path / "t.csv", "dialogue,utterance,speaker,text,emotion,part", rows)
    with pytest.raises(BadInput, match="utterance should be a number"):
        evaluate_emotion(path, folds="part", seeds=1)


def test_silence_alone_is_nothing_to_learn_from(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        with wave.open(str(tmp_path / name), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16_000)
            file.writeframes(bytes(32_000))
    path = table(tmp_path / "t.csv", "audio,emotion,part", ["a.wav,joy,a", "b.wav,sadness,b"])
    with pytest.raises(BadInput, match="no row has a text or a voice"):
        evaluate_emotion(path, folds="part", seeds=1)


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
