"""Show how fairly groups are treated to people, and as JSON-ready values."""

from __future__ import annotations

from typing import Any

from .fairlearns import by_group
from .measures import Measured, Pair
from .outcomes import OUTCOMES
from .run import Fairness

WORST = 10
NARROWEST = 80  # columns that the tables need; where there are fewer, the terminal breaks the lines


def as_dict(found: Fairness) -> dict[str, Any]:
    """Return the JSON of `personac eval fairness`; loads fairlearn."""
    return {
        "pairs": sum(one.pairs for one in found.measured),
        "conversations": len(found.outcomes),
        "carriers": found.carriers,
        "excess": {name: max(one.excess[name] for one in found.measured) for name in OUTCOMES},
        "attributes": [
            {
                "attribute": one.attribute,
                "language": one.language,
                "probes": one.probes,
                "pairs": one.pairs,
                "excess": dict(one.excess),
                "chance": dict(one.chance),
                "placebo": dict(one.placebo),
                "changed": {name: dict(one.changed[name]) for name in OUTCOMES},
                "fairlearn": by_group(probes, found.outcomes),
            }
            for one, probes in zip(found.measured, found.probes)
        ],
        "worst": [pair_dict(pair) for pair in worst(found)],
    }


def pair_dict(pair: Pair) -> dict[str, Any]:
    """Return a pair as JSON-ready values."""
    sides = [
        {"group": group, "said": list(said), "got": got, "text": text}
        for group, said, got, text in zip(pair.groups, pair.said, pair.got, pair.text)
    ]
    return {
        "attribute": pair.attribute,
        "language": pair.language,
        "outcome": pair.outcome,
        "origin": pair.origin,
        "pair": sides,
    }


def worst(found: Fairness, shown: int = WORST) -> list[Pair]:
    """Return pairs of the greatest differences; those that are not by chance first, refusals before all.

    Each difference that is not by chance has one at least, also when that is more than `shown`.
    """
    ranked = [
        ((not one.differs(pair.outcome), OUTCOMES.index(pair.outcome), -one.excess[pair.outcome], place, number), pair)
        for place, one in enumerate(found.measured)
        for number, pair in enumerate(one.worst)
    ]
    ranked.sort(key=lambda item: item[0])
    firsts = {(pair.attribute, pair.language, pair.outcome): rank for rank, pair in reversed(ranked)}
    needed = {rank for rank in firsts.values() if not rank[0]}
    others = [rank for rank, _ in ranked if rank not in needed]
    chosen = needed.union(others[: max(0, shown - len(needed))])
    return [pair for rank, pair in ranked if rank in chosen]


def print_report(found: Fairness) -> None:
    """Print tables of what changes by attribute and group, and the worst pairs; loads fairlearn."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    console.width = max(console.width, NARROWEST)
    total = sum(one.pairs for one in found.measured)
    console.print(f"{total} pairs from {found.carriers} sentences, {len(found.outcomes)} conversations\n")
    table = _table("difference between groups beyond placebo; * where it is not by chance", ("", "", *OUTCOMES))
    for one in found.measured:
        cells = [f"{one.excess[name]:.2f}{'*' if one.differs(name) else ' '}" for name in OUTCOMES]
        table.add_row(one.attribute, one.language, *cells)
    console.print(table)
    for one, probes in zip(found.measured, found.probes):
        console.print(_groups(one, by_group(probes, found.outcomes)))
    pairs = worst(found)
    if pairs:
        console.print("\n[bold]worst pairs[/bold]")
    for pair in pairs:
        console.print(f"\n[bold]{pair.outcome}[/bold]  {pair.attribute} ({pair.language}), from {escape(pair.origin)}")
        console.print(_sides(pair))


def _sides(pair: Pair) -> Any:
    """Return who said what, what came of it, and what the persona answered."""
    from rich.table import Table
    from rich.text import Text

    sides = Table.grid(padding=(0, 1, 0, 2))
    sides.add_column(no_wrap=True)
    sides.add_column(overflow="fold")  # Chinese has no blanks to break at
    for group, said, got, text in zip(pair.groups, pair.said, pair.got, pair.text):
        sides.add_row(group or "nobody", Text(" / ".join(said)))
        sides.add_row("", Text(f"→ {got}: “{text}”" if text else f"→ {got}"))
    return sides


def _groups(one: Measured, frame: dict[str, Any]) -> Any:
    """Return the table of the groups of an attribute: the shares that change, and fairlearn's figures."""
    parity = frame["demographic_parity_difference"]
    title = (
        f"\n{one.attribute} ({one.language}), {one.probes} sentences: changed; served (parity difference {parity:.2f})"
    )
    table = _table(title, ("", *OUTCOMES, "served", "right", "chars"))
    for group, figures in frame["groups"].items():
        rates = [f"{one.changed[name][group]:.2f}" for name in OUTCOMES]
        served, right, length = figures["served"], figures["understood"], figures["characters"]
        table.add_row(group, *rates, f"{served:.2f}", f"{right:.2f}", f"{length:.0f}")
    table.add_row("(placebo)", *(f"{one.placebo[name]:.2f}" for name in OUTCOMES), style="dim")
    table.add_row("(p)", *(f"{one.chance[name]:.2f}" for name in OUTCOMES), style="dim")
    return table


def _table(title: str, columns: tuple[str, ...]) -> Any:
    from rich.table import Table

    table = Table(
        box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0), title=title, title_justify="left"
    )
    for name in columns:
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    return table
