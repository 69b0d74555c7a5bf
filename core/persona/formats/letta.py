"""Agents of Letta in `.af` files: the blocks of their core memory.

Fields: letta/schemas/agent_file.py of https://github.com/letta-ai/letta, and the older form with `core_memory` at the
root. Tools, messages and settings of models are kept for the export and have no effect here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import BadInput
from .character import Character, as_part, compose, own_words, split_sections
from .json_text import Layout, layout_of, read_json, write_json
from .kept import keep, kept, mask_secrets, put, remember
from .portable import Format, Portable, file_name, left_out, read_file
from .said import clean, harmless, one_line

KEPT = "letta"
HELD = ("personac", "name", "summary", "languages", "tone", "knowledge", "intents", "extensions", "face", "encoders",
        "retrieval", "lints")  # fmt: skip
VARIABLES = "tool_exec_environment_variables"
_OF_THE_PROGRAM = re.compile(r"<base_instructions>|core[ _]memory|archival memory", re.IGNORECASE)


def _recognise(path: Path, head: bytes) -> bool:
    if path.suffix.lower() not in (".af", ".json"):
        return False
    try:
        return _agent(read_json(read_file(path), path.name)[0]) is not None
    except BadInput:
        return False


def _agent(tree: Any) -> dict[str, Any] | None:
    """Return the first agent of a file, None when there is none."""
    if not isinstance(tree, dict):
        return None
    if isinstance(tree.get("core_memory"), list) and "agent_type" in tree:
        return tree
    agents = tree.get("agents")
    is_file = isinstance(agents, list) and isinstance(tree.get("blocks"), list)
    return next((agent for agent in agents if isinstance(agent, dict)), None) if is_file and agents else None


def _blocks(tree: Mapping[str, Any], agent: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the blocks of an agent in its order; each is the one that stands in the tree."""
    if agent is tree:
        return [block for block in tree["core_memory"] if isinstance(block, dict)]
    given = agent.get("memory_blocks")
    inline = [block for block in given if isinstance(block, dict)] if isinstance(given, list) else []
    named = {str(block.get("id")): block for block in tree["blocks"] if isinstance(block, dict)}
    ids = agent.get("block_ids")
    return [*inline, *(named[str(id)] for id in (ids if isinstance(ids, list) else []) if str(id) in named)]


def _read(path: Path) -> Portable:
    tree, layout = read_json(read_file(path), path.name)
    if _agent(tree) is None:
        raise BadInput("bad_agent", f"{path.name} is no agent file of Letta: it has no `agents` with `blocks`.")
    notes: list[str] = []
    tree = mask_secrets(_without_variables(tree, notes), notes, by_key=True)
    agent = _agent(tree)
    if agent is None or not (name := one_line(str(agent.get("name") or ""))):
        raise BadInput("bad_agent", "The agent has no name; give it one under `name`.")
    sections = _sections(tree, agent)
    titles = list(sections)
    about = {"About me": own_words(sections.get("persona", ""))}
    about |= {title: text for title, text in sections.items() if title not in ("", "persona", "human")}
    portable = compose(Character(name, sections, about=about))
    portable.notes += notes + _notes(tree, agent)
    for block, title in zip(_blocks(tree, agent), [title for title in titles if title], strict=True):
        block["value"] = remember(block.get("value"), sections[title])
    if sections.get(""):
        agent["system"] = remember(agent["system"], sections[""])
    keep(portable, KEPT, tree, {"layout": layout.facts()})
    return portable


def _sections(tree: Mapping[str, Any], agent: Mapping[str, Any]) -> dict[str, str]:
    """Return the parts of the instructions: the system prompt, when it is the author's, and a part for each block."""
    system = agent.get("system")
    own = isinstance(system, str) and not _OF_THE_PROGRAM.search(system)
    sections = {"": as_part(harmless(clean(str(system))).strip()) if own else ""}
    for number, block in enumerate(_blocks(tree, agent)):
        label = one_line(str(block.get("label") or "")) or "block"
        title = label if label not in sections else f"{label} {number + 1}"
        value = block.get("value")
        sections[title] = as_part(harmless(clean(value)).strip()) if isinstance(value, str) else ""
    return sections


