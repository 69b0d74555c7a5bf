"""Tuning of a text encoder on a persona's intents: the pass from labelled texts to a second branch of the encoder.

The frozen encoder stays as it is; the tuned branch shares its lower layers. Besides the graph, the pass leaves logits
of rows that were held out, with which the mixture of all judges is weighed and calibrated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..contracts import Encoder
from ..models.tuned import CannotTune
from .passes import Input, Passes

Mode = Literal["lora", "full"]
Targets = NDArray[Any]  # int64 [n], or float32 [n, classes]
Progress = Callable[[str, int, int], None]
SEED = 20_26
LAYERS = 3  # of the encoder, from the top
FEW, PARTS_OF_FEW = 3000, 4  # below so many rows all are held out once, in so many parts
PARTS_OF_MANY, SHARE_OF_MANY = 2, 0.1  # else two tenths, so that most of the rows teach
EPOCHS, VISITS = 5, 100_000  # of all rows; fewer when this makes more visits of a row in a copy
TUNED_FILES = ("model.onnx", "tuned.data", "encoder.json")  # take the place of the frozen encoder's
MODULES = (
    "compile.tuning",
    "compile.tuning_copies",
    "compile.tuning_fit",
    "compile.tuning_layers",
    "compile.tuning_export",
)
PACKAGES = ("torch", "onnx", "peft", "transformers", "sentence-transformers")


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Hold how copies judged rows that they had not seen: positions [h], logits [h, classes], vectors [h, d]."""

    rows: NDArray[np.int64]
    logits: NDArray[np.float32]
    vectors: NDArray[np.float32]

    @classmethod
    def read(cls, folder: Path) -> HeldOut:
        """Read what the pass wrote."""
        from safetensors.numpy import load_file

        tensors = load_file(str(folder / "held_out.safetensors"))
        return cls(tensors["rows"], tensors["logits"], tensors["vectors"])


def tunable(encoder: Encoder) -> bool:
    """Tell whether an encoder is a transformer with an export, whose layers can be tuned."""
    folder = getattr(encoder, "folder", None)
    return isinstance(folder, Path) and (folder / "tokenizer.json").is_file()


def tuned_pass(
    passes: Passes,
    encoder: Encoder,
    version: str,
    texts: Sequence[str],
    targets: Targets,
    classes: int,
    mode: Mode,
    progress: Progress,
) -> Path:
    """Tune an encoder once for these inputs and return the folder with its branch.

    It holds model.onnx, tuned.data and encoder.json, which replace those of the frozen encoder (model.onnx.data and
    the tokenizer stay), held_out.safetensors and tuning.json. `targets` is a class for each text, -1 for none, or
    [n, classes] of 0 and 1; `version` names the encoder's content. Raises PersonacError.
    """

    def make(folder: Path) -> None:
        tune(folder, encoder, texts, targets, classes, mode, progress)

    facts = json.dumps([encoder.name, version, mode, classes, list(texts)])
    given: list[Input] = [facts, np.ascontiguousarray(targets)]
    return passes.run("tune", make, given, MODULES, PACKAGES)


def tune(
    folder: Path,
    encoder: Encoder,
    texts: Sequence[str],
    targets: Targets,
    classes: int,
    mode: Mode,
    progress: Progress,
    *,
    layers: int = LAYERS,
    seed: int = SEED,
) -> None:
    """Tune the top layers of an encoder and write the branch into `folder`; see `tuned_pass`."""
    source = getattr(encoder, "folder", None)
    if not isinstance(source, Path):
        raise CannotTune(
            f"{encoder.name} runs in torch, not from an export, so it can't be tuned; set encoders.tune to none"
        )
    from safetensors.numpy import save_file

    from .tuning_copies import Lesson, train
    from .tuning_export import check, write
    from .tuning_fit import as_arrays, frozen, mean
    from .tuning_layers import CutEncoder

    labelled = np.ones(len(texts), np.bool_) if targets.ndim == 2 else targets >= 0
    known = np.array([i for i, text in enumerate(texts) if labelled[i] and text.strip()], np.int64)
    if not len(known) or classes < 2:
        raise CannotTune("there are no texts of two classes to tune on; set encoders.tune to none")
    cut = CutEncoder(encoder.name, layers)
    before = as_arrays(frozen(cut))
    parts = held_out_parts(targets[known], seed)
    epochs = max(1, min(EPOCHS, VISITS // len(known)))
    said = [texts[int(row)] for row in known]
    given = np.ascontiguousarray(targets[known])
    lesson = Lesson(encoder.name, cut.top, mode, said, given, classes, parts, epochs, seed)
    done = 0

    def tick(steps: int) -> None:
        nonlocal done
        done += steps
        progress("tune", done, lesson.steps)

    progress("tune", 0, lesson.steps)
    copies = train(lesson, tick)
    after, weight, bias = mean([(copy.weights, copy.head, copy.bias) for copy in copies])
    write(source, folder, before, as_arrays(after), weight.numpy(), bias.numpy())
    check(source, folder, cut, after, weight, bias)
    rows = known[np.concatenate(parts)]
    order = np.argsort(rows, kind="stable")
    judged = {name: np.concatenate([getattr(copy, name).numpy() for copy in copies]) for name in ("vectors", "logits")}
    held = {name: values[order] for name, values in {"rows": rows, **judged}.items()}
    save_file(held, str(folder / "held_out.safetensors"))
    report: dict[str, Any] = {"encoder": encoder.name, "mode": mode, "layers": cut.top, "epochs": epochs}
    report |= {"rows": len(known), "copies": len(parts), "held_out": len(rows)}
    (folder / "tuning.json").write_text(json.dumps(report, sort_keys=True) + "\n", "utf-8")


def held_out_parts(targets: Targets, seed: int) -> list[NDArray[np.int64]]:
    """Return the rows that each copy does not see, spread over the classes; the last row of a class is always seen.

    A single empty part when no class has two rows.
    """
    random = np.random.default_rng(seed)
    labels = targets if targets.ndim == 1 else np.asarray(targets).argmax(1)
    few = len(labels) < FEW
    count = PARTS_OF_FEW if few else PARTS_OF_MANY
    parts: list[list[int]] = [[] for _ in range(count)]
    place = 0
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        if len(members) < 2:
            continue
        if not few:
            members = members[: max(1, round(len(members) * SHARE_OF_MANY * count))]
        for row in members:
            parts[place % count].append(int(row))
            place += 1
    found = [np.array(sorted(part), np.int64) for part in parts if part]
    return found or [np.zeros(0, np.int64)]
