"""personac test: a persona's conversation tests."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path

import click

from ..diagnostics import Span, has_errors, render
from ..persona.conversations import FOLDER, Conversation
from ..runtime import Runtime
from ..testing.fairness import run_fairness
from ..testing.junit import write_junit
from ..testing.outcome import ConversationOutcome, Report
from ..testing.run import run_conversations
from ..testing.show import failure_text, summary
from . import persona_path
from .building import find_artifact, open_persona, progress_bars
from .suites import Suite, read_suites

WRONG_TESTS = 2


@click.command("test")
@click.argument("paths", metavar="PATH…", nargs=-1, required=True)
@click.option("-k", "wanted", metavar="TEXT", help="Only conversations with this in their name or file.")
@click.option("-j", "jobs", type=click.IntRange(1, 64), default=8, show_default=True, help="How many at a time.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write the report as JUnit XML.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where artifacts go; by default PATH/build.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    wanted: str | None,
    jobs: int,
    as_json: bool,
    junit: Path | None,
    out: Path | None,
    quiet: bool,
) -> None:
    """Run the conversation tests of personas.

    They are the files tests/*.yaml in a persona's folder; PATH may be one of them. Exit 1 when a test fails, 2 when
    the test files have mistakes or hold no test.
    """
    logging.basicConfig(level=logging.ERROR)
    suites, found = read_suites([persona_path(value) for value in paths])
    if found:
        click.echo(render(found, "full") + "\n", err=True)
    if has_errors(found):
        click.echo("error: the test files have mistakes; no test was run", err=True)
        context.exit(WRONG_TESTS)
    report = _run(suites, wanted, jobs, out, quiet)
    if not report.outcomes:
        where = ", ".join(str(suite.root / FOLDER) for suite in suites)
        none = f"no conversation has “{wanted}” in its name or file" if report.left_out else f"no tests in {where}"
        raise click.UsageError(f"{none}; write them in {FOLDER}/conversations.yaml")
    if junit is not None:
        try:
            write_junit(report, junit)
        except OSError as error:
            raise click.UsageError(f"{junit} cannot be written: {error.strerror}") from error
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
    else:
        for outcome in report.outcomes:
            if outcome.status != "passed":
                click.echo(failure_text(outcome) + "\n")
        click.echo(summary(report))
    if not report.passed:
        context.exit(1)


def _run(suites: list[Suite], wanted: str | None, jobs: int, out: Path | None, quiet: bool) -> Report:
    """Run what is asked for, one persona after the other; compile those that changed."""
    outcomes: list[ConversationOutcome] = []
    left_out, seconds = 0, 0.0
    for suite in suites:
        chosen = [one for one in suite.conversations if _is_wanted(one.span, one.name, wanted)]
        fair = [one for one in suite.fairness if _is_wanted(one.span, one.name, wanted)]
        left_out += len(suite.conversations) + len(suite.fairness) - len(chosen) - len(fair)
        if chosen or fair:
            runtime = open_persona(find_artifact(suite.path, out, quiet), None)
            started = time.perf_counter()
            try:
                if chosen:
                    outcomes += _converse(runtime, chosen, suite.root, jobs, quiet)
                with progress_bars(quiet) as progress:
                    outcomes += [run_fairness(runtime, suite.root, suite.conversations, one, progress) for one in fair]
            finally:
                runtime.close()
            seconds += time.perf_counter() - started
    return Report(outcomes, seconds, left_out)


def _converse(
    runtime: Runtime, conversations: Sequence[Conversation], root: Path, jobs: int, quiet: bool
) -> list[ConversationOutcome]:
    """Run the conversations of one persona with a progress bar."""
    ended = itertools.count(1)
    with progress_bars(quiet) as progress:

        def done(outcome: ConversationOutcome) -> None:
            progress(f"test {outcome.persona}", next(ended), len(conversations))

        return asyncio.run(run_conversations(runtime, conversations, root, jobs, done))


def _is_wanted(span: Span, name: str, wanted: str | None) -> bool:
    return wanted is None or wanted.casefold() in f"{span.path} {name}".casefold()
