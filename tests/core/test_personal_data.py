"""Personal data within a turn: who sees marks, who sees the real values, and what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from personac.core.hosting.host import Host, Loaded
from personac.core.mind import privacy
from personac.core.mind.slots.found import Finders
from personac.core.persona.schema import Intent
from personac.core.plugin import Manifest, Skill, SkillContext, SkillResult
from personac.core.runtime import Runtime

Ask = Callable[..., Any]
ASKED = "When does the Temple of Heaven open? Send it to bob@example.com"


def runtime_with(
    guide: Runtime, skill: Callable[[SkillContext], str], *, reads: bool
) -> tuple[Runtime, list[SkillContext]]:
    seen: list[SkillContext] = []

    async def run(context: SkillContext) -> SkillResult:
        seen.append(context)
        return SkillResult(skill(context))

    read = ("text", "slots", "personal_data") if reads else ("text", "slots")
    manifest = Manifest(name="tourism", version="1", contract=1, reads=read)  # type: ignore[arg-type]
    loaded = Loaded("tourism", manifest, object(), {"opening_hours": Skill(run=run)})
    return Runtime(replace(guide.parts, plugins=Host({"tourism": loaded}))), seen


async def test_a_skill_that_reads_personal_data_gets_it_and_what_is_kept_has_marks(guide: Runtime, ask: Ask) -> None:
    runtime, seen = runtime_with(guide, lambda context: f"Sent: {context.text}", reads=True)
    reply = await ask(runtime, ASKED, conversation="reads")
    assert seen[0].text == ASKED
    assert reply.text == f"Sent: {ASKED}"
    assert "email" in reply.redactions
    kept = json.dumps(runtime.history("reads"))
    assert "bob@" not in kept
    assert kept.count("[email 1]") == 2


async def test_other_skills_get_marks_and_the_user_sees_the_value_again(guide: Runtime, ask: Ask) -> None:
    runtime, seen = runtime_with(guide, lambda context: "I'll write to [email 1].", reads=False)
    reply = await ask(runtime, ASKED, conversation="marks")
    assert "bob@" not in seen[0].text
    assert "[email 1]" in seen[0].text
    assert reply.text == "I'll write to bob@example.com."
    assert "bob@" not in json.dumps(runtime.history("marks"))


async def test_marks_of_a_conversation_go_on_meaning_the_same(guide: Runtime, ask: Ask) -> None:
    runtime, seen = runtime_with(guide, lambda context: "[email 1] and [email 2]", reads=False)
    await ask(runtime, ASKED, conversation="goes on")
    reply = await ask(runtime, "When does Beihai open? Send it to eve@example.com, too", conversation="goes on")
    assert "[email 2]" in seen[1].text
    assert reply.text == "bob@example.com and eve@example.com"
    runtime.forget("local")
    reply = await ask(runtime, "When does the Temple of Heaven open?", conversation="goes on")
    assert reply.text == "[email 1] and [email 2]"


def test_a_form_fills_slots_from_marks_and_never_from_their_numbers() -> None:
    intent = Intent.model_validate(
        {
            "name": "book", "examples": ["book"], "responses": "ok",
            "slots": {"mail": {"type": "email", "required": False}, "many": {"type": "number", "required": False}},
        }
    )  # fmt: skip
    masked = privacy.mask("book it for bob@example.com", ["email"])
    filled = Finders({}, today=lambda: date(2026, 1, 1)).fill_all(intent, masked.text, "en")
    assert filled == {"mail": "[email 1]"}
    assert masked.opened(filled) == {"mail": "bob@example.com"}


def test_where_a_slot_stands_is_told_for_the_text_as_written() -> None:
    text = "mail bob@example.com about 3 rooms"
    masked = privacy.mask(text, ["email"])
    start = masked.text.index("3")
    slots = masked.opened({"rooms": {"value": 3, "text": "3", "span": [start, start + 1]}})
    assert [text[slice(*slots["rooms"]["span"])], slots["rooms"]["value"]] == ["3", 3]


def test_a_slot_whose_mark_nobody_knows_any_more_is_asked_for_again() -> None:
    slots = {"mail": "[email 1]", "rooms": {"value": 3}}
    assert privacy.known_only(slots, {}) == {"rooms": {"value": 3}}
    assert privacy.known_only(slots, {"[email 1]": "bob@example.com"}) == slots


def test_held_values_are_forgotten_in_time() -> None:
    now = [0.0]
    vault = privacy.Vault(clock=lambda: now[0])
    vault.hold("a", "ann", {"[email 1]": "bob@example.com"})
    assert vault.held("a") == {"[email 1]": "bob@example.com"}
    now[0] = 1801.0
    assert vault.held("a") == {}
    vault.hold("b", "bea", {})
    assert "bob@" not in repr(vars(vault))
