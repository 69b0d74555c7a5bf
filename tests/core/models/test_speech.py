from __future__ import annotations

import csv
import importlib.util
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from personac.core.contracts import Recognizer
from personac.core.errors import ModelDamaged, ModelMissing
from personac.core.models import ctranslate, weights
from personac.core.models.sound import decode_sound
from personac.core.models.speech import FasterWhisperRecognizer, WhisperRecognizer, _traditional, load_recognizer

from .conftest import SHARED


def words(text: str) -> list[str]:
    return re.sub(r"[^\w\s]", "", text.lower()).split()


def test_whisper_hears_what_was_said(whisper_base: WhisperRecognizer, spoken: bytes) -> None:
    heard = whisper_base.transcribe(decode_sound(spoken))
    assert {"museum", "opens", "morning"} <= set(words(heard.text))
    assert heard.language == "en"
    assert 0.3 < heard.confidence <= 1.0
    assert heard.states is not None
    assert heard.states.shape == (2048,)  # mean and deviation of two middle layers
    assert heard.states.dtype == np.float32


def test_whisper_gives_what_its_own_transcribe_gives(whisper_base: WhisperRecognizer) -> None:
    import whisper

    clips = sorted((SHARED / "speech_ljspeech" / "wav").glob("*.wav"))
    if not clips:
        pytest.skip(f"{SHARED / 'speech_ljspeech'} is not here")
    pcm = decode_sound(clips[3].read_bytes())
    wanted = whisper.transcribe(whisper_base._model, pcm, fp16=False)["text"].strip()
    assert whisper_base.transcribe(pcm).text == wanted


def test_whisper_makes_few_mistakes_in_a_reading(whisper_base: WhisperRecognizer) -> None:
    table = SHARED / "speech_ljspeech" / "transcripts.csv"
    if not table.is_file():
        pytest.skip(f"{table} is not here")
    with table.open(encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    heard = whisper_base.transcribe(decode_sound((table.parent / row["file"]).read_bytes()))
    assert words(heard.text) == words(row["text"])


def test_chinese_is_heard_as_simplified_chinese(whisper_base: WhisperRecognizer) -> None:
    clip = SHARED / "speech_zh" / "wav" / "pae_zh_pangrama.wav"
    if not clip.is_file():
        pytest.skip(f"{clip} is not here")
    heard = whisper_base.transcribe(decode_sound(clip.read_bytes()))
    assert heard.language == "zh"
    assert heard.text.startswith("天地玄")
    assert not _traditional(heard.text)


@pytest.mark.parametrize(("text", "traditional"), [("陈列", False), ("陳列", True), ("hello", False), ("開門", True)])
def test_traditional_characters_are_told_from_simplified(text: str, traditional: bool) -> None:
    assert _traditional(text) is traditional


def test_the_encoder_runs_once_for_a_clip(
    whisper_base: WhisperRecognizer, spoken: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    inner = whisper_base._model.encoder.encoder
    hook = inner.register_forward_hook(lambda *_: runs.append(1))
    try:
        whisper_base.transcribe(decode_sound(spoken))
    finally:
        hook.remove()
    assert len(runs) == 1


def test_only_the_promised_languages_are_detected(spoken: bytes, whisper_base: WhisperRecognizer) -> None:
    other = WhisperRecognizer(languages=["zh", "ja"])
    other._model = whisper_base._model
    assert other.transcribe(decode_sound(spoken)).language in {"zh", "ja"}


@pytest.mark.parametrize("kind", ["zeros", "hiss", "empty", "nan", "hum"])
def test_what_is_not_speech_has_no_text(whisper_base: WhisperRecognizer, kind: str) -> None:
    pcm = {
        "zeros": np.zeros(32000),
        "hiss": np.random.default_rng(0).normal(0, 0.05, 32000),
        "empty": np.zeros(0),
        "nan": np.full(16000, np.nan),
        "hum": 0.1 * np.sin(np.arange(32000) * 2 * np.pi * 50 / 16000),
    }[kind]
    heard = whisper_base.transcribe(pcm.astype(np.float32))
    assert heard.text == ""
    assert heard.confidence == 0.0


def test_recognisers_fit_the_contract() -> None:
    assert isinstance(WhisperRecognizer(), Recognizer)
    assert isinstance(load_recognizer(engine="faster-whisper"), Recognizer)


def test_an_unknown_engine_names_the_known_ones() -> None:
    with pytest.raises(ModelMissing, match="whisper, faster-whisper"):
        load_recognizer(engine="sphinx")


def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(ModelMissing, match=r"whisper-base.*large-v3"):
        WhisperRecognizer("enormous").warm_up()


def test_offline_a_larger_whisper_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PERSONAC_OFFLINE", "1")
    monkeypatch.setenv("PERSONAC_CACHE", str(tmp_path))
    with pytest.raises(ModelMissing, match="personac models get small"):
        WhisperRecognizer("small").warm_up()


def test_a_checkpoint_that_is_none_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "my.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(ModelDamaged, match=r"my\.pt"):
        WhisperRecognizer(str(tmp_path / "my.pt")).warm_up()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x06\x00",
        struct.pack("<IH", 6, 5) + b"Spec\0" + struct.pack("<II", 1, 0),
        struct.pack("<IH", 6, 12) + b"WhisperSpec\0" + struct.pack("<II", 3, 1) + b"\x05\x00name\0\x01\x09",
    ],
)
def test_a_damaged_ctranslate2_model_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "model.bin").write_bytes(data)
    with pytest.raises(ModelDamaged):
        ctranslate.read([tmp_path / "model.bin"])


def test_a_model_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    first = weights.locate("whisper-base", "model.bin.part1")
    with pytest.raises(ModelDamaged, match="ends too early"):
        ctranslate.read([first])


def test_faster_whisper_hears_the_same(spoken: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("faster_whisper") is None:
        pytest.skip("faster-whisper is not installed: pip install 'personac[faster-whisper]'")
    recognizer = FasterWhisperRecognizer(languages=["en", "zh"])
    heard = recognizer.transcribe(decode_sound(spoken))
    assert {"museum", "opens", "morning"} <= set(words(heard.text))
    assert heard.language == "en"
    assert recognizer.transcribe(np.zeros(16000, np.float32)).text == ""
