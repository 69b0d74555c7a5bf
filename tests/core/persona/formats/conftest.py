"""Characters made up for these tests, in every form that is read."""

from __future__ import annotations

import base64
import copy
import io
import json
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from personac.core.persona.check import check
from personac.core.persona.formats import format_named, recognise
from personac.core.persona.formats.folder import read_folder, write_folder
from personac.core.persona.formats.pixels import Chunk, blank_picture, join_chunks, split_chunks, text_chunk

V3: dict[str, Any] = {
    "spec": "chara_card_v3",
    "spec_version": "3.0",
    "data": {
        "name": "Oriel Tamm",
        "nickname": "Oriel",
        "description": "{{char}} keeps the Lantern Library, a lighthouse full of books on the island of Verrow.\n"
        "She is forty-one, left-handed, and afraid of nothing but open umbrellas.",
        "personality": "patient, dry-humoured, exact",
        "scenario": "{{user}} has come up the stairs of the lighthouse out of the rain.",
        "first_mes": "*{{char}} looks up from her ledger.* Good evening, {{user}}. Mind the third step. "
        "{{// she never fixed it}}What are you looking for?",
        "mes_example": "<START>\n{{user}}: How many books do you have?\n{{char}}: Eleven thousand and six. "
        "The six are on loan.\n<START>\n{{user}}: Do you ever sleep?\n{{char}}: Between two and four, when the "
        "lamp allows it.\n{{user}}: And then?\n{{char}}: Then I wind it again.",
        "creator_notes": "Made up for a test.",
        "system_prompt": "Write as {{char}}, never as {{user}}. {{original}}",
        "post_history_instructions": "Keep replies under 120 words.",
        "alternate_greetings": ["The lamp is out. Help me, {{user}}, or hold this.", "{{random:Back,Here}} again?"],
        "group_only_greetings": ["One at a time on the stairs."],
        "tags": ["library", "island"],
        "creator": "nobody",
        "character_version": "1.2",
        "creation_date": 1700000000,
        "extensions": {"depth_prompt": {"depth": 4, "prompt": ""}, "ratio": 0.5, "empty": None, "on": True},
        "character_book": {
            "name": "Verrow",
            "scan_depth": 3,
            "extensions": {},
            "entries": [
                {
                    "keys": ["Verrow", "island"],
                    "content": "Verrow is an island of 212 people. The ferry goes on Tuesdays and Fridays at 9:40.",
                    "extensions": {"probability": 100},
                    "enabled": True,
                    "insertion_order": 10,
                    "use_regex": False,
                },
                {
                    "keys": ["lamp", "lantern"],
                    "secondary_keys": ["oil"],
                    "selective": True,
                    "content": "@@depth 4\n@@role system\n\nThe lamp burns rape-seed oil, and {{char}} winds it every "
                    "six hours.",
                    "extensions": {},
                    "enabled": True,
                    "insertion_order": 20,
                    "use_regex": False,
                },
                {
                    "keys": ["Marrick"],
                    "content": "Marrick was the keeper before her, and drowned in 1998.",
                    "extensions": {},
                    "enabled": False,
                    "insertion_order": 30,
                    "use_regex": False,
                },
                {
                    "keys": ["/(a+)+$/", "/umbrella(s)?/i"],
                    "comment": "Umbrellas",
                    "content": "An umbrella blew {{char}}'s father off the gallery.",
                    "extensions": {},
                    "enabled": True,
                    "insertion_order": 40,
                    "use_regex": True,
                },
                {
                    "keys": [],
                    "constant": True,
                    "content": "It always rains on Verrow.",
                    "extensions": {},
                    "enabled": True,
                    "insertion_order": 0,
                    "use_regex": False,
                },
            ],
        },
    },
}

ZH: dict[str, Any] = {
    "spec": "chara_card_v2",
    "spec_version": "2.0",
    "data": {
        "name": "沈砚",
        "description": "沈砚是临江镇的修表匠，今年六十二岁，店名叫“时雨斋”。他年轻时在上海学过七年手艺。",
        "personality": "话少，耐心，爱说冷笑话",
        "scenario": "{{user}}拿着一块停走的怀表走进了时雨斋。",
        "first_mes": "（抬头）坐吧，{{user}}。表停了多久了？",
        "mes_example": "<START>\n{{user}}: 修一块表要多少钱？\n{{char}}: 先看病，再开方。机械表洗油八十块。",
        "creator_notes": "",
        "system_prompt": "",
        "post_history_instructions": "",
        "alternate_greetings": [],
        "character_book": {
            "extensions": {},
            "entries": [
                {
                    "keys": ["时雨斋", "店"],
                    "content": "时雨斋在临江镇北街十七号，每天早上九点开门，周三休息。",
                    "extensions": {},
                    "enabled": True,
                    "insertion_order": 1,
                }
            ],
        },
        "tags": [],
        "creator": "",
        "character_version": "",
        "extensions": {},
    },
}

