"""Second branches of encoders: layers tuned for another end, above what both branches share.

A branch that ships with personac is a file of what differs from the frozen weights, each matrix as the product of two
thin ones; the export of its encoder (sentence.py, use.py) gets both branches, so that the words are read once, and runs
the second where it is asked for. The output's name tells the file, so that nobody reads an older branch for a newer
one. Knows no training and no kinds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelDamaged
from ..turn import BRANCH

Array = NDArray[np.float32]
FOLDER = Path(__file__).with_name("branches")
RISKS = "risks-"  # begins the output of a shipped branch, which the judge of risks reads; the file's hash follows
ASKED = "risks"  # the graph's input, true where that output is wanted; it is not computed otherwise
STAND_INS = {"use-multilingual": "all-MiniLM-L6-v2"}  # whose branch does better than both, in its languages
HEAD = "head"  # in a branch's file, [d + 1, kinds]: what the judge reads the branch with
MARK = BRANCH  # in the names of a branch, before the word for it
SUFFIX = MARK + "risks"
LEFT, RIGHT = MARK + "left", MARK + "right"


def output(path: Path) -> str:
    """Return the name of the output of a branch's file."""
    return RISKS + hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def beside(name: str, output: str) -> str:
    """Return under which name the vector of an encoder's branch stands beside the encoder's own."""
    return f"{name}{MARK}{output}"


def shipped(name: str) -> Path | None:
    """Return the file of the branch that ships for an encoder, None where there is none."""
    return next((path for path in FOLDER.glob("*.safetensors") if path.stem == name), None)


def applied(path: Path, before: Mapping[str, Any]) -> dict[str, Array]:
    """Return the weights of a branch, from its file and the frozen ones by name; raise ModelDamaged."""
    from safetensors.numpy import load_file

    differs = {name: value for name, value in load_file(str(path)).items() if name != HEAD}
    after: dict[str, Array] = {}
    for name in sorted({key.removesuffix(LEFT).removesuffix(RIGHT) for key in differs}):
        if name not in before:
            raise ModelDamaged(f"{path.name} changes {name}, which its encoder does not have; install personac again")
        value = np.asarray(before[name], np.float32)
        if name in differs:
            after[name] = value + differs[name].astype(np.float32)
        else:
            left, right = (differs[name + side].astype(np.float32) for side in (LEFT, RIGHT))
            after[name] = value + (left @ right).reshape(value.shape)
    return after


def differences(before: Mapping[str, Array], after: Mapping[str, Array], rank: int) -> dict[str, NDArray[np.float16]]:
    """Return what a branch's file holds: differences of vectors, and of matrices the best two factors of a rank."""
    found: dict[str, NDArray[np.float16]] = {}
    for name, value in after.items():
        change = np.asarray(value - before[name], np.float32)
        if change.ndim < 2:
            found[name] = change.astype(np.float16)
            continue
        left, sizes, right = np.linalg.svd(change.reshape(len(change), -1), full_matrices=False)
        root = np.sqrt(sizes[:rank])
        found[name + LEFT] = (left[:, :rank] * root).astype(np.float16)
        found[name + RIGHT] = (root[:, None] * right[:rank]).astype(np.float16)
    return found


def replaced(
    graph: Any, source: Path, before: Mapping[str, Array], after: Mapping[str, Array]
) -> tuple[dict[str, Array], set[str]]:
    """Return new values of a graph's initializers, found by name, or by value as they are or transposed; and the names
    of the weights that were found. `source` is the folder of the graph's data.
    """
    by_name = {f"model.{name}": name for name in before}
    by_size: dict[int, list[str]] = {}
    for name, value in before.items():
        by_size.setdefault(value.size, []).append(name)
    found: dict[str, Array] = {}
    used: set[str] = set()
    for initializer in graph.initializer:
        size = int(np.prod(initializer.dims))
        if initializer.data_type != 1 or size not in by_size or size < 2 or MARK in initializer.name:
            continue
        value = _value(initializer, source)
        named = by_name.get(initializer.name)
        for name in [named] if named else by_size[size]:
            for turned in (False, True):
                if np.array_equal(before[name].T if turned else before[name], value):
                    found.setdefault(initializer.name, np.ascontiguousarray(after[name].T if turned else after[name]))
                    used.add(name)
    return found, used


def doubled(graph: Any, changed: Iterable[str], vector: str, suffix: str, output: str) -> list[Any]:
    """Return a double of every node that depends on a changed initializer, none where the vector does not.

    A doubled name gets the suffix, and the vector becomes `output`. Other branches are left out.
    """
    import onnx

    names = set(changed)
    found = []
    for node in graph.node:  # in topological order
        if not names.intersection(node.input) or any(MARK in name or name.startswith(RISKS) for name in node.output):
            continue
        twin = onnx.NodeProto()
        twin.CopyFrom(node)
        twin.name = node.name + suffix if node.name else ""
        twin.ClearField("input")
        twin.input.extend(name + suffix if name in names else name for name in node.input)
        twin.ClearField("output")
        twin.output.extend(output if name == vector else name + suffix for name in node.output)
        names.update(node.output)
        found.append(twin)
    return found if vector in names else []


def add_asked(graph: Any, nodes: Iterable[Any], vector: str, output: str) -> None:
    """Give a graph nodes that run only where ASKED is true, and their `output`; else that is the vector."""
    from onnx import TensorProto, helper

    (own,) = (value for value in graph.output if value.name == vector)
    shape = [axis.dim_param or axis.dim_value for axis in own.type.tensor_type.shape.dim]

    def value(name: str) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    asked, other = f"{output}{MARK}asked", f"{output}{MARK}other"
    branch = list(nodes)
    for node in branch:
        names = [asked if name == output else name for name in node.output]
        node.ClearField("output")
        node.output.extend(names)
    then = helper.make_graph(branch, "asked", [], [value(asked)])
    same = helper.make_graph([helper.make_node("Identity", [vector], [other])], "other", [], [value(other)])
    graph.node.append(helper.make_node("If", [ASKED], [output], then_branch=then, else_branch=same))
    graph.input.append(helper.make_tensor_value_info(ASKED, TensorProto.BOOL, []))
    graph.initializer.append(helper.make_tensor(ASKED, TensorProto.BOOL, [], [False]))  # what the input is by itself
    graph.output.append(value(output))


class Data:
    """Write tensors into a file of external data, each at a multiple of 64 bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: list[bytes] = []
        self._size = 0

    def __enter__(self) -> Data:
        return self

    def __exit__(self, *error: object) -> None:
        self._path.write_bytes(b"".join(self._parts))

    def tensor(self, name: str, value: Array) -> Any:
        """Keep a tensor and return what the graph says of it."""
        import onnx

        content = np.ascontiguousarray(value, np.float32).tobytes()
        tensor = onnx.TensorProto(name=name, data_type=onnx.TensorProto.FLOAT, dims=value.shape, data_location=1)
        for key, entry in (("location", self._path.name), ("offset", self._size), ("length", len(content))):
            tensor.external_data.add(key=key, value=str(entry))
        padded = content + bytes(-len(content) % 64)
        self._parts.append(padded)
        self._size += len(padded)
        return tensor


def _value(initializer: Any, source: Path) -> Array:
    from onnx import numpy_helper

    if initializer.data_location != 1:
        return np.asarray(numpy_helper.to_array(initializer), np.float32)
    place = {entry.key: entry.value for entry in initializer.external_data}
    shape = tuple(initializer.dims)
    # read by hand: onnx refuses files with several hard links, which the cache makes
    return np.memmap(source / place["location"], np.float32, "r", int(place.get("offset", 0)), shape)
