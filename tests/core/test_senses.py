"""Vectors that repeat to the last bit where they are measured with, and cores left to those who encode."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from personac.core.compile.vector_cache import VectorCache
from personac.core.models.branches import RISKS
from personac.core.models.text import load_text_encoder
from personac.core.runtime import Runtime
from personac.core.senses import SharedEncoders
from threadpoolctl import threadpool_info

SAID = [
    ("Where is the Summer Palace?", "en"),
    ("颐和园怎么走？", "zh"),
    ("How much is a ticket to the zoo today?", "en"),
]


class Counting:
    """Count what an encoder is given."""

    def __init__(self, encoder: Any) -> None:
        self.encoder, self.given = encoder, list[str]()
        self.name, self.languages = encoder.name, encoder.languages

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        self.given += batch
        found: NDArray[np.float32] = self.encoder.encode(batch)
        return found

    def encode_exactly(self, batch: Sequence[str]) -> NDArray[np.float32]:
        self.given += batch
        found: NDArray[np.float32] = self.encoder.encode_exactly(batch)
        return found


def test_while_vectors_repeat_a_text_is_encoded_once_and_is_the_same_in_every_batch() -> None:
    counting = Counting(load_text_encoder("use-multilingual", threads=1))
    encoders = SharedEncoders([counting])  # type: ignore[list-item]
    name = counting.name
    with encoders.repeatable(SAID[:2]):
        alone = [encoders.encode_now([one])[0][name] for one in SAID]
        together = encoders.encode_now(SAID[::-1])[::-1]
    assert counting.given == [text for text, _ in SAID]
    for one, other in zip(alone, together, strict=True):
        assert one.tobytes() == other[name].tobytes()
    encoders.encode_now(SAID)
    assert len(counting.given) == 2 * len(SAID), "afterwards nothing is kept"
    encoders.close()


def test_a_question_in_traditional_characters_is_the_same_question(tmp_path: Path) -> None:
    encoder = load_text_encoder("use-multilingual", threads=1)
    encoders, texts = SharedEncoders([encoder]), ["颐和园的门票多少钱？", "頤和園的門票多少錢？"]
    try:
        simplified, traditional = encoders.encode_now([(text, "zh") for text in texts])
    finally:
        encoders.close()
    for name, vector in simplified.items():
        assert vector.tobytes() == traditional[name].tobytes()
    kept = VectorCache(tmp_path).encode(encoder, "version", texts, lambda done, all: None)
    assert kept[0].tobytes() == kept[1].tobytes()


def test_a_running_persona_leaves_its_matrix_products_on_one_thread(guide: Runtime) -> None:
    own = [library for library in threadpool_info() if library["user_api"] == "blas" and "numpy" in library["filepath"]]
    assert [library["num_threads"] for library in own] == [1] * len(own)
    assert own


def test_only_the_branch_that_the_judge_reads_is_computed() -> None:
    names = ["all-MiniLM-L6-v2", "use-multilingual"]
    encoders = SharedEncoders([load_text_encoder(name, threads=1) for name in names])
    alone = SharedEncoders([load_text_encoder("use-multilingual", threads=1)])
    try:
        found = encoders.encode_now(SAID[:1])[0]
        assert {name.partition("|")[0] for name in found if RISKS in name} == {"all-MiniLM-L6-v2"}
        for shared in (encoders, alone):
            assert any(RISKS in name for name in shared.encode_now(SAID[1:2])[0])
        assert any(RISKS in name for name in alone.encode_now(SAID[:1])[0])
    finally:
        encoders.close()
        alone.close()
