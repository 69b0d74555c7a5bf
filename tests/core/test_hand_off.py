"""What a skill tells the person who takes over goes with the answer, and not to the user."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from personac.core.cli.building import build, open_persona
from personac.core.hosting.host import Host, Loaded
from personac.core.message import Answer, Message, Reply
from personac.core.mind import privacy
from personac.core.monitor.signs import signs
from personac.core.plugin import CONTRACT, Manifest, Skill, SkillContext, SkillResult
from personac.core.runtime import Runtime
from personac.core.skills import Asked, Skills
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import Decision, Understanding


async def test_a_summary_has_what_was_masked_for_the_skill() -> None:
    async def skill(context: SkillContext) -> SkillResult:
        return SkillResult("A colleague will write to you.", hand_off=f"Asked: {context.text}")

    manifest = Manifest(name="p", version="1", contract=CONTRACT)
    host = Host({"p": Loaded("p", manifest, object(), {"s": Skill(run=skill)})})
    masked = privacy.mask("write to ann@example.org", ["email"])
    asked = Asked(Message("x"), masked.text, masked, Understanding("i", 1.0, False), (), "en")
    store = SQLiteStore(None)
    acted = await Skills(host, {}, cast("Any", None), store, "a", str, list).act(
        Decision("skill", skill="p.s"), asked, lambda word: None
    )
    host.close()
    store.close()
    assert acted.hand_off == "Asked: write to ann@example.org"


@pytest.mark.parametrize("said", ["I want to talk to a human", "agent", "Are you a bot? Put me through to a person"])
async def test_who_wants_a_person_is_told_so_and_people_are_asked_for(
    write_fern: Callable[[Path, str], Path], tmp_path: Path, ask: Any, said: str
) -> None:
    runtime = open_persona(build(write_fern(tmp_path, ""), None, quiet=True).artifact, None)
    try:
        reply, other = await ask(runtime, said), await ask(runtime, "hello friend")
    finally:
        runtime.close()
    assert "a person has to take over" in reply.text
    assert ("program, not a human" in reply.text) is ("bot?" in said)
    assert reply.hand_off
    assert not other.hand_off


@pytest.mark.parametrize(("said", "told"), [("Can a human take over?", "12345"), ("转人工", "没有真人")])
async def test_an_intent_for_it_answers_in_its_own_words(guide: Runtime, ask: Any, said: str, told: str) -> None:
    reply = await ask(guide, said, conversation=f"people {said}")
    assert reply.intent == "talk_to_a_person"
    assert told in reply.text
    assert reply.hand_off


def test_a_summary_is_kept_until_it_is_sent_and_not_shown_to_the_user() -> None:
    reply = Reply("A colleague will write to you.", "en", hand_off="Customer: Ann")
    assert "Ann" not in str(reply.as_dict())
    assert Answer.from_dict(Answer(reply).as_dict()).reply.hand_off == "Customer: Ann"
    assert "handed_off" in signs(reply, {})
    assert "handed_off" not in signs(Reply("Hello", "en"), {})
