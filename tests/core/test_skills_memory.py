"""Skills remember facts of users who agreed: each plugin its own, masked, exported and erased with the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from personac.core.hosting.host import Host, Loaded
from personac.core.message import Message
from personac.core.mind import privacy
from personac.core.plugin import CONTRACT, Manifest, Reads, Skill, SkillContext, SkillResult
from personac.core.skills import Asked, Skills
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import Decision, DialogueState, Understanding

MAIL = "ann@example.org"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    made = SQLiteStore(tmp_path / "a.sqlite")
    yield made
    made.close()


async def turn(store: SQLiteStore, reads: tuple[Reads, ...], remember: dict[str, Any], plugin: str = "p") -> Any:
    """Let a skill answer that remembers something, and return the facts that it was given."""
    given: list[Any] = []

    async def skill(context: SkillContext) -> SkillResult:
        given.append(dict(context.facts))
        return SkillResult("Good.", remember=remember)

    manifest = Manifest(name=plugin, version="1", contract=CONTRACT, reads=reads)
    host = Host({plugin: Loaded(plugin, manifest, object(), {"s": Skill(run=skill)})})

    def mask(text: str) -> str:
        return privacy.mask(text, ["email"]).text

    skills = Skills(host, {}, cast("Any", None), store, "a", mask, list)
    asked = Asked(
        Message("hi", (), "c", "ann", "web"), "hi", privacy.Masked("hi"), Understanding("i", 1.0, False), (), "en",
        ticket=store.ticket("ann"),
    )  # fmt: skip
    acted = await skills.act(Decision("skill", skill=f"{plugin}.s"), asked, lambda word: None)
    host.close()
    assert acted.words == "Good."
    return given[0]


async def test_facts_are_kept_with_consent_only_and_go_with_the_user(store: SQLiteStore) -> None:
    fact = {"diet": {"name": "vegan", "mail": MAIL}}
    assert await turn(store, ("text", "memory"), fact) == {}
    assert store.facts("ann") == {}
    store.set_consent("ann", True)
    await turn(store, ("text",), fact)
    assert store.facts("ann") == {}, "what is not declared is not kept"
    await turn(store, ("text", "memory"), fact)
    kept = {"diet": {"name": "vegan", "mail": "[email 1]"}}
    assert await turn(store, ("text", "memory"), {}) == kept
    assert await turn(store, ("text",), {}) == {}
    assert await turn(store, ("text", "memory"), {}, plugin="other") == {}
    assert [row["value"] for row in store.export("ann")["facts"]] == [kept["diet"]]
    store.erase("ann")
    assert store.facts("ann") == {}


async def test_a_fact_is_real_for_who_reads_personal_data_and_null_deletes_it(store: SQLiteStore) -> None:
    store.set_consent("ann", True)
    await turn(store, ("text", "memory", "personal_data"), {"mail": MAIL, "seats": 2})
    assert await turn(store, ("text", "memory", "personal_data"), {"mail": None}) == {"mail": MAIL, "seats": 2}
    assert await turn(store, ("text", "memory", "personal_data"), {}) == {"seats": 2}


@pytest.mark.parametrize(
    ("reads", "given"), [(("text", "slots"), {"topic": "oil", "mail": "[email 1]"}), (("text",), {})]
)
async def test_what_the_conversation_remembers_is_given_to_who_reads_slots(
    store: SQLiteStore, reads: tuple[Reads, ...], given: dict[str, Any]
) -> None:
    seen: list[Any] = []

    async def skill(context: SkillContext) -> SkillResult:
        seen.append(dict(context.remembered))
        return SkillResult("Good.", slots={"days": 7})

    manifest = Manifest(name="p", version="1", contract=CONTRACT, reads=reads)
    host = Host({"p": Loaded("p", manifest, object(), {"s": Skill(run=skill)})})
    skills = Skills(host, {}, cast("Any", None), store, "a", str, list)
    asked = Asked(
        Message("hi", (), "c", "ann", "web"), "hi", privacy.Masked("hi"), Understanding("i", 1.0, False), (), "en",
        state=DialogueState(slots={"topic": "oil", "mail": "[email 1]"}), ticket=store.ticket("ann"),
    )  # fmt: skip
    acted = await skills.act(Decision("skill", skill="p.s"), asked, lambda word: None)
    host.close()
    assert seen == [given]
    assert acted.state is not None
    assert acted.state.slots == {"topic": "oil", "mail": "[email 1]", "days": 7}


@pytest.mark.parametrize("personal", [False, True])
async def test_what_a_plugin_keeps_of_a_conversation_is_its_own_and_masked(store: SQLiteStore, personal: bool) -> None:
    given: list[SkillContext] = []

    async def skill(context: SkillContext) -> SkillResult:
        given.append(context)
        return SkillResult("Good.", slots={"mail": context.text}, keep={"said": context.text})

    manifest = Manifest(
        name="p", version="1", contract=CONTRACT, reads=("text", "slots", *(("personal_data",) if personal else ()))
    )
    host = Host({"p": Loaded("p", manifest, object(), {"s": Skill(run=skill)})})
    skills = Skills(host, {}, cast("Any", None), store, "a", lambda text: text, list)
    state = DialogueState(slots={"day": "Monday", ".other": {"not": "mine"}})
    for _ in range(2):
        masked = privacy.mask(MAIL, ["email"])
        asked = Asked(
            Message("hi", (), "c", "ann", "web"), masked.text, masked, Understanding("i", 0.5, False), (), "en", state
        )  # fmt: skip
        acted = await skills.act(Decision("skill", skill="p.s"), asked, lambda word: None)
        assert acted.state is not None
        state = acted.state
    host.close()
    shown = MAIL if personal else "[email 1]"
    assert given[1].kept == {"said": shown}
    assert given[1].remembered == {"day": "Monday", "mail": shown}
    assert given[1].confidence == 0.5
    assert state.slots == {
        "day": "Monday", "mail": "[email 1]", ".other": {"not": "mine"}, ".p": {"said": "[email 1]"}
    }  # fmt: skip
