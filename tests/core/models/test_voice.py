from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from personac.core.contracts import Voice
from personac.core.errors import ModelDamaged, ModelMissing
from personac.core.message import Sound
from personac.core.models import voice_espeak, voice_piper
from personac.core.models.speech import WhisperRecognizer
from personac.core.models.voice import Voices, load_voice
from personac.core.models.voice_coqui import CoquiEngine
from personac.core.models.voice_espeak import EspeakEngine


async def say(voices: Voices, text: str, language: str) -> list[Sound]:
    return [sound async for sound in voices.speak(text, language)]


async def test_a_reply_is_spoken_sentence_by_sentence(voices: Voices) -> None:
    sounds = await say(voices, "Hello there! The museum opens at nine.", "en")
    assert len(sounds) == 2
    assert 0.3 < sounds[0].seconds < sounds[1].seconds < 6
    assert all(sound.sample_rate == 22050 for sound in sounds)
    assert all(sound.visemes[-1][1] == "closed" for sound in sounds)


async def test_chinese_is_spoken_by_another_engine(voices: Voices) -> None:
    sounds = await say(voices, "你好！故宫早上八点半开门。", "zh")
    assert len(sounds) == 2
    assert sum(sound.seconds for sound in sounds) > 1.5
    assert voices.name == "en_US-joe-medium+espeak-ng"


async def test_what_piper_says_whisper_understands(voices: Voices, whisper_base: WhisperRecognizer) -> None:
    (sound,) = await say(voices, "Dr. Smith paid $5 for 12 apples", "en")
    pcm = np.frombuffer(sound.pcm, "<i2").astype(np.float32) / 32768
    pcm = np.interp(np.arange(0, len(pcm), 22050 / 16000), np.arange(len(pcm)), pcm).astype(np.float32)
    text = whisper_base.transcribe(pcm, "en").text.lower()
    assert "smith" in text
    assert "apples" in text


@pytest.mark.parametrize("text", ["", "😀😀", "https://a.example/b", "...", "```code```"])
async def test_what_has_no_words_makes_no_sound(voices: Voices, text: str) -> None:
    assert await say(voices, text, "en") == []


@pytest.mark.parametrize("text", ["\x00 nul", "\ud800 half", "<speak>x</speak>", "a" * 300, "字" * 100])
async def test_odd_texts_do_not_break_a_voice(voices: Voices, text: str) -> None:
    for language in ("en", "zh"):
        assert all(sound.pcm for sound in await say(voices, text[:500], language))


async def test_many_at_once_do_not_disturb_each_other(voices: Voices) -> None:
    alone = (await say(voices, "故宫早上八点半开门。", "zh"))[0].seconds  # espeak-ng varies by some samples
    texts = ["故宫早上八点半开门。", "谢谢"] * 4
    results = await asyncio.gather(*(say(voices, text, "zh") for text in texts))
    assert all(abs(result[0].seconds - alone) < 0.01 for result in results[::2])


async def test_a_cancelled_speaker_stops(voices: Voices) -> None:
    stream = voices.speak("One sentence. Another sentence. A third sentence.", "en")
    assert (await anext(stream)).pcm
    await stream.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_a_chinese_name_in_english_is_not_spelled_out(voices: Voices) -> None:
    (plain,) = await say(voices, "Welcome to the Forbidden City.", "en")
    (named,) = await say(voices, "Welcome to the Forbidden City (故宫博物院).", "en")
    assert abs(plain.seconds - named.seconds) < 0.6


async def test_a_chinese_sentence_in_an_english_reply_is_spoken_by_the_chinese_voice(voices: Voices) -> None:
    sounds = await say(voices, "It says so. 故宫早上八点半开门。", "en")
    assert len(sounds) == 2
    (alone,) = await say(voices, "故宫早上八点半开门。", "zh")
    assert abs(sounds[1].seconds - alone.seconds) < 0.05


def test_voices_fit_the_contract(voices: Voices) -> None:
    assert isinstance(voices, Voice)
    assert voices.languages == {"en", "zh"}