def _without_variables(tree: Any, notes: list[str]) -> Any:
    """Return the tree without the values of the environment variables of tools."""
    found: list[str] = []

    def free(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: hidden(item) if key == VARIABLES else free(item) for key, item in value.items()}
        return [free(item) for item in value] if isinstance(value, list) else value

    def hidden(value: Any) -> Any:
        if isinstance(value, dict):
            found.extend(key for key, item in value.items() if item)
            return {key: f"${{{key}}}" if item else item for key, item in value.items()}
        if isinstance(value, list):
            found.extend(str(item.get("key")) for item in value if isinstance(item, dict) and item.get("value"))
            return [
                {**item, "value": f"${{{item.get('key')}}}"} if isinstance(item, dict) and item.get("value") else item
                for item in value
            ]
        return value

    tree = free(tree)
    if found:
        notes.append(f"The values of the tools' variables are not carried over: {', '.join(found[:8])}.")
    return tree


def _notes(tree: Mapping[str, Any], agent: Mapping[str, Any]) -> list[str]:
    where = f"`extensions: {KEPT}`"
    notes = []
    system = agent.get("system")
    if isinstance(system, str) and _OF_THE_PROGRAM.search(system):
        notes.append(f"The system prompt tells Letta how to use its memory and its tools; it is only kept in {where}.")
    messages = agent.get("messages")
    if isinstance(messages, list) and messages:
        notes.append(
            f"Messages of earlier conversations ({len(messages)}) are kept in {where}; take them out there if they "
            "hold something personal."
        )
    agents = tree.get("agents")
    if isinstance(agents, list) and len(agents) > 1:
        notes.append(f"The file has {len(agents)} agents; the persona is the first, the others are kept in {where}.")
    tools = tree.get("tools") or agent.get("tools")
    if isinstance(tools, list) and tools:
        names = [str(tool.get("name")) for tool in tools if isinstance(tool, dict)]
        notes.append(f"Tools are code and are never run here ({', '.join(names[:6])}); they are kept in {where}.")
    if tree.get("files") or tree.get("sources"):
        notes.append(f"Files of the agent's data sources are kept in {where}; put what it should know into knowledge/.")
    return notes


def _write(portable: Portable) -> tuple[dict[str, bytes], list[str]]:
    persona = portable.persona
    notes = left_out(persona, HELD, "Letta")
    tree, facts = kept(portable, KEPT)
    instructions = str((persona.get("tone") or {}).get("instructions") or "")
    agent = _agent(tree)
    if agent is None:
        tree, layout = _fresh(persona, instructions), Layout(indent="  ", colon=": ")
        notes.append("What the persona knows is not in the agent file; only who it is.")
    else:
        layout = layout_of(facts.get("layout"))
        _fill(tree, agent, persona, instructions)
    return {f"{file_name(str(persona['name']))}.af": write_json(tree, layout)}, notes


def _fill(tree: Mapping[str, Any], agent: dict[str, Any], persona: Mapping[str, Any], instructions: str) -> None:
    shown = _sections(tree, agent)
    now = split_sections(instructions, [title for title in shown if title])
    if persona["name"] != one_line(str(agent.get("name") or "")):
        agent["name"] = persona["name"]
    for block, title in zip(_blocks(tree, agent), [title for title in shown if title], strict=True):
        block["value"] = put(block.get("value", ""), shown[title], now.get(title, ""))
    system = agent.get("system")
    if isinstance(system, str) and not _OF_THE_PROGRAM.search(system):
        agent["system"] = put(system, shown[""], now.get("", ""))


def _fresh(persona: Mapping[str, Any], instructions: str) -> dict[str, Any]:
    name = str(persona["name"])
    value = "\n".join(filter(None, [f"I am {name}.", str(persona.get("summary") or ""), instructions]))
    block = {"id": "block-0", "label": "persona", "value": value, "limit": max(20_000, len(value)), "metadata": {}}
    lists = (
        "memory_blocks",
        "tool_ids",
        "source_ids",
        "messages",
        "in_context_message_ids",
        "files_agents",
        "group_ids",
    )
    agent = {
        "id": "agent-0", "name": name, "description": persona.get("summary") or None, "system": "",
        "agent_type": "memgpt_v2_agent", "block_ids": ["block-0"], **{key: [] for key in lists},
    }  # fmt: skip
    return {"agents": [agent], "groups": [], "blocks": [block], "files": [], "sources": [], "tools": [],
            "mcp_servers": [], "metadata": {}}  # fmt: skip


FORMAT = Format("letta", "an agent of Letta (.af)", _recognise, _read, _write)
