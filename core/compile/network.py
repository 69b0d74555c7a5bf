"""The fused network: one token for each modality that is present, attention by a learned summary, four heads.

Does not know where vectors come from or how it is trained. B is the batch, T the number of tokens, D the width.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

WIDTH = 384
RANK = 64  # of what the fused query may add to the frozen one
SCALE = 12.0  # of the cosine between summary and intent


class FusionNetwork(nn.Module):
    """Fuse the modalities of a message."""

    def __init__(self, dimensions: Sequence[int], intents: int, emotions: int, query: int, dropout: float = 0.2):
        """Build for tokens of the given dimensions; `query` is the position of the token that queries start from."""
        super().__init__()
        self.query_position = query
        self.project = nn.ModuleList(nn.Linear(dimension, WIDTH) for dimension in dimensions)
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
        for layer in self.project:
            assert isinstance(layer, nn.Linear)
            nn.init.orthogonal_(layer.weight)  # keeps the geometry of the frozen encoders
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(last.weight)  # the query starts as the frozen encoder's own vector

    @torch.no_grad()
    def start_from(self, tokens: Sequence[Tensor], mask: Tensor, labels: Tensor) -> None:
        """Set each intent to the mean of its examples, labels [B] from 0, -1 for none: a nearest-mean classifier."""
        projected = torch.stack([layer(token) for layer, token in zip(self.project, tokens)], 1)  # [B, T, D]
        summary = (mask.unsqueeze(-1) * projected).sum(1) / mask.sum(1, keepdim=True)  # [B, D]
        for label in sorted(set(labels[labels >= 0].tolist())):
            self.intent[label] = nn.functional.normalize(summary[labels == label].mean(0), dim=0)

    def forward(self, tokens: Sequence[Tensor], mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return intent logits [B, intents + 1], emotion logits [B, emotions], query [B, d] and attention [B, T].

        Each token is [B, its dimension]; mask [B, T] is 1 where the token is present. At least one must be.
        """
        projected = torch.stack([layer(token) for layer, token in zip(self.project, tokens)], 1)  # [B, T, D]
        scores = torch.tanh(projected + self.kind) @ self.summary  # [B, T]
        scores = scores.masked_fill(mask < 0.5, -1e9)
        attention = scores.softmax(-1)
        summary = (attention.unsqueeze(-1) * projected).sum(1)  # [B, D]
        hidden = self.dropout(summary)
        direction = nn.functional.normalize(hidden, dim=-1)
        logits = SCALE * direction @ nn.functional.normalize(self.intent, dim=-1).T
        own = tokens[self.query_position] * mask[:, self.query_position : self.query_position + 1]
        query = nn.functional.normalize(own + self.response(hidden), dim=-1, eps=1e-6)
        return logits, self.emotion(hidden), query, attention
