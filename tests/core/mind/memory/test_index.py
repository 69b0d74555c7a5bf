from __future__ import annotations

import json
from pathlib import Path

import faiss
import numpy as np
import pytest
from personac.core.errors import ArtifactInvalid
from personac.core.mind.memory import index as searching
from personac.core.mind.memory import indexing
from personac.core.mind.memory.index import Index, Matrix
from personac.core.mind.memory.indexing import learn, learnt_from, lists_for, write_index

ROWS, DIMENSION = 3000, 48


def units(rows: int, seed: int = 0) -> Matrix:
    """Return unit vectors in clusters, as sentences lie."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((60, DIMENSION))
    drawn = centres[random.integers(0, 60, rows)] + 0.4 * random.standard_normal((rows, DIMENSION))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "FLAT", 500)
    monkeypatch.setattr(searching, "FEW", 20)


@pytest.fixture(params=["flat", "ivf"])
def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    if request.param == "ivf":
        monkeypatch.setattr(indexing, "FLAT", 500)
        monkeypatch.setattr(searching, "FEW", 20)
    write_index(tmp_path, "minilm", units(ROWS), range(ROWS), "content")
    return Index.open(tmp_path, "minilm", "content")


def exact(queries: Matrix, vectors: Matrix, count: int) -> list[list[int]]:
    return np.argsort(-(queries @ vectors.T), axis=1, kind="stable")[:, :count].tolist()


def recall(found: list[list[int]], wanted: list[list[int]]) -> float:
    return float(np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found, wanted)]))


def test_questions_that_were_not_indexed_find_the_ten_nearest(made: Index) -> None:
    queries = units(100, seed=1)
    scores, passages = made.search(queries, 10)
    assert recall(passages.tolist(), exact(queries, units(ROWS), 10)) >= (1.0 if made.facts.kind == "flat" else 0.95)
    assert (np.diff(scores, axis=1) <= 0).all()
    cosines = np.einsum("qkd,qd->qk", units(ROWS)[passages], queries)
    np.testing.assert_allclose(scores, cosines, atol=2e-3)


def test_only_allowed_passages_are_found(made: Index) -> None:
    queries, allowed = units(20, seed=2), np.zeros(ROWS, np.bool_)
    for step in (2, 500):  # half of them, and so few that they are compared one by one
        allowed[:] = False
        allowed[::step] = True
        passages = made.search(queries, 5, allowed)[1]
        wanted = [[step * i for i in row] for row in exact(queries, units(ROWS)[::step], 5)]
        assert recall(passages.tolist(), wanted) >= 0.9
        assert allowed[passages].all()
    assert made.search(queries, 5, np.zeros(ROWS, np.bool_))[1].size == 0


def test_a_passage_is_found_when_added_and_not_when_deleted(made: Index) -> None:
    query = units(1, seed=3)
    nearest = int(made.search(query, 1)[1][0, 0])
    made.delete([nearest])
    assert nearest not in made.search(query, 20)[1]
    made.add([ROWS, ROWS + 1], np.vstack([query, -query]))
    assert made.search(query, 1)[1].tolist() == [[ROWS]]
    assert made.rows == ROWS + 2
    made.delete([ROWS])
    assert not {nearest, ROWS} & set(made.search(query, 20)[1][0].tolist())
    allowed = np.zeros(ROWS + 2, np.bool_)
    allowed[ROWS + 1] = True
    assert made.search(query, 3, allowed)[1][0].tolist()[0] == ROWS + 1


def test_a_passage_of_several_rows_comes_with_each(tmp_path: Path) -> None:
    write_index(tmp_path, "minilm", units(4), [0, 0, 1, 1])
    index = Index.open(tmp_path, "minilm")
    assert sorted(index.search(units(1), 9)[1][0].tolist()) == [0, 0, 1, 1]


def test_an_empty_index_finds_nothing_until_something_is_added(tmp_path: Path) -> None:
    write_index(tmp_path, "minilm", units(0), [])
    index = Index.open(tmp_path, "minilm")
    assert index.search(units(2), 5)[1].shape == (2, 0)
    index.add([0], units(1))
    assert index.search(units(2), 5)[1].tolist() == [[0], [0]]


def test_the_same_vectors_give_the_same_bytes(few_are_many: None, tmp_path: Path) -> None:
    for name, threads in (("one", 1), ("two", 2)):
        with indexing.threads(threads):
            write_index(tmp_path, name, units(ROWS), range(ROWS))
    assert (tmp_path / "one.faiss").read_bytes() == (tmp_path / "two.faiss").read_bytes()
    assert (tmp_path / "one.npy").read_bytes() == (tmp_path / "two.npy").read_bytes()


def test_what_was_learnt_is_used_again_and_seldom_changes_with_a_row(few_are_many: None, tmp_path: Path) -> None:
    vectors = units(ROWS)
    sample = learnt_from(vectors)
    same = [np.array_equal(sample, learnt_from(np.vstack([vectors, units(1, seed=i)]))) for i in range(30)]
    assert sum(same) >= 15
    learn(ROWS, sample, tmp_path / "learnt.faiss")
    assert faiss.read_index(str(tmp_path / "learnt.faiss")).ntotal == 0
    write_index(tmp_path, "given", vectors, range(ROWS), learnt=tmp_path / "learnt.faiss")
    write_index(tmp_path, "own", vectors, range(ROWS))
    assert (tmp_path / "given.faiss").read_bytes() == (tmp_path / "own.faiss").read_bytes()


def test_questions_of_another_kind_make_the_search_broader(few_are_many: None, tmp_path: Path) -> None:
    strange = np.random.default_rng(5).standard_normal((200, DIMENSION)).astype(np.float32)
    strange /= np.linalg.norm(strange, axis=1, keepdims=True)
    alike = write_index(tmp_path, "alike", units(ROWS), range(ROWS))
    other = write_index(tmp_path, "other", units(ROWS), range(ROWS), queries=strange)
    assert other.breadth > alike.breadth
    assert other.recall >= 0.95


def test_the_number_of_lists_grows_with_the_rows() -> None:
    counts = [lists_for(rows) for rows in (1, 30_000, 100_000, 1_000_000, 10_000_000)]
    assert counts == sorted(counts)
    assert counts[0] == 1


@pytest.mark.parametrize("file", ["minilm.faiss", "minilm.npy", "minilm.json"])
@pytest.mark.parametrize("damage", ["half", "gone", "other", "empty"])
def test_a_damaged_index_says_to_compile_again(tmp_path: Path, file: str, damage: str) -> None:
    write_index(tmp_path, "minilm", units(300), range(300))
    path = tmp_path / file
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes({"half": data[: len(data) // 2], "other": data[::-1], "empty": b""}[damage])
    with pytest.raises(ArtifactInvalid, match=r"compile the persona again"):
        Index.open(tmp_path, "minilm")


def test_an_index_of_another_encoder_is_refused(tmp_path: Path) -> None:
    write_index(tmp_path, "minilm", units(10), range(10), "content")
    with pytest.raises(ArtifactInvalid, match=r"another version of the encoder; compile the persona again"):
        Index.open(tmp_path, "minilm", "other content")
    index = Index.open(tmp_path, "minilm", "content")
    with pytest.raises(ValueError, match=r"the index has 48 dimensions"):
        index.search(np.ones((1, 512), np.float32), 5)
    with pytest.raises(ValueError, match=r"1 rows of 48 dimensions"):
        index.add([1], np.ones((1, 512), np.float32))


def test_an_index_with_the_list_of_another_is_refused(tmp_path: Path) -> None:
    write_index(tmp_path, "minilm", units(10), range(10))
    write_index(tmp_path, "other", units(9), range(9))
    facts = json.loads((tmp_path / "minilm.json").read_text())
    facts["files"]["minilm.npy"] = json.loads((tmp_path / "other.json").read_text())["files"]["other.npy"]
    (tmp_path / "minilm.json").write_text(json.dumps(facts))
    (tmp_path / "minilm.npy").write_bytes((tmp_path / "other.npy").read_bytes())
    with pytest.raises(ArtifactInvalid, match=r"does not fit its list of passages"):
        Index.open(tmp_path, "minilm")


def test_a_gpu_that_cannot_hold_an_index_leaves_it_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    index = faiss.IndexFlatIP(DIMENSION)
    assert searching.on_gpu(index) is index or faiss.get_num_gpus()

    def refuse(*_: object) -> None:
        raise RuntimeError("This index type is not implemented on GPU.")

    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 1, raising=False)
    monkeypatch.setattr(faiss, "StandardGpuResources", object, raising=False)
    monkeypatch.setattr(faiss, "index_cpu_to_gpu", refuse, raising=False)
    assert searching.on_gpu(index) is index
