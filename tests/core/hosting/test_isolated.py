"""A plugin in a process of its own can do what it declares, and nothing else; whatever it does, the server goes on."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from personac.core.errors import ExtensionInvalid, SettingsInvalid
from personac.core.hosting.host import Host, Outcome
from personac.core.hosting.isolated import isolate
from personac.core.message import Media
from personac.core.persona.plugin_use import PluginUse, plugin_use
from personac.core.plugin import Place, SkillContext
from personac.core.turn import Passage

PLUGIN = '''
import asyncio, ctypes, os, socket, subprocess, sys, time
from pathlib import Path
from personac.core.plugin import Manifest, Plugin, Settings, SkillContext, SkillResult, skill
from personac.core.message import Media

class Own(Settings):
    folder: str = "/nowhere"
    kept: list = []

class Bad(Plugin):
    """Do what a plugin must not."""

    manifest = Manifest(name="bad", version="1", contract=1, network=("localhost",), files=("FILES",), settings=Own)

    @skill
    async def good(self, context: SkillContext, name: str) -> SkillResult:
        context.tell("working")
        passage = context.passage_of("wall", "price")
        print("this is no answer")
        seen = {"seen": sorted(context.records)}
        return SkillResult(f"hello {name}", [passage] if passage else [], seen, media=[Media("image", b"png")])

    @skill
    def does(self, context: SkillContext, what: str) -> SkillResult:
        """Do one thing."""
        return SkillResult(str(self.things()[what]()))

    def things(self):
        return {
            "environment": lambda: os.environ.get("PERSONAC_SECRET"),
            "reads a file": lambda: Path("/etc/passwd").read_text()[:4],
            "reads its file": lambda: Path("FILES/mine.txt").read_text(),
            "writes a file": lambda: Path("OUTSIDE/x").write_text("x"),
            "writes its file": lambda: Path("FILES/new.txt").write_text("x"),
            "lists a folder": lambda: os.listdir("/"),
            "runs a program": lambda: subprocess.run(["true"]),
            "a shell": lambda: os.system("true"),
            "forks": os.fork,
            "kills": lambda: os.kill(os.getppid(), 0),
            "undeclared host": lambda: socket.create_connection(("192.0.2.1", 80), 0.1),
            "undeclared name": lambda: socket.getaddrinfo("example.org", 80),
            "declared host": lambda: socket.create_connection(("localhost", PORT), 5).recv(2),
            "listens": lambda: socket.socket().bind(("0.0.0.0", 0)),
            "C": lambda: ctypes.CDLL(None),
            "descriptors": lambda: self.descriptors(),
            "memory": lambda: len(bytearray(4 * 1024 ** 3)),
            "exits": lambda: os._exit(7),
            "raises": lambda: 1 / 0,
            "garbage": lambda: os.write(3, b"garbage"),
        }

    def descriptors(self):
        open_ones = []
        for number in range(3, 100):
            try:
                os.fstat(number)
            except OSError:
                continue
            open_ones.append(number)
        return len(open_ones)

    @skill(seconds=0.3)
    def hangs(self, context: SkillContext) -> SkillResult:
        while True:
            pass

    @skill
    def leaks(self, context: SkillContext) -> SkillResult:
        self.leaked = getattr(self, "leaked", [])
        while True:
            self.leaked.append(bytearray(64 * 1024 * 1024))
'''


def place(folder: Path) -> Place:
    """Return where a plugin's files are: beside its code, which it may read, and a folder of its own."""
    return Place(folder.parent / "shipped", folder.parent / "own")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Return the port of a server that says hi."""
    server = socket.create_server(("localhost", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.sendall(b"hi")
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, port: int) -> Path:
    """Return the project of a plugin that does what it must not."""
    base = tmp_path_factory.mktemp("isolated")
    (base / "files").mkdir()
    (base / "files" / "mine.txt").write_text("mine")
    project = base / "bad"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project.entry-points."personac.plugins"]\nbad = "personac_bad:Bad"\n')
    code = PLUGIN.replace("FILES", str(base / "files")).replace("OUTSIDE", str(base)).replace("PORT", str(port))
    (project / "personac_bad.py").write_text(code)
    return project


@pytest.fixture(scope="module")
def host(folder: Path) -> Iterator[Host]:
    """Return the host of that plugin, isolated."""
    os.environ["PERSONAC_SECRET"] = "secret"
    host = Host({"bad": isolate(PluginUse("bad", {}, folder), {}, place(folder))})
    yield host
    host.close()
    del os.environ["PERSONAC_SECRET"]


def asked(**slots: Any) -> SkillContext:
    """Return the context of a turn."""
    passage = Passage("p", "f:1", "t", "40 yuan", "en")
    return SkillContext("hello", "en", "wish", slots, {"wall": {"id": "wall"}}, lambda record, field: passage)


async def does(host: Host, what: str) -> Outcome:
    """Return what comes of one thing that the plugin does."""
    return await host.run("bad.does", asked(what=what))


async def test_a_skill_in_its_own_process_is_like_any_other(host: Host) -> None:
    told: list[str] = []
    outcome = await host.run("bad.good", asked(name="'; DROP TABLE x"), told.append)
    assert outcome.result is not None
    assert outcome.result.text == "hello '; DROP TABLE x"
    assert outcome.result.passages[0].text == "40 yuan"
    assert outcome.result.slots == {"seen": ["wall"]}
    assert outcome.result.media == (Media("image", b"png"),)
    assert told == ["working"]


ALLOWED = {"reads its file": "mine", "writes its file": "1", "declared host": "b'hi'", "environment": "None"}


@pytest.mark.parametrize("what", ALLOWED)
async def test_it_can_do_what_it_declares_and_has_no_secrets(host: Host, what: str) -> None:
    outcome = await does(host, what)
    assert outcome.result is not None, outcome.error
    assert outcome.result.text == ALLOWED[what]


@pytest.mark.parametrize(
    "what",
    ["reads a file", "writes a file", "lists a folder", "runs a program", "a shell", "forks", "kills",
     "undeclared host", "undeclared name", "listens", "C"],
)  # fmt: skip
async def test_it_cannot_do_what_it_does_not_declare(host: Host, what: str, folder: Path) -> None:
    outcome = await does(host, what)
    assert outcome.state == "failed"
    assert "NotDeclared" in str(outcome.error)
    assert not (folder.parent / "x").exists()


@pytest.mark.parametrize("what", ["memory", "exits", "raises"])
async def test_it_fails_alone_and_is_there_again_for_the_next_call(host: Host, what: str) -> None:
    assert (await does(host, what)).state == "failed"
    assert (await host.run("bad.good", asked(name="you"))).state == "answered"


async def test_a_call_that_hangs_or_leaks_ends_and_others_go_on(host: Host) -> None:
    hanging = asyncio.create_task(host.run("bad.hangs", asked()))
    assert (await host.run("bad.good", asked(name="you"))).state == "answered"
    assert (await hanging).state == "failed"
    assert (await host.run("bad.leaks", asked())).state == "failed"
    assert (await host.run("bad.good", asked(name="you"))).state == "answered"


def test_a_plugin_that_cannot_start_says_why(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="other"):
        isolate(PluginUse("bad", {}, folder), {"other": 1}, place(folder))
    (tmp_path / "pyproject.toml").write_text('[project.entry-points."personac.plugins"]\nliar = "liar:Liar"\n')
    (tmp_path / "liar.py").write_text("import socket\nsocket.create_connection(('192.0.2.1', 80), 0.1)\n")
    with pytest.raises(ExtensionInvalid, match="NotDeclared"):
        isolate(PluginUse("liar", {}, tmp_path), {}, place(tmp_path))


def test_isolate_is_a_setting_of_every_plugin(tmp_path: Path) -> None:
    use = plugin_use({"inn": {"isolate": True, "most": 3}}, tmp_path)
    assert (use.isolate, use.settings) == (True, {"most": 3})