def test_a_faster_voice_is_shorter() -> None:
    if not voice_espeak.speaks("en"):
        pytest.skip("espeakng-loader is not installed: pip install 'personac[espeak]'")
    slow, fast = (EspeakEngine(speed=speed).say("The museum opens at nine.", "en")[0] for speed in (0.8, 1.6))
    assert len(fast) < 0.7 * len(slow)


def test_a_language_without_a_voice_says_what_is_missing() -> None:
    missing = load_voice("auto", languages=["en", "xx"]).missing("xx")
    assert missing is not None
    assert missing.command == "pip install 'personac[espeak]'"


async def test_no_voice_is_silent() -> None:
    voices = load_voice("none")
    voices.warm_up()
    assert await say(voices, "Hello", "en") == []
    assert voices.languages == frozenset()


def test_without_packages_auto_has_no_voice_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_piper, "installed", lambda: False)
    monkeypatch.setattr(voice_espeak, "speaks", lambda language: False)
    voices = load_voice("auto", languages=["en", "zh"])
    assert voices.languages == frozenset()
    assert "personac[piper]" in str(voices.missing("en"))
    assert "personac[espeak]" in str(voices.missing("zh"))


def test_auto_takes_the_engine_that_the_model_belongs_to() -> None:
    assert load_voice("auto", "tts_models/en/ljspeech/vits").name == "tts_models/en/ljspeech/vits"
    assert load_voice("auto", "en_US-joe-medium").name.startswith("en_US-joe-medium")


def test_an_unknown_engine_names_the_known_ones() -> None:
    with pytest.raises(ModelMissing, match="auto, coqui, piper, espeak, none"):
        load_voice("sapi")


def test_coqui_without_a_model_asks_for_one() -> None:
    with pytest.raises(ModelMissing, match=r"voice\.model"):
        load_voice("coqui")


def test_a_missing_coqui_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "TTS", None)
    monkeypatch.setitem(sys.modules, "TTS.api", None)
    with pytest.raises(ModelMissing, match=r"personac\[coqui\]"):
        CoquiEngine("tts_models/en/ljspeech/vits").warm_up()


def test_xtts_waits_for_its_licence_instead_of_asking_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COQUI_TOS_AGREED", raising=False)
    with pytest.raises(ModelMissing, match="COQUI_TOS_AGREED"):
        CoquiEngine("tts_models/multilingual/multi-dataset/xtts_v2").warm_up()


def test_a_coqui_voice_by_a_wrong_path_is_missing(tmp_path: Path) -> None:
    if importlib.util.find_spec("TTS") is None:
        pytest.skip("coqui-tts is not installed: pip install 'personac[coqui]'")
    with pytest.raises(ModelMissing, match=r"model\.pth"):
        CoquiEngine(str(tmp_path)).warm_up()


def test_a_piper_voice_by_a_wrong_path_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"nowhere\.onnx"):
        load_voice("piper", str(tmp_path / "nowhere.onnx")).warm_up()


def test_a_damaged_piper_voice_is_named(tmp_path: Path) -> None:
    (tmp_path / "de_DE-x.onnx").write_bytes(b"no network")
    (tmp_path / "de_DE-x.onnx.json").write_text(json.dumps({"espeak": {"voice": "de"}}))
    with pytest.raises(ModelDamaged, match="de_DE-x"):
        load_voice("piper", str(tmp_path / "de_DE-x.onnx"), languages=["de"]).warm_up()


def test_a_piper_voice_speaks_the_language_of_its_settings(tmp_path: Path) -> None:
    (tmp_path / "any.onnx.json").write_text(json.dumps({"language": {"code": "de_DE"}}))
    assert load_voice("piper", str(tmp_path / "any.onnx"), languages=["de"]).languages == {"de"}


def test_espeak_loads_once_from_many_threads() -> None:
    if not voice_espeak.speaks("zh"):
        pytest.skip("espeakng-loader is not installed: pip install 'personac[espeak]'")
    lengths: list[int] = []

    def speak() -> None:
        lengths.append(len(EspeakEngine().say("你好", "zh")[0]))

    threads = [threading.Thread(target=speak) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lengths) == 8
    assert 0 < min(lengths) <= max(lengths) < min(lengths) + 200
