"""The tokens of tables of emotions: words, voices, and what was said before in a dialogue.

Made as a persona's compile makes them; nothing is learnt here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..compile.feeling import Feelings
from ..compile.frames import Frames
from ..compile.passes import Passes
from ..compile.tuning import tunable
from ..compile.vectors import TextVectors, Token, covers, encoder_names, recordings
from ..errors import BadInput
from ..mind.understanding.fusion import HISTORY
from ..models.language import LanguageDetector
from .tables import Table

EARLIER = 5  # utterances of a dialogue up to the one that is judged
SAMPLE = 200  # texts that tell the languages of a table
SHARE = 0.1  # of them, that a language needs to count
SPOKEN = ("en", "zh", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "tr", "ar", "th", "ja", "ko")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Material:
    """Hold the rows of all tables behind each other: their tokens, the tokens of each modality, and their words.

    The modalities are words, voice and history. `windows` has for each row the rows of its dialogue up to it, itself
    last; `dialogues` [n] numbers them, each row being its own where the tables name none. `tunable` is the encoder
    whose layers can be tuned, if any.
    """

    feelings: Feelings
    modalities: dict[str, list[str]]
    texts: list[str]
    tunable: str | None
    windows: list[list[int]]
    dialogues: NDArray[np.int64]

    def earlier(self, rows: NDArray[np.int64]) -> list[str]:
        """Return what was said just before each of some rows, empty where nothing was."""
        windows = [self.windows[row] for row in rows.tolist()]
        return [self.texts[window[-2]] if len(window) > 1 else "" for window in windows]


def material_of(tables: Sequence[Table], progress: Progress) -> Material:
    """Return the rows of all tables; raise BadInput."""
    texts = [str(row.get("text") or "") for table in tables for row in table.rows]
    files = [_file(table, number) for table in tables for number in range(len(table))]
    languages = _languages(texts)
    matrices: dict[str, NDArray[np.float32] | Frames] = {}
    present: dict[str, NDArray[np.bool_]] = {}
    modalities: dict[str, list[str]] = {}
    voices: list[Token] = []
    if any(files):
        with Passes() as passes:
            heard, voices = recordings(files, [not text.strip() for text in texts], "auto", languages, passes, progress)
        texts = [text if text.strip() else heard.get(row, "") for row, text in enumerate(texts)]
        languages = _languages(texts)
    windows, dialogues = _dialogues(tables)
    able: str | None = None
    if any(text.strip() for text in texts):
        said = np.array([bool(text.strip()) for text in texts], np.bool_)
        detector = LanguageDetector(languages)
        spoken = [detector.detect(text) if text else languages[0] for text in texts]
        vectors = TextVectors.named(readers(languages), progress)
        for encoder in vectors.encoders:
            matrix = vectors.of(encoder, texts, f"encode ({encoder.name})", progress)
            has = said & np.array([covers(encoder, code) for code in spoken], np.bool_)
            if not has.any():
                has = said
            matrices[encoder.name], present[encoder.name] = matrix * has[:, None], has
        modalities["words"] = list(matrices)
        able = next((encoder.name for encoder in vectors.encoders if tunable(encoder)), None)
        if any(len(window) > 1 for window in windows):
            history = _history(tables, windows, np.concatenate([np.asarray(m) for m in matrices.values()], 1))
            matrices[HISTORY], present[HISTORY] = history, np.diff(history.starts) > 0
            modalities["history"] = [HISTORY]
    for token in voices:
        matrices[token.name], present[token.name] = token.matrix, token.present
    if voices:
        modalities["voice"] = [token.name for token in voices]
    if not matrices:
        raise BadInput("emotion_rows", "no row has a text or a voice")
    names = [emotion for table in tables for emotion in table.filled("emotion")]
    emotions = tuple(sorted(set(names)))
    labels = np.array([emotions.index(name) for name in names], np.int64)
    feelings = Feelings(matrices, present, labels, emotions)
    return Material(feelings, modalities, texts, able, windows, dialogues)


def readers(languages: Sequence[str]) -> list[str]:
    """Return the names of the sentence encoders for texts; of English both, for they hear different things."""
    names = encoder_names(("auto",), languages)
    return names if len(names) > 1 or "use-multilingual" in names else [*names, "use-multilingual"]


def _file(table: Table, number: int) -> Path | None:
    """Return the recording of a row, None where it names none."""
    name = str(table.rows[number].get("audio") or "").strip()
    if not name:
        return None
    path = table.path.parent / name
    if not path.is_file():
        raise table.fault(number, f"there is no recording {name} beside {table.path.name}")
    return path


def _languages(texts: Sequence[str]) -> list[str]:
    """Return the languages that a good part of the texts is in, the commonest first."""
    said = list(dict.fromkeys(text for text in texts if text.strip()))
    some = said[:: max(1, len(said) // SAMPLE)]
    detector = LanguageDetector(SPOKEN)
    found = [detector.detect(text) for text in some]
    counts = {code: found.count(code) for code in dict.fromkeys(found)}
    likely = [code for code in sorted(counts, key=lambda code: -counts[code]) if counts[code] >= SHARE * len(some)]
    return likely or ["en"]


def _dialogues(tables: Sequence[Table]) -> tuple[list[list[int]], NDArray[np.int64]]:
    """Return for each row the rows up to it in its dialogue, at most EARLIER, and the number of its dialogue."""
    total = sum(len(table) for table in tables)
    if not all({"dialogue", "utterance"} <= set(table.rows[0]) for table in tables):
        return [[row] for row in range(total)], np.arange(total)
    windows: list[list[int]] = [[] for _ in range(total)]
    dialogues = np.zeros(total, np.int64)
    first = count = 0
    for table in tables:
        members: dict[str, list[int]] = {}
        for number, row in enumerate(table.rows):
            members.setdefault(str(row["dialogue"]), []).append(number)
        for numbers in members.values():
            ordered = [first + number for number in sorted(numbers, key=lambda number: _turn(table, number))]
            for at, place in enumerate(ordered):
                windows[place] = ordered[max(0, at - EARLIER + 1) : at + 1]
            dialogues[ordered] = count
            count += 1
        first += len(table)
    return windows, dialogues


def _history(tables: Sequence[Table], windows: Sequence[Sequence[int]], vectors: NDArray[np.float32]) -> Frames:
    """Return for each row the vectors of the utterances up to it in its dialogue, each with who said it.

    The last number of a frame is 1 where the speaker is the row's own, -1 where it is another one, 0 where unknown.
    A dialogue's first utterance has none.
    """
    speakers = [str(row.get("speaker") or "") for table in tables for row in table.rows]
    found: list[NDArray[np.float32] | None] = []
    for window in windows:
        said = [speakers[row] for row in window]
        own = [0.0 if not speaker else 1.0 if speaker == said[-1] else -1.0 for speaker in said]
        frames = np.concatenate([vectors[list(window)], np.array(own, np.float32)[:, None]], 1)
        found.append(frames if len(window) > 1 else None)
    return Frames.of(found, vectors.shape[1] + 1)


def _turn(table: Table, number: int) -> float:
    try:
        turn = float(table.rows[number]["utterance"])
    except (TypeError, ValueError):
        turn = math.nan
    if math.isnan(turn):
        raise table.fault(number, "utterance should be a number")
    return turn
