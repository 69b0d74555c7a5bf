"""Broken requests are refused: no 500, and nothing of the server's inside in an answer."""

from __future__ import annotations

import logging

import pytest

from .http_fuzz import fuzzed


async def test_broken_requests_are_refused_and_shown_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    async with fuzzed(seed=5) as fuzzer:
        await fuzzer.run(2000)
    assert fuzzer.failures == []
    assert {200, 400, 401, 404, 405, 413, 422} <= set(fuzzer.statuses)
