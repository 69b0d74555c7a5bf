"""Spans of OpenTelemetry around what takes time, when a server has turned them on.

Knows names and times only: no text of a message goes into a span. Without an SDK that is set up they cost nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Tracer

_tracer: Tracer | None = None


def turn_on() -> None:
    """Make spans from now on where an OpenTelemetry SDK is set up, as `opentelemetry-instrument` does."""
    global _tracer
    from opentelemetry import trace

    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return  # spans that nobody reads would cost a tenth of a turn's own time
    _tracer = trace.get_tracer("personac")


def here() -> Context | None:
    """Return the place in the trace, for a stage that runs on another thread."""
    if _tracer is None:
        return None
    from opentelemetry import context

    return context.get_current()


@contextmanager
def span(name: str, within: Context | None = None, **attributes: str | int | float) -> Iterator[None]:
    """Put a span around a block, below the one that runs or below the place that `here` gave."""
    if _tracer is None:
        yield
        return
    with _tracer.start_as_current_span(name, within, attributes={f"personac.{k}": v for k, v in attributes.items()}):
        yield


@dataclass(slots=True)
class Clock:
    """Time the stages of a turn, in milliseconds, each in a span of its own."""

    milliseconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)
    within: Context | None = field(default_factory=here)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            with span(name, self.within):
                yield
        finally:
            spent = (time.perf_counter() - start) * 1000
            self.milliseconds[name] = self.milliseconds.get(name, 0.0) + spent
