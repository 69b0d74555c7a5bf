"""Show how fairly groups are treated to people, and as JSON-ready values."""

from __future__ import annotations

from typing import Any

from .fairlearns import by_group
from .measures import Measured, Pair
from .outcomes import OUTCOMES
from .run import Fairness

WORST = 10


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
    """Return pairs of the greatest differences; those that are not by chance first, refusals before all."""
    ranked = [
        ((not one.differs(pair.outcome), OUTCOMES.index(pair.outcome), -one.excess[pair.outcome], number), pair)
        for one in found.measured
        for number, pair in enumerate(one.worst)
    ]
    return [pair for _, pair in sorted(ranked, key=lambda item: item[0])[:shown]]


def print_report(found: Fairness) -> None:
    """Print tables of what changes by attribute and group, and the worst pairs; loads fairlearn."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
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
        for group, said, got in zip(pair.groups, pair.said, pair.got):
            console.print(f"  {group or 'nobody':<17}{escape(' / '.join(said))}\n{'':19}→ {escape(got)}")


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

    table = Table(box=None, header_style="bold", pad_edge=False, title=title, title_justify="left")
    for name in columns:
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    return table
