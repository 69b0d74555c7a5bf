"""A whole persona with a Rasa bot's actions: its forms in conversation, and its skills called by a Rasa bot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from personac.core.cli.building import build, open_persona
from personac.core.message import Call, Message, Reply
from personac.core.runtime import Runtime

from .conftest import PACKAGES

PERSONA = """
personac: 1
name: Bea
languages: [en, zh]
knowledge:
  - path: faq.csv
intents:
  - name: book
    skill: rasa.table_form
    examples:
      - I would like to book a table
      - a table for tonight, please
      - can I reserve a table?
      - book me a table
      - 我想订位
      - 订一张桌子
    slots:
      cuisine: {type: entity, required: false, values: [thai, french, fish]}
  - name: tell
    skill: rasa.action_tell_tracker
    examples: [tell me what you know of me, what do you remember?, show what you have stored, 你记得什么？]
    slots:
      cuisine: {type: entity, required: false, values: [thai, french, fish]}
      dish: {type: text, required: true, ask: {en: Which dish?, zh: 哪道菜？}}
  - name: greet
    skill: rasa.action_greet
    examples: [good evening, hello there, hi, 晚上好]
  - name: burn
    skill: rasa.action_raise
    examples: [light the oven, turn on the oven now, heat the oven, 打开烤箱]
ethics:
  rules:
    - id: no-fuss
      when: {words: [forbidden words]}
      on: input
      do: refuse
      say: {en: Not here., zh: 这里不行。}
plugins:
  - rasa:
      actions: bistro
      path: PACKAGES
      python: PYTHON
      domain: PACKAGES/domain.yml
      forms: {table_form: [action_submit]}
"""


@pytest.fixture(scope="module")
def bea(rasa_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    folder = tmp_path_factory.mktemp("bea") / "bea"
    folder.mkdir()
    written = PERSONA.replace("PACKAGES", str(PACKAGES)).replace("PYTHON", str(rasa_python))
    (folder / "persona.yaml").write_text(written, "utf-8")
    (folder / "faq.csv").write_text("question,answer\nWhere can I park my car?,Behind the house.\n", "utf-8")
    runtime = open_persona(build(folder, None, quiet=True).artifact, None)
    yield runtime
    runtime.close()


async def say(runtime: Runtime, text: str, conversation: str, call: Call | None = None) -> Reply:
    message = Message(text, (), conversation, conversation, "test", call=call)
    return [event async for event in runtime.answer(message) if isinstance(event, Reply)].pop()


async def test_a_form_of_rasa_is_a_form_of_the_persona(bea: Runtime) -> None:
    asked = await say(bea, "I would like to book a table", "form")
    assert asked.text == "Which cuisine?"
    assert asked.skill == "rasa.table_form"
    assert (await say(bea, "french", "form")).text == "For how many, with french food?"
    between = await say(bea, "Where can I park my car?", "form")
    assert between.text.startswith("Behind the house.")
    assert (await say(bea, "for 3 people", "form")).choices == ("Outside", "Inside")
    done = await say(bea, "Outside", "form")
    assert done.text == "Booked: cuisine=french, people=3, outside=True, allergy=None."
    assert done.slots["booked"] is True
    assert not [name for name in done.slots if name.startswith(".")], "what the plugin keeps is shown to nobody"


async def test_a_form_is_left_when_the_user_wants(bea: Runtime) -> None:
    await say(bea, "book me a table", "left")
    await say(bea, "never mind", "left")
    assert (await say(bea, "good evening", "left")).text == "Welcome to the bistro!"


async def test_a_form_asks_in_chinese(bea: Runtime) -> None:
    assert (await say(bea, "我想订位", "zh")).text == "想吃哪种菜？"


async def test_an_action_that_fails_is_a_sentence(bea: Runtime) -> None:
    reply = await say(bea, "heat the oven", "burnt")
    assert reply.text
    assert "kitchen" not in reply.text


async def test_another_program_calls_a_skill_with_slots(bea: Runtime) -> None:
    call = Call("rasa.action_tell_tracker", {"cuisine": "Thai", "dish": "soup", "unknown": 3}, "en", asked=True)
    reply = await say(bea, "tell me, please", "called", call)
    assert reply.text.split("|")[1:5] == ["thai", "tell", "tell me, please", "thai"]
    assert reply.skill == "rasa.action_tell_tracker"


async def test_a_call_without_a_slot_that_is_needed_is_the_question_for_it(bea: Runtime) -> None:
    call = Call("rasa.action_tell_tracker", {"cuisine": "thai"}, "en", asked=True)
    assert (await say(bea, "你记得什么？", "asked", call)).text == "哪道菜？"


async def test_rules_hold_for_calls(bea: Runtime) -> None:
    call = Call("rasa.action_greet", {}, "en", asked=True)
    assert (await say(bea, "some forbidden words", "ruled", call)).text == "Not here."
    failed = await say(bea, "now", "ruled", Call("rasa.action_raise", {}, "en", asked=True))
    assert failed.text, "somebody waits for an answer"
    assert bea.skill_names() == [
        "rasa.action_greet",
        "rasa.action_raise",
        "rasa.action_tell_tracker",
        "rasa.table_form",
    ]
