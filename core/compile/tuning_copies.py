"""The copies of an encoder that tuning trains, one after the other or side by side in processes of their own.

Knows how a lesson is handed over, not what is done with what was learnt. Each copy runs on one thread, so it learns the
same wherever it runs.

python -m personac.core.compile.tuning_copies FOLDER NUMBER
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..errors import PersonacError
from .tuning_fit import BATCH, Learner, Rows, Weights
from .tuning_layers import CutEncoder

ALONE = 15_000  # visits of rows that one process makes sooner than several have started
Tick = Callable[[int], None]  # steps made


@dataclass(frozen=True, slots=True)
class Lesson:
    """Hold what all copies are trained on: texts, their targets, and the rows [parts] that each copy does not see."""

    encoder: str
    layers: int
    mode: str
    texts: list[str]
    targets: NDArray[Any]
    classes: int
    parts: list[NDArray[np.int64]]
    epochs: int
    seed: int

    @property
    def steps(self) -> int:
        """Return how many steps all copies make."""
        return sum(self.epochs * -(-(len(self.texts) - len(part)) // BATCH) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Copy:
    """Hold what one copy learnt, and the vectors [h, d] and logits [h, classes] of its part."""

    weights: Weights
    head: Tensor
    bias: Tensor
    vectors: Tensor
    logits: Tensor


def train(lesson: Lesson, tick: Tick) -> list[Copy]:
    """Return all copies; raise PersonacError when a process fails."""
    visits = lesson.epochs * len(lesson.texts) * len(lesson.parts)
    together = min(len(lesson.parts), os.cpu_count() or 1)
    if torch.cuda.is_available() or together < 2 or visits < ALONE:
        return _here(lesson, range(len(lesson.parts)), tick)
    with tempfile.TemporaryDirectory(prefix="personac-") as name, ThreadPoolExecutor(together) as pool:
        folder = Path(name)
        _write(lesson, folder)
        running: list[subprocess.Popen[str]] = []
        lock = threading.Lock()

        def one(number: int) -> Copy:
            command = [sys.executable, "-m", __spec__.name, str(folder), str(number)]
            path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
            pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, **pipes) as child:
                with lock:
                    running.append(child)
                told = threading.Thread(target=_relay, args=(child, lock, tick))
                told.start()
                lines = (child.stderr.read() if child.stderr else "").strip().splitlines()
                told.join()
            if child.returncode:
                raise PersonacError(f"tuning failed in its process: {lines[-1] if lines else 'it was ended'}")
            return _read(folder / f"{number}.safetensors")

        try:
            return list(pool.map(one, range(len(lesson.parts))))
        except BaseException:
            for child in running:
                child.kill()
            raise


def _relay(child: subprocess.Popen[str], lock: threading.Lock, tick: Tick) -> None:
    for _ in child.stdout or ():
        with lock:
            tick(1)


def _here(lesson: Lesson, numbers: Sequence[int], tick: Tick) -> list[Copy]:
    """Train copies in this process, one after the other."""
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    cut = CutEncoder(lesson.encoder, lesson.layers)
    ids = cut.tokens(lesson.texts)
    states = cut.states(ids, lambda done, total: None)
    several = lesson.targets.ndim == 2
    targets = torch.from_numpy(lesson.targets).to(torch.float32 if several else torch.int64)
    everything = np.arange(len(ids))
    rows = Rows(ids, states, targets, torch.zeros(len(ids), cut.dimension), lesson.classes)
    learner = Learner(cut, lesson.mode, rows)
    rows.vectors = torch.from_numpy(learner.judge(everything)[0])
    found = []
    for number in numbers:
        held = lesson.parts[number]
        learner.fit(np.setdiff1d(everything, held), lesson.epochs, lesson.seed + number, lambda: tick(1))
        vectors, logits = (torch.from_numpy(values) for values in learner.judge(held))
        found.append(Copy(*learner.weights(), vectors, logits))
    return found


def _write(lesson: Lesson, folder: Path) -> None:
    facts = {
        name: getattr(lesson, name) for name in ("encoder", "layers", "mode", "texts", "classes", "epochs", "seed")
    }
    (folder / "lesson.json").write_text(json.dumps(facts), "utf-8")
    tensors = {f"part {i}": torch.from_numpy(part) for i, part in enumerate(lesson.parts)}
    save_file({"targets": torch.from_numpy(lesson.targets), **tensors}, str(folder / "lesson.safetensors"))


def _child(folder: Path, number: int) -> None:
    facts = json.loads((folder / "lesson.json").read_text("utf-8"))
    tensors = load_file(str(folder / "lesson.safetensors"))
    parts = [tensors[f"part {i}"].numpy() for i in range(len(tensors) - 1)]
    lesson = Lesson(targets=tensors["targets"].numpy(), parts=parts, **facts)
    (copy,) = _here(lesson, [number], lambda steps: print(flush=True))
    own = {"head": copy.head, "bias": copy.bias, "vectors": copy.vectors, "logits": copy.logits}
    weights = {f"weight {name}": value.contiguous() for name, value in copy.weights.items()}
    save_file({**weights, **own}, str(folder / f"{number}.safetensors"))


def _read(path: Path) -> Copy:
    tensors = load_file(str(path))
    weights = {name.removeprefix("weight "): value for name, value in tensors.items() if name.startswith("weight ")}
    return Copy(weights, *(tensors[name] for name in ("head", "bias", "vectors", "logits")))


if __name__ == "__main__":
    _child(Path(sys.argv[1]), int(sys.argv[2]))
