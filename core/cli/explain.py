"""personac explain: say more about a finding."""

from __future__ import annotations

import difflib
import sys

import click

from ..diagnostics import CODES
from ..explain.pages import page, readable


@click.command("explain")
@click.argument("codes", metavar="[CODE]…", nargs=-1)
def explain_command(codes: tuple[str, ...]) -> None:
    """Say what a finding such as P0107 means, with a bad and a good example; without a code, list all."""
    if not codes:
        click.echo("\n".join(f"{code}  {title}" for code, title in sorted(CODES.items())))
        return
    pages = [(code, page(code)) for code in codes]
    for code, found in pages:
        if found is None:
            raise click.ClickException(_unknown(code))
    texts = [found.text for _, found in pages if found is not None]
    if not sys.stdout.isatty():
        click.echo("\n".join(texts), nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    for text in texts:
        console.print(Markdown(readable(text)))


def _unknown(given: str) -> str:
    """Return what to say of a code that is not known: the nearest ones, or those that speak of the word."""
    words = given.strip().casefold()
    near = [code for code, title in CODES.items() if words in title.casefold()]
    near = near or difflib.get_close_matches(words.upper(), CODES, 3)
    listed = "; ".join(f"{known} ({CODES[known]})" for known in near[:5])
    advice = f"did you mean {listed}?" if near else "`personac explain` lists all codes"
    return f"there is no finding {given}; {advice}"
