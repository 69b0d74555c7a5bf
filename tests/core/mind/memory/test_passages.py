from __future__ import annotations

from pathlib import Path

import pytest
from personac.core.errors import ArtifactInvalid
from personac.core.mind.memory.passages import Passages, write_passages
from personac.core.turn import Passage

HOURS = Passage("a.yaml#palace.hours.en", "a.yaml:1", "Palace: hours", "8:30", "en", record="palace", field="hours")
STUNDEN = Passage(
    "a.yaml#palace.hours.zh", "a.yaml:2", "故宫：时间", "八点半\n开门", "zh", record="palace", field="hours"
)
FAQ = Passage("faq.csv#7", "faq.csv:7", "Is it free?", "No.", "en", intent="price", image="a.png")


def test_passages_read_from_disk_equal_those_written(tmp_path: Path) -> None:
    write_passages(tmp_path, [HOURS, STUNDEN, FAQ])
    passages = Passages(tmp_path)
    assert list(passages) == [HOURS, STUNDEN, FAQ]
    assert (len(passages), passages[-1], passages[1:]) == (3, FAQ, [STUNDEN, FAQ])
    assert [passages.language(i) for i in range(3)] == ["en", "zh", "en"]
    assert passages[0] is passages[0]
    with pytest.raises(IndexError):
        passages[3]


def test_a_passage_is_found_by_its_id_and_by_its_record(tmp_path: Path) -> None:
    write_passages(tmp_path, [FAQ, STUNDEN, HOURS])
    passages = Passages(tmp_path)
    assert [passages.position(p.id) for p in (FAQ, STUNDEN, HOURS)] == [0, 1, 2]
    assert passages.of_record("palace", "hours", "en") == 2
    assert passages.of_record("palace", "hours") == 1
    assert passages.of_record("palace", "hours", "fr") is None
    assert passages.position("faq.csv#8") is None


def test_an_added_passage_takes_the_place_of_one_with_its_id(tmp_path: Path) -> None:
    write_passages(tmp_path, [FAQ])
    passages = Passages(tmp_path)
    newer = Passage("faq.csv#7", "told", "Is it free?", "Yes.", "de")
    assert passages.append(newer) == 1
    assert passages.position("faq.csv#7") == 1
    assert (passages[1], passages.language(1), len(passages)) == (newer, "de", 2)


def test_no_passages_are_an_empty_memory(tmp_path: Path) -> None:
    write_passages(tmp_path, [])
    passages = Passages(tmp_path)
    assert list(passages) == []
    assert passages.position("a") is None


@pytest.mark.parametrize("file", ["passages.jsonl", "passages.npy", "passages.names.npy", "passages.languages.json"])
def test_passages_cut_in_half_say_to_compile_again(tmp_path: Path, file: str) -> None:
    write_passages(tmp_path, [HOURS, STUNDEN, FAQ])
    path = tmp_path / file
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ArtifactInvalid, match=r"compile"):
        Passages(tmp_path)
