"""The mark in synthetic speech is found after what channels do to a sound, and not where there is none."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from personac.connectors.telegram.voice import to_voice_note
from personac.connectors.web.compatible.sounds import encode
from personac.core.cli.voice import note_of
from personac.core.message import Sound, joined
from personac.core.models.sound import decode_sound
from personac.core.models.voice import NOTE, load_voice
from personac.core.models.watermark import ENOUGH, find, mark

RATE = 22_050
SECONDS = 9


@cache
def speech(seed: int = 0) -> NDArray[np.int16]:
    """Return something like speech: syllables of a gliding voice with formants, pauses and breath."""
    draw = np.random.default_rng(seed)
    made = []
    while sum(map(len, made)) < SECONDS * RATE:
        length = int(RATE * draw.uniform(0.12, 0.35))
        time = np.arange(length) / RATE
        pitch = draw.uniform(90, 220) * (1 + 0.2 * draw.standard_normal() * time / time[-1])
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        formants = draw.uniform([300, 900, 2200], [800, 2200, 3400])
        voice = np.zeros(length)
        for harmonic in range(1, 40):
            at = harmonic * pitch.mean()
            gain = sum(1 / (1 + ((at - formant) / 150) ** 2) for formant in formants) + 0.02
            voice += gain * np.cos(harmonic * phase + draw.uniform(0, 6))
        breath = draw.standard_normal(length) * draw.uniform(0.05, 1.0)
        made.append((voice + breath) * np.hanning(length))
        made.append(np.zeros(int(RATE * draw.choice([0.0, 0.02, 0.2]))) + 0.001 * draw.standard_normal())
    whole = np.concatenate(made)[: SECONDS * RATE]
    return (whole / np.abs(whole).max() * 20_000).astype(np.int16)


@cache
def marked() -> NDArray[np.int16]:
    return mark(speech(), RATE)


def heard(pcm: NDArray[np.int16], note: str = "") -> NDArray[np.float32]:
    return decode_sound(Sound(pcm.tobytes(), RATE, note=note).wav())


def test_the_mark_is_found_and_nothing_where_there_is_none() -> None:
    assert find(heard(marked())).marked
    for seed in range(4):
        assert find(heard(speech(seed))).score < ENOUGH - 1
    assert not find(np.zeros(0, np.float32)).marked
    assert not find(np.zeros(160_000, np.float32)).marked
    assert not find(np.random.default_rng(0).standard_normal(160_000).astype(np.float32)).marked


@pytest.mark.parametrize(
    "change",
    [
        lambda pcm: pcm[5_555:-7_777],
        lambda pcm: (pcm * 0.05).astype(np.int16),
        lambda pcm: np.clip(pcm * 2.0, -32768, 32767).astype(np.int16),
        lambda pcm: np.concatenate([speech(1)[:30_000], pcm]),
    ],
    ids=["cut off", "quiet", "loud and clipped", "after other speech"],
)
def test_the_mark_outlives_a_change(change: Callable[[NDArray[np.int16]], NDArray[np.int16]]) -> None:
    assert find(heard(change(marked()))).marked


def test_the_mark_outlives_opus_and_mp3_as_channels_send_them_with_a_note_in_the_file() -> None:
    sound = Sound(marked().tobytes(), RATE, note=NOTE)
    for data in (to_voice_note([sound])[0], encode([sound], "mp3"), encode([sound], "opus")):
        assert find(decode_sound(data)).marked
        assert note_of(data) == NOTE
    for data in (encode([sound], "wav"), encode([sound], "flac"), sound.wav()):
        assert note_of(data) == NOTE
    plain = Sound(speech().tobytes(), RATE)
    assert not find(decode_sound(to_voice_note([plain])[0])).marked
    assert note_of(to_voice_note([plain])[0]) == note_of(plain.wav()) == ""


def test_the_mark_lies_far_below_the_speech_in_every_band() -> None:
    before, after = (
        np.abs(np.fft.rfft(pcm[: len(pcm) // 705 * 705].reshape(-1, 705).astype(float) * np.hanning(705), axis=1))
        for pcm in (speech(), marked())
    )
    loud = before > before.max() / 100
    decibels = 20 * np.log10(after[loud] / before[loud])
    assert np.quantile(np.abs(decibels), 0.95) < 1.0
    assert np.quantile(np.abs(decibels), 0.999) < 3.0
    assert np.abs(decibels).mean() > 0.1


def test_pieces_that_are_marked_one_by_one_are_one_mark() -> None:
    pcm = speech()
    cut = 3 * RATE + 123
    pieces = [mark(pcm[:cut], RATE), mark(pcm[cut:], RATE, cut / RATE)]
    whole = joined([Sound(piece.tobytes(), RATE) for piece in pieces])
    alone = find(heard(marked())).score
    assert find(decode_sound(whole.wav())).score > 0.8 * alone


async def test_a_voice_of_a_person_is_marked_and_others_are_not() -> None:
    text = "The museum opens at nine in the morning. It closes at five in the afternoon, and on Mondays it is shut."
    for imitates in (True, False):
        voices = load_voice("espeak", languages=["en"], imitates=imitates)
        whole = joined([sound async for sound in voices.speak(text, "en")])
        assert find(decode_sound(whole.wav())).marked is imitates
        assert whole.note == (NOTE if imitates else "")


def test_a_note_keeps_a_wav_file_readable() -> None:
    import wave

    for note in ("x", "xy", "机器的声音"):
        data = Sound(speech()[:1001].tobytes(), RATE, note=note).wav()
        with wave.open(io.BytesIO(data)) as file:
            assert file.readframes(2000) == speech()[:1001].tobytes()
        assert note_of(data) == note
        assert int.from_bytes(data[4:8], "little") == len(data) - 8
