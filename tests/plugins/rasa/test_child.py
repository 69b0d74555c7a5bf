"""An action package in a process of its own: begun, watched, begun again, ended."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from personac.core.errors import ExtensionInvalid
from personac.core.testing.skills import SkillClient, SkillFailed
from personac.plugins.rasa import Rasa
from personac.plugins.rasa import child as child_module

from .conftest import COMMON, PACKAGES


def settings(python: Path) -> dict[str, Any]:
    return {**COMMON, "actions": "bistro", "path": str(PACKAGES), "python": str(python)}


async def test_it_runs_and_nothing_of_it_is_left(rasa_python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAC_KEY", "secret")
    async with SkillClient(Rasa, **settings(rasa_python)) as client:
        result = await client.call("action_greet")
        assert result is not None
        assert result.text == "Welcome to the bistro!"
        process = psutil.Process(client.plugin._server._process.pid)
        family = [process, *process.children(recursive=True)]
        assert "PERSONAC_KEY" not in process.environ()
        listens = [c.laddr.ip for one in family for c in one.net_connections() if c.status == psutil.CONN_LISTEN]
        assert set(listens) == {"127.0.0.1"}
    _, alive = psutil.wait_procs(family, 5)
    assert not alive


async def test_one_that_ends_is_begun_again(rasa_python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "AGAIN_SECONDS", 0.0)
    async with SkillClient(Rasa, **settings(rasa_python)) as client:
        first = client.plugin._server._process
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        result = await client.call("action_greet")
        assert result is not None
        assert client.plugin._server._process.pid != first.pid


async def test_it_ends_with_the_server_however_that_ends(rasa_python: Path) -> None:
    code = (
        "import sys, time; from personac.plugins.rasa.child import ChildServer\n"
        f"server = ChildServer({str(rasa_python)!r}, 'bistro', {str(PACKAGES)!r}, 5.0)\n"
        "server.actions(); print(server._process.pid, flush=True); time.sleep(60)"
    )
    parent = await asyncio.to_thread(subprocess.Popen, [sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    process = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _, alive = await asyncio.to_thread(psutil.wait_procs, [process], 10)
    assert not alive


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"actions": "nowhere"}, "nowhere"),
        ({"python": "/no/python"}, "an interpreter with rasa-sdk"),
        ({"path": "/no"}, "path"),
    ],
)
def test_what_cannot_begin_says_why(rasa_python: Path, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ExtensionInvalid, match=said):
        SkillClient(Rasa, **{**settings(rasa_python), **wrong})


async def test_one_that_cannot_begin_again_fails_the_turn_only(rasa_python: Path) -> None:
    wrong = {**settings(rasa_python), "actions": "nowhere", "reminders": {}, "allow": ("action_greet",)}
    async with SkillClient(Rasa, **wrong) as client:
        with pytest.raises(SkillFailed):
            await client.call("action_greet")
        with pytest.raises(SkillFailed, match="begun again in"):
            await client.call("action_greet")
