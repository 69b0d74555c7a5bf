"""Spans reach an SDK that is set up, and cost nothing without one."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from personac.core import spans
from personac.core.message import Message
from personac.core.runtime import Runtime


@pytest.fixture(autouse=True)
def off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "_tracer", None)


def test_without_an_sdk_no_spans_are_made() -> None:
    spans.turn_on()
    with spans.span("turn"):
        assert not trace.get_current_span().is_recording()
    assert spans.here() is None


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Set up an SDK and return what receives its spans."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    spans.turn_on()
    return exporter


async def test_each_stage_of_a_turn_has_a_span_without_what_was_said(bank: Runtime, exporter: Any) -> None:
    async for _ in bank.answer(Message("how much cash can I take out in a day", (), "c1", "ann", "test")):
        pass
    made = exporter.get_finished_spans()
    assert {"guard_in", "understand", "recall", "decide", "act", "guard_out", "express", "store"} <= {
        s.name for s in made
    }
    assert not any("cash" in str(value) for span in made for value in (span.attributes or {}).values())


def test_what_runs_on_another_thread_lies_below(exporter: Any) -> None:
    with spans.span("turn", persona="guide"):
        place = spans.here()
    with spans.span("understand", within=place):
        pass
    turn, stage = exporter.get_finished_spans()
    assert (turn.name, stage.name) == ("turn", "understand")
    assert turn.attributes == {"personac.persona": "guide"}
    assert stage.parent is not None
    assert turn.context is not None
    assert stage.parent.span_id == turn.context.span_id
