"""The fused network as an ONNX graph: the same arithmetic as network.py, from its trained weights.

Written node by node, because tracing so small a network takes seconds of every compile. B is the batch, T the number
of tokens, D the width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..models.onnx_graph import GraphWriter

ABSENT = -1e9  # the attention score of a token that is absent
EPSILON = 1e-6  # the least length that a query is divided by
Array = NDArray[np.float32]


def graph(weights: Mapping[str, Array], scale: float, query: int) -> Any:
    """Return the network as an ONNX model.

    In: token_0 … [B, its dimension] and mask [B, T]; a token i that is a sequence is [B, L, its dimension] and has
    lengths_i [B] of 32-bit integers, at least 1. Out: intent [B, intents + 1], emotion [B, emotions],
    query [B, dimension of the token `query`] and attention [B, T].
    """
    from onnx import TensorProto

    made = GraphWriter()
    constant, node = made.constant, made.node
    count = len({name.split(".")[1] for name in weights if name.startswith("project.")})
    dimensions = [len(weights[f"project.{i}.centre"]) for i in range(count)]
    sequences = [i for i in range(count) if f"project.{i}.gru.weight_ih_l0" in weights]

    middle = constant("middle", np.array([1], np.int64))
    last = constant("last", np.array([-1], np.int64))
    projected = []
    for i in range(count):
        matrix, bias = weights[f"project.{i}.linear.weight"], weights[f"project.{i}.linear.bias"]
        read = f"token_{i}"
        if i in sequences:
            read = _read_sequence(i, weights, node, constant)
        else:
            matrix, bias = _standardised(weights, i, matrix, bias)
        weight = constant(f"project_w{i}", matrix.T), constant(f"project_b{i}", bias)
        node("Gemm", read, *weight, to=f"projected_{i}")
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

    inputs: dict[str, tuple[int, list[Any]]] = {}
    for i, dimension in enumerate(dimensions):
        inputs[f"token_{i}"] = TensorProto.FLOAT, ["b", *([f"l{i}"] if i in sequences else []), dimension]
    inputs |= {f"lengths_{i}": (TensorProto.INT32, ["b"]) for i in sequences}
    inputs["mask"] = TensorProto.FLOAT, ["b", count]
    outputs = {
        "intent": ["b", len(intents)], "emotion": ["b", len(weights["emotion.bias"])],
        "query": ["b", dimensions[query]], "attention": ["b", count],
    }  # fmt: skip
    return made.model("fused", inputs, outputs)


def _standardised(weights: Mapping[str, Array], i: int, matrix: Array, bias: Array) -> tuple[Array, Array]:
    """Return a linear layer [out, d], [out] with the centre and spread of token i folded into it."""
    scaled = matrix / weights[f"project.{i}.spread"]
    return scaled.astype(np.float32), (bias - scaled @ weights[f"project.{i}.centre"]).astype(np.float32)


def _read_sequence(
    i: int, weights: Mapping[str, Array], node: Callable[..., str], constant: Callable[[str, NDArray[Any]], str]
) -> str:
    """Write the nodes of front_ends.SequenceEnd for token i up to its pooled states [B, 4 H], and return their name.

    ONNX orders the gates update, reset, new; torch reset, update, new.
    """

    def gates(name: str) -> Array:
        reset, update, new = np.split(weights[f"project.{i}.gru.{name}"], 3)
        return np.concatenate([update, reset, new])

    inner, biases, recurrent = [], [], []
    for direction in ("l0", "l0_reverse"):
        matrix, bias = _standardised(weights, i, gates(f"weight_ih_{direction}"), gates(f"bias_ih_{direction}"))
        inner.append(matrix)
        biases.append(np.concatenate([bias, gates(f"bias_hh_{direction}")]))
        recurrent.append(gates(f"weight_hh_{direction}"))
    state = recurrent[0].shape[1]
    parts = {"w": inner, "r": recurrent, "b": biases}
    layer = [constant(f"gru_{part}{i}", np.stack(value)) for part, value in parts.items()]
    node("Transpose", f"token_{i}", to=f"in_time_{i}", perm=[1, 0, 2])  # [L, B, d]
    node(
        "GRU", f"in_time_{i}", *layer, f"lengths_{i}", to=(f"states_{i}", f"last_{i}"),
        direction="bidirectional", hidden_size=state, linear_before_reset=1,
    )  # fmt: skip
    node("ReduceSum", f"states_{i}", constant(f"time_{i}", np.array([0], np.int64)), to=f"sum_{i}", keepdims=0)
    node("Cast", f"lengths_{i}", to=f"steps_{i}", to_=1)
    node("Unsqueeze", f"steps_{i}", constant(f"end_{i}", np.array([1], np.int64)), to=f"divisor_{i}")  # [B, 1]
    node("Div", f"sum_{i}", f"divisor_{i}", to=f"mean_{i}")  # [2, B, H]
    shape = constant(f"flat_{i}", np.array([-1, 2 * state], np.int64))
    for name in ("mean", "last"):
        node("Transpose", f"{name}_{i}", to=f"{name}_by_row_{i}", perm=[1, 0, 2])
        node("Reshape", f"{name}_by_row_{i}", shape, to=f"{name}_flat_{i}")
    return node("Concat", f"mean_flat_{i}", f"last_flat_{i}", to=f"pooled_{i}", axis=1)


def write(weights: Mapping[str, Array], scale: float, query: int, path: Path) -> None:
    """Write the network as one ONNX file; the same weights give the same bytes."""
    path.write_bytes(graph(weights, scale, query).SerializeToString(deterministic=True))
