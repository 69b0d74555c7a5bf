"""A wish over one's own data, told from its opposite."""

from __future__ import annotations

import pytest
from personac.core.mind.rights_polarity import answer, meant, pieces
from personac.core.mind.rights_words import Wish


@pytest.mark.parametrize(
    ("read", "said", "wish"),
    [
        ("forget", "Don’t delete my data", "privacy"),
        ("forget", "Don't forget to delete my data", "forget"),
        ("forget", "Why don't you delete my data?", "forget"),
        ("forget", "Don't delete my booking, but delete my data", "forget"),
        ("forget", "别把我的数据删了", "privacy"),
        ("forget", "别忘了删除我的数据", "forget"),
        ("forget", "能不能删除我的数据", "forget"),
        ("export", "Don't send me my data", "privacy"),
        ("agree", "I do not agree that you keep our conversation", "withdraw"),
        ("agree", "Keep our conversation, don't delete it", "agree"),
        ("agree", "No problem, you can keep this chat", "agree"),
        ("agree", "我不介意你保存我们的对话", "agree"),
        ("agree", "May I agree to the chat being kept?", "privacy"),
        ("agree", "Keep our conversation off the record", "privacy"),
        ("agree", "Please keep a copy of our chat for me", "export"),
        ("agree", "我不同意保存", "withdraw"),
        ("withdraw", "Yes, please keep our conversation", "agree"),
        ("withdraw", "I agreed to you keeping my chats but changed my mind", "privacy"),
        ("withdraw", "Make this conversation off the record", "withdraw"),
        ("withdraw", "Why did you not keep our conversation?", "privacy"),
        ("export", "you can save my messages", "agree"),
        ("export", "Please provide me with all personal data you hold on me", "export"),
    ],
)
def test_words_tell_a_wish_from_its_opposite(read: Wish, said: str, wish: Wish) -> None:
    assert meant(read, said) == wish


@pytest.mark.parametrize(
    ("said", "decided"),
    [
        ("Yes, I agree!", True),
        ("ok, keep it", True),
        ("可以，保存吧", True),
        ("no thanks", False),
        ("不用，谢谢", False),
        ("yes no", None),
        ("ok thanks", None),
        ("No, I meant the other one", None),
        ("", None),
    ],
)
def test_only_a_clear_yes_or_no_answers_the_question_for_consent(said: str, decided: bool | None) -> None:
    assert answer(said) is decided


def test_parts_without_a_word_for_data_are_not_read() -> None:
    assert pieces("Delete my data and tell me how tall the tower is") == ["Delete my data"]
    assert pieces("How tall is the tower, and when was it built?") == []
    assert pieces("delete my data") == []


@pytest.mark.parametrize("text", ["可以保存" * 18 + "x", "please keep it " * 5 + "x", "yes " * 2000])
def test_an_answer_that_can_be_read_in_very_many_ways_is_none(text: str) -> None:
    assert answer(text) is None


def test_words_in_a_long_row_are_read_once() -> None:
    assert meant("forget", "不要" + "我的" * 2000 + "x") == "forget"
