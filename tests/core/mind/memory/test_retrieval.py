"""The memory on a handful of passages, with real vectors where an encoder decides and made ones where order does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from personac.core.compile.memory import write_memory
from personac.core.compile.passes import Passes
from personac.core.compile.vectors import TextVectors
from personac.core.errors import ArtifactInvalid, ModelMissing
from personac.core.mind.memory.filters import Filter
from personac.core.mind.memory.lexical import Lexical, write_lexical
from personac.core.mind.memory.retrieval import Memory, texts_of
from personac.core.mind.memory.terms import query_terms, search_terms
from personac.core.turn import Passage

ENCODER = "use-multilingual"
ROWS = (
    ("zoo", "knowledge/faq.csv:2", "Where do the pandas live?", "The pandas live in the north of the zoo.", "en"),
    ("zoo2", "knowledge/faq.csv:3", "Pandas?", "In the north of the zoo the pandas live!", "en"),
    ("gugong", "knowledge/sights.yaml:4", "故宫", "紫禁城是明清两代的皇宫，周一闭馆。", "zh"),
    ("tiantan", "knowledge/sights.yaml:9", "天坛公园", "皇帝在这里祭天，门票15元。", "zh"),
    ("fees", "knowledge/fees.md:1", "Overdraft", "An overdraft costs 12 percent a year.", "en"),
    ("card", "knowledge/fees.md:5", "Lost card", "Call the hotline to block your debit card.", "en"),
)
PASSAGES = [Passage(id, source, title, text, language) for id, source, title, text, language in ROWS]


def quiet(name: str, done: int, total: int) -> None: ...


@pytest.fixture(scope="module")
def vectors() -> TextVectors:
    return TextVectors.named([ENCODER], quiet)


@pytest.fixture
def folder(tmp_path: Path, vectors: TextVectors) -> Path:
    with Passes() as passes:
        write_memory(tmp_path, PASSAGES, vectors, passes, quiet)
    return tmp_path


def found(memory: Memory, vectors: TextVectors, text: str, language: str = "en", **more: object) -> list[str]:
    query = vectors.of(vectors.encoders[0], [text], "", quiet)[0]
    return [p.id for p in memory.search({ENCODER: query}, None, text, language, 3, **more)]  # type: ignore[arg-type]


def test_a_question_finds_its_passage_in_another_language_and_by_pinyin(folder: Path, vectors: TextVectors) -> None:
    memory = Memory(folder)
    assert found(memory, vectors, "How do I block my debit card?")[0] == "card"
    assert found(memory, vectors, "卡丢了怎么办？", "zh")[0] == "card"
    assert found(memory, vectors, "Tell me about Gu Gong")[0] == "gugong"
    assert found(memory, vectors, "How much is Tiantan Park?")[0] == "tiantan"


def test_what_says_the_same_is_found_once_and_the_better_one_kept(folder: Path, vectors: TextVectors) -> None:
    memory = Memory(folder)
    assert [id for id in found(memory, vectors, "Where do the pandas live?") if id.startswith("zoo")] == ["zoo"]
    assert {"zoo", "zoo2"} <= set(found(memory, vectors, "Where do the pandas live?", collapse=False))


def test_passages_that_differ_in_a_number_are_both_found(vectors: TextVectors, tmp_path: Path) -> None:
    text = "A ticket for the boat on the lake costs {} yuan for a grown visitor on every day of the week in summer."
    two = [Passage(str(price), "a.md:1", "", text.format(price), "en") for price in (40, 60)]
    with Passes() as passes:
        write_memory(tmp_path, two, vectors, passes, quiet)
    assert set(found(Memory(tmp_path), vectors, "What does the boat cost?")) == {"40", "60"}


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (Filter(language=("zh",)), {"gugong", "tiantan"}),
        (Filter(source=("knowledge/*.md",)), {"fees", "card"}),
        (Filter(source=("knowledge/*.md",), language=("zh",)), set()),
    ],
)
def test_a_filter_lets_through_only_what_it_names(
    folder: Path, vectors: TextVectors, only: Filter, expected: set[str]
) -> None:
    assert set(found(Memory(folder), vectors, "pandas", only=only)) == expected


def test_passages_are_added_and_removed_without_a_rebuild(folder: Path, vectors: TextVectors) -> None:
    memory = Memory(folder)
    new = Passage("ferry", "live:1", "Ferry", "The ferry leaves at noon from pier four.", "en")
    memory.add([new], {ENCODER: vectors.of(vectors.encoders[0], texts_of(new), "", quiet)})
    assert found(memory, vectors, "When does the ferry leave?")[0] == "ferry"
    with pytest.raises(ValueError, match="ferry"):
        memory.add([new], {})
    assert memory.remove(["ferry", "fees", "nothing"]) == 2
    assert not {"ferry", "fees"} & set(found(memory, vectors, "ferry overdraft"))


def test_the_fused_query_steers_what_is_found(folder: Path, vectors: TextVectors) -> None:
    memory = Memory(folder)
    encoder = vectors.encoders[0]
    words = vectors.of(encoder, ["Tell me more about it."], "", quiet)[0]  # says nothing of what a picture shows
    order = {}
    for name, picture in (("card", "a bank card that was lost"), ("fees", "the overdraft of an account")):
        seen = vectors.of(encoder, [picture], "", quiet)[0]
        found = memory.search({ENCODER: words}, (ENCODER, seen), "", "en", 6)
        order[name] = {passage.id: passage.matched for passage in found}
    assert order["card"]["card"] - order["card"]["fees"] > order["fees"]["card"] - order["fees"]["fees"]


def test_nothing_and_very_much_are_searched_for_without_harm(folder: Path, vectors: TextVectors) -> None:
    memory = Memory(folder)
    assert memory.search({}, None, "", "en", 3) == []
    assert memory.search({}, None, "🐼🐼", "en", 3) == []
    assert [p.id for p in memory.search({}, None, "overdraft " + "word und 字 " * 20_000, "en", 1)] == ["fees"]


@pytest.mark.parametrize("part", ["lexical/rows.npy", "lexical/facts.json", "ranking.json", f"index/{ENCODER}.faiss"])
def test_a_part_that_is_cut_in_half_is_named(folder: Path, part: str) -> None:
    path = folder / part
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ArtifactInvalid, match="compile"):
        Memory(folder)


def test_an_index_of_another_model_is_refused(folder: Path) -> None:
    with pytest.raises(ArtifactInvalid, match="another version of the encoder"):
        Memory(folder, {ENCODER: "0" * 64})


def test_terms_are_stems_pairs_of_characters_and_pinyin() -> None:
    assert search_terms("The treatments") == search_terms("treatment")
    assert search_terms("故宫门票") == ["故宫", "宫门", "门票"]
    assert "~gugong" in query_terms("is gugong open")
    assert "~gugong" in query_terms("gu gong")
    assert query_terms("天坛怎么样？") == ["天坛", "样"]
    assert query_terms("what is it") == ["what", "is", "it"]  # nothing else to go by


def test_full_text_search_follows_bm25(tmp_path: Path) -> None:
    write_lexical(tmp_path, ["red apple", "red red pear", "green pear tart"])
    lexical = Lexical(tmp_path)
    assert next(iter(lexical.search("red pear", 3))) == 1
    rare, common = lexical.search("apple", 1)[0], lexical.search("red", 3)[0]
    assert rare > common > 0
    assert lexical.search("red", 3, np.array([True, False, True])).keys() == {0}


def test_a_cross_encoder_named_by_a_folder_orders_the_best(folder: Path, vectors: TextVectors, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from personac.core.models.reranker import CrossEncoderReranker
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(0)
    home = tmp_path / "reranker"
    home.mkdir()
    (home / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnop"]))
    small = BertConfig(vocab_size=21, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, num_labels=1)
    BertForSequenceClassification(small).save_pretrained(home)
    BertTokenizerFast(vocab_file=str(home / "vocab.txt")).save_pretrained(home)
    memory = Memory(folder)
    memory.rerank = CrossEncoderReranker(str(home))
    question = "a b c d"
    order = found(memory, vectors, question, collapse=False)
    scores = CrossEncoder(str(home), device="cpu").predict([(question, f"{p.title} {p.text}") for p in PASSAGES])
    best = sorted(range(len(PASSAGES)), key=lambda i: -float(scores[i]))[:3]
    assert sorted(order) == sorted(PASSAGES[i].id for i in best)


def test_a_cross_encoder_that_is_not_there_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from personac.core.models.reranker import CrossEncoderReranker

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelMissing, match="no-such/reranker"):
        CrossEncoderReranker("no-such/reranker").warm_up()
