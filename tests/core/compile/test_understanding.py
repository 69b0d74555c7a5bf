import numpy as np
import pytest
from personac.core.compile.examples import words_of
from personac.core.compile.training import Examples
from personac.core.compile.understanding import FILES, train, write
from personac.core.mind.understanding.fusion import Fusion

EMOTIONS = ("neutral", "joy")
D = 16


def examples(labels: list[int], classes: int, noise: float = 0.1, background: int = 12) -> Examples:
    """Return rows around one direction for each intent, and some of the background around none."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(classes, D))
    points = [centres[label] / np.linalg.norm(centres[label]) for label in labels]
    rows = [point + noise * random.normal(size=D) for point in points]
    rows += [random.normal(size=D) for _ in range(background)]
    matrix = np.array([row / np.linalg.norm(row) for row in rows], np.float32)
    count = len(rows)
    intent = np.array([*labels, *[classes] * background], np.int64)
    nothing = np.full(count, -1, np.int64)
    texts = [f"row {i}" for i in range(count)]
    return Examples([matrix], [np.ones(count, np.bool_)], intent, nothing, nothing, np.zeros((0, D), np.float32), texts)


def learnt(rows: Examples, classes: int, folder) -> Fusion:
    names = [f"intent {i}" for i in range(classes)]
    write(train(rows, [("words", D)], names, EMOTIONS, "words", lambda done, total: None), folder)
    return Fusion(folder)


def test_intents_are_told_apart_and_strangers_are_out_of_scope(tmp_path) -> None:
    rows = examples([0] * 8 + [1] * 8 + [2] * 8, 3)
    fusion = learnt(rows, 3, tmp_path)
    for row in range(0, 24, 5):
        thought = fusion.think({"words": rows.tokens[0][row]})
        assert thought.ranking[0][0] == f"intent {rows.intent[row]}"
        assert not thought.out_of_scope
        assert set(thought.members) >= {"network", "near words"}
    assert fusion.think({"words": -rows.tokens[0][0] - rows.tokens[0][9] - rows.tokens[0][17]}).out_of_scope


def test_the_same_rows_give_the_same_bytes(tmp_path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        learnt(examples([0] * 4 + [1] * 4, 2), 2, tmp_path / name)
    for file in (*FILES, "training.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize(
    ("labels", "classes"),
    [([0, 1, 2], 3), ([0, 0, 0, 0], 1), ([0], 1)],
    ids=["one example an intent", "one intent", "one example in all"],
)
def test_very_little_is_learnt_from(labels, classes, tmp_path) -> None:
    rows = examples(labels, classes)
    thought = learnt(rows, classes, tmp_path).think({"words": rows.tokens[0][0]})
    assert thought.ranking[0][0] == "intent 0"


def test_nothing_but_background_is_learnt_from(tmp_path) -> None:
    thought = learnt(examples([], 0), 0, tmp_path).think({"words": np.ones(D, np.float32)})
    assert thought.ranking == ()
    assert not thought.out_of_scope


def test_labels_that_contradict_share_the_probability(tmp_path) -> None:
    rows = examples([0] * 6 + [1] * 6, 2)
    rows.tokens[0][6:12] = rows.tokens[0][:6]
    thought = learnt(rows, 2, tmp_path).think({"words": rows.tokens[0][0]})
    assert thought.ranking[0][1] < 0.8


def test_names_are_learnt_from_and_are_no_neighbours(tmp_path) -> None:
    rows = examples([0] * 5 + [1] * 5, 2)
    rows.always = np.zeros(len(rows.intent), np.bool_)
    rows.always[[0, 5]] = True
    fusion = learnt(rows, 2, tmp_path)
    assert fusion.think({"words": rows.tokens[0][0]}).ranking[0][0] == "intent 0"


def test_an_intents_name_counts_where_it_says_something() -> None:
    assert words_of("opening_hours") == "opening hours"
    assert words_of("退款") == "退款"
    assert words_of("12") == words_of("q1") == ""
