"""Understanding, measured: labels learnt from one file and found in another, through a persona's own path.

Rows are trained as a compile trains them, written to a folder, and read back by what a runtime uses: the encoders on
ONNX Runtime and `Fusion`. Rows labelled oos or out_of_scope teach and test what no label fits.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from ..compile.artifact import link
from ..compile.build import BACKGROUND_NEAR, EMOTIONS
from ..compile.examples import Row, emotion_rows, name_rows
from ..compile.passes import Passes
from ..compile.training import Examples
from ..compile.tuning import TUNED_FILES, HeldOut, tunable, tuned_pass
from ..compile.understanding import train as learn
from ..compile.understanding import write
from ..compile.vectors import TextVectors, covers
from ..contracts import Encoder
from ..errors import BadInput
from ..mind.understanding.fusion import Fusion, Thought
from ..models.language import LanguageDetector
from ..models.text import load_text_encoder
from ..models.tuned import CannotTune
from ..senses import SharedEncoders
from .metrics import accuracy, auroc, expected_calibration_error, f1_scores
from .tables import Table, read_table

OUTSIDE = ("oos", "out_of_scope")
KNOWN = ("en", "zh", "ja", "ko", "de", "fr", "es", "it", "nl", "pl", "pt", "ru", "th", "tr", "ar")
TIMED = 200  # messages whose time is taken
FEW = 20  # examples a label, up to which `auto` tunes
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class _Rows:
    texts: list[str]
    labels: list[str]  # "" for what is out of scope


def evaluate_intents(
    train: Path,
    test: Path,
    *,
    oos: Path | None = None,
    shots: int | None = None,
    seeds: int = 1,
    tune: str = "auto",
    progress: Progress = lambda label, done, total: None,
) -> dict[str, Any]:
    """Return the figures of labels learnt from `train` and found in `test`, the mean of the seeds' runs.

    `oos` has messages that no label fits, beside those labelled so in `test`. `accuracy` and the F1 scores are of
    the best label of each message in scope; in `in_scope_accuracy` one that was rejected is an error. Raises BadInput.
    """
    known, asked = _read(train), _read(test)
    if oos is not None:
        strangers = read_table(oos, ("text",)).texts("text")
        asked = _Rows(asked.texts + strangers, asked.labels + [""] * len(strangers))
    if not any(known.labels):
        raise BadInput("no_labels", f"{train} has no label to learn")
    runs = [_run(_drawn(known, shots, seed), asked, tune, progress) for seed in range(seeds)]
    keys = list(runs[0])
    means: dict[str, Any] = {key: _mean([run[key] for run in runs]) for key in keys}
    if seeds > 1:
        means["runs"] = [{key: _rounded(run[key]) for key in keys} for run in runs]
        by_key = {key: [value for run in runs if (value := run[key]) is not None] for key in keys}
        means["std"] = {key: _rounded(float(np.std(values))) for key, values in by_key.items() if values}
    return means


def _read(path: Path) -> _Rows:
    table: Table = read_table(path, ("text",))
    column = "label" if "label" in table.rows[0] or "intent" not in table.rows[0] else "intent"
    table = read_table(path, ("text", column))
    labels = ["" if label in OUTSIDE else label for label in table.filled(column)]
    return _Rows(table.texts("text"), labels)


def _drawn(rows: _Rows, shots: int | None, seed: int) -> _Rows:
    """Return so many rows of each label, drawn with the seed; all of what is out of scope."""
    order = np.random.default_rng(seed).permutation(len(rows.texts)).tolist()
    taken: dict[str, int] = {}
    kept = []
    for i in order:
        label = rows.labels[i]
        taken[label] = taken.get(label, 0) + 1
        if shots is None or not label or taken[label] <= shots:
            kept.append(i)
    return _Rows([rows.texts[i] for i in kept], [rows.labels[i] for i in kept])


def _languages(texts: Sequence[str]) -> list[str]:
    """Return the languages of at least one text in twenty, the commonest first."""
    detector = LanguageDetector(KNOWN)
    counts: dict[str, int] = {}
    for text in texts[:: max(1, len(texts) // 500)]:
        code = "en" if text.isascii() else detector.detect(text).split("-")[0]
        counts[code] = counts.get(code, 0) + 1
    often = [code for code, n in sorted(counts.items(), key=lambda item: -item[1]) if n * 20 >= sum(counts.values())]
    return often or ["en"]


def _run(known: _Rows, asked: _Rows, tune: str, progress: Progress) -> dict[str, float | None]:
    languages = _languages(known.texts)
    names = ["all-MiniLM-L6-v2", "use-multilingual"] if "en" in languages else ["use-multilingual"]
    vectors = TextVectors.named(names, progress)
    detector = LanguageDetector(languages)
    with tempfile.TemporaryDirectory(prefix="personac-") as made, Passes() as passes:
        folder = Path(made)
        begun = time.perf_counter()
        tuned, spent = _learn(known, languages, vectors, passes, folder, tune, progress)
        seconds = time.perf_counter() - begun - spent
        encoders: list[Encoder] = []
        for encoder in vectors.encoders:
            at = tuned if tuned is not None and tunable(encoder) else None
            encoders.append(load_text_encoder(encoder.name, folder=at) if at else encoder)
        for encoder in encoders:
            encoder.warm_up()
        senses, fusion = SharedEncoders(encoders), Fusion(folder)
        try:
            thoughts, times = _think(asked, senses, fusion, detector, progress)
        finally:
            senses.close()
    return {**_figures(asked.labels, thoughts), "train_seconds": seconds, "p50_ms": float(np.median(times))}


def _think(
    asked: _Rows, senses: SharedEncoders, fusion: Fusion, detector: LanguageDetector, progress: Progress
) -> tuple[list[Thought | None], list[float]]:
    thoughts: list[Thought | None] = []
    times = []
    for i in range(len(asked.texts)):
        text = asked.texts[i].strip()
        begun = time.perf_counter()
        found = senses.encode_now([(text, detector.detect(text))])[0] if text else {}
        thoughts.append(fusion.think(found) if found else None)
        times.append((time.perf_counter() - begun) * 1000)
        if i % 50 == 0 or i + 1 == len(asked.texts):
            progress("find labels", i + 1, len(asked.texts))
    return thoughts, times


def _learn(
    known: _Rows,
    languages: list[str],
    vectors: TextVectors,
    passes: Passes,
    folder: Path,
    tune: str,
    progress: Progress,
) -> tuple[Path | None, float]:
    """Train into the folder; return where a tuned encoder is, and the seconds that encoding took."""
    names = sorted(set(known.labels) - {""})
    rows = [Row(text, label or None, background=not label) for text, label in zip(known.texts, known.labels)]
    given = len(rows)
    rows += [*emotion_rows(languages), *name_rows(rows)]
    texts = [row.text for row in rows]
    begun = time.perf_counter()
    matrices = [vectors.of(encoder, texts, f"encode ({encoder.name})", progress) for encoder in vectors.encoders]
    spent = time.perf_counter() - begun
    detector = LanguageDetector(languages)
    spoken = [detector.detect(text) for text in texts]
    present = [
        np.array([bool(text.strip()) and covers(encoder, code) for text, code in zip(texts, spoken)], np.bool_)
        for encoder in vectors.encoders
    ]
    position = {name: i for i, name in enumerate(names)}
    intent = np.array([position.get(row.intent or "", -1) for row in rows], np.int64)
    intent[:given][np.array([not label for label in known.labels], np.bool_)] = len(names)
    own = matrices[0][:given]
    background = np.array([row.background and i >= given for i, row in enumerate(rows)], np.bool_)
    far = (matrices[0][background] @ own.T).max(1) < BACKGROUND_NEAR
    intent[np.flatnonzero(background)[far]] = len(names)
    readable = np.any(np.stack(present), axis=0)
    if not (readable[:given] & (intent[:given] < len(names))).any():
        raise BadInput("no_reader", "no encoder reads the language of these texts")
    kept = np.flatnonzero(readable)
    emotion = np.array([EMOTIONS.index(rows[i].emotion or "") if rows[i].emotion else -1 for i in kept], np.int64)
    where, held = _tuned(
        vectors, [texts[i] for i in kept], intent[kept], len(names), passes, folder / "tuned", tune, progress
    )
    examples = Examples(
        [np.ascontiguousarray(matrix[kept] * mask[kept, None]) for matrix, mask in zip(matrices, present)],
        [mask[kept] for mask in present],
        intent[kept],
        emotion,
        np.full(len(kept), -1, np.int64),
        np.zeros((0, matrices[0].shape[1]), np.float32),
        [texts[i] for i in kept],
        np.array([rows[i].name for i in kept], np.bool_),
    )
    shape = [(encoder.name, matrix.shape[1]) for encoder, matrix in zip(vectors.encoders, matrices)]

    def tick(done: int, total: int) -> None:
        progress("train", done, total)

    write(learn(examples, shape, names, EMOTIONS, shape[0][0], tick, held), folder)
    return where, spent


def _tuned(
    vectors: TextVectors,
    texts: list[str],
    intent: NDArray[np.int64],
    classes: int,
    passes: Passes,
    folder: Path,
    tune: str,
    progress: Progress,
) -> tuple[Path | None, HeldOut | None]:
    """Tune the encoder where it is asked for; `auto` does where a label has few examples."""
    encoder = next((encoder for encoder in vectors.encoders if tunable(encoder)), None)
    few = len(texts) <= FEW * classes and classes > 1
    mode = ("lora" if few and encoder is not None else "none") if tune == "auto" else tune
    if mode == "none" or classes < 2:
        return None, None
    if encoder is None:
        raise CannotTune.of([encoder.name for encoder in vectors.encoders])
    version = vectors.versions[encoder.name]
    kind = cast(Literal["lora", "full"], mode)
    made = tuned_pass(passes, encoder, version, texts, intent, classes + 1, kind, progress)
    folder.mkdir()
    for source, names in ((made, TUNED_FILES), (cast(Path, getattr(encoder, "folder")), None)):  # noqa: B009
        for file in source.iterdir():
            if (names is None or file.name in names) and not (folder / file.name).exists():
                link(file, folder / file.name)
    return folder, HeldOut.read(made)


def _figures(labels: list[str], thoughts: list[Thought | None]) -> dict[str, float | None]:
    best = [thought.ranking[0][0] if thought and thought.ranking else "" for thought in thoughts]
    outside = [thought is None or thought.out_of_scope for thought in thoughts]
    near = np.array([thought.nearness if thought else 0.0 for thought in thoughts])
    sure = [thought.ranking[0][1] if thought and thought.ranking else 0.0 for thought in thoughts]
    own = [i for i, label in enumerate(labels) if label]
    strange = [i for i, label in enumerate(labels) if not label]
    truth, found = [labels[i] for i in own], [best[i] for i in own]
    scores = f1_scores(truth, found)
    right = [a == b for a, b in zip(truth, found)]
    return {
        "accuracy": accuracy(truth, found) if own else None,
        "macro_f1": scores["macro_f1"] if own else None,
        "weighted_f1": scores["weighted_f1"] if own else None,
        "oos_recall": float(np.mean([outside[i] for i in strange])) if strange else None,
        "oos_auroc": auroc([not label for label in labels], -near) if strange and own else None,
        "in_scope_accuracy": float(np.mean([r and not outside[i] for r, i in zip(right, own)])) if own else None,
        "ece": expected_calibration_error([sure[i] for i in own], right) if own else None,
    }


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _rounded(sum(known) / len(known)) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
