"""Which ways of telling people a persona can use here: those whose environment variables are there.

Knows settings and the environment, not how an alert is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..errors import PersonacError
from .schema import Alerts
from .source import resolve_environment


def usable(alerts: Alerts, environ: Mapping[str, str]) -> tuple[list[Alerts], dict[str, str]]:
    """Return each way that can be used, alone and with its variables filled in, and by name why others cannot be."""
    found: list[Alerts] = []
    lacking: dict[str, str] = {}
    for name, block in _ways(alerts.model_dump(mode="json", exclude_none=True)):
        try:
            way = Alerts.model_validate(resolve_environment(block, environ))
        except PersonacError as error:
            lacking[name] = str(error)
        except ValueError:  # its text would quote what the variables hold
            lacking[name] = "what its environment variables hold does not fit"
        else:
            if all(map(_is_address, _addresses(way))):
                found.append(way)
            else:
                lacking[name] = "what its environment variables hold is no address, as https://ops.example.com is one"
    return found, lacking


def _ways(written: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each way under its name in the persona; Slack's two do not need each other's variables."""
    for name in ("webhook", "email"):
        if name in written:
            yield name, {name: written[name]}
    slack = dict(written.get("slack", {}))
    webhook = slack.pop("webhook", None)
    if webhook:
        yield "slack.webhook", {"slack": {"webhook": webhook}}
    if slack.get("token"):
        yield "slack.token", {"slack": slack}


def _addresses(way: Alerts) -> Iterator[str]:
    if way.webhook:
        yield way.webhook.url
    if way.slack:
        yield way.slack.webhook or way.slack.api


def _is_address(written: str) -> bool:
    try:
        parts = urlsplit(written)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
