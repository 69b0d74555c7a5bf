"""What a skill tells the person who takes over goes with the answer, and not to the user."""

from __future__ import annotations

from typing import Any, cast

from personac.core.hosting.host import Host, Loaded
from personac.core.message import Answer, Message, Reply
from personac.core.mind import privacy
from personac.core.monitor.signs import signs
from personac.core.plugin import CONTRACT, Manifest, Skill, SkillContext, SkillResult
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


def test_a_summary_is_kept_until_it_is_sent_and_not_shown_to_the_user() -> None:
    reply = Reply("A colleague will write to you.", "en", hand_off="Customer: Ann")
    assert "Ann" not in str(reply.as_dict())
    assert Answer.from_dict(Answer(reply).as_dict()).reply.hand_off == "Customer: Ann"
    assert "handed_off" in signs(reply, {})
    assert "handed_off" not in signs(Reply("Hello", "en"), {})
