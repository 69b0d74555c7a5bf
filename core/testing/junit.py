"""Write what came of conversation tests as JUnit XML, the form that CI servers read.

A suite for each persona, a case for each conversation, with the attributes `file` and `line` as pytest's xunit1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from click import unstyle

from .outcome import ConversationOutcome, Report
from .show import failure_text

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def write_junit(report: Report, path: Path) -> None:
    """Write a report; raise OSError when the file cannot be written."""
    root = Element("testsuites", {"name": "personac", **_counts(report.outcomes), "time": f"{report.seconds:.3f}"})
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    for persona, group in groupby(report.outcomes, key=lambda outcome: outcome.persona):
        outcomes = list(group)
        time = sum(outcome.seconds for outcome in outcomes)
        attributes = {"name": persona, **_counts(outcomes), "time": f"{time:.3f}", "timestamp": stamp}
        suite = SubElement(root, "testsuite", attributes)
        for outcome in outcomes:
            _case(suite, outcome)
    indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _counts(outcomes: Sequence[ConversationOutcome]) -> dict[str, str]:
    found = [outcome.status for outcome in outcomes]
    return {
        "tests": str(len(found)),
        "failures": str(found.count("failed")),
        "errors": str(found.count("error")),
        "skipped": "0",
    }


def _case(suite: Element, outcome: ConversationOutcome) -> None:
    span = outcome.conversation.span
    case = SubElement(
        suite,
        "testcase",
        {
            "classname": f"{outcome.persona}.{Path(span.path).stem}",
            "name": _clean(outcome.conversation.name),
            "file": span.path,
            "line": str(span.line),
            "time": f"{outcome.seconds:.3f}",
        },
    )
    if outcome.status == "passed":
        return
    kind = "failure" if outcome.status == "failed" else "error"
    first = next(turn for turn in outcome.turns if turn.status != "passed")
    message = first.error or f"{first.failures[0].key}: expected {first.failures[0].expected}"
    element = SubElement(case, kind, {"message": _clean(message), "type": kind})
    element.text = _clean(unstyle(failure_text(outcome)))


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
