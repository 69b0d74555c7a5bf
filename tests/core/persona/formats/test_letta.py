"""Agents of Letta become personas from the blocks of their memory, and come back with what was changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from personac.core.persona.check import load

Bring, Send, Edit = Callable[..., Path], Callable[..., bytes], Callable[..., None]


def without_secrets(made: ModuleType) -> dict[str, object]:
    tree = copy.deepcopy(made.AGENT)
    tree["agents"][0]["tool_exec_environment_variables"] = {"TIDE_KEY": ""}
    return tree


def test_blocks_become_who_the_persona_is(made: ModuleType, bring: Bring) -> None:
    folder = bring("agent.af", made.as_json(made.AGENT, indent=2))
    persona = load(folder).persona
    assert persona is not None
    assert persona.name == "harbour-helper"
    assert "You help the sailors of Port Ness." in persona.tone.instructions
    assert "--- human ---\nThe user is a sailor." in persona.tone.instructions
    assert persona.intents[0].responses is not None
    assert persona.intents[0].responses["en"][0].startswith("I am Brine, the harbour helper of Port Ness.")


def test_an_unchanged_agent_comes_back_byte_for_byte(made: ModuleType, bring: Bring, send: Send) -> None:
    data = made.as_json(without_secrets(made), indent=2)
    assert send(bring("agent.af", data), "letta") == data


def test_the_values_of_variables_stay_behind(made: ModuleType, bring: Bring, send: Send) -> None:
    folder = bring("agent.af", made.as_json(made.AGENT))
    assert "abc123" not in "".join(file.read_text("utf-8") for file in folder.rglob("*") if file.is_file())
    assert b'"TIDE_KEY": "${TIDE_KEY}"' in send(folder, "letta")


def test_a_changed_block_is_in_the_export(made: ModuleType, bring: Bring, send: Send, edit: Edit) -> None:
    tree = without_secrets(made)
    folder = bring("agent.af", made.as_json(tree))

    def change(persona: dict[str, object]) -> None:
        tone = persona["tone"]
        assert isinstance(tone, dict)
        tone["instructions"] = tone["instructions"].replace("a sailor", "a pilot")

    edit(folder, change)
    back = json.loads(send(folder, "letta"))
    assert back["blocks"][1]["value"] == "The user is a pilot."
    back["blocks"][1]["value"] = "The user is a sailor."
    assert back == tree


def test_the_system_prompt_of_the_program_is_no_instruction(made: ModuleType, bring: Bring, send: Send) -> None:
    tree = without_secrets(made)
    tree["agents"][0]["system"] = "<base_instructions>\nNever say that you are an AI.\n</base_instructions>"  # type: ignore[index]
    data = made.as_json(tree)
    folder = bring("agent.af", data)
    persona = load(folder).persona
    assert persona is not None
    assert "AI" not in persona.tone.instructions
    assert send(folder, "letta") == data


def test_the_older_form_is_read(bring: Bring, send: Send) -> None:
    tree = {
        "agent_type": "memgpt_agent",
        "name": "old",
        "system": "Be kind.",
        "core_memory": [{"label": "persona", "value": "I am Old Tom, a clock.", "limit": 5000}],
        "tool_exec_environment_variables": [{"key": "A", "value": "", "description": None}],
    }
    data = json.dumps(tree).encode()
    folder = bring("old.af", data)
    persona = load(folder).persona
    assert persona is not None
    assert persona.intents[0].responses == {"en": ("I am Old Tom, a clock.",)}
    assert send(folder, "letta") == data
