"""Hearing measured on recordings made here, with a recogniser that hears what the test says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from personac.core.errors import BadInput
from personac.core.evaluate.speech import evaluate_speech
from personac.core.message import Sound
from personac.core.turn import Transcript


class Parrot:
    """Hear the given texts one after the other."""

    def __init__(self, *texts: str) -> None:
        self.texts: Iterator[str] = iter(texts)
        self.languages: list[str | None] = []

    def warm_up(self) -> None:
        self.languages.clear()

    def transcribe(self, pcm: NDArray[np.float32], language: str | None = None) -> Transcript:
        self.languages.append(language)
        return Transcript(next(self.texts), language or "zh")


def clips(folder: Path, rows: str, seconds: float = 0.5) -> Path:
    (folder / "wav").mkdir()
    pcm = (np.sin(np.arange(int(16000 * seconds)) / 9) * 9000).astype("<i2").tobytes()
    for name in ("a", "b"):
        (folder / "wav" / f"{name}.wav").write_bytes(Sound(pcm, 16000).wav())
    (folder / "clips.csv").write_text(rows, "utf-8")
    return folder / "clips.csv"


def test_error_rates_are_given_in_all_and_by_language(tmp_path: Path) -> None:
    table = clips(tmp_path, "file,text,lang\nwav/a.wav,The tower is tall.,en\nwav/b.wav,塔很高。,\n")
    parrot = Parrot("the power is tall", "塔很高")
    found = evaluate_speech(table, recognizer=parrot)
    assert parrot.languages == ["en", None]
    assert found["wer"] == pytest.approx(1 / 7)
    assert found["by_language"]["en"]["wer"] == 0.25
    assert found["by_language"]["zh"]["wer"] == found["by_language"]["zh"]["cer"] == 0
    assert found["seconds"] == pytest.approx(1.0, abs=0.01)
    assert 0 <= found["rtf"] < 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("file,text\nwav/c.wav,hello\n", r"clips\.csv:2: there is no recording wav/c\.wav"),
        ("file,text\nwav/a.wav,hello\nclips.csv,hello\n", r"clips\.csv:3: .* cannot be heard"),
        ("file,text\nwav/a.wav,\n", r"clips\.csv:2: text is empty"),
        ("clip,text\nwav/a.wav,hello\n", "no column 'file'"),
    ],
)
def test_a_row_that_cannot_be_heard_is_named(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        evaluate_speech(clips(tmp_path, rows), recognizer=Parrot("hello", "hello"))
