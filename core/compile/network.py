"""The fused network: one token for each modality that is present, attention by a learned summary, four heads.

Does not know where vectors come from or how it is trained; `front_ends.py` makes the tokens. B is the batch, T the
number of tokens, D the width.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .front_ends import VECTOR, Input, Kind, front_end

WIDTH = 384
RANK = 64  # of what the fused query may add to the frozen one
SCALE = 12.0  # of the cosine between summary and intent


class FusionNetwork(nn.Module):
    """Fuse the modalities of a message."""

    def __init__(
        self,
        dimensions: Sequence[int],
        intents: int,
        emotions: int,
        query: int,
        dropout: float = 0.2,
        kinds: Sequence[Kind] = (),
    ):
        """Build for tokens of the given dimensions and kinds (vectors when not given).

        `query` is the position of the token that queries start from, a vector.
        """
        super().__init__()
        self.query_position = query
        self.project = nn.ModuleList(
            front_end(kind, dimension, WIDTH, dropout)
            for kind, dimension in zip(kinds or (VECTOR,) * len(dimensions), dimensions, strict=True)
        )
        self.kind = nn.Parameter(torch.zeros(len(dimensions), WIDTH))
        self.summary = nn.Parameter(torch.zeros(WIDTH))
        self.dropout = nn.Dropout(dropout)
        self.intent = nn.Parameter(torch.randn(intents + 1, WIDTH) / WIDTH**0.5)  # the last is the background
        self.emotion = nn.Linear(WIDTH, emotions)
        self.response = nn.Sequential(
            nn.Linear(WIDTH, RANK, bias=False), nn.Linear(RANK, dimensions[query], bias=False)
        )
        last = self.response[-1]
        assert isinstance(last, nn.Linear)
        nn.init.zeros_(last.weight)  # the query starts as the frozen encoder's own vector

    @torch.no_grad()
    def start_from(self, tokens: Sequence[Input], mask: Tensor, labels: Tensor) -> None:
        """Set the scales of the tokens, and each intent to the mean of its examples: a nearest-mean classifier.

        Labels [B] count from 0, -1 for none.
        """
        for position, layer in enumerate(self.project):
            layer.start_from(tokens[position], mask[:, position] > 0.5)  # type: ignore[operator]
        projected = torch.stack([layer(token) for layer, token in zip(self.project, tokens)], 1)  # [B, T, D]
        summary = (mask.unsqueeze(-1) * projected).sum(1) / mask.sum(1, keepdim=True)  # [B, D]
        known = labels >= 0
        sums = torch.zeros_like(self.intent).index_add_(0, labels[known], summary[known])
        seen = torch.bincount(labels[known], minlength=len(sums)) > 0
        self.intent[seen] = nn.functional.normalize(sums[seen], dim=1)

    def forward(self, tokens: Sequence[Input], mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return intent logits [B, intents + 1], emotion logits [B, emotions], query [B, d] and attention [B, T].

        Each token is [B, its dimension], or Padded where it is a sequence; mask [B, T] is 1 where the token is
        present. At least one must be.
        """
        summary, attention = self.fuse(tokens, mask)
        hidden = self.dropout(summary)
        direction = nn.functional.normalize(hidden, dim=-1)
        logits = SCALE * direction @ nn.functional.normalize(self.intent, dim=-1).T
        start = tokens[self.query_position]
        assert isinstance(start, Tensor)
        own = start * mask[:, self.query_position : self.query_position + 1]
        query = nn.functional.normalize(own + self.response(hidden), dim=-1, eps=1e-6)
        return logits, self.emotion(hidden), query, attention

    def fuse(self, tokens: Sequence[Input], mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the summary [B, D] of the tokens that are present, and the attention [B, T] that weighed them."""
        projected = torch.stack([layer(token) for layer, token in zip(self.project, tokens)], 1)  # [B, T, D]
        scores = torch.tanh(projected + self.kind) @ self.summary  # [B, T]
        scores = scores.masked_fill(mask < 0.5, -1e9)
        attention = scores.softmax(-1)
        return (attention.unsqueeze(-1) * projected).sum(1), attention
