"""Spans reach an SDK that is set up, and cost nothing without one."""

from __future__ import annotations

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from personac.core import spans


@pytest.fixture(autouse=True)
def off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "_tracer", None)


def test_without_an_sdk_no_spans_are_made() -> None:
    spans.turn_on()
    with spans.span("turn"):
        assert not trace.get_current_span().is_recording()
    assert spans.here() is None


def test_an_sdk_receives_spans_with_what_runs_on_another_thread_below(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    spans.turn_on()
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
