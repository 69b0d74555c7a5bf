"""A search has its own time, whatever else the process does."""

from __future__ import annotations

import time

import pytest
import regex
from personac.core.mind import patience
from personac.core.mind.patience import TRIES, patiently


def test_a_search_that_others_used_the_time_of_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience.time, "thread_time", lambda: 0.0)  # type: ignore[attr-defined]
    allowed: list[float] = []

    def search(seconds: float) -> str:
        allowed.append(seconds)
        if len(allowed) < TRIES:
            raise TimeoutError
        return "found"

    assert patiently(search, 1.0) == "found"
    assert allowed == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_a_search_that_never_ends_is_given_up_when_others_take_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience.time, "thread_time", lambda: 0.0)  # type: ignore[attr-defined]
    tried: list[float] = []

    def search(seconds: float) -> str:
        tried.append(seconds)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        patiently(search, 1.0)
    assert len(tried) == TRIES


def test_a_pattern_that_explodes_is_given_up_after_its_own_time() -> None:
    pattern = regex.compile(r"(?:a|aa)+$")
    begun = time.thread_time()
    with pytest.raises(TimeoutError):
        patiently(lambda seconds: pattern.search("a" * 60 + "b", timeout=seconds), 0.02)
    assert time.thread_time() - begun >= 0.02
