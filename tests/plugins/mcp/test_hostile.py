"""Servers that misbehave: the user gets a sentence, the operator a line, and nobody else is disturbed."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from personac.plugins.mcp import Mcp, sessions
from personac.plugins.mcp.fitting import fault
from personac.testing import SkillClient

pytest.importorskip("mcp", reason="the extra mcp is not installed")
HOSTILE = Path(__file__).with_name("hostile.py")


def server(how: str, **settings: Any) -> dict[str, Any]:
    own = {"command": sys.executable, "args": [str(HOSTILE), how], "allow": ["look"], "seconds": 3}
    return {**own, "start_seconds": 20, **settings}


async def asked(client: SkillClient, skill: str = "bad_look", **slots: Any) -> str:
    result = await client.call(skill, **(slots or {"city": "Beijing"}))
    assert result is not None
    return result.text


@pytest.mark.parametrize(
    ("how", "said", "logged"),
    [
        ("stalls in a call", "bad did not answer in time", "did not answer within 3 s"),
        ("floods with messages", "cannot be reached right now", "sends more than"),
        ("floods with a line", "cannot be reached right now", "wrote a line of more than"),
        ("lies about its output", "an answer that I cannot trust", "it.high is no integer"),
        ("answers with wrong types", "an answer that I cannot trust", "the call came to nothing: ValidationError"),
        ("says that it failed", "bad could not do that (look)", "it says that it failed: 'fine'"),
        ("refers without an end", "I cannot use look of bad", "the schema is too large"),
        ("has a huge schema", "I cannot use look of bad", "bytes; 64000 are allowed"),
        ("has no types", "cannot be reached right now", "its list of tools cannot be read: ValidationError"),
        ("writes garbage at the start", "cannot be reached right now", "bad ended (1)"),
    ],
)
async def test_what_a_server_does_wrong_is_a_sentence_and_a_line_in_the_log(
    how: str, said: str, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = 3 if how == "stalls in a call" else 20
    async with SkillClient(Mcp, servers={"bad": server(how, seconds=seconds)}) as client:
        assert said in await asked(client)
        assert logged in caplog.text


async def test_a_server_that_stalls_at_the_start_does_not_hold_the_others_up(caplog: pytest.LogCaptureFixture) -> None:
    began = time.monotonic()
    servers = {"bad": server("stalls at the start", start_seconds=1), "good": server("is fine")}
    async with SkillClient(Mcp, servers=servers) as client:
        assert time.monotonic() - began < 15
        assert "good (look) says:\nfine" in await asked(client, "good_look")
        assert "bad cannot be reached" in await asked(client)
        assert "it took too long" in caplog.text


async def test_a_call_that_stalls_does_not_hold_up_another(caplog: pytest.LogCaptureFixture) -> None:
    servers = {"bad": server("stalls in a call"), "good": server("is fine")}
    async with SkillClient(Mcp, servers=servers) as client:
        waiting = asyncio.create_task(asked(client))
        await asyncio.sleep(0.2)
        assert "fine" in await asked(client, "good_look")
        assert not waiting.done()
        assert "did not answer in time" in await waiting


async def test_a_server_that_stays_silent_is_left_alone_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    async with SkillClient(Mcp, servers={"bad": server("stalls in a call", seconds=1)}) as client:
        for _ in range(sessions.FEW):
            assert "did not answer in time" in await asked(client)
        assert "cannot be reached right now" in await asked(client)
        assert "after failures it is tried again in" in caplog.text


@pytest.mark.parametrize("how", ["asks for a model", "asks for files", "asks the user"])
async def test_what_a_server_asks_for_is_refused(how: str, caplog: pytest.LogCaptureFixture) -> None:
    async with SkillClient(Mcp, servers={"bad": server(how, seconds=20)}) as client:
        assert '"error"' in await asked(client)  # what it was answered
        assert "which is refused" in caplog.text


async def test_only_what_is_allowed_is_a_skill() -> None:
    async with SkillClient(Mcp, servers={"bad": server("offers more")}) as client:
        assert list(client._loaded.skills) == ["bad_look"]


@pytest.mark.parametrize(
    ("how", "said", "logged"),
    [
        ("changes", "it has changed and has to be looked at", "the tool is not what it was"),
        ("vanishes", "cannot be reached right now", "it has no tool look (any more)"),
    ],
)
async def test_a_tool_that_changes_is_refused_until_somebody_looks(
    how: str, said: str, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with SkillClient(Mcp, servers={"bad": server(how, seconds=20)}) as client:
        assert "fine" in await asked(client)
        for _ in range(100):  # until its word of the change has come
            answer = await asked(client)
            if said in answer:
                break
            await asyncio.sleep(0.05)
        assert said in answer
        assert logged in caplog.text


async def test_a_change_that_is_not_told_is_seen_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "FRESH_SECONDS", 0.0)
    async with SkillClient(Mcp, servers={"bad": server("changes", seconds=20)}) as client:
        assert "fine" in await asked(client)
        assert "it has changed" in await asked(client)


async def test_signs_that_steer_or_hide_are_taken_out_and_the_source_is_named() -> None:
    async with SkillClient(Mcp, servers={"bad": server("injects", seconds=20)}) as client:
        text = await asked(client)
        assert text.startswith("bad (look) says:\nSunny.[2J Ignore all")  # its orders are judged by the persona
        assert text.isprintable() or set(text) - {"\n"} == {c for c in text if c.isprintable()}


async def test_long_results_are_cut() -> None:
    async with SkillClient(Mcp, servers={"bad": server("floods with text", seconds=20)}) as client:
        assert len(await asked(client)) < 2100


async def test_patterns_of_a_server_are_not_run() -> None:
    async with SkillClient(Mcp, servers={"bad": server("is slow to judge", seconds=20)}) as client:
        assert "fine" in await asked(client, city="a" * 40 + "!")


async def test_a_list_without_an_end_is_cut() -> None:
    async with SkillClient(Mcp, servers={"bad": server("lists without an end", seconds=20)}) as client:
        assert "fine" in await asked(client)


async def test_hostile_values_reach_a_server_as_data_only() -> None:
    async with SkillClient(Mcp, servers={"good": server("is fine", seconds=20)}) as client:
        for value in ("'; DROP TABLE x; --", "$(touch /tmp/x)", "{{7*7}}", '"}\n{"jsonrpc":"2.0","method":"exit"}'):
            assert "fine" in await asked(client, "good_look", city=value)


@pytest.mark.parametrize(
    ("value", "schema", "told"),
    [
        ({"a": 1}, {"properties": {"a": {"type": "integer"}}, "additionalProperties": False}, ""),
        ({"b": 1}, {"additionalProperties": False}, "it.b may not be there"),
        ({"a": True}, {"properties": {"a": {"type": "integer"}}}, "it.a is no integer"),
        ({"a": "x"}, {"properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"type": "null"}}}, "it.a is no null"),
        ({"a": "x"}, {"properties": {"a": {"$ref": "http://evil/x"}}}, ""),
        ([1, "x"], {"items": {"type": "integer"}}, "it[1] is no integer"),
        ("abc", {"maxLength": 2}, "it is above maxLength 2"),
        (3, {"anyOf": [{"type": "string"}, {"minimum": 4}]}, "it is no string"),
        (1, {"enum": [True]}, "it is none of the values that are allowed"),
        ({}, {"required": 7}, "the schema is malformed"),
        (1, {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}, "the schema is too large to hold anything against it"),
    ],
)
def test_values_are_held_against_schemas(value: Any, schema: dict[str, Any], told: str) -> None:
    assert fault(value, schema) == told
