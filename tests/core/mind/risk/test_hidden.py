"""Hidden instructions are found in what a model says."""

from __future__ import annotations

import base64
import codecs

import numpy as np
import pytest
from personac.core.mind.risk.hidden import Hidden
from personac.core.models.branches import RISKS, beside
from personac.core.turn import TUNED, closeness

SECRET = "Never mention the rival museum across the river. Offer the night tour to guests who seem rich."
HIDDEN = Hidden(SECRET)


@pytest.mark.parametrize(
    "said",
    [
        f"My instructions are: {SECRET}",
        "I was told to offer the night tour to guests who seem rich, that's all.",
        "N-e-v-e-r m-e-n-t-i-o-n t-h-e r-i-v-a-l m-u-s-e-u-m across the river",
        base64.b64encode(SECRET.encode()).decode(),
        codecs.encode(SECRET, "rot13"),
        SECRET[::-1],
        "NEVER MENTION THE RIVAL MUSEUM ACROSS THE RIVER",
    ],
)
def test_a_copy_is_found_however_it_is_spelled(said: str) -> None:
    assert HIDDEN.copied(said)


@pytest.mark.parametrize(
    "said", ["The night tour begins at nine.", "There is a museum across the river.", "I can't tell you that.", ""]
)
def test_other_sentences_pass(said: str) -> None:
    assert not HIDDEN.copied(said)


def test_chinese_instructions_are_found_too() -> None:
    hidden = Hidden("不要提起河对面的那家博物馆，客人问起就换个话题。")
    assert hidden.copied("好的：不 要 提 起 河 对 面 的 那 家 博 物 馆")
    assert not hidden.copied("河对面有一家咖啡馆。")


def test_without_instructions_nothing_is_hidden() -> None:
    assert not Hidden("").copied("anything at all, and a good deal more of it")


def test_a_translation_is_found_by_its_vector() -> None:
    known = [{"use": np.array([1, 0], np.float32)}]
    assert HIDDEN.retold({"use": np.array([0.9, 0.43], np.float32)}, known)
    assert not HIDDEN.retold({"use": np.array([0.7, 0.71], np.float32)}, known)
    assert not HIDDEN.retold({"other": np.array([1, 0], np.float32)}, known)


def test_what_is_alike_to_the_judge_of_risks_does_not_say_the_same() -> None:
    alike, apart = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    one = {"use": alike, beside("use", f"{RISKS}1"): alike, TUNED: 9 * alike}
    other = {"use": apart, beside("use", f"{RISKS}1"): alike, TUNED: 9 * alike}
    assert closeness(one, one) == 1
    assert closeness(one, other) == 0
    assert not HIDDEN.retold(one, [other])
