"""Write an ONNX graph node by node: names in, names out, constants beside them.

Knows no network. Needs the package onnx, imported only inside; the same calls give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET = 18
IR = 9


class GraphWriter:
    """Gather nodes and constants; every name is given once."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Keep an array under a name and return the name."""
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, *inputs: str, to: str | Sequence[str], name: str = "", **attributes: Any) -> str:
        """Add an operation that writes `to`, and return the first name of these; `to_` is the attribute `to`."""
        from onnx import helper

        outputs = [to] if isinstance(to, str) else list(to)
        made = helper.make_node(kind, list(inputs), outputs, name=name or outputs[0])
        given = sorted((key.rstrip("_"), value) for key, value in attributes.items())
        made.attribute.extend(helper.make_attribute(key, value) for key, value in given)
        self._nodes.append(made)
        return outputs[0]

    def model(
        self, name: str, inputs: Mapping[str, tuple[int, Sequence[Any]]], outputs: Mapping[str, Sequence[Any]]
    ) -> Any:
        """Return the model; inputs are (type, shape) by name, outputs are floats of a shape. Axes may be names."""
        from onnx import TensorProto, helper

        read = [helper.make_tensor_value_info(key, kind, list(shape)) for key, (kind, shape) in inputs.items()]
        made = [helper.make_tensor_value_info(key, TensorProto.FLOAT, list(shape)) for key, shape in outputs.items()]
        graph = helper.make_graph(self._nodes, name, read, made, self._constants)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="personac"
        )
