"""A reply is counted by what its rules did."""

from __future__ import annotations

import pytest
from personac.core.message import FiredRule, Reply
from personac.core.mind.ethics import ENDING
from personac.core.monitor.signs import PLAIN, WATCHED, signs


@pytest.mark.parametrize("did", ENDING)
def test_each_way_to_end_a_turn_is_counted_shown_and_watched(did: str) -> None:
    (found,) = set(signs(Reply("No.", "en", rules=(FiredRule("danger", did),)), {})) - {"turns", "rule:danger"}
    assert found in PLAIN
    assert found in WATCHED


def test_a_conversation_that_a_rule_ended_is_counted_as_refused() -> None:
    assert signs(Reply("No.", "en", rules=(FiredRule("no-guns", "end"),)), {}) == ["refused", "rule:no-guns", "turns"]


def test_a_warning_is_none() -> None:
    assert signs(Reply("Yes.", "en", rules=(FiredRule("careful", "warn"),)), {}) == ["rule:careful", "turns"]
