"""Structured logs: one JSON object on a line, without any word of a message.

Knows records of `logging`. What an error of somebody else's code says may quote a message, so of an exception only its
type and its place go into the log; conversations are named by a hash.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
import time
import traceback
from typing import Any, TextIO


def fields(**values: Any) -> dict[str, Any]:
    """Return the `extra` of a log call."""
    return {"fields": values}


def hashed(name: str) -> str:
    """Return a short name by which lines of one conversation are found, and the conversation is not."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]


class JsonLines(logging.Formatter):
    """Write a record as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        line: dict[str, Any] = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at_code"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
        return json.dumps(line, ensure_ascii=False, default=str)


class Lines(logging.Formatter):
    """Write a record for people who read along in a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        said = " ".join(f"{key}={value}" for key, value in getattr(record, "fields", {}).items())
        error = f" ({record.exc_info[0].__name__})" if record.exc_info and record.exc_info[0] else ""
        return f"{record.levelname} {record.name}: {record.getMessage()}{error}{' ' if said else ''}{said}"


def set_up(kind: str, level: str, stream: TextIO | None = None) -> None:
    """Send logs to the error stream; `kind` is json or text, `level` a name of `logging` for our own records."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if kind == "json" else Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("personac").setLevel(level.upper())
