"""A judge of texts by their words and runs of up to three words, as multinomial logistic regression.

Knows no encoder: it sees what sentence vectors smooth over, such as "?!", "oh" and negations. Words are those of any
script; where words are not parted by blanks, as in Chinese, characters take their place.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import regex
from numpy.typing import NDArray

LONGEST = 3  # words in a run
LEAST = 2  # texts in which a run stands
STRENGTH = 3.0  # inverse of the penalty
STEPS = 50
_PIECE = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}\p{M}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]]+"
    r"(?:'[\p{L}\p{M}]+)*|\p{N}+|[!?.,…！？。，]+|[^\s\w]",
    regex.V1,
)
Array = NDArray[np.float32]


def runs(text: str) -> list[str]:
    """Return the runs of one to LONGEST pieces of a text in lower case, its beginning and end being pieces too."""
    pieces = ["^", *_PIECE.findall(text.lower().replace("’", "'")), "$"]
    return [" ".join(pieces[i : i + n]) for n in range(1, LONGEST + 1) for i in range(len(pieces) - n + 1)]


class Ngrams:
    """Learn classes from texts; give the logarithms of their probabilities.

    Runs are weighed by 1 + log of their count and by rarity, each text to length 1 (Salton and Buckley, 1988).
    """

    def __init__(self, texts: Sequence[str], labels: NDArray[np.int64], classes: int) -> None:
        """Learn from texts with labels [n] in 0 … classes - 1; a class without a text gets almost nothing."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._classes = classes
        self._reader = TfidfVectorizer(analyzer=runs, min_df=LEAST, sublinear_tf=True, dtype=np.float32)
        self._learner = None
        self._seen = np.unique(labels)
        if len(self._seen) < 2:
            return
        try:
            rows = self._reader.fit_transform(texts)
        except ValueError:  # no run stands in so many texts
            return
        learner = LogisticRegression(C=STRENGTH, max_iter=STEPS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the last steps change no decision
            self._learner = learner.fit(rows, labels)

    def judge(self, texts: Sequence[str]) -> Array:
        """Return log-probabilities [n, classes]."""
        found = np.full((len(texts), self._classes), 1e-6, np.float64)
        if self._learner is None:
            found[:, self._seen] = 1.0 / max(1, len(self._seen))
        elif len(texts):
            found[:, self._learner.classes_] = self._learner.predict_proba(self._reader.transform(texts))
        return np.log(np.maximum(found, 1e-6)).astype(np.float32)
