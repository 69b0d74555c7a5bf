"""Read rules and stories: what a Rasa bot does after what the user says.

Source of the format: Rasa 3, "Stories", "Rules" and "Writing Stories" (or, checkpoints).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .project import Project
from .shapes import a_dict, a_list, a_text


@dataclass(frozen=True, slots=True)
class Step:
    """Hold a step: `kind` is intent, action, loop, slot or checkpoint; `names` are what it names.

    An intent step may have several names (`or`), and the words of the user.
    """

    kind: str
    names: tuple[str, ...]
    said: str = ""


@dataclass(slots=True)
class Flow:
    """Hold a rule or a story; `bound` ones hold only in some conversations."""

    name: str
    rule: bool
    steps: list[Step]
    bound: bool = False
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what follows on an intent: actions in their order; `rule` when it always does."""

    actions: tuple[str, ...]
    rule: bool


@dataclass(slots=True)
class Flows:
    """Hold all rules and stories."""

    flows: list[Flow] = field(default_factory=list)

    def answers(self) -> dict[str, list[Answer]]:
        """Return for each intent what follows on it, where nothing but the intent decides."""
        found: dict[str, list[Answer]] = {}
        for flow in self.flows:
            if flow.rule and flow.bound:
                continue
            for step, actions in turns(flow):
                for intent in step.names:
                    found.setdefault(intent, []).append(Answer(actions, flow.rule))
        return found

    def after_form(self, form: str) -> tuple[str, ...]:
        """Return the actions that follow when a form has all that it asks for."""
        for flow in self.flows:
            ended = False
            running = False
            actions: list[str] = []
            for step in flow.steps:
                if step.kind == "loop":
                    running, ended = step.names == (form,), step.names == () and (running or flow.bound)
                elif step.kind == "action" and step.names == (form,):
                    running = True
                elif step.kind == "intent":
                    if actions:
                        break
                    running = running and not flow.rule
                    ended = False
                elif step.kind == "action" and ended and running is False:
                    actions += step.names
            if actions and any(step.names == (form,) for step in flow.steps):
                return tuple(actions)
        return ()


def read_flows(project: Project, tests: bool = False) -> Flows:
    """Read all rules and stories of a project, or its test stories."""
    flows = Flows()
    for key, title in (("rules", "rule"), ("stories", "story")):
        for _, section in project.sections(key, tests):
            for item in a_list(section):
                if isinstance(item, dict):
                    flows.flows.append(_flow(item, title))
    return flows


def best(answers: list[Answer]) -> tuple[tuple[str, ...], int]:
    """Return the actions to take, by a rule or else by most stories, and how many ways there are."""
    ruled = [answer for answer in answers if answer.rule]
    counts = Counter(answer.actions for answer in ruled or answers)
    return (counts.most_common(1)[0][0], len(counts)) if counts else ((), 0)


def turns(flow: Flow) -> Iterator[tuple[Step, tuple[str, ...]]]:
    """Yield each step of the user with the actions up to the next one; what runs after a form is left out."""
    current: Step | None = None
    actions: list[str] = []
    ended = False
    for step in flow.steps:
        if step.kind == "intent":
            if current is not None:
                yield current, tuple(actions)
            current, actions, ended = step, [], False
        elif step.kind == "loop":
            ended = ended or not step.names
        elif step.kind == "action" and not ended:
            actions += step.names
    if current is not None:
        yield current, tuple(actions)


def _flow(item: dict[str, Any], title: str) -> Flow:
    told = a_list(item.get("steps"))
    steps = [step for entry in told if isinstance(entry, dict) for step in _steps(entry)]
    conditions = a_list(item.get("condition"))
    bound = bool(conditions) or any(step.kind == "slot" for step in steps[:1])
    return Flow(a_text(item.get(title)), title == "rule", steps, bound, item.get("conversation_start") is True)


def _steps(entry: dict[str, Any]) -> Iterator[Step]:
    if "or" in entry:
        names = [a_text(a_dict(option).get("intent")) for option in a_list(entry["or"])]
        intents = tuple(name for name in names if name)
        yield Step("intent", intents) if intents else Step("slot", ())
    elif "intent" in entry or "user" in entry:
        name = a_text(entry.get("intent")).removeprefix("/")
        yield Step("intent", (name,) if name else (), a_text(entry.get("user")))
    elif "active_loop" in entry:
        name = a_text(entry["active_loop"])
        yield Step("loop", (name,) if name else ())
    elif "action" in entry:
        yield Step("action", (a_text(entry["action"]),) if a_text(entry["action"]) else ())
    elif "checkpoint" in entry:
        yield Step("checkpoint", (a_text(entry["checkpoint"]),))
    elif "slot_was_set" in entry:
        yield Step("slot", ())
