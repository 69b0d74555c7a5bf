"""The search for near passages finds what comparing all with all finds, afresh and brought up to date."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from personac.core.compile.lints.similarity import Near, near

LEAST = 0.6


def vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Return rows of length 1 in some clusters."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(max(1, count // 5), 64))
    rows = centres[random.integers(len(centres), size=count)] + 0.4 * random.normal(size=(count, 64))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def expected(rows: NDArray[np.float32]) -> set[tuple[int, int]]:
    first, second = np.nonzero(np.triu(rows @ rows.T >= LEAST, 1))
    return set(zip(first.tolist(), second.tolist()))


def found(result: Near) -> set[tuple[int, int]]:
    return {(int(first), int(second)) for first, second in result.pairs}


@pytest.mark.parametrize("count", [0, 1, 2, 50, 1500])
def test_all_near_pairs_are_found_each_once(count: int) -> None:
    rows = vectors(count)
    result = near(rows, LEAST)
    assert found(result) == expected(rows)
    assert len(result.pairs) == len(found(result))


def test_of_many_near_ones_each_keeps_its_nearest() -> None:
    rows = vectors(3000)[:1] + 0.05 * vectors(3000, 1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    result = near(rows, LEAST)
    assert len(result.pairs) < 3000 * 20
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -1)
    pairs = found(result)
    nearest = {(min(i, j), max(i, j)) for i, j in enumerate(cosines.argmax(1).tolist())}
    assert len(nearest & pairs) > 0.6 * len(nearest)


def test_what_was_found_before_is_brought_up_to_date() -> None:
    rows = vectors(200)
    before = near(rows, LEAST)
    fresh = vectors(3, seed=7)
    changed = np.concatenate([rows[50:120], fresh[:1], rows[:50], rows[:1], fresh[1:], rows[121:]])
    assert found(near(changed, LEAST, before)) == found(near(changed, LEAST))


def test_what_was_found_with_another_threshold_is_not_used() -> None:
    rows = vectors(100)
    assert found(near(rows, LEAST, near(rows, 0.9))) == expected(rows)


def test_it_is_kept_in_a_file_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    file = tmp_path / "near" / "a.npz"
    assert Near.load(file) is None
    near(vectors(60), LEAST).save(file)
    kept = Near.load(file)
    assert kept is not None
    assert found(kept) == expected(vectors(60))
    for damaged in (file.read_bytes()[:100], b"", b"PK"):
        file.write_bytes(damaged)
        assert Near.load(file) is None
