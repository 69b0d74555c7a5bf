"""Understanding, measured: labels learnt from one file and found in another, through a persona's own path.

Rows are trained as a compile trains them, written to a folder, and read back by what a runtime uses: the encoders on
ONNX Runtime and `Fusion`. Rows labelled oos or out_of_scope teach and test what no label fits.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from ..compile.artifact import link
from ..compile.build import EMOTIONS
from ..compile.passes import Passes
from ..compile.tuning import TUNED_FILES, HeldOut, tunable, tuned_pass
from ..compile.understanding import train as learn
from ..compile.understanding import write
from ..compile.vectors import TextVectors
from ..contracts import Encoder
from ..errors import BadInput
from ..mind.understanding.fusion import Fusion, Thought
from ..models.language import LanguageDetector
from ..models.text import load_text_encoder
from ..models.tuned import CannotTune
from ..senses import SharedEncoders
from ..turn import Vector
from .intent_examples import encoders_for, examples_of, languages_of, targets_of
from .intent_figures import Figures, figures, figures_of_several
from .intent_rows import Rows, by_folds, drawn, read_rows
from .tables import read_table

MANY = 12_000  # rows up to which `auto` tunes: more take too long for what they gain
Progress = Callable[[str, int, int], None]
Read = dict[str, Mapping[str, Vector]]  # vectors by encoder, of texts that were read before


def evaluate_intents(
    train: Path,
    test: Path | None,
    *,
    oos: Path | None = None,
    shots: int | None = None,
    seeds: int = 1,
    tune: str = "auto",
    folds: str | None = None,
    together: int = 1,
    progress: Progress = lambda label, done, total: None,
) -> dict[str, Any]:
    """Return the figures of labels learnt from `train` and found in `test`, the mean of the seeds' runs.

    `oos` has messages that no label fits, beside those labelled so in `test`. `accuracy` and the F1 scores are of
    the best label of each message in scope; in `in_scope_accuracy` one that was rejected is an error. Where rows have
    several labels the figures are of all labels that are found. With `folds`, the column of `train` that numbers its
    folds, each `together` folds are learnt from and the others measured on, instead of `test`; a label that the
    learnt folds lack is known by its name. Raises BadInput.
    """
    known = read_rows(train, folds)
    if not any(known.labels):
        raise BadInput("no_labels", f"{train} has no label to learn")
    if folds:
        parts = by_folds(known, together, train)
    elif test is not None:
        asked = read_rows(test, several=known.several)
        strangers = read_table(oos, ("text",)).texts("text") if oos is not None else []
        parts = [(known, Rows(asked.texts + strangers, asked.labels + [()] * len(strangers)))]
    else:
        raise BadInput("no_rows", f"{train}: nothing to measure on; give --test, or --folds")
    read: Read = {}
    runs = []
    for learnt, asked in parts:
        names = known.names if folds else None
        runs += [_run(drawn(learnt, shots, seed), asked, names, tune, read, progress) for seed in range(seeds)]
    keys = list(runs[0])
    means: dict[str, Any] = {key: _mean([run[key] for run in runs]) for key in keys}
    if len(runs) > 1:
        means["runs"] = [{key: _rounded(run[key]) for key in keys} for run in runs]
        by_key = {key: [value for run in runs if (value := run[key]) is not None] for key in keys}
        means["std"] = {key: _rounded(float(np.std(values))) for key, values in by_key.items() if values}
    return means


def _run(known: Rows, asked: Rows, labels: list[str] | None, tune: str, read: Read, progress: Progress) -> Figures:
    """Learn and measure once; `labels` are all there are, where `known` may lack some."""
    languages = languages_of(known.texts)
    vectors = TextVectors.named(encoders_for(languages), progress)
    detector = LanguageDetector(languages)
    with tempfile.TemporaryDirectory(prefix="personac-") as made, Passes() as passes:
        folder = Path(made)
        begun = time.perf_counter()
        tuned, spent = _learn(known, labels or known.names, languages, vectors, passes, folder, tune, progress)
        seconds = time.perf_counter() - begun - spent
        encoders: list[Encoder] = []
        for encoder in vectors.encoders:
            at = tuned if tuned is not None and tunable(encoder) else None
            encoders.append(load_text_encoder(encoder.name, folder=at) if at else encoder)
        for encoder in encoders:
            encoder.warm_up()
        senses, fusion = SharedEncoders(encoders), Fusion(folder)
        try:
            thoughts, times = _think(asked, senses, fusion, detector, {} if tuned else read, progress)
        finally:
            senses.close()
    measure = figures_of_several if known.several or asked.several else figures
    took = {"train_seconds": seconds, "p50_ms": float(np.median(times)) if times else None}
    return {**measure(asked.labels, thoughts), **took}


def _think(
    asked: Rows, senses: SharedEncoders, fusion: Fusion, detector: LanguageDetector, read: Read, progress: Progress
) -> tuple[list[Thought | None], list[float]]:
    """Return what is thought of each message, and the milliseconds of those that were not read before."""
    thoughts: list[Thought | None] = []
    times = []
    for i in range(len(asked.texts)):
        text = asked.texts[i].strip()
        begun = time.perf_counter()
        fresh = text not in read
        found = read.setdefault(text, _encoded(senses, text, detector) if fresh else {})
        thoughts.append(fusion.think(found) if found else None)
        if fresh:
            times.append((time.perf_counter() - begun) * 1000)
        if i % 50 == 0 or i + 1 == len(asked.texts):
            progress("find labels", i + 1, len(asked.texts))
    return thoughts, times


def _encoded(senses: SharedEncoders, text: str, detector: LanguageDetector) -> Mapping[str, Vector]:
    return senses.encode_now([(text, detector.detect(text))])[0] if text else {}


def _learn(
    known: Rows,
    names: list[str],
    languages: list[str],
    vectors: TextVectors,
    passes: Passes,
    folder: Path,
    tune: str,
    progress: Progress,
) -> tuple[Path | None, float]:
    """Train into the folder; return where a tuned encoder is, and the seconds that encoding took."""
    begun = time.perf_counter()
    examples = examples_of(known, names, languages, vectors, progress)
    spent = time.perf_counter() - begun
    classes = len(names)
    targets = targets_of(examples, classes)
    where, held = _tuned(vectors, examples.texts, targets, classes, passes, folder / "tuned", tune, progress)
    shape = [(encoder.name, encoder.dimension) for encoder in vectors.encoders]

    def tick(done: int, total: int) -> None:
        progress("train", done, total)

    write(learn(examples, shape, names, EMOTIONS, shape[0][0], tick, held), folder)
    return where, spent


def _tuned(
    vectors: TextVectors,
    texts: list[str],
    targets: NDArray[Any],
    classes: int,
    passes: Passes,
    folder: Path,
    tune: str,
    progress: Progress,
) -> tuple[Path | None, HeldOut | None]:
    """Tune the encoder where it is asked for; `auto` does where that takes minutes, not hours."""
    encoder = next((encoder for encoder in vectors.encoders if tunable(encoder)), None)
    worth = len(texts) <= MANY and classes > 1
    mode = ("full" if worth and encoder is not None else "none") if tune == "auto" else tune
    if mode == "none" or classes < 2:
        return None, None
    if encoder is None:
        raise CannotTune.of([encoder.name for encoder in vectors.encoders])
    version = vectors.versions[encoder.name]
    kind = cast(Literal["lora", "full"], mode)
    made = tuned_pass(passes, encoder, version, texts, targets, classes + 1, kind, progress)
    folder.mkdir()
    for source, names in ((made, TUNED_FILES), (cast(Path, getattr(encoder, "folder")), None)):  # noqa: B009
        for file in source.iterdir():
            if (names is None or file.name in names) and not (folder / file.name).exists():
                link(file, folder / file.name)
    return folder, HeldOut.read(made)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _rounded(sum(known) / len(known)) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
