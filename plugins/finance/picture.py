"""A picture of news over time: good items upwards, bad ones downwards, surges of bad news shaded.

Knows counts and the words that it is given. Imports matplotlib when it is first drawn with.
"""

from __future__ import annotations

import io
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import as_file, files

from .archive import Mood

GOOD, BAD, SHADE, INK, FAINT, PAPER = "#1f6fb2", "#c2410c", "#fbe3d3", "#23272e", "#c9ced6", "#ffffff"
SIZE, DPI = (6.4, 3.8), 160
MOST_BARS = 100  # of more days, seven are one bar
WEEK = 7
BOX = "□"
_drawing = threading.Lock()  # matplotlib's state is not made for several threads


@dataclass(frozen=True, slots=True)
class Words:
    """Hold the words of a picture in the user's language, and how it writes a day."""

    title: str
    good: str
    bad: str
    surge: str
    axis: str
    axis_weeks: str
    day: Callable[[date], str]


def draw(moods: Sequence[tuple[date, Mood]], surges: Sequence[tuple[date, date]], words: Words) -> bytes:
    """Return a PNG of the counts of days in order, with the days of surges shaded."""
    with _drawing:
        return _draw(moods, surges, words)


def _draw(moods: Sequence[tuple[date, Mood]], surges: Sequence[tuple[date, date]], words: Words) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    weekly = len(moods) > MOST_BARS
    bars = _by_week(moods) if weekly else list(moods)
    width = float(WEEK if weekly else 1)
    fonts = _fonts()
    figure = Figure(SIZE, facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.1, 0.11, 0.88, 0.68), facecolor=PAPER)
    places = [(day - bars[0][0]).days + (width - 1) / 2 for day, _ in bars]
    for first, last in surges:
        low, high = ((day - bars[0][0]).days for day in (first, last))
        axes.axvspan(max(low, 0) - 0.5, high + 0.5, color=SHADE, label=_drawable(words.surge), zorder=0)
    axes.bar(places, [m.good for _, m in bars], 0.8 * width, color=GOOD, label=_drawable(words.good))
    axes.bar(places, [-m.bad for _, m in bars], 0.8 * width, color=BAD, label=_drawable(words.bad))
    axes.axhline(0, color=INK, linewidth=0.8)
    highest = max([1, *(max(m.good, m.bad) for _, m in bars)])
    axes.set_ylim(-1.1 * highest, 1.1 * highest)
    axes.set_xlim(-0.7, places[-1] + width / 2 + 0.2)
    step = max(1, -(-highest // 4))
    ticks = [n for n in range(-highest, highest + 1) if n % step == 0]
    axes.set_yticks(ticks, [str(abs(n)) for n in ticks])
    chosen = range(0, len(bars), max(1, -(-len(bars) // 7)))
    axes.set_xticks([places[at] for at in chosen], [_drawable(words.day(bars[at][0])) for at in chosen])
    axes.set_ylabel(_drawable(words.axis_weeks if weekly else words.axis))
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "left")
        spine.set_color(FAINT)
    axes.tick_params(length=0, colors=INK)
    title = figure.text(0.1, 0.93, _drawable(words.title), fontsize=12, color=INK, parse_math=False)
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles))
    legend = figure.legend(
        list(once.values()), list(once), loc="upper left", bbox_to_anchor=(0.088, 0.915), ncols=3, frameon=False
    )
    axes.yaxis.label.set_color(INK)
    for text in (title, axes.yaxis.label, *legend.get_texts(), *axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_fontfamily(fonts)
        text.set_parse_math(False)
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=DPI, metadata={"Software": None})
    return written.getvalue()


def _by_week(moods: Sequence[tuple[date, Mood]]) -> list[tuple[date, Mood]]:
    """Return sums of seven days each, the last of them whole."""
    start = len(moods) % WEEK
    cuts = ([0] if start else []) + list(range(start, len(moods), WEEK))
    weeks = [moods[low:high] for low, high in zip(cuts, [*cuts[1:], len(moods)])]
    return [
        (week[-1][0] - timedelta(WEEK - 1),
         Mood(sum(m.items for _, m in week), sum(m.good for _, m in week), sum(m.bad for _, m in week)))
        for week in weeks
    ]  # fmt: skip


@cache
def _fonts() -> list[str]:
    """Return the fonts to draw with: matplotlib's own, then the Chinese one that comes with the plugin."""
    from matplotlib import font_manager

    with as_file(files(__package__) / "fonts" / "hans.otf") as path:
        font_manager.fontManager.addfont(path)
        return ["DejaVu Sans", font_manager.FontProperties(fname=path).get_name()]


@cache
def _letters() -> frozenset[int]:
    from matplotlib import font_manager

    found = (font_manager.get_font(font_manager.findfont(name)).get_charmap() for name in _fonts())
    return frozenset(letter for face in found for letter in face)


def _drawable(text: str) -> str:
    """Return a text with a box for each letter that no font has."""
    letters = _letters()
    return "".join(c if ord(c) in letters else BOX for c in text if unicodedata.category(c)[0] != "C")