V1: dict[str, Any] = {
    "name": "Pip",
    "description": "Pip is a talking kettle.",
    "personality": "hot-tempered",
    "scenario": "",
    "first_mes": "Careful, I'm boiling!",
    "mes_example": "",
    "talkativeness": "0.5",
}

AGENT: dict[str, Any] = {
    "agents": [
        {
            "name": "harbour-helper",
            "system": "You help the sailors of Port Ness. Answer briefly.",
            "agent_type": "memgpt_v2_agent",
            "block_ids": ["block-1", "block-0"],
            "memory_blocks": [],
            "tool_exec_environment_variables": {"TIDE_KEY": "abc123"},
            "llm_config": {"model": "gpt-4o-mini", "temperature": 0.7},
            "messages": [{"id": "message-0", "role": "user", "content": [{"type": "text", "text": "hello"}]}],
            "id": "agent-0",
        }
    ],
    "groups": [],
    "blocks": [
        {"value": "I am Brine, the harbour helper of Port Ness. I know the tides.", "label": "persona",
         "limit": 5000, "id": "block-0"},
        {"value": "The user is a sailor.", "label": "human", "limit": 5000, "id": "block-1"},
    ],
    "files": [],
    "sources": [],
    "tools": [{"id": "tool-0", "name": "send_message", "source_code": None}],
    "mcp_servers": [],
    "metadata": {"revision_id": "1"},
    "created_at": "2025-08-28T00:58:01+00:00",
}  # fmt: skip

CONF = """\
# a character of a test
system_config:
  conf_version: 'v1.2.0'
  port: 12393

character_config:
  conf_name: 'moss_001'
  conf_uid: 'moss_001'
  live2d_model_name: 'mao_pro'
  character_name: 'Moss'
  avatar: 'moss.png'
  human_name: 'Human'
  persona_prompt: |
    You are Moss, a cheerful gardener robot who looks after the roof garden of a school in Leeds.
    Your favourite plant is the runner bean. You water the beans at seven every morning.
    Never use emoji.
  agent_config:
    llm_configs:
      openai_llm:
        llm_api_key: 'Your Open AI API key'
        model: 'gpt-4o'
        temperature: 1.0
  tts_config:
    tts_model: 'edge_tts'
    edge_tts:
      voice: 'en-US-AvaMultilingualNeural'
live_config:
  bilibili_live:
    sessdata: 'a-real-cookie'
"""


def card(base: Mapping[str, Any] = V3, **changes: Any) -> dict[str, Any]:
    """Return a copy of a card with other fields."""
    made = copy.deepcopy(dict(base))
    made.get("data", made).update(changes)
    return made


def as_json(tree: Any, **options: Any) -> bytes:
    """Return a tree as Python's json writes it."""
    return json.dumps(tree, **{"ensure_ascii": False, **options}).encode()


def picture() -> bytes:
    """Return a small picture with a chunk that has nothing to do with cards."""
    chunks, _ = split_chunks(blank_picture(32, 48))
    return join_chunks([*chunks[:1], Chunk(b"tEXt", b"Software\0a test"), *chunks[1:]])


def as_png(texts: Mapping[str, Any], at: int = 2, *, ascii: bool = False) -> bytes:
    """Return a picture with cards by keyword."""
    chunks, _ = split_chunks(picture())
    values = {
        k: v if isinstance(v, bytes) else base64.b64encode(as_json(v, ensure_ascii=ascii)) for k, v in texts.items()
    }
    return join_chunks([*chunks[:at], *(text_chunk(k, v) for k, v in values.items()), *chunks[at:]])


def as_charx(tree: Any, *, ascii: bool = False, **files: bytes) -> bytes:
    """Return a CHARX with a card and files, `__` in their names standing for a slash and `_dot_` for a dot."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("card.json", (2024, 1, 2, 3, 4, 6)), as_json(tree, ensure_ascii=ascii))
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return file.getvalue()


@pytest.fixture
def made() -> ModuleType:
    """Return this module: its characters and the functions that write them."""
    return sys.modules[__name__]


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a file, imports it and returns the persona's folder, which has no errors."""

    def bring(name: str, data: bytes) -> Path:
        (tmp_path / name).write_bytes(data)
        portable = recognise(tmp_path / name).read(tmp_path / name)
        folder = tmp_path / f"{name}_folder"
        write_folder(portable, folder, "")
        assert not check(folder).diagnostics
        return folder

    return bring


@pytest.fixture
def send() -> Callable[..., bytes]:
    """Return a function that exports a folder and returns the one file."""

    def send(folder: Path, form: str) -> bytes:
        write = format_named(form).write
        assert write is not None
        (data,) = write(read_folder(folder))[0].values()
        return data

    return send


@pytest.fixture
def edit() -> Callable[..., None]:
    """Return a function that changes a persona.yaml: it is given the persona as plain values."""

    def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
        file = folder / "persona.yaml"
        persona = yaml.safe_load(file.read_text("utf-8"))
        change(persona)
        file.write_text(yaml.safe_dump(persona, allow_unicode=True, sort_keys=False), "utf-8")

    return edit
