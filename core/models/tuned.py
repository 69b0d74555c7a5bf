"""A tuned text encoder at run time: words in; the frozen vector, the tuned vector and the head's logits out.

One ONNX graph gives all three, and the layers below the tuned ones run once. Imports no torch; does not know what the
classes are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeGuard

import numpy as np
from numpy.typing import NDArray

from ..contracts import Encoder
from ..errors import PersonacError
from ..turn import TUNED
from .branches import RISKS, beside
from .text import VECTOR, OnnxTextEncoder

LOGITS = "logits"  # an output of the graph beside the vectors, as TUNED is
CLASSES = "classes"  # the key in encoder.json that says that an encoder is tuned


class CannotTune(PersonacError):
    """Report a text encoder whose layers can't be trained, or texts that it can't learn from."""

    @classmethod
    def of(cls, names: Sequence[str]) -> CannotTune:
        """Return the report on a persona none of whose encoders can be tuned."""
        able = "all-MiniLM-L6-v2 (English), or any sentence-transformers model by name or folder"
        return cls(f"{' and '.join(names)} can't be tuned; name one in encoders.text that can ({able}), or tune: none")


class Classified(NamedTuple):
    """Hold what a tuned encoder makes of n texts: vectors and tuned vectors [n, d] of length 1, logits [n, classes]."""

    vectors: NDArray[np.float32]
    tuned: NDArray[np.float32]
    logits: NDArray[np.float32]


def is_tuned(encoder: Encoder) -> TypeGuard[OnnxTextEncoder]:
    """Tell whether an encoder that was warmed up has a tuned branch."""
    return isinstance(encoder, OnnxTextEncoder) and encoder.classes > 0


def everything(
    encoder: OnnxTextEncoder, batch: Sequence[str], *, exactly: bool = False, judged: bool = True
) -> dict[str, NDArray[np.float32]]:
    """Return all that a turn reads of n texts, [n, width] each, by the name under which it stands there.

    These are the vectors, by the encoder's name; a tuned head's logits, as TUNED; and, where the judge of risks is to
    read them, what it reads.
    """
    encoder.warm_up()
    outputs = {encoder.name: VECTOR}
    if is_tuned(encoder):
        outputs[TUNED] = LOGITS
    if judged:
        outputs |= {beside(encoder.name, output): output for output in encoder.offers if output.startswith(RISKS)}
    return dict(zip(outputs, encoder.outputs(batch, tuple(outputs.values()), exactly=exactly), strict=True))


def classify(encoder: OnnxTextEncoder, batch: Sequence[str], *, exactly: bool = False) -> Classified:
    """Return what a tuned encoder makes of texts; `exactly` as in `encode_exactly`."""
    return Classified(*encoder.outputs(batch, (VECTOR, TUNED, LOGITS), exactly=exactly))
