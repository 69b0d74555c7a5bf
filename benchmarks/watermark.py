"""The mark of imitated voices: how often it is found after what channels do, how often where there is none, and how
far it lies below the speech.

    python benchmarks/watermark.py [--clips FOLDER …] [--json]

Marks speech of Piper and espeak-ng made here, in English and Chinese, and looks for the mark after each change; looks
for it in the same speech unmarked, and in all recordings (.wav) below the folders given.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
from common import SEED, quantiles, show
from numpy.typing import NDArray
from personac.connectors.telegram.voice import to_voice_note
from personac.connectors.web.compatible.sounds import encode
from personac.core.message import Sound, joined
from personac.core.models.sound import decode_sound
from personac.core.models.voice import load_voice
from personac.core.models.watermark import ENOUGH, find, mark

ENGLISH = [
    "Good morning. The ferry to the island leaves from pier seven at a quarter past eight, and the crossing takes "
    "about forty minutes. Please be there ten minutes early.",
    "Your parcel has left our warehouse. You can follow it with the number that we sent you this morning.",
    "I would be happy to explain that again. First open the settings, then choose your account, and then press save.",
    "The library is closed on public holidays. Books can be returned through the letter box beside the main door, "
    "at any time of the day or night.",
    "No, there is no charge for that.",
    "We grow more than two hundred kinds of roses here, and in June, when most of them are in flower, the garden stays "
    "open until nine in the evening so that visitors can enjoy the scent.",
]
CHINESE = [
    "早上好，去岛上的渡轮八点一刻从七号码头出发，航程大约四十分钟，请提前十分钟到达。",
    "您的包裹已经从仓库发出，可以用今天早上收到的单号查询物流。",
    "好的，我再说明一次。先打开设置，再选择您的账户，最后点击保存。",
    "图书馆在法定节假日闭馆，还书可以随时投入正门旁边的还书箱。",
    "这项服务不收费。",
    "我们这里种植了两百多种玫瑰，六月花开得最盛的时候，花园会一直开放到晚上九点。",
]
Change = Callable[[Sound], NDArray[np.float32]]


def spoken() -> dict[str, list[Sound]]:
    """Return speech by voice, one piece for each text."""

    async def say(voice: Any, text: str, language: str) -> Sound:
        return joined([sound async for sound in voice.speak(text, language)])

    piper, espeak = load_voice("piper", languages=["en"]), load_voice("espeak", languages=["en", "zh"])
    voices = (("Piper en", piper, "en", ENGLISH), ("espeak-ng en", espeak, "en", ENGLISH),
              ("espeak-ng zh", espeak, "zh", CHINESE))  # fmt: skip
    return {name: [asyncio.run(say(v, text, code)) for text in texts] for name, v, code, texts in voices}


def samples(sound: Sound) -> NDArray[np.int16]:
    """Return the samples of a sound."""
    return np.frombuffer(sound.pcm, np.int16)


def plain(sound: Sound) -> NDArray[np.float32]:
    """Return a sound as the detector has it: resampled to 16 kHz."""
    return decode_sound(sound.wav())


def changed(by: Callable[[NDArray[np.int16]], NDArray[np.int16]]) -> Change:
    """Return a change of samples."""
    return lambda sound: plain(Sound(by(samples(sound)).tobytes(), sound.sample_rate))


def aac(sound: Sound) -> bytes:
    """Return a sound as AAC in MP4 at 64 kbit/s, as players of work chats transcode it."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("aac", rate=44_100)
        stream.layout, stream.bit_rate = "mono", 64_000
        frame = av.AudioFrame.from_ndarray(samples(sound).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = sound.sample_rate
        resampler, fifo = av.AudioResampler(format="fltp", layout="mono", rate=44_100), av.AudioFifo()
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            part.pts = None
            fifo.write(part)
        while (block := fifo.read(1024, partial=True)) is not None:
            block.pts = None
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def again(sound: Sound) -> NDArray[np.float32]:
    """Return a sound that was sent as Opus and sent on as Opus."""
    once = decode_sound(to_voice_note([sound])[0])
    return decode_sound(to_voice_note([Sound((once * 32767).astype(np.int16).tobytes(), 16_000)])[0])


def noisy(pcm: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return samples with white noise 30 dB below them."""
    noise = np.random.default_rng(SEED).standard_normal(len(pcm)) * pcm.std() / 10**1.5
    return np.clip(pcm + noise, -32768, 32767).astype(np.int16)


CHANGES: dict[str, Change] = {
    "16 kHz": plain,
    "Opus 32 kbit/s (Telegram)": lambda sound: decode_sound(to_voice_note([sound])[0]),
    "Opus twice": again,
    "MP3 64 kbit/s": lambda sound: decode_sound(encode([sound], "mp3")),
    "AAC 64 kbit/s": lambda sound: decode_sound(aac(sound)),
    "cut off (0.4 s, 0.3 s)": changed(lambda pcm: pcm[8_820:-6_615]),
    "at a tenth of the volume": changed(lambda pcm: (pcm * 0.1).astype(np.int16)),
    "loud, clipped": changed(lambda pcm: np.clip(pcm * 2.0, -32768, 32767).astype(np.int16)),
    "noise at -30 dB": changed(noisy),
}


def below(before: NDArray[np.int16], after: NDArray[np.int16], rate: int) -> tuple[float, float]:
    """Return the signal-to-noise ratio in dB, and the share of critical bands in which the change is masked.

    Johnston (1988), frame by frame: the noise of a Bark band is masked 14.5 + z dB below a tone, 5.5 below a noise.
    """
    first, second = before.astype(float), after.astype(float)
    noise = second - first
    size = round(0.032 * rate)
    count = len(first) // size
    window = np.hanning(size)
    power, error = (
        np.abs(np.fft.rfft(x[: count * size].reshape(count, size) * window, axis=1)) ** 2 + 1e-3 for x in (first, noise)
    )
    kilohertz = np.fft.rfftfreq(size, 1 / rate) / 1000
    bark = 13 * np.arctan(0.76 * kilohertz) + 3.5 * np.arctan((kilohertz / 7.5) ** 2)
    tonal = np.clip((10 * np.log10(power).mean(1) - 10 * np.log10(power.mean(1))) / -60, 0, 1)
    masked = total = 0
    for z in range(1, int(bark.max()) + 1):
        inside = (bark >= z - 0.5) & (bark < z + 0.5)
        if not inside.any():
            continue
        speech, change = power[:, inside].sum(1), error[:, inside].sum(1)
        allowed = tonal * (14.5 + z) + (1 - tonal) * 5.5
        heard = speech > power.sum(1).max() * 1e-6
        masked += int((10 * np.log10(speech / change) >= allowed)[heard].sum())
        total += int(heard.sum())
    return float(10 * np.log10((first**2).sum() / (noise**2).sum())), masked / max(1, total)


def measure(clips: list[Path]) -> dict[str, Any]:
    """Return all figures."""
    voices = spoken()
    rates: dict[str, Any] = {}
    spent, seconds, finding, ratios, shares = 0.0, 0.0, [], [], []
    for name, sounds in voices.items():
        rows: dict[str, list[float]] = {change: [] for change in CHANGES}
        for sound in sounds:
            started = time.process_time()
            made = mark(samples(sound), sound.sample_rate)
            spent, seconds = spent + time.process_time() - started, seconds + sound.seconds
            ratio, share = below(samples(sound), made, sound.sample_rate)
            ratios.append(ratio)
            shares.append(share)
            marked = Sound(made.tobytes(), sound.sample_rate)
            for change, to in CHANGES.items():
                heard = to(marked)
                started = time.process_time()
                found = find(heard)
                finding.append((time.process_time() - started) * 1000 / sound.seconds)
                rows[change].append(max(found.score, found.best))
        lengths = [round(sound.seconds, 1) for sound in sounds]
        rates[name] = {
            "seconds": lengths,
            **{
                change: {
                    "found": round(sum(score >= ENOUGH for score in scores) / len(scores), 3),
                    "of 4 s and more": round(np.mean([s >= ENOUGH for s, t in zip(scores, lengths) if t >= 4]), 3),
                    "lowest": round(min(scores), 1),
                    "mean": round(float(np.mean(scores)), 1),
                }
                for change, scores in rows.items()
            },
        }
    unmarked = {name: [find(plain(sound)) for sound in sounds] for name, sounds in voices.items()}
    for folder in clips:
        files = sorted(folder.rglob("*.wav"))
        unmarked[folder.name] = [find(decode_sound(file.read_bytes())) for file in files]
    return {
        "found": rates,
        "unmarked": {
            name: {
                "clips": len(found),
                "taken for marked": sum(one.marked for one in found),
                "highest": round(max(max(one.score, one.best) for one in found), 2),
            }
            for name, found in unmarked.items()
        },
        "signal to noise, dB": {"mean": round(float(np.mean(ratios)), 1), "lowest": round(min(ratios), 1)},
        "critical bands in which it is masked": round(float(np.mean(shares)), 4),
        "milliseconds to mark a second": round(spent / seconds * 1000, 2),
        "milliseconds to look at a second": quantiles(finding),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--clips", nargs="*", type=Path, default=[], help="folders of unmarked recordings")
    show("watermark", measure(parser.parse_args().clips))
