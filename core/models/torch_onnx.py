"""Torch modules to ONNX files: the same module gives the same bytes.

Used when compiling; imports torch and onnxscript only inside.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def export(
    module: Any,
    inputs: Mapping[str, Any],
    output: str | Sequence[str],
    path: Path,
    *,
    dynamic: Sequence[Mapping[int, str]],
    external_data: bool = True,
) -> None:
    """Write `module(*inputs)` to an ONNX file at `path`, its weights in `path`.data beside it or within.

    `dynamic` names the axes of each input that may change, by index. Raises whatever torch raises.
    """
    import torch

    axes: dict[str, Any] = {}
    shapes = tuple({i: axes.setdefault(n, torch.export.Dim(n, min=1)) for i, n in axis.items()} for axis in dynamic)
    noisy = logging.getLogger("torch.onnx")
    level = noisy.level
    noisy.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")  # torch's exporter warns of its own internals
            program = torch.onnx.export(
                module.eval(),
                tuple(inputs.values()),
                dynamo=True,
                input_names=list(inputs),
                output_names=[output] if isinstance(output, str) else list(output),
                dynamic_shapes=shapes,
                verbose=False,
            )
    finally:
        noisy.setLevel(level)
    if program is None:
        raise RuntimeError("torch.onnx.export returned nothing")
    _strip(program.model)
    program.save(str(path), external_data=external_data)


def _strip(model: Any) -> None:
    """Remove what differs between two machines: stack traces, paths, versions of producers."""
    model.metadata_props.clear()
    model.graph.metadata_props.clear()
    model.doc_string = model.graph.doc_string = None
    model.producer_name, model.producer_version = "personac", None
    for node in model.graph.all_nodes():
        node.metadata_props.clear()
        node.doc_string = None
        for value in node.outputs:
            value.metadata_props.clear()
    for value in (*model.graph.inputs, *model.graph.initializers.values()):
        value.metadata_props.clear()
    for function in model.functions.values():
        function.metadata_props.clear()
        for node in function.all_nodes():
            node.metadata_props.clear()
            node.doc_string = None
