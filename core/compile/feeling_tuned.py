"""A judge of emotions by a text encoder whose upper layers are tuned on utterances with what was said just before.

Knows texts and labels; how an encoder is cut and trained stands in tuning_layers.py and tuning_fit.py. Emotions are
labelled with much noise, so the layers learn slower and for fewer epochs than on intents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from .tuning_fit import BATCH, SCALE, Learner, Rows
from .tuning_layers import CutEncoder, batches_by_length

LAYERS, EPOCHS = 3, 3
EARLIER_WORDS = 24  # of what was said before, the last ones
STARTING = 2000  # texts, at most, whose frozen vectors the head starts from
CHUNK = 512  # texts whose states are held at once when they are judged
Array = NDArray[np.float32]
Labels = NDArray[np.int64]


class TunedWords:
    """Hold an encoder that can be tuned from its start again and again."""

    def __init__(
        self, name: str, mode: str, texts: Sequence[str], earlier: Sequence[str], labels: Labels, classes: int
    ) -> None:
        """Read all texts that may be learnt from; `mode` is full or lora. Raise CannotTune, ModelMissing."""
        torch.use_deterministic_algorithms(True)
        torch.set_num_threads(1)
        self._cut = CutEncoder(name, LAYERS)
        ids = self._ids(texts, earlier)
        states = self._cut.states(ids, lambda done, total: None)
        rows = Rows(ids, states, torch.from_numpy(labels), torch.zeros(len(ids), self._cut.dimension), classes)
        self._learner = Learner(self._cut, mode, rows)
        some = np.random.default_rng(0).permutation(len(ids))[:STARTING]
        rows.vectors[some] = torch.from_numpy(self._learner.judge(some)[0])

    def fit(self, part: Labels, seed: int, tick: Callable[[int, int], None]) -> None:
        """Tune on the rows of `part`."""
        steps, done = EPOCHS * -(-len(part) // BATCH), 0

        def step() -> None:
            nonlocal done
            done += 1
            tick(done, steps)

        self._learner.fit(part, EPOCHS, seed, step)

    def judge(self, texts: Sequence[str], earlier: Sequence[str]) -> Array:
        """Return log-probabilities [n, classes]."""
        self._cut.model.eval()
        found = np.zeros((len(texts), self._learner.rows.classes), np.float32)
        with torch.no_grad():
            for first in range(0, len(texts), CHUNK):
                ids = self._ids(texts[first : first + CHUNK], earlier[first : first + CHUNK])
                states = self._cut.states(ids, lambda done, total: None)
                for batch in batches_by_length(ids, 64, 8192):
                    vectors = self._cut.vectors([ids[i] for i in batch], [states[i] for i in batch])
                    logits = (SCALE * self._learner.head(vectors)).log_softmax(1)
                    found[[first + i for i in batch]] = logits.cpu().numpy()
        return found

    def _ids(self, texts: Sequence[str], earlier: Sequence[str]) -> list[list[int]]:
        """Return the ids of texts, each behind the end of what was said before and the tokenizer's separator."""
        separator = str(self._cut.model.tokenizer.sep_token or "\n")
        joined = []
        for text, before in zip(texts, earlier, strict=True):
            end = " ".join(before.split()[-EARLIER_WORDS:])
            joined.append(f"{end} {separator} {text}" if end else text)
        return self._cut.tokens(joined)
