from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from personac.core.compile.memory import write_memory
from personac.core.compile.passes import Passes
from personac.core.compile.vectors import TextVectors
from personac.core.errors import Unavailable
from personac.core.mind.memory.changes import CHANGES, Changes, changes_of
from personac.core.mind.memory.retrieval import Memory, texts_of
from personac.core.turn import Passage

NAME = "all-MiniLM-L6-v2"
MUSEUM = Passage("faq.csv#1", "faq.csv:1", "When does the museum open?", "It opens at nine.", "en")
BOATS = Passage("faq.csv#2", "faq.csv:2", "Where are the boats?", "At the north pier.", "en")
CAFE = Passage("told#1", "told", "Is there a café?", "Yes, beside the rose garden.", "en")


@pytest.fixture(scope="module")
def vectors() -> TextVectors:
    opened = TextVectors()
    opened._add(NAME)
    return opened


def encoded(vectors: TextVectors, texts: tuple[str, ...]) -> np.ndarray:
    return vectors.of(vectors.encoders[0], texts, "test", lambda *_: None)


def compiled(folder: Path, passages: list[Passage], vectors: TextVectors) -> Path:
    folder.mkdir()
    with Passes() as passes:
        write_memory(folder, passages, vectors, passes, lambda *_: None)
    return folder


def opened(artifact: Path, vectors: TextVectors) -> Memory:
    return Memory(artifact, vectors.versions, changes_of(artifact))


def asked(memory: Memory, vectors: TextVectors, text: str) -> list[str]:
    query = encoded(vectors, (text,))[0]
    return [passage.id for passage in memory.search({NAME: query}, None, text, "en", 3)]


def test_what_was_added_and_removed_outlives_a_restart_and_the_next_compile(
    tmp_path: Path, vectors: TextVectors
) -> None:
    artifact = compiled(tmp_path / "first", [MUSEUM, BOATS], vectors)
    memory = opened(artifact, vectors)
    memory.add([CAFE], {NAME: encoded(vectors, texts_of(CAFE))})
    assert memory.remove([BOATS.id, "unknown"]) == 1
    for again in (memory, opened(artifact, vectors)):
        assert asked(again, vectors, "where can I drink a coffee, is there a café?")[0] == CAFE.id
        assert BOATS.id not in asked(again, vectors, "where are the boats?")
    taken_in = changes_of(artifact).applied([MUSEUM, BOATS])
    assert taken_in == [MUSEUM, CAFE]
    second = opened(compiled(tmp_path / "second", taken_in, vectors), vectors)
    assert len(second.passages) == 2  # nothing is added a second time
    assert sorted(asked(second, vectors, "is there a café?")) == [MUSEUM.id, CAFE.id]


def test_a_removed_passage_comes_back_only_with_other_words(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    changes.delete([BOATS])
    assert changes.applied([MUSEUM, BOATS]) == [MUSEUM]
    moved = Passage(BOATS.id, BOATS.source, BOATS.title, "At the south pier.", "en")
    assert changes.applied([MUSEUM, moved]) == [MUSEUM, moved]
    changes.add([(BOATS, {})])
    assert changes.applied([MUSEUM]) == [MUSEUM, BOATS]
    assert changes.deleted() == {}


def test_what_is_added_again_can_be_removed_again(tmp_path: Path, vectors: TextVectors) -> None:
    memory = opened(compiled(tmp_path / "first", [MUSEUM, BOATS], vectors), vectors)
    for _ in range(2):
        assert memory.remove([BOATS.id]) == 1
        memory.add([BOATS], {NAME: encoded(vectors, texts_of(BOATS))})
    assert asked(memory, vectors, "where are the boats?")[0] == BOATS.id
    assert memory.remove([BOATS.id]) == 1
    assert memory.remove([BOATS.id]) == 0
    assert BOATS.id not in asked(memory, vectors, "where are the boats?")


def test_vectors_of_another_encoder_are_not_used(tmp_path: Path, vectors: TextVectors) -> None:
    artifact = compiled(tmp_path / "first", [MUSEUM], vectors)
    changes_of(artifact).add([(CAFE, {"another content": np.ones((2, 7), np.float32)})])
    memory = opened(artifact, vectors)
    assert memory.passages.position(CAFE.id) == 1  # found by its words alone, until the next compile
    assert CAFE.id in asked(memory, vectors, "café")


def test_the_digest_tells_whether_anything_changed(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    assert changes.digest() == ""
    assert not changes.path.exists()
    changes.delete([BOATS])
    first = changes.digest()
    changes.add([(CAFE, {})])
    assert len({"", first, changes.digest()}) == 3


def test_a_preview_shares_the_changes_of_its_persona(tmp_path: Path) -> None:
    assert changes_of(tmp_path / "0123").path == changes_of(tmp_path / ".preview" / "4567").path


def test_a_damaged_journal_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / CHANGES).write_bytes(b"no database" * 100)
    with pytest.raises(Unavailable, match=r"make its folder writable, or delete it"):
        Changes(tmp_path).added()
