"""Which passages answer a message that no intent does."""

from __future__ import annotations

import pytest
from personac.core.mind.dialogue import says_nothing, without_skill
from personac.core.persona.schema import Persona
from personac.core.turn import DialogueState, Passage, Understanding

PERSONA = Persona.model_validate(
    {
        "personac": 1,
        "name": "Mo",
        "languages": ["en", "zh"],
        "intents": [{"name": "thanks", "examples": ["thanks", "🙏"], "responses": "You're welcome!"}],
    }
)
STRANGE, KNOWN = Understanding(None, 0.0, True), Understanding(None, 0.0, False)


def kind(text: str, understanding: Understanding, score: float = 0.63) -> str:
    dose = Passage("p", "note.md:3", "Dose", "Adults take two tablets of Paxil.", "en", score=score)
    return without_skill(PERSONA, understanding, [dose], "en", text).kind


@pytest.mark.parametrize("understanding", [STRANGE, KNOWN])
@pytest.mark.parametrize("text", ["bye", "thanks!", "再见", "再見", "哈哈"])
def test_small_talk_is_no_question_to_the_knowledge(text: str, understanding: Understanding) -> None:
    assert kind(text, understanding) == "fallback"
    assert kind(text, understanding, 0.9) == "grounded"  # the very question


def test_a_strange_word_is_answered_by_a_passage_that_has_it() -> None:
    assert kind("qwerty", STRANGE) == "fallback"
    assert kind("Paxil?", STRANGE) == "grounded"


@pytest.mark.parametrize(
    ("text", "understanding"),
    [("proprietor", KNOWN), ("hypertension check", STRANGE), ("how many may I take", STRANGE)],
)
def test_a_question_in_other_words_still_is_answered(text: str, understanding: Understanding) -> None:
    assert kind(text, understanding) == "grounded"


def test_signs_say_nothing_unless_a_question_is_open_or_an_example_has_them() -> None:
    assert says_nothing(PERSONA, DialogueState(), "👍")
    assert not says_nothing(PERSONA, DialogueState(), "🙏")
    assert not says_nothing(PERSONA, DialogueState("thanks", "rating"), "👍")
    assert not says_nothing(PERSONA, DialogueState(), "ok")
    assert says_nothing(PERSONA, DialogueState("thanks", "rating"), " ") is False
