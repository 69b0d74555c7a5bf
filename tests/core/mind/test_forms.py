"""Forms: several questions, a yes at the end, corrections, "never mind", and questions asked in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from personac.core.mind.dialogue import decide
from personac.core.mind.forms import CONFIRM
from personac.core.mind.slots.entities import finders_of
from personac.core.mind.slots.found import Finders
from personac.core.persona.schema import Persona
from personac.core.turn import Decision, DialogueState, Passage, Understanding

PERSONA = Persona.model_validate(
    {
        "personac": 1,
        "name": "Mo",
        "languages": ["en", "zh"],
        "intents": [
            {
                "name": "book",
                "examples": ["book a table"],
                "skill": "inn.book",
                "confirm": {"en": "{people} on {day}, {room}: right?", "zh": "{day}{people}位，{room}，对吗？"},
                "slots": {
                    "people": {"type": "number", "required": True, "ask": {"en": "How many?", "zh": "几位？"}},
                    "day": {"type": "date", "required": True, "ask": {"en": "Which day?", "zh": "哪天？"}},
                    "room": {
                        "type": "entity",
                        "values": ["Garden", "Cellar"],
                        "required": True,
                        "ask": {"en": "Garden or cellar?", "zh": "要Garden还是Cellar？"},
                    },
                },
            },
            {
                "name": "note",
                "examples": ["leave a note"],
                "skill": "inn.note",
                "slots": {
                    "text": {"type": "text", "required": True, "ask": "What shall I write?"},
                    "people": {"type": "number", "required": True, "ask": "To how many?"},
                },
            },
            {
                "name": "find",
                "examples": ["which books do you have"],
                "skill": "inn.find",
                "slots": {"author": {"type": "text", "required": True, "ask": "Of whom?"}},
            },
            {"name": "thanks", "examples": ["thanks"], "responses": {"en": ["You're welcome!"], "zh": ["不客气！"]}},
        ],
    }
)
FINDERS = Finders(finders_of(PERSONA, {}), today=lambda: date(2026, 11, 2))
NOWHERE = Understanding(None, 0.1, True)
OPEN = Passage("p", "faq.csv:2", "When do you open?", "We open at nine.", "en", score=0.9)


@dataclass
class Talk:
    """Hold a conversation."""

    language: str = "en"
    state: DialogueState = field(default_factory=DialogueState)
    decision: Decision = field(default_factory=lambda: Decision("fallback"))
    slots: dict[str, object] = field(default_factory=dict)
    raw: dict[str, object] = field(default_factory=dict)

    def say(self, text: str, intent: str | None = None, passages: tuple[Passage, ...] = ()) -> Decision:
        """Say something that is understood as an intent, or as nothing."""
        understood = Understanding(intent, 0.9, False) if intent else NOWHERE
        self.decision, self.state, understood = decide(
            PERSONA, understood, passages, FINDERS, self.state, text, self.language
        )
        self.raw = understood.slots
        self.slots = {name: value.get("value", value.get("name")) for name, value in understood.slots.items()
                      if isinstance(value, dict)}  # fmt: skip
        return self.decision


def at_the_end(language: str = "en") -> Talk:
    """Return a conversation in which all slots are filled and a yes is wanted."""
    talk = Talk(language)
    talk.say("I want to book a table for two on 2026-11-20 in the Garden, please, thank you very much", "book")
    return talk


def test_a_form_asks_for_one_slot_after_the_other_and_keeps_what_was_said() -> None:
    talk = Talk()
    assert talk.say("book a table", "book").text == "How many?"
    assert talk.say("there will be four of us this time I think, yes").text == "Which day?"
    assert talk.say("on the 20th of November if you still have something").text == "Garden or cellar?"
    last = talk.say("the cellar")
    assert (last.asking, last.text) == (CONFIRM, "four on 20th of November, Cellar: right?")
    assert talk.say("yes please") == Decision("skill", skill="inn.book")
    assert talk.slots == {"people": 4, "day": "2026-11-20", "room": "Cellar"}
    assert talk.state.form == {}


def test_a_form_in_chinese() -> None:
    talk = Talk("zh")
    assert talk.say("我要订桌", "book").text == "几位？"
    assert talk.say("四位").text == "哪天？"
    assert talk.say("11月20日").text == "要Garden还是Cellar？"
    assert talk.say("Garden").asking == CONFIRM
    assert talk.say("好的").kind == "skill"
    assert talk.slots == {"people": 4, "day": "2026-11-20", "room": "Garden"}


@pytest.mark.parametrize(
    "words", ["never mind", "Oh, never mind then.", "cancel that please", "算了", "那算了吧", "不用了，谢谢", "取消"]
)
@pytest.mark.parametrize("asking", ["a slot", "a yes"])
def test_a_form_is_left_when_the_user_has_thought_better_of_it(words: str, asking: str) -> None:
    talk = at_the_end() if asking == "a yes" else Talk()
    if asking == "a slot":
        talk.say("book a table", "book")
    assert talk.say(words).text == "All right, I leave it at that."
    assert (talk.state.asking, talk.state.form) == (None, {})


def test_a_no_at_the_end_leaves_the_form() -> None:
    talk = at_the_end()
    assert talk.decision.asking == CONFIRM
    assert talk.say("no").kind == "response"
    assert talk.state.asking is None


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("no, I meant five people", {"people": 5}),
        ("make it the cellar", {"room": "Cellar"}),
        ("sorry, the 21st of November", {"day": "2026-11-21"}),
        ("不对，我是说五位", {"people": 5}),
        ("改成11月21日", {"day": "2026-11-21"}),
        ("the cellar", {"room": "Cellar"}),
    ],
)
def test_a_correction_changes_one_value_and_asks_again(words: str, changed: dict[str, object]) -> None:
    talk = at_the_end()
    assert talk.say(words).asking == CONFIRM
    assert talk.slots == {"people": 2, "day": "2026-11-20", "room": "Garden", **changed}


def test_a_correction_of_the_last_answer_leaves_the_present_question_open() -> None:
    talk = Talk()
    talk.say("book a table", "book")
    talk.say("four")
    assert talk.say("no, I meant five").text == "Which day?"
    assert talk.slots == {"people": 5}


def test_what_is_asked_in_between_is_answered_and_the_form_goes_on() -> None:
    talk = Talk()
    talk.say("book a table", "book")
    answered = talk.say("When do you open?", passages=(OPEN,))
    assert (answered.kind, answered.passages) == ("grounded", (OPEN,))
    assert answered.then == "Now, back to where we were. How many?"
    assert talk.say("thank you", "thanks").then == "Now, back to where we were. How many?"
    assert talk.say("four").text == "Which day?"


def test_words_for_a_text_slot_are_taken_as_they_are_unless_they_ask_for_something_else() -> None:
    talk = Talk()
    assert talk.say("leave a note", "note").text == "What shall I write?"
    assert talk.say("When do you open?", passages=(OPEN,)).then
    assert talk.say("thanks for the evening", "thanks").text == "To how many?"
    assert talk.state.form["values"]["text"] == "thanks for the evening"


def test_words_that_the_skill_refuses_and_that_mean_something_else_are_that(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(skill: str, slot: str, value: object, language: str) -> str:
        return "A note has figures. What shall I write?" if slot == "text" and "7" not in str(value) else ""

    monkeypatch.setitem(globals(), "FINDERS", replace(FINDERS, refused=refused))
    talk = Talk()
    talk.say("leave a note", "note")
    assert talk.say("thanks for the evening", "thanks").then == "Now, back to where we were. What shall I write?"
    assert talk.say("see you").text == "A note has figures. What shall I write?"
    assert talk.say("see you at 7").skill == "inn.note"


def test_what_is_not_understood_is_asked_again_and_given_up_in_the_end() -> None:
    talk = Talk()
    talk.say("book a table", "book")
    assert talk.say("purple").text == "I did not get that. How many?"
    assert talk.say("purple").asking == "people"
    assert talk.say("purple").kind == "response"
    assert talk.state.asking is None


def test_another_form_takes_the_place_of_the_first() -> None:
    talk = Talk()
    talk.say("book a table", "book")
    assert talk.say("I would like to leave a note instead", "note").text == "What shall I write?"
    assert talk.state.intent == "note"


@pytest.mark.parametrize("words", ["'; DROP TABLE tables; --", "$(reboot)", "{people.__class__}", "{{7*7}}", "{room}"])
def test_hostile_words_in_a_slot_are_repeated_as_they_are(words: str) -> None:
    talk = Talk()
    talk.say("leave a note", "note")
    talk.say(words)
    assert talk.raw["text"] == words


@pytest.mark.parametrize(("asked", "by"), [("find", "Of whom?"), ("note", "What shall I write?")])
def test_an_example_of_another_intent_is_no_answer_though_any_words_would_do(asked: str, by: str) -> None:
    talk = Talk()
    assert talk.say("please", asked).text == by
    assert talk.say("Book a table!", "book").text == "How many?"
    talk = Talk()
    talk.say("please", asked)
    talk.say("book a table of contents", "book")
    assert "book a table of contents" in talk.raw.values()


@pytest.mark.parametrize("words", ["never mind", "算了"])
def test_a_single_question_is_left_when_the_user_has_thought_better_of_it(words: str) -> None:
    talk = Talk()
    talk.say("please", "find")
    talk.say(words)
    assert (talk.decision.kind, talk.state.asking) == ("response", None)
