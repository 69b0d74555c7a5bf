"""The facts about an artifact as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len

SENTENCES = 3  # of a pair of intents that get confused
LINES = 20  # of the longer lists


def report(facts: Mapping[str, Any]) -> str:
    """Return all that an author wants to know of an artifact, in sections."""
    parts = [_head(facts), _sources(facts), _inside(facts), _models(facts["models"]), _knowledge(facts["knowledge"])]
    parts += [_intents(facts["intents"]), _training(facts["training"]), _rules(facts["rules"]), _whole(facts)]
    return "\n\n".join(part for part in parts if part)


def size(count: int) -> str:
    """Return a number of bytes for people."""
    for unit, least in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= least:
            return f"{count / least:.1f} {unit}"
    return f"{count} B"


def share(value: float | None) -> str:
    """Return a share as percent, a dash for none."""
    return "–" if value is None else f"{value:.0%}"


def languages(counts: Mapping[str, int]) -> str:
    """Return how many there are of each language."""
    return ", ".join(f"{count} {code}" for code, count in counts.items())


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return rows with their columns below each other, also where signs are wide; some columns to the right."""
    widths = [max(cell_len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for i, cell in enumerate(row):
            room = " " * (widths[i] - cell_len(cell))
            cells.append(room + cell if i in right else cell + room)
        lines.append(("  " + "  ".join(cells)).rstrip())
    return "\n".join(lines)


def _head(facts: Mapping[str, Any]) -> str:
    spoken = ", ".join(facts["languages"])
    return (
        f"{facts['name']} ({facts['persona']}), speaks {spoken}\n"
        f"  {facts['artifact']}\n"
        f"  {len(facts['files'])} files, {size(facts['bytes'])}; persona language {facts['language_version']}"
    )


def _sources(facts: Mapping[str, Any]) -> str:
    sources = facts["sources"]
    state = {
        "current": "current: a compile now would change nothing",
        "stale": "stale: " + "; ".join(facts["why"][:LINES]) + _more(facts["why"]),
        "unknown": "it is not known whether they have changed: name the persona with --persona",
    }[facts["state"]]
    rows = [
        [file["path"], (file["sha256"] or "")[:16], "" if file["state"] in ("same", "unknown") else file["state"]]
        for file in sources[:LINES]
    ]
    return "\n".join(filter(None, ["Built from", table(rows), _more(sources, "  "), f"  {state}"]))


def _inside(facts: Mapping[str, Any]) -> str:
    parts: dict[str, list[int]] = {}
    for name, count in facts["files"].items():
        part = name.split("/")[0] + "/" if "/" in name else name
        parts.setdefault(part, []).append(count)
    rows = [
        [name, size(sum(sizes)), f"{len(sizes)} files" if len(sizes) > 1 else ""]
        for name, sizes in sorted(parts.items(), key=lambda part: -sum(part[1]))
    ]
    return "Inside\n" + table(rows, right=(1,))


def _models(models: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            model["name"],
            model["version"] or "unknown version",
            model["licence"] or "licence unknown: see where it comes from",
            model["kind"],
            f"inside, {size(model['bytes'])}" if model["inside"] else "from this machine when it is needed",
        ]
        for model in models
    ]
    return "Models\n" + table(rows)


def _knowledge(files: Sequence[Mapping[str, Any]]) -> str:
    if not files:
        return "Knowledge\n  none"
    rows = [[file["file"], str(file["passages"]), languages(file["languages"])] for file in files[:LINES]]
    total = sum(file["passages"] for file in files)
    return f"Knowledge: {total:,} passages\n" + table(rows, right=(1,)) + _more(files, "\n  ")


def _intents(intents: Sequence[Mapping[str, Any]]) -> str:
    """List the intents, worst understood first."""
    if not intents:
        return ""
    rows = [["", "examples", "", "precision", "recall", "answers with"]]
    for intent in sorted(intents, key=lambda intent: (intent["recall"] is None, intent["recall"])):
        quality = [share(intent["precision"]), share(intent["recall"])]
        spoken = languages(intent["languages"]) if len(intent["languages"]) > 1 else ""
        rows.append([intent["name"], str(intent["examples"]), spoken, *quality, intent["answers"]])
    return f"Intents: {len(intents)}, worst understood first\n" + table(rows, right=(1, 3, 4))


def _training(training: Mapping[str, Any] | None) -> str:
    if training is None:
        return "Training\n  no report; compile the persona again with this version"
    if training["cross_validated_accuracy"] is None:
        return "Training\n  there are no examples of intents"
    lines = [
        "Training",
        f"  {training['cross_validated_accuracy']:.1%} of {training['examples']:,} examples are understood when held "
        f"out ({training['folds']}-fold cross-validation, {training['epochs']} epochs)",
        f"  below a nearness of {training['threshold']:.2f} a message counts as none of the intents",
    ]
    if training["calibration_error"] is not None:
        lines.append(f"  confidence is off by {training['calibration_error']:.0%} on average:")
        rows = [["sure of it", "examples", "right"]]
        for part in training["calibration"]:
            bar = "█" * max(1, round(20 * part["accuracy"]))
            rows.append([f"{part['confidence']:.0%}", str(part["examples"]), f"{part['accuracy']:.0%} {bar}"])
        lines += ["  " + line for line in table(rows, right=(0, 1)).splitlines()]
    for pair in training["confused"]:
        said = " · ".join(f"“{text}”" for text in pair["examples"][:SENTENCES])
        more = len(pair["examples"]) - SENTENCES
        lines.append(f"  {pair['intent']} is taken for {pair['taken_for']} ({len(pair['examples'])}):")
        lines.append(f"    {said}" + (f" and {more} more" if more > 0 else ""))
    if training["doubtful"]:
        lines.append("  examples that may stand in the wrong intent:")
        lines += [f"    “{d['text']}” in {d['intent']}, looks like {d['looks_like']}" for d in training["doubtful"]]
    return "\n".join(lines)


def _rules(rules: Sequence[Mapping[str, Any]]) -> str:
    if not rules:
        return ""
    rows = []
    for rule in rules:
        topics = rule["topics"]
        for path, topic in topics.items():
            share = topic["examples_caught"]
            caught = "has no examples" if share is None else f"catches {share:.0%} of its examples when held out"
            others = f"and {topic['others_caught']:.1%} of other sentences" if topic["others_caught"] else ""
            rows.append([path, rule["do"], f"from a score of {topic['threshold']:.2f}", f"{caught} {others}"])
        if not topics:
            rows.append([rule["id"], rule["do"], "", ""])
    return "Ethics rules\n" + table(rows)


def _whole(facts: Mapping[str, Any]) -> str:
    if "damaged" not in facts:
        return ""
    if not facts["damaged"]:
        return "Verified: every file is as it was compiled"
    return "Damaged: " + ", ".join(facts["damaged"][:LINES]) + _more(facts["damaged"])


def _more(items: Sequence[object], lead: str = " ") -> str:
    return f"{lead}and {len(items) - LINES:,} more" if len(items) > LINES else ""
