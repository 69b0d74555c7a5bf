"""Learn to tell messages that ask for a right over one's own data from everyday ones and from requests for a service.

The sentences ship with personac; a persona's encoders read them. By kernel ridge regression, with the threshold from
sentences that were held out.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..contracts import Encoder
from ..mind.rights import RIGHTS, Reader, kernel
from .examples import emotion_rows
from .vectors import covers

RIDGE = 0.1
FOLDS = 5
SERVICES_KEPT = 0.97  # of the requests for a service that sound alike, held out: so many are no right
EVERYDAY_KEPT = 0.995  # of everyday sentences
Encode = Callable[[Encoder, Sequence[str]], NDArray[np.float32]]
Matrix = NDArray[np.float64]


class Sentence(NamedTuple):
    """Hold a sentence with the right that it asks for, empty for none; `alike` where it sounds as if it did.

    One that negates a wish is of that wish: words tell them apart (mind/rights_polarity.py).
    """

    text: str
    language: str
    right: str
    alike: bool


def sentences(languages: Sequence[str]) -> list[Sentence]:
    """Return what is learnt from, those that ask for a right first; of a persona's languages, where there are any."""
    file = resources.files(__package__.rsplit(".", 1)[0] + ".mind").joinpath("rights.csv")
    table = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    found = [Sentence(row["text"], row["language"], row["right"], True) for row in table]
    for language in ("en", "zh"):
        found += [Sentence(row.text, language, "", False) for row in emotion_rows([language])]
    spoken = {language.split("-")[0] for language in languages}
    own = [row for row in found if row.language in spoken] or found
    return sorted(own, key=lambda row: not row.right)


def learn(
    encoders: Sequence[Encoder], languages: Sequence[str], encode: Encode
) -> tuple[dict[tuple[str, ...], Reader], dict[str, Any]]:
    """Return a reader for each set of encoders that reads a language of the persona, and what its author may know.

    `encode(encoder, texts)` returns [n, d] of length 1.
    """
    readers: dict[tuple[str, ...], Reader] = {}
    report: dict[str, Any] = {}
    rows = sentences(languages)
    for language in languages:
        reading = [encoder for encoder in encoders if covers(encoder, language)] or list(encoders)
        names = tuple(encoder.name for encoder in reading)
        if names in readers:
            continue
        own = [row for row in rows if all(covers(encoder, row.language) for encoder in reading)] or rows
        vectors = [encode(encoder, [row.text for row in own]).astype(np.float16) for encoder in reading]
        readers[names], report[" + ".join(names)] = _fit(names, own, [part.astype(np.float32) for part in vectors])
    return readers, report


def _fit(
    names: tuple[str, ...], rows: Sequence[Sentence], vectors: Sequence[NDArray[np.float32]]
) -> tuple[Reader, dict[str, float]]:
    like = kernel([part @ part.T for part in vectors]).astype(np.float64)
    asks = np.array([bool(row.right) for row in rows])
    alike = np.array([row.alike for row in rows])
    wanted = np.array([[row.right == right for right in RIGHTS] for row in rows])
    wanted = np.concatenate([wanted, asks[:, None]], 1) * 2.0 - 1.0
    scores = np.zeros_like(wanted)
    for fold in range(FOLDS):
        out = np.arange(len(rows)) % FOLDS == fold
        weights, means = _solve(like[np.ix_(~out, ~out)], wanted[~out])
        scores[out] = like[np.ix_(out, ~out)] @ weights + means
    services, everyday = scores[alike & ~asks, -1], scores[~alike, -1]
    threshold = max(float(np.quantile(services, SERVICES_KEPT)), float(np.quantile(everyday, EVERYDAY_KEPT)))
    weights, means = _solve(like, wanted)
    caught = asks & (scores[:, -1] >= threshold)
    told = scores[:, :-1].argmax(1) == wanted[:, :-1].argmax(1)
    report = {
        "threshold": round(threshold, 3),
        "caught": round(float(caught.sum() / asks.sum()), 3),
        "told_apart": round(float(told[caught].mean()), 3),
        "services_caught": round(float(np.mean(services >= threshold)), 3),
        "everyday_caught": round(float(np.mean(everyday >= threshold)), 4),
    }
    found = dict(zip(names, vectors, strict=True))
    return Reader(found, int(asks.sum()), weights.astype(np.float32), means.astype(np.float32), threshold), report


def _solve(like: Matrix, wanted: Matrix) -> tuple[Matrix, Matrix]:
    """Return weights [n, k] and means [k] of kernel ridge regression on a kernel [n, n]."""
    means = wanted.mean(0)
    return np.linalg.solve(like + RIDGE * np.eye(len(like)), wanted - means), means
