"""The front ends of the fused network: what makes a token of one width from a vector or from a sequence of frames.

Does not know what the vectors mean. B is the batch, L the longest sequence in it, d a token's dimension, H the width
of a recurrent state in one direction.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ..mind.understanding.fusion import SENSES
from .frames import Frames

STATE = 64  # H
FEW = 8  # rows; from fewer no spread is taken
QUIET = 0.3  # a sequence's token starts so much smaller than a vector's: at first it is noise
Kind: TypeAlias = Literal["vector", "measures", "sequence"]
VECTOR: Kind = "vector"
Array = NDArray[np.float32]


class Padded(NamedTuple):
    """Hold a batch of sequences: frames [B, L, d], zero after each one's end, and lengths [B], at least 1."""

    frames: Tensor
    lengths: Tensor


Input: TypeAlias = Tensor | Padded


class VectorEnd(nn.Module):
    """Project a vector [B, d] to a token [B, width], measured from a centre and in a spread."""

    centre: Tensor
    spread: Tensor

    def __init__(self, dimension: int, width: int, standardised: bool) -> None:
        """Build; unless `standardised`, vectors are taken as they are."""
        super().__init__()
        self.standardised = standardised
        self.register_buffer("centre", torch.zeros(dimension))
        self.register_buffer("spread", torch.ones(dimension))
        self.linear = nn.Linear(dimension, width)
        nn.init.orthogonal_(self.linear.weight)  # keeps the geometry of the frozen encoders
        nn.init.zeros_(self.linear.bias)

    def start_from(self, token: Input, present: Tensor) -> None:
        """Take centre and spread from the training rows where `present` [B] is true."""
        assert isinstance(token, Tensor)
        if self.standardised:
            self.centre, self.spread = _standard(token[present])
            self.spread *= token.shape[1] ** 0.5  # so that a token is about as long as a sentence's vector, 1

    def forward(self, token: Input) -> Tensor:
        """Return [B, width] for [B, d]."""
        assert isinstance(token, Tensor)
        found: Tensor = self.linear((token - self.centre) / self.spread)
        return found


class SequenceEnd(nn.Module):
    """Read a sequence [B, L, d] in both directions; the mean and the last of its states make a token [B, width]."""

    centre: Tensor
    spread: Tensor

    def __init__(self, dimension: int, width: int, dropout: float) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(dimension))
        self.register_buffer("spread", torch.ones(dimension))
        self.gru = nn.GRU(dimension, STATE, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(4 * STATE, width)
        nn.init.orthogonal_(self.linear.weight, gain=QUIET)
        nn.init.zeros_(self.linear.bias)

    def start_from(self, token: Input, present: Tensor) -> None:
        """Take centre and spread from the frames of the training rows where `present` [B] is true."""
        assert isinstance(token, Padded)
        steps = torch.arange(token.frames.shape[1])
        inside = (steps < token.lengths.unsqueeze(1)) & present.unsqueeze(1)  # [B, L]
        self.centre, self.spread = _standard(token.frames[inside])

    def forward(self, token: Input) -> Tensor:
        """Return [B, width] for frames [B, L, d] with lengths [B]."""
        assert isinstance(token, Padded)
        frames = (token.frames - self.centre) / self.spread
        packed = pack_padded_sequence(frames, token.lengths, batch_first=True, enforce_sorted=False)
        packed_states, last = self.gru(packed)  # last [2, B, H]
        states, _ = pad_packed_sequence(packed_states, batch_first=True)  # [B, L, 2 H], zero after the end
        mean = states.sum(1) / token.lengths.unsqueeze(1)  # [B, 2 H]
        pooled = torch.cat([mean, last.transpose(0, 1).flatten(1)], 1)  # [B, 4 H]
        found: Tensor = self.linear(self.dropout(pooled))
        return found


FrontEnd: TypeAlias = VectorEnd | SequenceEnd


def front_end(kind: Kind, dimension: int, width: int, dropout: float) -> FrontEnd:
    """Return the front end of a token: `measures` are vectors whose components need a common scale."""
    if kind == "sequence":
        return SequenceEnd(dimension, width, dropout)
    return VectorEnd(dimension, width, standardised=kind == "measures")


def kind_of(name: str, token: Array | Frames) -> Kind:
    """Return the kind of a token; sentence encoders' vectors are taken as they are, since queries start from them."""
    if isinstance(token, Frames):
        return "sequence"
    return "measures" if name in SENSES else "vector"


def batch(token: Array | Frames, rows: NDArray[np.int64]) -> Input:
    """Return one token of some rows as the network reads it."""
    if isinstance(token, Frames):
        frames, lengths = token.padded(rows)
        return Padded(torch.from_numpy(frames), torch.from_numpy(lengths))
    return torch.from_numpy(token[rows])


def _standard(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return centre [d] and spread [d] of rows [n, d]; components with less than a hundredth of the mean are capped."""
    dimension = rows.shape[1]
    if len(rows) < FEW:
        length = rows.norm(dim=1).mean() if len(rows) else torch.tensor(1.0)
        return torch.zeros(dimension), torch.full((dimension,), max(float(length), 1e-6) / dimension**0.5)
    deviation = rows.std(0)
    floor = max(float(deviation.mean()) * 0.01, 1e-6)
    return rows.mean(0), deviation.clamp_min(floor)
