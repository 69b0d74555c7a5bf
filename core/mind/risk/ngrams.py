"""Words and characters of a text as counts in a fixed number of buckets. Knows no weights and no meaning."""

from __future__ import annotations

import re
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ..disguise import fold

BUCKETS = 1 << 14
LONGEST = 2000  # characters that are read
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


def ngrams(text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the buckets [n] that a text fills and their values [n], of length 1 together.

    Words alone, in pairs and in threes, and the beginnings of words; of Chinese, one to three characters. Spelling is
    folded as rules for words fold it. A value is 1 + log(count), as is usual for bags of words.
    """
    counts: dict[int, int] = {}
    for gram in _grams(fold(text[:LONGEST])[0]):
        bucket = crc32(gram.encode("utf-8", "replace")) % BUCKETS
        counts[bucket] = counts.get(bucket, 0) + 1
    buckets = np.fromiter(counts, np.int64, len(counts))
    values = 1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))
    return buckets, np.asarray(values / max(1e-9, float(np.linalg.norm(values))), np.float32)


def _grams(text: str) -> list[str]:
    found: list[str] = []
    words = _TOKEN.findall(_CHINESE.sub(" ", text))
    found += words
    found += [f"{a} {b}" for a, b in pairwise(words)]
    found += [f"{a} {b} {c}" for a, b, c in zip(words, words[1:], words[2:])]
    found += [f"{word[:5]}*" for word in words if len(word) > 5]
    for run in _CHINESE.findall(text):
        for size in (1, 2, 3):
            found += [run[at : at + size] for at in range(len(run) - size + 1)]
    return found
