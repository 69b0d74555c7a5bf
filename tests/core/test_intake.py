"""The input side of whole turns: messages without words, the language of a conversation, the truth beside rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from personac.core.cli.building import build, open_persona
from personac.core.mind.phrases import phrase
from personac.core.runtime import Runtime

PERSONA = """personac: 1
name: Pia
languages: [en, zh]
plugins: [{./shelf: {}}]
knowledge: [{path: house.md}]
intents:
  - name: hours
    examples: [When do you open?, Are you open on Sundays?, What are your hours?, 你们几点开门？, 周日营业吗？]
    responses: {en: We are open from 8 to 20., zh: 每天8点到20点。}
  - name: shelf
    examples: [Look at the shelf, What is on the shelf?, Show me the shelf, 看看货架, 货架上有什么？, 给我看货架]
    skill: shelf.look
ethics:
  sets: [crisis]
  country: GB
  rules:
    - {id: rude, when: {words: [idiot, 白痴]}, on: input, do: end, say: {en: I end here., zh: 到此结束。}}
    - {id: rival, when: {words: [ephedrine]}, on: input, do: refuse, say: {en: Not that., zh: 不谈。}}
    - {id: guns, when: {words: [🔫]}, on: input, do: refuse, say: {en: No guns., zh: 不谈枪。}}
    - {id: program, when: {words: [program]}, on: output, do: refuse, say: {en: Not this either., zh: 不谈。}}
    - {id: refused, when: {words: [tokenrefuse]}, on: tool, do: refuse, say: {en: No., zh: 不。}}
    - {id: masked, when: {words: [tokenmask]}, on: output, do: redact}
"""
HOUSE = "# Dose\n\nAdults take two tablets of Paxil every 4 hours, up to 8 tablets a day.\n"
SHELF = '''"""The shelf."""

from personac.core.plugin import CONTRACT, Manifest, Plugin, SkillContext, SkillResult, skill


class Shelf(Plugin):
    """Know the shelf."""

    manifest = Manifest(name="shelf", version="1", contract=CONTRACT, summary="What is on the shelf.")

    @skill
    async def look(self, context: SkillContext) -> SkillResult | None:
        """Say what is on the shelf."""
        return SkillResult("Pick one.", choices=("milk", "tokenrefuse", "tokenmask 1"))
'''
POINTS = (
    '[project]\nname = "shelf-of-tests"\n[project.entry-points."personac.plugins"]\nshelf = "shelf_of_tests:Shelf"\n'
)
TRUTH = {language: phrase("bot_asked", language, name="Pia") for language in ("en", "zh")}


@pytest.fixture(scope="module")
def pia(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    folder = tmp_path_factory.mktemp("pia")
    (folder / "shelf").mkdir()
    (folder / "shelf" / "pyproject.toml").write_text(POINTS, "utf-8")
    (folder / "shelf" / "shelf_of_tests.py").write_text(SHELF, "utf-8")
    (folder / "persona.yaml").write_text(PERSONA, "utf-8")
    (folder / "house.md").write_text(HOUSE, "utf-8")
    runtime = open_persona(build(folder, None, quiet=True).artifact, None)
    yield runtime
    runtime.close()


@pytest.mark.parametrize("said", ["👍", "!!!", "\u200b", "？"])
async def test_signs_are_answered_as_an_empty_message_is(pia: Runtime, ask: Any, said: str) -> None:
    reply = await ask(pia, said, conversation=f"signs {said!r}")
    assert (reply.text, reply.intent, reply.sources) == (phrase("empty", "en"), None, ())


async def test_rules_see_signs(pia: Runtime, ask: Any) -> None:
    assert (await ask(pia, "🔫🔫", conversation="guns")).text == "No guns."


@pytest.mark.parametrize("said", ["bye", "Bye!", "再见", "拜拜", "再見"])
async def test_a_farewell_is_no_question(pia: Runtime, ask: Any, said: str) -> None:
    reply = await ask(pia, said, conversation=f"farewell {said}")
    assert not reply.sources
    assert "Paxil" not in reply.text


async def test_a_word_of_many_languages_keeps_that_of_the_conversation(pia: Runtime, ask: Any) -> None:
    said = ["你们几点开门？", "ok", "OK", "a@b.com", "LV", "bye", "VIP", "When do you open?", "ok", "好"]
    spoken = [(await ask(pia, text, conversation="spoken")).language for text in said]
    assert spoken == ["zh"] * 7 + ["en", "en", "zh"]


async def test_an_address_does_not_hide_the_language_beside_it(pia: Runtime, ask: Any) -> None:
    assert (await ask(pia, "我邮箱是a@b.com", conversation="address")).language == "zh"


@pytest.mark.parametrize(
    ("said", "language", "first"),
    [
        ("Are you a human? Stop being an idiot", "en", "I end here."),
        ("Are you a bot? And do you sell ephedrine?", "en", "Not that."),
        ("你是真人吗？白痴", "zh", "到此结束。"),
        ("您是機器人嗎？白癡", "zh", "到此结束。"),
        ("Are you a bot?", "en", "Not this either."),
    ],
)
async def test_who_asks_is_told_the_truth_beside_what_a_rule_says(
    pia: Runtime, ask: Any, said: str, language: str, first: str
) -> None:
    assert (await ask(pia, said, conversation=f"truth {said}")).text == f"{first}\n\n{TRUTH[language]}"


async def test_the_truth_is_told_in_a_closed_conversation_and_help_comes_before_it(pia: Runtime, ask: Any) -> None:
    said = ["you idiot", "are you a bot?", "hello", "I want to kill myself. Are you human?"]
    told = [(await ask(pia, text, conversation="closed")).text for text in said]
    assert told[:3] == ["I end here.", f"I end here.\n\n{TRUTH['en']}", "I end here."]
    assert 0 < told[3].index("116 123") < told[3].index(TRUTH["en"])


async def test_a_closed_conversation_begins_anew_in_traditional_chinese(pia: Runtime, ask: Any) -> None:
    told = [(await ask(pia, text, conversation="anew")).text for text in ("白癡", "重新開始", "你們幾點開門？")]
    assert told == ["到此结束。", phrase("anew", "zh"), "每天8点到20点。"]


async def test_a_button_that_a_rule_refuses_or_would_change_is_left_out(pia: Runtime, ask: Any) -> None:
    reply = await ask(pia, "Look at the shelf", conversation="buttons")
    assert (reply.text, reply.choices) == ("Pick one.", ("milk",))
