"""EfficientNet-lite0 as a torch module, for exporting; the layers carry the checkpoint's names.

Tan and Le 2019, arXiv:1905.11946; the lite variants leave out squeeze-and-excitation and use ReLU6. Strides pad as
TensorFlow does ("same", the odd pixel at the right and the bottom), since the weights were trained there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIDE = 224
# expansion, kernel, stride, channels in, channels out
_BLOCKS = (
    (1, 3, 1, 32, 16),
    (6, 3, 2, 16, 24), (6, 3, 1, 24, 24),
    (6, 5, 2, 24, 40), (6, 5, 1, 40, 40),
    (6, 3, 2, 40, 80), (6, 3, 1, 80, 80), (6, 3, 1, 80, 80),
    (6, 5, 1, 80, 112), (6, 5, 1, 112, 112), (6, 5, 1, 112, 112),
    (6, 5, 2, 112, 192), (6, 5, 1, 192, 192), (6, 5, 1, 192, 192), (6, 5, 1, 192, 192),
    (6, 3, 1, 192, 320),
)  # fmt: skip


def load(path: Path) -> Any:
    """Return the network with the checkpoint's weights: pictures [b, 3, 224, 224] in, features [b, 1280] out.

    Its `_fc` is the classifier [1000, 1280], which the features do not pass through.
    """
    import torch
    from torch import nn
    from torch.nn import functional

    class Conv(nn.Conv2d):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            kernel, stride = self.kernel_size[0], self.stride[0]
            total = max(kernel - (stride if x.shape[-1] % stride == 0 else x.shape[-1] % stride), 0)
            x = functional.pad(x, (total // 2, total - total // 2) * 2)
            out: torch.Tensor = functional.conv2d(x, self.weight, self.bias, self.stride, 0, 1, self.groups)
            return out

    def norm(channels: int) -> nn.BatchNorm2d:
        return nn.BatchNorm2d(channels, eps=1e-3)

    class Block(nn.Module):
        def __init__(self, expansion: int, kernel: int, stride: int, before: int, after: int) -> None:
            super().__init__()
            inner = before * expansion
            self.expands, self.skips = expansion > 1, stride == 1 and before == after
            if self.expands:
                self._expand_conv, self._bn0 = Conv(before, inner, 1, bias=False), norm(inner)
            self._depthwise_conv = Conv(inner, inner, kernel, stride, groups=inner, bias=False)
            self._bn1 = norm(inner)
            self._project_conv, self._bn2 = Conv(inner, after, 1, bias=False), norm(after)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
            h = functional.relu6(self._bn1(self._depthwise_conv(h)))
            h = self._bn2(self._project_conv(h))
            out: torch.Tensor = h + x if self.skips else h
            return out

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self._conv_stem, self._bn0 = Conv(3, 32, 3, 2, bias=False), norm(32)
            self._blocks = nn.ModuleList([Block(*row) for row in _BLOCKS])
            self._conv_head, self._bn1 = Conv(320, 1280, 1, bias=False), norm(1280)
            self._fc = nn.Linear(1280, 1000)

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            x: torch.Tensor = functional.relu6(self._bn0(self._conv_stem(pictures)))  # [b, 32, 112, 112]
            for block in self._blocks:
                x = block(x)
            x = functional.relu6(self._bn1(self._conv_head(x)))  # [b, 1280, 7, 7]
            return x.mean(dim=(2, 3))  # [b, 1280]

    network = Network()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval()
