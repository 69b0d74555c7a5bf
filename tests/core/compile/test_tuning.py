from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from personac.core.compile.artifact import link, sha256
from personac.core.compile.passes import Passes
from personac.core.compile.tuning import TUNED_FILES, HeldOut, held_out_parts, tunable, tune, tuned_pass
from personac.core.models.sentence import ExportFailed, SentenceTransformerEncoder
from personac.core.models.text import OnnxTextEncoder
from personac.core.models.tuned import CannotTune, classify, is_tuned
from personac.core.senses import SharedEncoders
from personac.core.turn import TUNED

TEXTS = ["aa ab", "ab ba aa", "bb a", "a b", "cc cd", "dc c d", "dd", "cd cc dd", "ef", "fe ee", "e f f", "ff ee"]
LABELS = np.repeat([0, 1, 2], 4)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> SentenceTransformerEncoder:
    """A sentence-transformers model of three layers with small random weights, and its export."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers import models as parts
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("small")
    vocabulary = {"[PAD]": 0, "[UNK]": 1, **{chr(97 + i): 2 + i for i in range(26)}}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", continuing_subword_prefix=""))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=28, hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64,
    )  # fmt: skip
    model = BertModel(config)
    for parameter in model.parameters():  # biases of zero would be one weight of the exported graph
        torch.nn.init.normal_(parameter, 0.5 if parameter.dim() == 1 else 0.0, 0.1)
    model.save_pretrained(folder)
    transformer = parts.Transformer(str(folder), max_seq_length=48)
    SentenceTransformer(modules=[transformer, parts.Pooling(16)], device="cpu").save(str(folder / "model"))
    found = SentenceTransformerEncoder(str(folder / "model"), threads=1)
    found.warm_up()
    return found


def tuned(
    encoder: SentenceTransformerEncoder,
    folder: Path,
    targets: NDArray[np.int64] | NDArray[np.float32] = LABELS,
    texts: list[str] = TEXTS,
    *,
    classes: int = 3,
    mode: str = "full",
) -> OnnxTextEncoder:
    """Tune the encoder and return it as an artifact has it: the branch beside the frozen weights and the tokenizer."""
    folder.mkdir(exist_ok=True)
    tune(folder, encoder, texts, targets, classes, mode, lambda *told: None, layers=2)  # type: ignore[arg-type]
    assert encoder.folder is not None
    for file in encoder.folder.iterdir():
        if file.name not in TUNED_FILES:
            link(file, folder / file.name)
    found = OnnxTextEncoder("small", folder, threads=1)
    found.warm_up()
    return found


@pytest.mark.parametrize("mode", ["full", "lora"])
def test_a_tuned_encoder_classifies_and_gives_the_frozen_vectors_too(
    encoder: SentenceTransformerEncoder, tmp_path: Path, mode: str
) -> None:
    found = tuned(encoder, tmp_path, mode=mode)
    assert is_tuned(found)
    vectors, learnt, logits = classify(found, TEXTS)
    assert np.allclose(vectors, encoder.encode(TEXTS), atol=1e-5)
    assert np.allclose(np.linalg.norm(learnt, axis=1), 1, atol=1e-5)
    assert np.abs(learnt - vectors).max() > 1e-3
    assert (logits.argmax(1) == LABELS).mean() > 0.9
    assert np.allclose(found.encode(TEXTS), vectors, atol=1e-6)


@pytest.mark.parametrize("mode", ["full", "lora"])
def test_the_same_texts_give_the_same_bytes(encoder: SentenceTransformerEncoder, tmp_path: Path, mode: str) -> None:
    once, again = tmp_path / "once", tmp_path / "again"
    for folder in (once, again):
        tuned(encoder, folder, mode=mode)
    assert {f.name: sha256(f) for f in once.iterdir()} == {f.name: sha256(f) for f in again.iterdir()}


def test_every_row_of_few_is_judged_by_a_copy_that_has_not_seen_it(
    encoder: SentenceTransformerEncoder, tmp_path: Path
) -> None:
    targets = LABELS.copy()
    targets[3] = -1
    tuned(encoder, tmp_path, targets, [*TEXTS[:7], " ", *TEXTS[8:]])
    held = HeldOut.read(tmp_path)
    assert held.rows.tolist() == [0, 1, 2, 4, 5, 6, 8, 9, 10, 11]  # neither the one without a class nor the empty one
    assert held.logits.shape == (10, 3)
    assert np.isfinite(held.logits).all()


def test_a_text_may_belong_to_several_classes(encoder: SentenceTransformerEncoder, tmp_path: Path) -> None:
    targets = np.eye(3, dtype=np.float32)[LABELS]
    targets[0] = (1, 0, 1)
    found = tuned(encoder, tmp_path, targets)
    assert classify(found, TEXTS).logits.shape == (12, 3)
    assert len(HeldOut.read(tmp_path).rows) == 12


def test_one_example_a_class_is_learnt_and_none_is_held_out(
    encoder: SentenceTransformerEncoder, tmp_path: Path
) -> None:
    found = tuned(encoder, tmp_path, np.arange(12), classes=12)
    assert len(HeldOut.read(tmp_path).rows) == 0
    assert (classify(found, TEXTS).logits.argmax(1) == np.arange(12)).mean() > 0.5


@pytest.mark.parametrize(("targets", "classes"), [(np.zeros(12, np.int64), 1), (np.full(12, -1), 3)])
def test_nothing_to_tell_apart_is_an_error(
    encoder: SentenceTransformerEncoder, tmp_path: Path, targets: NDArray[np.int64], classes: int
) -> None:
    with pytest.raises(CannotTune, match="two classes"):
        tuned(encoder, tmp_path, targets, classes=classes)


def test_texts_beyond_the_models_length_and_odd_ones_are_taken(
    encoder: SentenceTransformerEncoder, tmp_path: Path
) -> None:
    texts = ["a b " * 25_000, *TEXTS[1:10], "😀😀", "\ud800 lone"]
    assert np.isfinite(classify(tuned(encoder, tmp_path, texts=texts), texts).logits).all()


def test_hundreds_of_classes_are_learnt(encoder: SentenceTransformerEncoder, tmp_path: Path) -> None:
    letters = "abcdefghijklm"
    texts = [f"{a}{b} {c}" for a in letters for b in letters for c in "xyz"]
    found = tuned(encoder, tmp_path, np.arange(len(texts)), texts, classes=len(texts))
    assert classify(found, texts[:3]).logits.shape == (3, len(texts))


def test_many_rows_keep_most_to_learn_from() -> None:
    labels = np.arange(4000) % 40
    parts = held_out_parts(labels, 1)
    assert [len(part) for part in parts] == [400, 400]
    assert not set(parts[0]) & set(parts[1])


def test_the_last_example_of_a_class_is_never_held_out_with_the_others() -> None:
    labels = np.array([0, 0, 1, 1, 1, 2])
    for part in held_out_parts(labels, 1):
        assert set(np.delete(labels, part)) == {0, 1, 2}


def test_a_turn_gets_the_logits_beside_the_vectors(encoder: SentenceTransformerEncoder, tmp_path: Path) -> None:
    shared = SharedEncoders([tuned(encoder, tmp_path)])
    vectors = shared.encode_now([("aa ab", "en"), ("dd c", "en")])
    shared.close()
    assert [v[TUNED].shape for v in vectors] == [(3,), (3,)]
    assert vectors[0]["small"].shape == (16,)


def test_the_pass_runs_once_for_the_same_texts(
    encoder: SentenceTransformerEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONAC_CACHE", str(tmp_path))
    with Passes() as passes:
        for labels in (LABELS, LABELS, LABELS[::-1].copy()):
            tuned_pass(passes, encoder, "1", TEXTS, labels, 3, "full", lambda *told: None)
        assert [ran.fresh for ran in passes.ran] == [True, False, True]


def test_an_export_of_other_weights_is_refused(encoder: SentenceTransformerEncoder, tmp_path: Path) -> None:
    from personac.core.compile.tuning_export import write

    assert encoder.folder is not None
    ones = np.ones((16, 16), np.float32)
    head = np.ones((2, 16), np.float32), np.zeros(2, np.float32)
    with pytest.raises(ExportFailed, match="no weight"):
        write(encoder.folder, tmp_path, {"layer.weight": ones}, {"layer.weight": 2 * ones}, *head)


def test_only_encoders_with_layers_and_an_export_can_be_tuned(encoder: SentenceTransformerEncoder) -> None:
    from personac.core.models.text import load_text_encoder

    use = load_text_encoder("use-multilingual")
    assert isinstance(use, OnnxTextEncoder)
    use.find()
    assert tunable(encoder)
    assert not tunable(use)
    assert "use-multilingual can't be tuned" in str(CannotTune.of([use.name]))


def test_minilm_is_tuned(tmp_path: Path) -> None:
    from personac.core.models.text import load_text_encoder

    minilm = load_text_encoder("all-MiniLM-L6-v2", threads=1)
    assert isinstance(minilm, OnnxTextEncoder)
    minilm.find()
    texts = ["Where is my card?", "My card has not come.", "I want my money back.", "Please refund me."]
    tune(tmp_path, minilm, texts, np.array([0, 0, 1, 1]), 2, "full", lambda *told: None, layers=1)
    assert minilm.folder is not None
    for file in minilm.folder.iterdir():
        if file.name not in TUNED_FILES:
            shutil.copy(file, tmp_path)
    found = OnnxTextEncoder("all-MiniLM-L6-v2", tmp_path, threads=1)
    logits = classify(found, ["My card is late.", "Can I get a refund?"]).logits
    assert logits.argmax(1).tolist() == [0, 1]


def test_a_copy_is_the_same_from_a_process_of_its_own(encoder: SentenceTransformerEncoder, tmp_path: Path) -> None:
    from personac.core.compile import tuning_copies as copies

    parts = held_out_parts(LABELS, 1)
    lesson = copies.Lesson(encoder.name, 2, "full", TEXTS, LABELS, 3, parts, 2, 1)
    (here,) = copies._here(lesson, [1], lambda steps: None)
    copies._write(lesson, tmp_path)
    copies._child(tmp_path, 1)  # what the process runs
    there = copies._read(tmp_path / "1.safetensors")
    assert np.array_equal(here.logits, there.logits)
    assert all(np.array_equal(here.weights[name], value) for name, value in there.weights.items())
