"""Second branches of encoders: files of differences, and graphs that give both vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from personac.core.errors import ModelDamaged
from personac.core.models import branches
from personac.core.models.onnx import open_session
from personac.core.models.text import VECTOR, OnnxTextEncoder, load_text_encoder
from personac.core.models.tuned import everything
from safetensors.numpy import save_file


def test_a_change_of_few_directions_comes_back_whole(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    before = {
        "kernel": chance.normal(size=(6, 5, 4)).astype(np.float32),
        "gain": np.ones(4, np.float32),
        "alone": np.zeros((2, 2), np.float32),
    }
    change = (chance.normal(size=(6, 2)) @ chance.normal(size=(2, 20))).reshape(6, 5, 4).astype(np.float32)
    after = {"kernel": before["kernel"] + change, "gain": before["gain"] + 0.5}
    save_file(branches.differences(before, after, 2), str(tmp_path / "a.safetensors"))
    found = branches.applied(tmp_path / "a.safetensors", before)
    assert found.keys() == after.keys()
    for name, value in after.items():
        assert np.allclose(found[name], value, atol=2e-2), name


def test_a_branch_of_another_encoder_is_refused(tmp_path: Path) -> None:
    save_file({"gain": np.ones(4, np.float16)}, str(tmp_path / "a.safetensors"))
    with pytest.raises(ModelDamaged, match="changes gain"):
        branches.applied(tmp_path / "a.safetensors", {"other": np.ones(4, np.float32)})


@pytest.mark.parametrize("name", ["use-multilingual", "all-MiniLM-L6-v2"])
def test_an_encoder_gives_the_vector_of_its_branch_beside_its_own(name: str) -> None:
    encoder = load_text_encoder(name, threads=1)
    assert isinstance(encoder, OnnxTextEncoder)
    file = branches.shipped(name)
    assert file is not None
    texts = ["How do I kill a process?", "How do I kill a person?", ""]
    found = everything(encoder, texts)
    beside = branches.beside(name, branches.output(file))
    assert set(found) == {name, beside}
    assert found[beside].shape == found[name].shape == (3, encoder.dimension)
    assert np.array_equal(found[name], encoder.encode(texts))
    (alone,) = encoder.outputs(texts, (branches.output(file),), exactly=False)
    assert np.allclose(alone, found[beside], atol=1e-5)
    close = [float(vectors[0] @ vectors[1]) for vectors in (found[name], found[beside])]
    assert close[1] < close[0]  # the branch tells apart what shares its words
    assert VECTOR in encoder.offers


def test_a_branch_that_is_not_asked_for_is_not_computed() -> None:
    encoder = load_text_encoder("use-multilingual", threads=1)
    assert isinstance(encoder, OnnxTextEncoder)
    assert set(everything(encoder, ["Hello"], judged=False)) == {encoder.name}
    file = branches.shipped(encoder.name)
    assert file is not None
    session = open_session(encoder.find() / "model.onnx", 1)
    feed = {"input_ids": np.array([[5, 6, 7]]), "attention_mask": np.ones((1, 3), np.int64)}
    names = [VECTOR, branches.output(file)]
    vector, other = session.run(names, feed)
    assert np.array_equal(vector, other)
    vector, tuned = session.run(names, {**feed, branches.ASKED: np.array(True)})
    assert not np.allclose(vector, tuned)


def test_the_name_of_a_branch_tells_its_file(tmp_path: Path) -> None:
    names = set()
    for content in (b"one", b"two"):
        (tmp_path / "a").write_bytes(content)
        names.add(branches.output(tmp_path / "a"))
    assert len(names) == 2
    assert all(name.startswith(branches.RISKS) for name in names)
