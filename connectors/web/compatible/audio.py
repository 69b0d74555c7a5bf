"""Transcriptions in the forms of OpenAI's API.

Knows transcripts; does not know who hears. Subtitles are SubRip and WebVTT (https://www.w3.org/TR/webvtt1/).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ....core.turn import Transcript, Word

TranscriptFormat = Literal["json", "text", "verbose_json", "srt", "vtt"]
NAMES = {
    "en": "english", "zh": "chinese", "de": "german", "es": "spanish", "fr": "french", "it": "italian",
    "ja": "japanese", "ko": "korean", "nl": "dutch", "pl": "polish", "pt": "portuguese", "ru": "russian",
    "tr": "turkish", "ar": "arabic", "hi": "hindi", "th": "thai", "vi": "vietnamese",
}  # fmt: skip
PAUSE = 0.6  # seconds of quiet between two lines of subtitles
WORDS = 12  # in a line of subtitles at most


def verbose(transcript: Transcript, seconds: float) -> dict[str, Any]:
    """Return the form `verbose_json`, with its words and lines."""
    lines = _lines(transcript.words)
    return {
        "task": "transcribe",
        "language": NAMES.get(transcript.language.split("-")[0], transcript.language),
        "duration": round(max(seconds, transcript.words[-1].end if transcript.words else 0.0), 3),
        "text": transcript.text,
        "words": [{"word": word.text.strip(), "start": word.start, "end": word.end} for word in transcript.words],
        "segments": [
            {"id": number, "seek": 0, "start": line[0].start, "end": line[-1].end, "text": _text(line), "tokens": [],
             "temperature": 0.0, "avg_logprob": 0.0, "compression_ratio": 1.0, "no_speech_prob": 0.0}
            for number, line in enumerate(lines)
        ],
    }  # fmt: skip


def subtitles(transcript: Transcript, seconds: float, format: Literal["srt", "vtt"]) -> str:
    """Return subtitles; one line for all where the times of words are not known."""
    lines = [(line[0].start, line[-1].end, _text(line)) for line in _lines(transcript.words)]
    lines = lines or ([(0.0, seconds, transcript.text)] if transcript.text else [])
    if format == "vtt":
        return "WEBVTT\n\n" + "".join(f"{_at(a, '.')} --> {_at(b, '.')}\n{text}\n\n" for a, b, text in lines)
    return "".join(f"{n}\n{_at(a, ',')} --> {_at(b, ',')}\n{text}\n\n" for n, (a, b, text) in enumerate(lines, 1))


def _lines(words: Sequence[Word]) -> list[list[Word]]:
    lines: list[list[Word]] = []
    for word in words:
        new = not lines or len(lines[-1]) >= WORDS or word.start - lines[-1][-1].end > PAUSE
        lines += [[word]] if new else []
        if not new:
            lines[-1].append(word)
    return lines


def _text(line: Sequence[Word]) -> str:
    return "".join(word.text for word in line).strip()


def _at(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
