"""The facts about an artifact as pictures: which intents get confused, and a map of what it knows.

Imports matplotlib. Knows no artifact, only figures and points.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .fonts import drawable, families
from .points import Point

DPI = 110
MOST = 120  # intents that a matrix shows; of more, those that are never confused are left out
NAME = 34  # letters of a label
GREY, INK = "#8a8f98", "#23272e"
HITS = LinearSegmentedColormap.from_list("hits", ["#eef4fb", "#1f5f9e"])
MISSES = LinearSegmentedColormap.from_list("misses", ["#fde8d8", "#c2410c"])
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Picture:
    """Hold a figure, and where in it, in pixels from the top left, each point lies."""

    figure: Figure
    spots: list[tuple[float, float]]

    def write(self, path: Path) -> None:
        """Write the figure in the format of the file's name; the same figure gives the same bytes."""
        with rc_context({"svg.hashsalt": "personac", "font.family": list(families())}):
            self.figure.savefig(path, dpi=DPI, metadata={"Date": None} if path.suffix == ".svg" else None)


def short(name: str) -> str:
    """Return a label that fits, in letters that can be drawn."""
    shown = drawable(name)
    return shown if len(shown) <= NAME else shown[: NAME - 1] + "…"


def confusion(training: Mapping[str, Any]) -> Picture:
    """Draw the confusion matrix: right ones in blue, mistaken ones in orange with their number."""
    counts = np.array(training["confusion"], np.int64)
    names = list(training["labels"])
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    shown = np.arange(len(names))
    if len(names) > MOST:
        shown = np.flatnonzero(wrong.sum(0) + wrong.sum(1) > 0)[:MOST]
    left_out = len(names) - len(shown)
    counts, wrong = counts[np.ix_(shown, shown)], wrong[np.ix_(shown, shown)]
    labels = [short(names[i]) for i in shown]
    size = len(labels)
    cell = float(np.clip(14 / max(size, 1), 0.2, 0.62))
    side = max(cell * size, 2.2)
    font = float(np.clip(cell * 32, 7, 10))
    margin = 0.25 + font * 0.0085 * max((_cells(label) for label in labels), default=1)  # inches
    width, height = max(margin + side + 0.3, 5.2), 0.7 + margin + side + 0.3
    with rc_context({"font.family": list(families()), "font.size": font, "text.color": INK}):
        figure = Figure((width, height), facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((margin / width, 0.3 / height, side / width, side / height))
        _squares(axes, counts, wrong)
        axes.set_xticks(range(size), labels, rotation=90, parse_math=False)
        axes.set_yticks(range(size), labels, parse_math=False)
        axes.tick_params(length=0, labeltop=True, labelbottom=False, labelsize=font)
        right = training["cross_validated_accuracy"]
        title = f"{right:.1%} of {training['examples']:,} held-out examples are understood" if right is not None else ""
        note = f"; {left_out} intents that are never confused are left out" if left_out else ""
        _head(figure, title + note, "rows: what was meant · columns: what it was taken for")
    return Picture(figure, [])


def _head(figure: Figure, title: str, legend: str) -> None:
    width, height = figure.get_size_inches()
    figure.text(0.12 / width, 1 - 0.14 / height, title, fontsize=11, va="top", weight="bold")
    figure.text(0.12 / width, 1 - 0.4 / height, legend, fontsize=9, va="top", color=GREY)


def _squares(axes: Axes, counts: NDArray[np.int64], wrong: NDArray[np.int64]) -> None:
    size = len(counts)
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    own = np.eye(size, dtype=np.bool_)
    axes.imshow(np.ma.masked_where(~own, share), HITS, vmin=0, vmax=1, interpolation="nearest")
    axes.imshow(np.ma.masked_where(wrong == 0, share), MISSES, vmin=0, vmax=0.6, interpolation="nearest")
    axes.set_xticks(np.arange(size + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(size + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#e8eaed", linewidth=0.5)
    axes.tick_params(which="minor", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for row, column in zip(*np.nonzero(counts)):
        dark = share[row, column] > (0.5 if row == column else 0.35)
        colour = "white" if dark else INK
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour, fontsize="small")


def semantic_map(points: Sequence[Point]) -> Picture:
    """Draw the map: a dot in its intent's colour for each example, a grey square for each passage."""
    labels = list(dict.fromkeys((point.kind, point.label) for point in points))
    size = 8.0 + min(8.0, len(labels) / 8)
    with rc_context({"font.family": list(families()), "font.size": 9, "text.color": INK}):
        figure = Figure((size * 1.35, size + 0.5), dpi=DPI, facecolor="white")
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_axes((0.01, 0.01, 0.98, 0.98 - 0.62 / (size + 0.5)))
        axes.set(xlim=(-1.12, 1.12), ylim=(-1.12, 1.12), xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set_color("#e2e4e8")
        colours = _colours([label for kind, label in labels if kind == "intent"])
        _dots(axes, points, colours)
        examples = sum(point.kind == "intent" for point in points)
        title = f"{examples:,} examples of intents (dots) and {len(points) - examples:,} passages (grey squares)"
        legend = "what lies near is near in meaning; a dot among those of another colour may be mistaken for them"
        _head(figure, title, legend)
        _name(axes, canvas, points, labels, colours)
        height = figure.bbox.height
        pixels = axes.transData.transform([(point.x, point.y) for point in points]) if points else np.zeros((0, 2))
    return Picture(figure, [(float(x), float(height - y)) for x, y in pixels])


def _dots(axes: Axes, points: Sequence[Point], colours: Mapping[str, tuple[float, float, float]]) -> None:
    area = float(np.clip(22000 / max(len(points), 1), 8, 44))
    passages = [(point.x, point.y) for point in points if point.kind != "intent"]
    if passages:
        x, y = zip(*passages)
        axes.scatter(x, y, s=area, marker="s", color="#b6bac2", linewidths=0, alpha=0.8)
    mine = [point for point in points if point.kind == "intent"]
    if mine:
        shades = [colours[point.label] for point in mine]
        places = [(p.x, p.y) for p in mine]
        x, y = zip(*places)
        axes.scatter(x, y, s=area * 1.3, color=shades, edgecolors="white", linewidths=0.4)


def _colours(names: Sequence[str]) -> dict[str, tuple[float, float, float]]:
    """Return a colour for each name; neighbours in the list are far apart on the wheel."""
    found = {}
    for i, name in enumerate(names):
        hue = (i * 0.381966) % 1.0  # the golden angle
        found[name] = colorsys.hls_to_rgb(hue, (0.38, 0.5, 0.44)[i % 3], (0.75, 0.6, 0.9)[i % 3])
    return found


def _name(
    axes: Axes,
    canvas: FigureCanvasAgg,
    points: Sequence[Point],
    labels: Sequence[tuple[str, str]],
    colours: Mapping[str, tuple[float, float, float]],
) -> None:
    """Write each label next to the middle of its points, where no other label stands; a line leads back."""
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    frame = axes.get_window_extent(renderer)
    taken: list[Box] = []
    for kind, label in sorted(labels, key=lambda item: item[0] != "intent"):
        own = np.array([(p.x, p.y) for p in points if (p.kind, p.label) == (kind, label)])
        x, y = (float(value) for value in axes.transData.transform(np.median(own, axis=0)))
        colour: Any = colours[label] if kind == "intent" else "#5b616b"
        text = axes.text(
            0, 0, short(label), color=colour, fontsize=8.5, weight="bold" if kind == "intent" else "normal",
            style="normal", ha="center", va="center", parse_math=False, zorder=4, transform=None,
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.0},
        )  # fmt: skip
        area = text.get_window_extent(renderer)
        width, height = area.width + 6, area.height + 4
        at = _free(x, y + height, width, height, taken, (frame.x0, frame.y0, frame.x1, frame.y1))
        taken.append((at[0] - width / 2, at[1] - height / 2, at[0] + width / 2, at[1] + height / 2))
        text.set_transform(axes.transData)
        place = axes.transData.inverted().transform(at)
        text.set_position((float(place[0]), float(place[1])))
        if math.dist(at, (x, y)) > 2.2 * height:
            ends = axes.transData.inverted().transform([(x, y), at])
            axes.plot(ends[:, 0], ends[:, 1], color=colour, linewidth=0.6, alpha=0.7, zorder=3)


def _free(x: float, y: float, width: float, height: float, taken: Sequence[Box], frame: Box) -> tuple[float, float]:
    """Return the nearest place for a label on a spiral around (x, y); the last tried when there is none."""
    at = (x, y)
    for step in range(1200):
        angle, radius = step * 2.399963, 3.2 * math.sqrt(step)
        at = (x + 1.6 * radius * math.cos(angle), y + radius * math.sin(angle))
        box = (at[0] - width / 2, at[1] - height / 2, at[0] + width / 2, at[1] + height / 2)
        inside = box[0] > frame[0] and box[1] > frame[1] and box[2] < frame[2] and box[3] < frame[3]
        if inside and not any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken
        ):
            return at
    return at


def _cells(label: str) -> int:
    """Return the width of a label, wide letters counted twice."""
    return sum(2 if letter >= "\u1100" else 1 for letter in label)
