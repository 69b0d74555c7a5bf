"""An intent has what its skill needs, also where the persona says more of a slot."""

from __future__ import annotations

from personac.core.hosting.host import Host, Loaded
from personac.core.hosting.slots import with_slots
from personac.core.hosting.typed import slots_of
from personac.core.persona.schema import Persona, Slot
from personac.core.plugin import Manifest, Skill, SkillContext, SkillResult


async def books(context: SkillContext, author: str, shelf: str | None = None) -> SkillResult:
    """Say which books there are."""
    return SkillResult(author)


def slots(written: dict[str, dict[str, object]]) -> dict[str, Slot]:
    """Return the slots of an intent that a skill does, of which the persona says this."""
    skill = Skill(run=books, ask={"author": {"en": "Of whom?", "zh": "哪位作者？"}})
    made = Skill(run=books, slots=slots_of("p.books", skill))
    host = Host({"p": Loaded("p", Manifest(name="p", version="1", contract=1), None, {"books": made})})
    intent = {"name": "books", "examples": ["which books"], "skill": "p.books", "slots": written}
    persona = Persona.model_validate({"personac": 1, "name": "Pip", "intents": [intent]})
    return dict(with_slots(persona, host).intents[0].slots)


def test_a_slot_that_the_persona_names_is_still_asked_for_when_the_skill_needs_it() -> None:
    author = slots({"author": {}})["author"]
    assert (author.required, author.ask) == (True, {"en": "Of whom?", "zh": "哪位作者？"})


def test_what_the_persona_says_of_a_slot_wins() -> None:
    found = slots(
        {"author": {"type": "entity", "values": ["Lao She"], "ask": {"en": "Who?"}}, "shelf": {"type": "number"}}
    )
    assert (found["author"].type, found["author"].ask) == ("entity", {"en": "Who?", "zh": "哪位作者？"})
    assert (found["shelf"].type, found["shelf"].required) == ("number", False)
