"""The fused network as an ONNX graph: the same arithmetic as network.py, from its trained weights.

Written node by node, because tracing so small a network takes seconds of every compile. B is the batch, T the number
of tokens, D the width.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET = 18
ABSENT = -1e9  # the attention score of a token that is absent
EPSILON = 1e-6  # the least length that a query is divided by
Array = NDArray[np.float32]


def graph(weights: Mapping[str, Array], scale: float, query: int) -> Any:
    """Return the network as an ONNX model.

    In: token_0 … [B, its dimension] and mask [B, T]. Out: intent [B, intents + 1], emotion [B, emotions],
    query [B, dimension of the token `query`] and attention [B, T].
    """
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    constants: list[Any] = []
    count = sum(name.startswith("project.") and name.endswith(".weight") for name in weights)
    dimensions = [int(weights[f"project.{i}.weight"].shape[1]) for i in range(count)]

    def constant(name: str, value: NDArray[Any]) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(kind: str, *inputs: str, to: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, list(inputs), [to], name=to, **attributes))
        return to

    middle = constant("middle", np.array([1], np.int64))
    last = constant("last", np.array([-1], np.int64))
    projected = []
    for i in range(count):
        weight = constant(f"project_w{i}", weights[f"project.{i}.weight"].T)  # [d, D]
        bias = constant(f"project_b{i}", weights[f"project.{i}.bias"])
        node("Gemm", f"token_{i}", weight, bias, to=f"projected_{i}")
        projected.append(node("Unsqueeze", f"projected_{i}", middle, to=f"token_at_{i}"))  # [B, 1, D]
    node("Concat", *projected, to="tokens", axis=1)  # [B, T, D]

    node("Tanh", node("Add", "tokens", constant("kind", weights["kind"]), to="kinds"), to="bent")
    node("MatMul", "bent", constant("summary_w", weights["summary"][:, None]), to="scores_1")  # [B, T, 1]
    node("Squeeze", "scores_1", last, to="scores")  # [B, T]
    node("Less", "mask", constant("half", np.array(0.5, np.float32)), to="is_absent")
    node("Where", "is_absent", constant("absent", np.array(ABSENT, np.float32)), "scores", to="masked")
    node("Softmax", "masked", to="attention", axis=-1)
    node("Unsqueeze", "attention", middle, to="attention_1")  # [B, 1, T]
    node("Squeeze", node("MatMul", "attention_1", "tokens", to="summary_1"), middle, to="summary")  # [B, D]

    intents = weights["intent"]
    lengths = np.maximum(np.linalg.norm(intents, axis=1, keepdims=True), 1e-12)
    node("LpNormalization", "summary", to="direction", axis=-1, p=2)
    node("MatMul", "direction", constant("intent_w", (scale * intents / lengths).T.astype(np.float32)), to="intent")
    emotion = constant("emotion_w", weights["emotion.weight"].T), constant("emotion_b", weights["emotion.bias"])
    node("Gemm", "summary", *emotion, to="emotion")

    node("Gather", "mask", constant("query_at", np.array([query], np.int64)), to="has_query", axis=1)  # [B, 1]
    node("Mul", f"token_{query}", "has_query", to="own")
    down, up = (constant(f"response_{i}", weights[f"response.{i}.weight"].T) for i in (0, 1))
    node("MatMul", node("MatMul", "summary", down, to="response_low"), up, to="response")
    node("Add", "own", "response", to="query_raw")
    node("ReduceL2", "query_raw", last, to="query_length", keepdims=1)
    node("Max", "query_length", constant("epsilon", np.array(EPSILON, np.float32)), to="query_divisor")
    node("Div", "query_raw", "query_divisor", to="query")

    inputs = [
        helper.make_tensor_value_info(f"token_{i}", TensorProto.FLOAT, ["b", dimension])
        for i, dimension in enumerate(dimensions)
    ]
    inputs.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["b", count]))
    sizes = {
        "intent": len(intents), "emotion": len(weights["emotion.bias"]), "query": dimensions[query], "attention": count,
    }  # fmt: skip
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["b", size]) for name, size in sizes.items()]
    whole = helper.make_graph(nodes, "fused", inputs, outputs, constants)
    return helper.make_model(
        whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9, producer_name="personac"
    )


def write(weights: Mapping[str, Array], scale: float, query: int, path: Path) -> None:
    """Write the network as one ONNX file; the same weights give the same bytes."""
    path.write_bytes(graph(weights, scale, query).SerializeToString(deterministic=True))
