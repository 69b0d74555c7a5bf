"""The measures of evaluations, as the literature defines them.

Knows labels, scores, ranks and spans; nothing of models or files. All shares lie in [0, 1].
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Span = tuple[int, int, str]  # start, end (exclusive), type


@dataclass(frozen=True, slots=True)
class Counts:
    """Count what was found rightly, found wrongly and missed; a share of nothing is nan."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        return _share(2 * self.right, 2 * self.right + self.wrong + self.missed)

    def as_dict(self) -> dict[str, float]:
        """Return precision, recall, f1, and how many there are in truth."""
        scores = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {**scores, "support": self.right + self.missed}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def accuracy(truth: Sequence[Any], found: Sequence[Any]) -> float:
    """Return the share of rows whose label was found."""
    return sum(bool(a == b) for a, b in zip(truth, found, strict=True)) / max(1, len(truth))


def label_counts(truth: Iterable[Collection[str]], found: Iterable[Collection[str]]) -> dict[str, Counts]:
    """Return the counts of each label, in alphabetical order, of rows that may have several labels."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for expected, got in zip(truth, found, strict=True):
        right.update(set(expected) & set(got))
        wrong.update(set(got) - set(expected))
        missed.update(set(expected) - set(got))
    return {label: Counts(right[label], wrong[label], missed[label]) for label in sorted({*right, *wrong, *missed})}


def f1_scores(truth: Sequence[str], found: Sequence[str]) -> dict[str, float]:
    """Return macro_f1, weighted_f1 and micro_f1 of rows with one label each.

    The means are over the labels that occur in the truth or were found; the weights are the rows in truth.
    """
    return multilabel_f1([(label,) for label in truth], [(label,) for label in found])


def multilabel_f1(truth: Sequence[Collection[str]], found: Sequence[Collection[str]]) -> dict[str, float]:
    """Return macro_f1, weighted_f1 and micro_f1 of rows with any number of labels."""
    counts = label_counts(truth, found)
    support = sum(count.right + count.missed for count in counts.values())
    weighted = sum(count.f1 * (count.right + count.missed) for count in counts.values())
    return {
        "macro_f1": sum(count.f1 for count in counts.values()) / max(1, len(counts)),
        "weighted_f1": weighted / max(1, support),
        "micro_f1": sum(counts.values(), Counts()).f1,
    }


def auroc(positive: ArrayLike, score: ArrayLike) -> float:
    """Return the chance that a positive scores above a negative, ties counting half; nan when one kind is absent.

    The Mann-Whitney U statistic over its maximum (Hanley and McNeil 1982).
    """
    is_positive, values = np.asarray(positive, np.bool_), np.asarray(score, np.float64)
    many, others = int(is_positive.sum()), int((~is_positive).sum())
    if not many or not others:
        return math.nan
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((ranks[is_positive].sum() - many * (many + 1) / 2) / (many * others))


def expected_calibration_error(confidence: ArrayLike, right: ArrayLike, bins: int = 15) -> float:
    """Return the mean gap between confidence and accuracy over bins of equal width (Guo et al. 2017)."""
    sure, hit = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    if not len(sure):
        return math.nan
    place = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    gaps = [abs(float(hit[place == b].sum() - sure[place == b].sum())) for b in range(bins)]
    return sum(gaps) / len(sure)


def recall_at(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return the share of the relevant that stands among the first k."""
    return len(set(ranked[:k]) & set(relevant)) / max(1, len(set(relevant)))


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """Return 1 / the rank of the first that is relevant, 0 when none is."""
    return next((1 / rank for rank, item in enumerate(ranked, 1) if item in relevant), 0.0)


def ndcg_at(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return the discounted gain of the first k over the best possible one, each relevant gaining 1.

    Järvelin and Kekäläinen 2002, with log2(rank + 1) as the discount.
    """
    gain = sum(1 / math.log2(rank + 1) for rank, item in enumerate(ranked[:k], 1) if item in relevant)
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(set(relevant))) + 1))
    return gain / best if best else 0.0


def span_scores(
    truth: Iterable[Collection[Span]], found: Iterable[Collection[Span]], *, touching: bool = False
) -> dict[str, Counts]:
    """Return the counts by type of spans, in alphabetical order.

    A span is found when one with the same type has the same borders (CoNLL); with `touching`, when one with the same
    type shares a character with it, each found span serving one true span.
    """
    total: dict[str, Counts] = {}
    for expected, got in zip(truth, found, strict=True):
        wanted, left = sorted(set(expected)), sorted(set(got))
        for span in wanted:
            same = [s for s in left if s[2] == span[2]]
            hit = [s for s in same if (s[0] < span[1] and span[0] < s[1] if touching else s == span)]
            if hit:
                left.remove(hit[0])
            one = Counts(right=1) if hit else Counts(missed=1)
            total[span[2]] = total.get(span[2], Counts()) + one
        for span in left:
            total[span[2]] = total.get(span[2], Counts()) + Counts(wrong=1)
    return dict(sorted(total.items()))


def edit_errors(truth: Sequence[str], heard: Sequence[str]) -> int:
    """Return the fewest substitutions, deletions and insertions from one to the other, of words or characters."""
    from rapidfuzz.distance import Levenshtein

    return int(Levenshtein.distance(truth, heard))


def error_rate(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> float:
    """Return all errors over all units (words or characters) of the truth: WER, or CER; nan without any unit."""
    errors = units = 0
    for truth, heard in pairs:
        errors += edit_errors(truth, heard)
        units += len(truth)
    return errors / units if units else math.nan


def mean_of_runs(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each figure over runs with different seeds.

    Runs that lack a figure, or have it as nan, are left out of its mean.
    """
    found = {}
    for name in dict.fromkeys(name for run in runs for name in run):
        values = [run[name] for run in runs if name in run and not math.isnan(run[name])]
        found[name] = sum(values) / len(values) if values else math.nan
    return found


def deviation_of_runs(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the sample standard deviation of each figure over runs; 0 for one run."""
    means = mean_of_runs(runs)
    found = {}
    for name, mean in means.items():
        values = [run[name] for run in runs if name in run and not math.isnan(run[name])]
        spread = sum((value - mean) ** 2 for value in values)
        found[name] = math.sqrt(spread / (len(values) - 1)) if len(values) > 1 else 0.0
    return found
