"""The tokens of tables of emotions: words, voices, and what was said before in a dialogue.

Made as a persona's compile makes them; nothing is learnt here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..compile.feeling import Feelings
from ..compile.frames import Frames
from ..compile.passes import Passes
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


def feelings_of(tables: Sequence[Table], progress: Progress) -> tuple[Feelings, dict[str, list[str]]]:
    """Return the rows of all tables behind each other, and the tokens of each modality that they have.

    The modalities are words, voice and history. Raise BadInput.
    """
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
    if any(text.strip() for text in texts):
        said = np.array([bool(text.strip()) for text in texts], np.bool_)
        detector = LanguageDetector(languages)
        spoken = [detector.detect(text) if text else languages[0] for text in texts]
        vectors = TextVectors.named(encoder_names(("auto",), languages), progress)
        for encoder in vectors.encoders:
            matrix = vectors.of(encoder, texts, f"encode ({encoder.name})", progress)
            has = said & np.array([covers(encoder, code) for code in spoken], np.bool_)
            if not has.any():
                has = said
            matrices[encoder.name], present[encoder.name] = matrix * has[:, None], has
        modalities["words"] = list(matrices)
        history = _history(tables, matrices[modalities["words"][0]])
        if history is not None:
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
    return Feelings(matrices, present, labels, emotions), modalities


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


def _history(tables: Sequence[Table], vectors: object) -> Frames | None:
    """Return for each row the vectors of the utterances up to it in its dialogue, each with who said it.

    The last number of a frame is 1 where the speaker is the row's own, -1 where it is another one, 0 where unknown.
    A dialogue's first utterance has none.
    """
    assert isinstance(vectors, np.ndarray)
    if not all({"dialogue", "utterance"} <= set(table.rows[0]) for table in tables):
        return None
    found: list[NDArray[np.float32] | None] = []
    first = 0
    for table in tables:
        dialogues: dict[str, list[int]] = {}
        for number, row in enumerate(table.rows):
            dialogues.setdefault(str(row["dialogue"]), []).append(number)
        place: dict[int, list[int]] = {}
        for numbers in dialogues.values():
            ordered = sorted(numbers, key=lambda number: _turn(table, number))
            place |= {number: ordered[max(0, at - EARLIER + 1) : at + 1] for at, number in enumerate(ordered)}
        for number in range(len(table)):
            before = place[number]
            speakers = [str(table.rows[other].get("speaker") or "") for other in before]
            own = [0.0 if not speaker else 1.0 if speaker == speakers[-1] else -1.0 for speaker in speakers]
            frames = np.concatenate([vectors[[first + other for other in before]], np.array(own)[:, None]], 1)
            found.append(frames.astype(np.float32) if len(before) > 1 else None)
        first += len(table)
    return Frames.of(found, vectors.shape[1] + 1)


def _turn(table: Table, number: int) -> float:
    try:
        return float(table.rows[number]["utterance"])
    except (TypeError, ValueError):
        raise table.fault(number, "utterance should be a number") from None
