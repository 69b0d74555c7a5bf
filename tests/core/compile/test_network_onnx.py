"""The ONNX graph of the fused network says what the trained network says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from personac.core.compile.frames import Frames
from personac.core.compile.front_ends import Input, Kind, batch
from personac.core.compile.network import SCALE, FusionNetwork
from personac.core.compile.network_onnx import write

NAMES = ("intent", "emotion", "query", "attention")


def trained(dimensions: list[int], intents: int, query: int, kinds: tuple[Kind, ...] = ()) -> FusionNetwork:
    """Return a network whose every weight has some value."""
    torch.manual_seed(7)
    network = FusionNetwork(dimensions, intents, 7, query, kinds=kinds)
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(torch.randn_like(weight) / 5)
    return network.eval()


def agree(network: FusionNetwork, given: dict[str, NDArray[Any]], tokens: list[Input], path: Path) -> None:
    """Assert that the exported graph and the network say the same."""
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    write(weights, SCALE, network.query_position, path / "fusion.onnx")
    write(weights, SCALE, network.query_position, path / "again.onnx")
    assert (path / "fusion.onnx").read_bytes() == (path / "again.onnx").read_bytes()
    session = onnxruntime.InferenceSession(str(path / "fusion.onnx"), providers=["CPUExecutionProvider"])
    got = session.run(NAMES, given)
    with torch.no_grad():
        wanted = network(tokens, torch.from_numpy(given["mask"]))
    for name, mine, other in zip(NAMES, got, wanted, strict=True):
        assert mine.shape == tuple(other.shape), name
        np.testing.assert_allclose(mine, other.numpy(), rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(
    ("dimensions", "intents", "query"), [([512, 384, 1280], 5, 1), ([384], 0, 0), ([16, 8], 77, 0)]
)
def test_the_graph_agrees_with_the_network(dimensions: list[int], intents: int, query: int, tmp_path: Path) -> None:
    network = trained(dimensions, intents, query)
    random = np.random.default_rng(3)
    masks = [m for m in random.integers(0, 2, (12, len(dimensions))).astype(np.float32) if m.any()]
    mask = np.stack([*masks, np.ones(len(dimensions), np.float32)])
    tokens = [random.normal(size=(len(mask), d)).astype(np.float32) for d in dimensions]
    given = {f"token_{i}": token for i, token in enumerate(tokens)} | {"mask": mask}
    agree(network, given, [torch.from_numpy(token) for token in tokens], tmp_path)


def test_the_graph_agrees_where_tokens_are_sequences_and_measures(tmp_path: Path) -> None:
    kinds: tuple[Kind, ...] = ("vector", "sequence", "measures", "sequence")
    network = trained([16, 39, 20, 8], 5, 0, kinds)
    random = np.random.default_rng(4)
    lengths = {1: [1, 30, 7, 12], 3: [3, 1, 1, 2]}
    sequences = {
        i: Frames.of([random.normal(2, 3, (length, d)).astype(np.float32) for length in lengths[i]], d)
        for i, d in ((1, 39), (3, 8))
    }
    vectors = {i: random.normal(4, 2, (4, d)).astype(np.float32) for i, d in ((0, 16), (2, 20))}
    rows = np.arange(4)
    tokens = [batch(sequences[i] if i in sequences else vectors[i], rows) for i in range(4)]
    mask = np.array([[1, 1, 1, 1], [0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]], np.float32)
    network.start_from(tokens, torch.from_numpy(mask), torch.tensor([0, 1, 2, -1]))
    given = {f"token_{i}": vector for i, vector in vectors.items()} | {"mask": mask}
    for i, frames in sequences.items():
        padded, steps = frames.padded(rows)
        given |= {f"token_{i}": padded, f"lengths_{i}": steps.astype(np.int32)}
    agree(network, given, tokens, tmp_path)
