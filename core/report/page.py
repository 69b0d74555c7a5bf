"""The facts about an artifact as one page that needs nothing else: text, tables and both pictures.

The page asks no server for anything and runs no script; whatever an author wrote stands in it as plain text.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from .plots import DPI, Picture
from .points import Point
from .text import languages, report, share, size

AREAS = 4000  # points of the map whose sentence is shown under the pointer
STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;color:#23272e;
margin:2rem auto;max-width:100rem;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:0}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #e2e4e8}
table{border-collapse:collapse;font-size:.9rem}th,td{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}
th{font-weight:600;color:#5b616b}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.scroll{overflow:auto;border:1px solid #e2e4e8}.stale,.new,.changed,.missing{color:#c2410c}.current,.same{color:#17803d}
pre{font-size:.8rem;overflow:auto;background:#f6f7f9;padding:1rem}small{color:#5b616b}
"""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(facts: Mapping[str, Any], pictures: Mapping[str, tuple[Picture, Path]], points: Sequence[Point]) -> str:
    """Return the page as HTML; `pictures` are the figures `confusion` and `map` with their PNG files."""
    title = f"{facts['name']}: what is in it"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(facts['name'])}</h1>",
        f"<small>{escape(facts['persona'])} · {', '.join(map(escape, facts['languages']))} · {size(facts['bytes'])} · "
        f"<span class={facts['state']}>{facts['state']}</span></small>",
    ]
    if "confusion" in pictures:
        parts += ["<h2>How well intents are told apart</h2>", _image(*pictures["confusion"], "confusion matrix", ())]
        parts += [_intents(facts["intents"]), _confused(facts["training"])]
    if "map" in pictures:
        parts += ["<h2>A map of intents and knowledge</h2><small>Point at a dot to read its sentence.</small>"]
        parts.append(_image(*pictures["map"], "map of intents and knowledge", points))
    parts += [_sources(facts), "<h2>All of it as text</h2>", f"<pre>{escape(report(facts))}</pre></body></html>"]
    return "\n".join(parts) + "\n"


def _image(picture: Picture, file: Path, name: str, points: Sequence[Point]) -> str:
    """Return a picture with its bytes in it, and the sentences of its points under the pointer."""
    width, height = (round(inches * DPI) for inches in picture.figure.get_size_inches())
    data = base64.b64encode(file.read_bytes()).decode()
    areas = "".join(
        f'<area shape="circle" coords="{x:.0f},{y:.0f},6" title="{escape(f"{point.label}: {point.text}")}">'
        for point, (x, y) in list(zip(points, picture.spots))[:AREAS]
    )
    used = f' usemap="#{file.stem}"' if areas else ""
    image = f'<img alt="{name}" width="{width}" height="{height}" src="data:image/png;base64,{data}"{used}>'
    return f'<div class="scroll">{image}</div><map name="{file.stem}">{areas}</map>'


def _intents(intents: Sequence[Mapping[str, Any]]) -> str:
    rows = [["intent", "examples", "", "precision", "recall", "answers with"]]
    rows += [
        [
            intent["name"],
            str(intent["examples"]),
            languages(intent["languages"]),
            share(intent["precision"]),
            share(intent["recall"]),
            intent["answers"],
        ]
        for intent in sorted(intents, key=lambda intent: (intent["recall"] is None, intent["recall"]))
    ]
    return _table(rows, right=(1, 3, 4))


def _confused(training: Mapping[str, Any]) -> str:
    if not training["confused"]:
        return ""
    rows = [["meant", "taken for", "sentences"]]
    rows += [[pair["intent"], pair["taken_for"], " · ".join(pair["examples"])] for pair in training["confused"]]
    return "<h2>What gets confused</h2>" + _table(rows)


def _sources(facts: Mapping[str, Any]) -> str:
    rows = [["file", "SHA-256", "now"]]
    rows += [[file["path"], (file["sha256"] or "")[:16], file["state"]] for file in facts["sources"]]
    return "<h2>Built from</h2>" + _table(rows)


def _table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        marked = (f"<{tag}{' class=n' if i in right else ''}>{escape(cell)}</{tag}>" for i, cell in enumerate(cells))
        return f"<tr>{''.join(marked)}</tr>"

    return "<table>" + row(rows[0], "th") + "".join(row(cells, "td") for cells in rows[1:]) + "</table>"
