"""What the second branches of the encoders cost, by alternating runs with and without them.

python benchmarks/branches.py TABLE ROWS

TABLE has a column text, of which ROWS texts are encoded one at a time.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from common import show
from personac.core.compile.risks.build import ENCODERS
from personac.core.models import branches, use_onnx, weights
from personac.core.models.catalog import MODELS
from personac.core.models.sentence import export_text_encoder
from personac.core.models.text import VECTOR, OnnxTextEncoder, load_text_encoder


def without(name: str, folder: Path) -> Path:
    """Return the folder of an encoder's export without its branch."""
    if name != "use-multilingual":
        return export_text_encoder(weights.folder(name), folder / name)
    files = {file.name: weights.locate(name, file.name) for file in MODELS[name].files}
    (folder / name).mkdir()
    use_onnx.export(files["weights.npz"], files["sp.model"], folder / name)
    return folder / name


def main(table: Path, rows: int) -> dict[str, object]:
    """Return milliseconds by encoder, p50 and p99: of an export without the branch, and with it asked for or not."""
    with table.open(encoding="utf-8", newline="") as opened:
        texts = [row["text"] for row in csv.DictReader(opened)][:rows]
    found: dict[str, object] = {}
    for name in ENCODERS:
        file = branches.shipped(name)
        both = load_text_encoder(name, threads=1)
        assert file is not None
        assert isinstance(both, OnnxTextEncoder)
        with tempfile.TemporaryDirectory() as folder:
            bare = OnnxTextEncoder(name, without(name, Path(folder)), threads=1)
            ways = {
                "without it": (bare, (VECTOR,)),
                "not asked for": (both, (VECTOR,)),
                "asked for": (both, (VECTOR, branches.output(file))),
            }
            took: dict[str, list[float]] = {way: [] for way in ways}
            for text in [*texts[:20], *texts]:
                for way, (encoder, outputs) in ways.items():
                    began = time.perf_counter()
                    encoder.outputs([text], outputs, exactly=False)
                    took[way].append(1000 * (time.perf_counter() - began))
        found[name] = {
            way: {f"p{q}": round(float(np.percentile(times[20:], q)), 2) for q in (50, 99)}
            for way, times in took.items()
        }
    return found


if __name__ == "__main__":
    show("branches", main(Path(sys.argv[1]), int(sys.argv[2])))
