"""A tuned text encoder as an ONNX graph: the frozen export with a second branch above the layers that both share.

Knows no training. The export of the frozen encoder is not traced again: what depends on a weight that was tuned is
doubled with the new weight, and the rest of the graph serves both branches. The new weights lie in a file of their own
beside the frozen ones.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..models import branches
from ..models.sentence import AGREEMENT, CHECKED, ExportFailed
from ..models.text import VECTOR, OnnxTextEncoder
from ..models.tuned import CLASSES, LOGITS, classify
from ..turn import TUNED
from .artifact import link
from .tuning_layers import CutEncoder

Array = NDArray[np.float32]
DATA = "tuned.data"
SUFFIX = "|tuned"


def write(
    source: Path, folder: Path, before: Mapping[str, Array], after: Mapping[str, Array], weight: Array, bias: Array
) -> None:
    """Write model.onnx, tuned.data and encoder.json of a tuned encoder into `folder`.

    `source` is the frozen encoder's export. `before` and `after` are the weights that were tuned by their names in
    the sentence-transformers model; `weight` [classes, d] and `bias` [classes] are the head's. The graph reads the
    frozen weights from model.onnx.data, which the caller puts beside it. Raises ExportFailed when a weight is not
    found in the frozen graph.
    """
    import onnx

    model = onnx.load(str(source / "model.onnx"), load_external_data=False)
    replaced, used = branches.replaced(model.graph, source, before, after)
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    if changed - used:
        raise ExportFailed(f"the exported graph has no weight {min(changed - used)}, so it can't take the tuned one")
    nodes = branches.doubled(model.graph, replaced, VECTOR, SUFFIX, TUNED)
    if not nodes:
        raise ExportFailed("no tuned weight is on the way to the exported vector")
    model.graph.node.extend(nodes)
    with branches.Data(folder / DATA) as data:
        for name in sorted(replaced):
            model.graph.initializer.append(data.tensor(name + SUFFIX, replaced[name]))
        model.graph.initializer.append(data.tensor("head.weight", np.ascontiguousarray(weight.T)))  # [d, classes]
        model.graph.initializer.append(data.tensor("head.bias", bias))
    model.graph.node.append(onnx.helper.make_node("MatMul", [TUNED, "head.weight"], ["head.product"]))
    model.graph.node.append(onnx.helper.make_node("Add", ["head.product", "head.bias"], [LOGITS]))
    for name, width in ((TUNED, weight.shape[1]), (LOGITS, len(bias))):
        value = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["batch", width])
        model.graph.output.append(value)
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    facts = json.loads((source / "encoder.json").read_text("utf-8"))
    (folder / "encoder.json").write_text(json.dumps({**facts, CLASSES: len(bias)}, sort_keys=True) + "\n", "utf-8")


def check(
    source: Path, folder: Path, cut: CutEncoder, after: Mapping[str, Tensor], weight: Tensor, bias: Tensor
) -> None:
    """Raise ExportFailed when the written graph does not give what the model gives with these weights in torch."""
    cut.model.load_state_dict({name: value.to(cut.device) for name, value in after.items()}, strict=False)
    with torch.inference_mode():
        said = cut.model.encode(
            list(CHECKED), normalize_embeddings=True, show_progress_bar=False, convert_to_tensor=True
        )
        said = said.cpu()
        logits = (said @ weight.T + bias).numpy()
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        whole = Path(beside)
        for file in (*source.iterdir(), *folder.glob("*.*")):
            if file.is_file():
                (whole / file.name).unlink(missing_ok=True)
                link(file, whole / file.name)
        got = classify(OnnxTextEncoder("export", whole, threads=1), CHECKED)
    pointed = said.norm(dim=1).numpy() > 0.5  # a text without tokens may have no direction
    worst = float((got.tuned * said.numpy()).sum(axis=1)[pointed].min(initial=1.0))
    apart = float(np.abs(got.logits - logits).max())
    if not (worst > AGREEMENT and apart < 0.05):
        raise ExportFailed(f"the tuned graph does not agree with its model (cosine {worst:.4f}, logits {apart:.3f})")
