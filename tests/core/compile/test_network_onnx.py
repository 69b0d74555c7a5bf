"""The ONNX graph of the fused network says what the trained network says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from personac.core.compile.network import SCALE, FusionNetwork
from personac.core.compile.network_onnx import write

NAMES = ("intent", "emotion", "query", "attention")


def trained(dimensions: list[int], intents: int, query: int) -> FusionNetwork:
    """Return a network whose every weight has some value."""
    torch.manual_seed(7)
    network = FusionNetwork(dimensions, intents, 7, query)
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(torch.randn_like(weight) / 5)
    return network.eval()


@pytest.mark.parametrize(
    ("dimensions", "intents", "query"), [([512, 384, 1280], 5, 1), ([384], 0, 0), ([16, 8], 77, 0)]
)
def test_the_graph_agrees_with_the_network(dimensions: list[int], intents: int, query: int, tmp_path: Path) -> None:
    network = trained(dimensions, intents, query)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    write(weights, SCALE, query, tmp_path / "fusion.onnx")
    write(weights, SCALE, query, tmp_path / "again.onnx")
    assert (tmp_path / "fusion.onnx").read_bytes() == (tmp_path / "again.onnx").read_bytes()
    session = onnxruntime.InferenceSession(str(tmp_path / "fusion.onnx"), providers=["CPUExecutionProvider"])
    random = np.random.default_rng(3)
    masks = [m for m in random.integers(0, 2, (12, len(dimensions))).astype(np.float32) if m.any()]
    mask = np.stack([*masks, np.ones(len(dimensions), np.float32)])
    tokens = [random.normal(size=(len(mask), d)).astype(np.float32) for d in dimensions]
    given = {f"token_{i}": token for i, token in enumerate(tokens)} | {"mask": mask}
    got = session.run(NAMES, given)
    with torch.no_grad():
        wanted = network([torch.from_numpy(token) for token in tokens], torch.from_numpy(mask))
    for name, mine, other in zip(NAMES, got, wanted, strict=True):
        assert mine.shape == tuple(other.shape), name
        np.testing.assert_allclose(mine, other.numpy(), rtol=1e-4, atol=1e-4, err_msg=name)
