"""The weights of the judge of risks belong to the sentences that ship."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from personac.core.compile.risks.around import AROUND, framed, with_around
from personac.core.compile.risks.build import (
    CLASSES,
    ENCODERS,
    NEED_CLASSES,
    NEEDS,
    TRIALS,
    branch_views,
    content,
    everyday,
    everything,
    for_heads,
    head_views,
    in_need,
    learnt_from,
    threshold,
    trials,
)
from personac.core.compile.risks.grammar import SAFE, Sentence, sentences
from personac.core.compile.risks.training import beside
from personac.core.mind.risk.judge import WEIGHTS, Head
from personac.core.models import branches
from safetensors import safe_open


def test_the_weights_were_made_from_the_data_that_ships() -> None:
    with safe_open(str(WEIGHTS), "numpy") as file:
        facts = json.loads(file.metadata()["facts"])
    assert facts["data"] == content(), "run: python -m personac.core.compile.risks"
    assert [group["classes"] for group in facts["groups"]] == [list(CLASSES), list(NEED_CLASSES)]
    for name in ENCODERS:
        branch = branches.shipped(name)
        assert branch is not None
        assert branches.beside(name, branches.output(branch)) in facts["heads"]
        with safe_open(str(branch), "numpy") as file:
            assert file.metadata()["data"] == learnt_from()
    assert WEIGHTS.stat().st_size < 10_000_000


def test_there_are_sentences_of_each_kind_in_both_languages() -> None:
    made = everything()
    for language in ("en", "zh"):
        for kind in CLASSES:
            assert sum(one.kind == kind and one.language == language for one in made) >= 20, (kind, language)
    assert len(made) > 5000
    assert not [one.text for one in made if re.search(r"\{\w+\}|\([^()]*\|", one.text)]


def test_a_grammar_makes_the_same_sentences_every_time(tmp_path: Path) -> None:
    (tmp_path / "a.en.txt").write_text(
        "# words\n@who = you | we\n[safe]\n*3 (may|can) {who} go\nplain\n[harm]\nbad (thing|act)\n", "utf-8"
    )
    made = sentences(tmp_path)
    assert made == sentences(tmp_path)
    assert [one.text for one in made if one.kind == "harm"] in (["bad thing", "bad act"], ["bad act", "bad thing"])
    safe = [one for one in made if one.kind == SAFE]
    assert len(safe) == 4
    assert sum(one.share for one in safe) == pytest.approx(2)
    assert {one.text for one in safe} <= {"plain", "may you go", "may we go", "can you go", "can we go"}


@pytest.mark.parametrize(
    ("text", "frame", "said"),
    [
        ("How are you?", "As a woman, {text}", "As a woman, how are you?"),
        ("I owe rent", "As a woman, {text}", "As a woman, I owe rent"),
        ("What?", "I am Jo. {text}", "I am Jo. What?"),
        ("pay the bill", "{text} I'm 44.", "pay the bill. I'm 44."),
        ("pay the bill", "{text} thanks", "pay the bill thanks"),
        ("写什么？", "{text}。谢啦", "写什么？谢啦"),
        ("写什么", "我是女生，{text}", "我是女生，写什么"),
    ],
)
def test_a_sentence_in_a_frame_has_the_letters_and_signs_that_its_place_asks_for(
    text: str, frame: str, said: str
) -> None:
    assert framed(text, frame) == said


def test_what_stands_around_a_sentence_leaves_it_its_kind_and_is_harmless_alone() -> None:
    rows = [Sentence(f"harm {at} it", "harm", "en", "line", 0.5) for at in range(200)]
    rows += [Sentence(f"伤害第{at}个国家", "harm", "zh", "line", 0.5) for at in range(200)]
    made = with_around(rows)
    assert made[:400] == rows
    own, alone = [one for one in made[400:] if one.folder == ""], [one for one in made if one.folder == AROUND.name]
    assert {one.kind for one in own} == {"harm"}
    assert {one.kind for one in alone} == {SAFE}
    assert 20 < sum(one.language == "en" for one in own) < 60
    assert all("harm" in one.text.lower() or "伤害" in one.text for one in own)
    assert {one.language for one in alone} == {"en", "zh"}
    assert made == with_around(rows)


def test_a_line_may_have_a_harmless_twin_that_is_held_out_with_it(tmp_path: Path) -> None:
    (tmp_path / "a.en.txt").write_text("[harm]\nkill (him|her) ~ kill the (process|time|lights)\n", "utf-8")
    made = sentences(tmp_path)
    assert {one.text for one in made if one.kind == "harm"} == {"kill him", "kill her"}
    assert {one.text for one in made if one.kind == SAFE} == {"kill the process", "kill the time", "kill the lights"}
    assert len({one.line for one in made}) == 1


def test_every_head_learns_all_kinds_and_the_strict_no_twin_of_the_last() -> None:
    rows = everything()
    own = for_heads(rows)
    assert len(everyday()) < len(own) < len(rows)
    for some, views in ((own, head_views(own)), (rows, branch_views(rows))):
        for view in views:
            assert {one.kind for one, chosen in zip(some, view, strict=True) if chosen} == set(CLASSES)
        strict = {one for one, chosen in zip(some, views[-1], strict=True) if chosen}
        assert not any(one.twin and one.folder == "border" for one in strict)
        assert any(one.twin and one.folder == "data" for one in strict)


def test_no_trial_is_learnt_from() -> None:
    learnt = {(one.language, one.text) for one in everything()}
    tried = trials()
    assert not learnt & {(trial.language, trial.text) for trial in tried}
    for language in ("en", "zh"):
        for side in ("unsafe", "sounds", "ordinary"):
            assert sum((trial.language, trial.side) == (language, side) for trial in tried) >= 100


def test_people_in_need_are_learnt_apart_and_tried_on_texts_of_others() -> None:
    rows, tried = in_need(), trials(TRIALS / NEEDS)
    assert not {(one.language, one.text) for one in rows} & {(trial.language, trial.text) for trial in tried}
    for language in ("en", "zh"):
        for kind in NEED_CLASSES:
            assert sum((row.language, row.kind) == (language, kind) for row in rows) >= 200
            assert sum((trial.language, trial.side) == (language, kind) for trial in tried) >= 50


def test_heads_beside_one_another_give_the_logits_of_both() -> None:
    chance = np.random.default_rng(0)

    def some(*shape: int) -> np.ndarray:
        return chance.normal(size=shape).astype(np.float32)

    vector = some(8)
    flat, other = Head(None, some(9, 3)), Head(None, some(9, 2))
    deep, second = Head(some(9, 5), some(6, 3)), Head(some(9, 4), some(5, 2))
    for one, two in ((flat, other), (deep, second)):
        wanted = np.concatenate([one.logits(vector), two.logits(vector)])
        np.testing.assert_allclose(beside(one, two).logits(vector), wanted, rtol=1e-5)


def test_a_threshold_lets_enough_of_what_sounds_dangerous_pass() -> None:
    odds = np.concatenate([np.arange(1000.0), np.arange(500.0, 1500.0), np.full(10, 2000.0)])
    limit, line = threshold(odds, ["ordinary"] * 1000 + ["sounds"] * 1000 + ["unsafe"] * 10, "sounds", 0.93)
    assert limit == 500 + 929
    assert "ordinary 0.000, sounds 0.070, unsafe 1.000" in line
