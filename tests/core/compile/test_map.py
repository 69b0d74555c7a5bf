"""The map: near in meaning is near on paper, and the same sentences always lie in the same places."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from personac.core.compile.map import map_points, write_map
from safetensors.numpy import load_file


def sentences(
    groups: int, each: int, dimension: int = 64, noise: float = 0.15
) -> tuple[NDArray[np.float32], list[str], list[str]]:
    """Return vectors in groups around directions of their own, with their labels and texts."""
    random = np.random.default_rng(5)
    centres = random.normal(size=(groups, dimension))
    rows = np.repeat(centres, each, 0) + noise * random.normal(size=(groups * each, dimension))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    labels = [f"intent {i // each}" for i in range(groups * each)]
    return rows.astype(np.float32), labels, [f"sentence {i}" for i in range(groups * each)]


def test_sentences_of_one_intent_lie_together() -> None:
    vectors, labels, texts = sentences(9, 12)
    places = map_points(vectors, ["intent"] * len(texts), labels, texts)
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    same = np.equal.outer(np.array(labels), np.array(labels))
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(1)
    assert np.mean(same[np.arange(len(texts)), nearest]) > 0.95
    assert places.shape == (108, 2)
    assert places.dtype == np.float32
    assert np.abs(places).max() <= 1


def test_an_example_of_another_intent_is_seen_among_it() -> None:
    vectors, labels, texts = sentences(6, 10)
    labels[0] = "intent 5"  # its words are those of intent 0
    places = map_points(vectors, ["intent"] * len(texts), labels, texts)
    to_zero = np.linalg.norm(places[0] - np.median(places[1:10], 0))
    to_five = np.linalg.norm(places[0] - np.median(places[50:], 0))
    assert to_zero < to_five / 3


def test_the_same_sentences_give_the_same_bytes(tmp_path: Path) -> None:
    vectors, labels, texts = sentences(30, 40)
    kinds = ["intent"] * 600 + ["knowledge"] * 600
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_map(tmp_path / name, vectors.copy(), kinds, labels, texts)
    for file in ("map.safetensors", "map.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    (places,) = load_file(str(tmp_path / "a" / "map.safetensors")).values()
    assert len(places) == len(json.loads((tmp_path / "a" / "map.json").read_text("utf-8"))) == 1200


def test_the_same_words_lie_in_the_same_place() -> None:
    vectors = sentences(3, 4)[0]
    places = map_points(vectors[[0, 5, 0]], ["intent"] * 3, ["a", "b", "c"], ["one", "two", "one"])
    assert places[0].tolist() == places[2].tolist() != places[1].tolist()


def test_a_persona_of_one_kind_has_a_map_too() -> None:
    vectors, _, texts = sentences(1, 10)
    places = map_points(vectors, ["knowledge"] * 10, ["faq.csv"] * 10, texts)
    assert len(np.unique(places, axis=0)) == 10
    assert map_points(vectors[:1], ["intent"], ["a"], ["one"]).tolist() == [[0.0, 0.0]]
    assert map_points(vectors[:0], [], [], []).shape == (0, 2)
