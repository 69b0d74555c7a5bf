"""What is done about a message that asks for several things."""

from __future__ import annotations

from personac.core.mind.slots.found import Finders
from personac.core.mind.understanding.wishes import further, understood
from personac.core.persona.schema import Persona
from personac.core.turn import Decision, DialogueState, Understanding

PERSONA = Persona.model_validate(
    {
        "personac": 1,
        "name": "Bo",
        "intents": [
            {"name": "cancel", "examples": ["cancel"], "responses": {"en": ["Done."]}},
            {"name": "refund", "examples": ["refund"], "responses": {"en": ["In 3 days."]}},
            {
                "name": "book",
                "examples": ["book"],
                "responses": {"en": ["Booked."]},
                "slots": {"people": {"type": "number", "required": True, "ask": {"en": "How many?"}}},
            },
        ],
    }
)
BOTH = Understanding("cancel", 0.6, False, ranking=(("cancel", 0.6), ("refund", 0.3), ("book", 0.1)))


def test_the_likeliest_intent_of_the_whole_stays_the_first() -> None:
    meant = understood(BOTH, [[("refund", 0.9)], [("cancel", 0.8)]])
    assert meant.intent == "cancel"
    assert meant.intents == (("cancel", 0.8), ("refund", 0.9))


def test_one_wish_changes_nothing() -> None:
    assert understood(BOTH, [[("cancel", 0.9)], [("cancel", 0.8)]]) is BOTH


def test_both_wishes_are_answered() -> None:
    meant = understood(BOTH, [[("cancel", 0.9)], [("refund", 0.8)]])
    state = DialogueState("cancel")
    wishes, after = further(PERSONA, meant, Decision("response"), state, (), Finders({}), "cancel, refund?", "en")
    assert [(own.intent, decision.kind) for own, decision in wishes] == [("refund", "response")]
    assert after == state


def test_the_question_of_a_further_form_opens_it() -> None:
    meant = understood(BOTH, [[("cancel", 0.9)], [("book", 0.8)]])
    wishes, after = further(
        PERSONA, meant, Decision("response"), DialogueState("cancel"), (), Finders({}), "cancel and book", "en"
    )
    assert [decision.text for _, decision in wishes] == ["How many?"]
    assert (after.intent, after.asking) == ("book", "people")
