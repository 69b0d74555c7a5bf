"""A sentence-transformers model cut in two: the lower layers run once, the layers above them are trained.

Knows no labels and no loss. The states that enter the first trained layer are kept for every text, so that a step of
training costs the upper layers only. Any model whose layers stand in one list can be cut: BERT, MPNet, XLM-R and
their like.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..models import weights
from ..models.sentence import load
from ..models.tuned import CannotTune

BATCH_ROWS, BATCH_TOKENS = 64, 8192


class _Reached(Exception):
    """Carry the states that enter a layer out of a forward pass."""

    def __init__(self, states: Tensor) -> None:
        self.states = states


class CutEncoder:
    """Hold a sentence-transformers model, of which only the last `top` layers can learn.

    `prefix` is where the layers stand in the model: layer i has its parameters under `prefix.i.`.
    """

    def __init__(self, name: str, top: int) -> None:
        """Load a model of the catalogue, a folder or a hub; raise CannotTune, ModelMissing or ModelDamaged."""
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model: Any = load(weights.folder(name)).to(self.device)
        self.prefix, layers = _layers(name, self.model)
        self.depth = len(layers)
        self.top = max(1, min(top, self.depth))
        self.max_length = min(int(self.model.max_seq_length or 512), 8192)
        tokenizer = getattr(self.model.tokenizer, "backend_tokenizer", None)
        if tokenizer is None:
            raise CannotTune(f"{name} has no fast tokenizer, so it can't be tuned; set encoders.tune to none")
        self._tokenizer: Any = tokenizer
        self._pad = int(self.model.tokenizer.pad_token_id or 0)
        self._replacement: Tensor | None = None
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)
        self._first = layers[self.depth - self.top]
        self._whole, self._upper = layers, nn.ModuleList(list(layers)[self.depth - self.top :])

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return int(self.model.get_embedding_dimension())

    def upper(self) -> list[tuple[str, nn.Module]]:
        """Return the layers that can learn, lowest first, with their names in the model."""
        first = self.depth - self.top
        return [(f"{self.prefix}.{first + i}", layer) for i, layer in enumerate(self._upper)]

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text, cut at the length that the model was made for."""
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.max_length)
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch(clean)]

    def states(self, ids: Sequence[Sequence[int]], tick: Callable[[int, int], None]) -> list[Tensor]:
        """Return what enters the first trained layer for each text, [t, width] on the CPU."""
        found: list[Tensor] = [torch.empty(0)] * len(ids)
        handle = self._first.register_forward_pre_hook(_leave, with_kwargs=True)
        try:
            with torch.inference_mode():
                done = 0
                for rows in batches_by_length(ids, BATCH_ROWS, BATCH_TOKENS):
                    try:
                        self.model.eval()(self._padded([ids[row] for row in rows]))
                    except _Reached as reached:
                        for row, states in zip(rows, reached.states):
                            found[row] = states[: len(ids[row])].cpu().clone()
                    done += len(rows)
                    tick(done, len(ids))
        finally:
            handle.remove()
        return found

    def vectors(self, ids: Sequence[Sequence[int]], states: Sequence[Tensor]) -> Tensor:
        """Return [b, d], rows of length 1, from texts and the states of their lower layers."""
        width = max(map(len, ids))
        stacked = torch.zeros(len(ids), width, states[0].shape[1])
        for i, state in enumerate(states):
            stacked[i, : len(state)] = state
        self._replacement = stacked.to(self.device)
        self._set(self._upper)
        handle = self._first.register_forward_pre_hook(self._enter, with_kwargs=True)
        try:
            vectors: Tensor = self.model(self._padded(ids))["sentence_embedding"]
        finally:
            handle.remove()
            self._set(self._whole)
        return nn.functional.normalize(vectors, dim=-1)

    def _set(self, layers: nn.ModuleList) -> None:
        parent, _, last = self.prefix.rpartition(".")
        setattr(self.model.get_submodule(parent), last, layers)

    def _enter(self, module: nn.Module, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        if args:
            return (self._replacement, *args[1:]), kwargs
        return args, {**kwargs, "hidden_states": self._replacement}

    def _padded(self, ids: Sequence[Sequence[int]]) -> dict[str, Tensor]:
        width = max(1, *map(len, ids))
        padded = torch.full((len(ids), width), self._pad, dtype=torch.long)  # [b, t]
        mask = torch.zeros(len(ids), width, dtype=torch.long)  # [b, t]
        for i, row in enumerate(ids):
            padded[i, : len(row)] = torch.tensor(row, dtype=torch.long)
            mask[i, : len(row)] = 1
        return {"input_ids": padded.to(self.device), "attention_mask": mask.to(self.device)}


def batches_by_length(ids: Sequence[Sequence[int]], rows: int, tokens: int) -> list[list[int]]:
    """Return the positions of texts in batches of like length, at most so many rows and tokens in each."""
    found: list[list[int]] = [[]]
    for i in sorted(range(len(ids)), key=lambda i: (len(ids[i]), i)):
        if found[-1] and (len(found[-1]) >= rows or (len(found[-1]) + 1) * len(ids[i]) > tokens):
            found.append([])
        found[-1].append(i)
    return found if found[0] else []


def _leave(module: nn.Module, args: Any, kwargs: dict[str, Any]) -> None:
    raise _Reached(args[0] if args else kwargs["hidden_states"])


def _layers(name: str, model: nn.Module) -> tuple[str, nn.ModuleList]:
    """Return the list of layers with the most parameters, and where it stands."""
    found = [
        (sum(parameter.numel() for parameter in module.parameters()), path, module)
        for path, module in model.named_modules()
        if isinstance(module, nn.ModuleList) and len(module) > 1
    ]
    if not found:
        raise CannotTune(f"{name} has no list of transformer layers that could be tuned; set encoders.tune to none")
    _, path, layers = max(found, key=lambda entry: entry[0])
    return path, layers
