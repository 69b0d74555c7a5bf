"""The figures of memory_scale.py as one picture: what the memory costs as it grows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

OURS, BARE, GREY = "#1f5f9e", "#c2410c", "#8a8f98"
Row = dict[str, Any]
Line = tuple[str, str, str, Callable[[Row], float]]  # label, colour, style, value

PANELS: list[tuple[str, bool, list[Line], float | None]] = [  # title, logarithmic, lines, target
    ("one query, ms", True, [
        ("p50", OURS, "o-", lambda row: row["ms"]["p50"]),
        ("p99", OURS, "o--", lambda row: row["ms"]["p99"]),
        ("p50, bare FAISS", BARE, "x-", lambda row: row["bare_ms"]["p50"]),
        ("p99, bare FAISS", BARE, "x--", lambda row: row["bare_ms"]["p99"]),
    ], None),
    ("recall@10 against exact search", False, [("", OURS, "o-", lambda row: row["recall@10"])], 0.95),
    ("build, s", True, [("", OURS, "o-", lambda row: row["build_s"])], None),
    ("load, s", True, [
        ("first, from the disk", OURS, "o-", lambda row: row["load_s"]),
        ("again", OURS, "o--", lambda row: row["load_again_s"]),
    ], 1.0),
    ("memory, MB", True, [
        ("file", GREY, "s-", lambda row: row["file_mb"]),
        ("resident after 1,000 questions", OURS, "o-", lambda row: max(row["resident_mb"], 0.1)),
        ("resident when loaded", OURS, "o--", lambda row: max(row["loaded_mb"], 0.1)),
    ], None),
]  # fmt: skip


def plot(rows: list[Row], path: Path) -> None:
    """Draw the panels; where the index becomes inverted lists a thin line stands."""
    with rc_context({"font.size": 9, "svg.hashsalt": "personac", "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure((11, 6), facecolor="white", layout="constrained")
        FigureCanvasAgg(figure)
        places = figure.subplots(2, 3).flatten()
        for place, (title, logarithmic, lines, target) in zip(places, PANELS):
            _panel(place, rows, title, logarithmic, lines, target)
        places[-1].axis("off")
        kinds = "\n".join(
            f"{row['rows']:>9,}   {row['kind']}" + (f", looks into {row['nprobe']} lists" if row["nprobe"] else "")
            for row in rows
        )
        places[-1].text(
            0, 1, "passages   index\n\n" + kinds, va="top", family="monospace", transform=places[-1].transAxes
        )
        figure.savefig(path, dpi=110, metadata={"Date": None} if path.suffix == ".svg" else None)


def _panel(axes: Axes, rows: list[Row], title: str, logarithmic: bool, lines: list[Line], target: float | None) -> None:
    counts = [row["rows"] for row in rows]
    for label, colour, style, value in lines:
        axes.plot(counts, [value(row) for row in rows], style, color=colour, label=label or None, markersize=4, lw=1.3)
    if target is not None:
        axes.axhline(target, color=GREY, lw=0.8, ls=":")
        axes.annotate("target", (counts[0], target), textcoords="offset points", xytext=(0, 3), color=GREY)
    first = next((row["rows"] for row in rows if row["kind"] != "flat"), None)
    last = max((row["rows"] for row in rows if row["kind"] == "flat"), default=None)
    if first and last:
        axes.axvline((first * last) ** 0.5, color=GREY, lw=0.6)
    axes.set_xscale("log")
    if logarithmic:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        axes.set_ylim(0.9, 1.005)
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_xlabel("passages")
    axes.grid(axis="y", color="#e5e7eb", lw=0.6)
    if any(label for label, *_ in lines):
        axes.legend(frameon=False, fontsize=8)
