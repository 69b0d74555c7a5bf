"""Show what came of conversation tests to people: for each failure the place, what was said, expected beside got."""

from __future__ import annotations

import click

from ..persona.expectations import Turn
from .outcome import ConversationOutcome, Failure, Report, TurnOutcome

_SHORT = 110


def failure_text(outcome: ConversationOutcome) -> str:
    """Return the conversation with its turns, up to the last that failed, and what failed in each."""
    conversation = outcome.conversation
    lines = [click.style(f"{conversation.span.path}:{conversation.span.line}: {conversation.name}", bold=True)]
    last = max(number for number, turn in enumerate(outcome.turns) if turn.status != "passed")
    for number, turn in enumerate(outcome.turns[: last + 1], 1):
        lines += _turn(number, turn)
    return "\n".join(lines)


def _turn(number: int, turn: TurnOutcome) -> list[str]:
    lines = [f"{number:>3}  user  {said(turn.placed.turn)}"]
    reply = turn.reply
    if reply is not None:
        for name, text in (("heard", reply.transcript), ("read", reply.picture_text)):
            lines += [f"     {name:<5} {_short(text)}"] if text is not None else []
        full = any(failure.key.split(".")[1] == "text" for failure in turn.failures)
        lines.append(f"     bot   {reply.text if full else _short(reply.text)}".replace("\n", "\n           "))
    told: str | None = None
    for failure in turn.failures:
        lines += _failure(failure, told)
        told = failure.because
    if turn.error:
        place = turn.placed.span
        lines.append(click.style(f"     ✗ {place.path}:{place.line}  {turn.error}", fg="red"))
    return lines


def _failure(failure: Failure, told: str | None) -> list[str]:
    head = f"     ✗ {failure.span.path}:{failure.span.line}  {failure.key}"
    lines = [click.style(head, fg="red"), f"         expected  {failure.expected}"]
    if failure.key.split(".")[1] != "text" or "[-" in failure.got or "{+" in failure.got:
        lines.append(f"         got       {failure.got}")
    if failure.because and failure.because != told:
        lines.append(f"         because   {failure.because}")
    return lines


def said(turn: Turn) -> str:
    """Return what the user says in a turn, files in parentheses."""
    files = [f"({kind}: {path})" for kind, path in (("audio", turn.audio), ("image", turn.image)) if path]
    return " ".join([*filter(None, [turn.say]), *files])


def summary(report: Report) -> str:
    """Return the line at the end: `2 failed, 41 passed (63 turns) in 3.2 s`."""
    counts = [(report.count("failed"), "failed"), (report.count("error"), "with errors"),
              (report.count("passed"), "passed"), (report.left_out, "left out")]  # fmt: skip
    told = ", ".join(f"{number} {what}" for number, what in counts if number)
    text = f"{told} ({report.turns} turn{'s' if report.turns != 1 else ''}) in {report.seconds:.1f} s"
    return click.style(text, fg="green" if report.passed else "red", bold=True)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"
