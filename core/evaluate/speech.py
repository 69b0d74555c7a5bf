"""Hearing measured on recordings: error rates and the time it takes.

Knows nothing of personas: the recogniser is one that a persona may name in `encoders.speech`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ..contracts import Recognizer
from ..errors import BadInput
from ..models.sound import SAMPLE_RATE, decode_sound
from .metrics import error_rate
from .tables import Table, read_table
from .transcripts import characters, words

LONGEST = 3600.0  # seconds of one recording
Progress = Callable[[str, int, int], None]


class _Heard(NamedTuple):
    """Hold one recording: what was said, what was heard, and the seconds of both sound and work."""

    language: str
    said: str
    heard: str
    seconds: float
    took: float


def evaluate_speech(
    clips: Path,
    *,
    model: str = "auto",
    recognizer: Recognizer | None = None,
    progress: Progress = lambda name, done, total: None,
) -> dict[str, Any]:
    """Return wer, cer and rtf of recordings, in all and by language.

    The table has the columns file (relative to the table), text and lang; an empty lang, or none, is detected. wer
    counts characters in scripts without blanks. rtf is seconds of work over seconds of sound, models warm. Raise
    BadInput for a recording that is not there or cannot be decoded.
    """
    table = read_table(clips, ("file", "text"))
    said = table.filled("text")
    languages = [str(row.get("lang") or "").strip().lower() for row in table.rows]
    files = [_recording(table, number) for number in range(len(table))]
    if recognizer is None:
        from ..models.choose import recognizer as choose

        recognizer = choose(model, sorted({language for language in languages if language}))
    recognizer.warm_up()
    heard = []
    for number, file in enumerate(files):
        try:
            pcm = decode_sound(file.read_bytes(), longest=LONGEST)
        except (BadInput, OSError) as error:
            raise table.fault(number, f"{file} cannot be heard: {error}") from error
        started = time.perf_counter()
        transcript = recognizer.transcribe(pcm, languages[number] or None)
        took = time.perf_counter() - started
        language = languages[number] or transcript.language
        heard.append(_Heard(language, said[number], transcript.text, len(pcm) / SAMPLE_RATE, took))
        progress("hear", number + 1, len(files))
    by_language = {
        code: _figures([one for one in heard if one.language == code]) for code in sorted({h.language for h in heard})
    }
    return {**_figures(heard), "by_language": by_language}


def _recording(table: Table, number: int) -> Path:
    name = table.texts("file")[number].strip()
    path = table.path.parent / name
    if not name or not path.is_file():
        raise table.fault(number, f"there is no recording {name or '(file is empty)'} beside {table.path.name}")
    return path


def _figures(heard: list[_Heard]) -> dict[str, Any]:
    sound = sum(one.seconds for one in heard)
    return {
        "wer": error_rate((words(one.said, one.language), words(one.heard, one.language)) for one in heard),
        "cer": error_rate((characters(one.said, one.language), characters(one.heard, one.language)) for one in heard),
        "rtf": sum(one.took for one in heard) / max(sound, 1e-9),
        "clips": len(heard),
        "seconds": sound,
    }
