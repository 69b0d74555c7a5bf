"""What is counted and timed, for Prometheus; labels are personas, channels and outcomes, never users or words."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_WHERE = ("persona", "channel")


class Measures:
    """Hold the measures of one server."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.taken = Counter(
            "personac_messages", "Messages handed in, by what became of them.", (*_WHERE, "outcome"), registry=registry
        )
        self.turns = Counter("personac_turns", "Turns that ended.", (*_WHERE, "outcome"), registry=registry)
        self.sends = Counter("personac_sends", "Attempts to send.", (*_WHERE, "outcome"), registry=registry)
        self.take_seconds = Histogram(
            "personac_take_seconds", "Time until a message is on the disk.", _WHERE, buckets=_SECONDS, registry=registry
        )
        self.turn_seconds = Histogram(
            "personac_turn_seconds", "Time from reading to the answer.", _WHERE, buckets=_SECONDS, registry=registry
        )
        self.stage_seconds = Histogram(
            "personac_stage_seconds", "Time of a stage.", ("persona", "stage"), buckets=_SECONDS, registry=registry
        )
        self.send_seconds = Histogram(
            "personac_send_seconds", "Time of one attempt to send.", _WHERE, buckets=_SECONDS, registry=registry
        )
        self.delay_seconds = Histogram(
            "personac_delivery_seconds", "Time from taking to sent.", _WHERE, buckets=_SECONDS, registry=registry
        )
        self.signs = Counter(
            "personac_signs", "Turns and opinions, by what they show.", ("persona", "sign"), registry=registry
        )
        self.alerts = Counter(
            "personac_alerts", "Attempts to tell people.", ("persona", "way", "outcome"), registry=registry
        )
        self._waiting = Gauge("personac_waiting", "Messages that are not answered or sent.", _WHERE, registry=registry)
        self._up = Gauge("personac_channel_up", "Whether a channel is connected.", _WHERE, registry=registry)

    def watch(self, persona: str, channel: str, waiting: Callable[[], int], up: Callable[[], bool]) -> None:
        """Ask for these numbers when the measures are read."""
        self._waiting.labels(persona, channel).set_function(waiting)
        self._up.labels(persona, channel).set_function(up)

    def sign(self, persona: str, sign: str) -> None:
        """Count a sign of the monitor."""
        self.signs.labels(persona, sign).inc()

    def alert(self, persona: str, way: str, outcome: str) -> None:
        """Count an attempt to send an alert."""
        self.alerts.labels(persona, way, outcome).inc()

    def text(self) -> bytes:
        """Return all measures in Prometheus' format."""
        return generate_latest(self.registry)
