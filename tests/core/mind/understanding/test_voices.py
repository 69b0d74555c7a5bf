"""A voice that can be heard has tokens; silence, however it is made, has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from personac.core.errors import BadInput
from personac.core.mind.understanding.fusion import SPEECH, TONE, VOICE
from personac.core.mind.understanding.views import pictures_of
from personac.core.mind.understanding.voices import sounds_of
from personac.core.models.image import load_image_encoder
from personac.core.models.mfcc import FRAME, MEASURES
from personac.core.models.sound import decode_sound


def wav(samples: NDArray[np.floating]) -> bytes:
    """Return a WAV file of 32-bit floats at 16 kHz."""
    data = samples.astype("<f4").tobytes()
    head = b"fmt " + (16).to_bytes(4, "little") + b"\x03\0\x01\0" + (16_000).to_bytes(4, "little")
    head += (64_000).to_bytes(4, "little") + b"\x04\0\x20\0" + b"data" + len(data).to_bytes(4, "little")
    return b"RIFF" + (4 + len(head) + len(data)).to_bytes(4, "little") + b"WAVE" + head + data


def noise(seconds: float) -> NDArray[np.float32]:
    return (np.random.default_rng(2).normal(size=int(16_000 * seconds)) * 0.1).astype(np.float32)


def test_a_voice_has_its_states_its_frames_and_its_measures() -> None:
    tokens = sounds_of(noise(1.0), np.ones(6, np.float32))
    assert set(tokens) == {SPEECH, VOICE, TONE}
    assert tokens[VOICE].shape == (12, FRAME)
    assert tokens[TONE].shape == (MEASURES,)


def test_without_states_the_voice_is_still_heard() -> None:
    assert set(sounds_of(noise(0.5), None)) == {VOICE, TONE}


@pytest.mark.parametrize("pcm", [np.zeros(16_000, np.float32), np.zeros(0, np.float32), noise(1.0) / 1000])
def test_silence_has_no_token(pcm: NDArray[np.float32]) -> None:
    assert sounds_of(pcm, None) == {}


def test_nan_in_a_recording_is_silence_there() -> None:
    broken = noise(1.0)
    broken[4000:9000] = np.nan
    broken[9000] = np.inf
    pcm = decode_sound(wav(broken))
    assert np.isfinite(pcm).all()
    assert all(np.isfinite(token).all() for token in sounds_of(pcm, None).values())
    assert sounds_of(decode_sound(wav(np.full(16_000, np.nan))), None) == {}


def test_samples_and_states_that_are_no_numbers_never_become_tokens() -> None:
    broken = noise(1.0)
    broken[::7] = np.nan
    tokens = sounds_of(broken, np.full(6, np.nan, np.float32))
    assert set(tokens) == {VOICE, TONE}
    assert all(np.isfinite(token).all() for token in tokens.values())
    assert sounds_of(np.full(16_000, np.nan, np.float32), None) == {}


@pytest.mark.parametrize("samples", [0, 160])
def test_a_recording_of_nothing_or_of_10_ms_is_refused(samples: int) -> None:
    with pytest.raises(BadInput) as raised:
        decode_sound(wav(noise(1.0)[:samples]))
    assert raised.value.code in ("sound_empty", "sound_damaged", "not_a_sound")


class Colours:
    """Encode a picture as its mean colour."""

    name = "colours"
    modality: Literal["text", "image"] = "image"
    dimension = 3
    languages: frozenset[str] | None = None

    def warm_up(self) -> None: ...

    def encode(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        rows = np.stack([picture.reshape(-1, 3).mean(0) + 1 for picture in batch]).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_several_pictures_are_a_sequence_and_one_picture_is_not() -> None:
    red, blue = (np.tile(np.array(colour, np.uint8), (2, 2, 1)) for colour in ([200, 0, 0], [0, 0, 200]))
    mean, tokens = pictures_of(Colours(), [red, blue])
    assert tokens["video"].shape == (2, 3)
    assert mean.shape == (1, 3)
    np.testing.assert_allclose(np.linalg.norm(tokens["picture"]), 1.0, rtol=1e-5)
    assert set(pictures_of(Colours(), [red])[1]) == {"picture"}


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (2, 2)])
def test_a_picture_of_one_pixel_or_one_line_has_a_token(shape: tuple[int, int]) -> None:
    encoder = load_image_encoder()
    encoder.warm_up()
    mean, tokens = pictures_of(encoder, [np.zeros((*shape, 3), np.uint8)])
    assert set(tokens) == {"picture"}
    assert np.isfinite(mean).all()


def test_without_any_picture_there_is_nothing_to_look_at() -> None:
    with pytest.raises(ValueError, match="no picture"):
        pictures_of(Colours(), [])
