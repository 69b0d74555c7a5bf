"""Make conversation tests of Rasa's stories: what a user says, and the intent that it must be taken for."""

from __future__ import annotations

from typing import Any

from ..said import clean, one_line
from .domain import Domain
from .flows import Flow, Flows, read_flows
from .nlu import Nlu, read_example
from .project import Project

MOST = 200


def conversations(
    project: Project, flows: Flows, nlu: Nlu, known: dict[str, str], domain: Domain
) -> tuple[list[dict[str, Any]], int]:
    """Return tests of the test stories and of all stories without repetition, and how many stories gave none.

    `known` has the persona's name of each intent by Rasa's.
    """
    tests: list[dict[str, Any]] = []
    left = 0
    seen: set[str] = set()
    names: dict[str, int] = {}
    for flow in [*read_flows(project, tests=True).flows, *(flow for flow in flows.flows if not flow.rule)]:
        turns = _turns(flow, nlu, known, domain)
        if not turns:
            left += 1
        elif str(turns) not in seen and len(tests) < MOST:
            seen.add(str(turns))
            name = one_line(flow.name) or "story"
            names[name] = names.get(name, 0) + 1
            name = f"{name} ({names[name]})" if names[name] > 1 else name
            tests.append({"name": name, "turns": turns})
    return tests, left


def _turns(flow: Flow, nlu: Nlu, known: dict[str, str], domain: Domain) -> list[dict[str, Any]]:
    """Return the turns of a story; none when it has what a test cannot hold."""
    turns: list[dict[str, Any]] = []
    for step in flow.steps:
        if step.kind != "intent":
            if step.kind != "action" or any(name in domain.forms for name in step.names):
                return []
            continue
        intent = step.names[0] if len(step.names) == 1 else ""
        said = read_example(clean(step.said)).text if step.said else ""
        if not said:
            said = next((example.text for example in nlu.intents.get(intent, [])), "")
        if intent not in known or not said:
            return []
        turns.append({"say": said, "expect": {"intent": known[intent]}})
    return turns
