"""personac dev, run as its user runs it: through a pipe, at a terminal, and with its page."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from personac.core.cli.building import build, open_persona
from personac.core.cli.rebuild import Rebuild

SECONDS = 120.0
RULE = """ethics:
  rules:
    - {id: version, when: {pattern: version}, on: [input], do: refuse, say: {en: "This is version 1."}}
"""
COMMAND = [sys.executable, "-m", "personac", "dev"]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory, write_fern: Callable[..., Path]) -> None:
    """Compile the persona once, so that its training is in the cache."""
    build(write_fern(tmp_path_factory.mktemp("dev"), RULE), None, quiet=True)


@pytest.fixture
def folder(compiled: None, tmp_path: Path, write_fern: Callable[..., Path]) -> Path:
    """Return a persona's folder."""
    return write_fern(tmp_path, RULE)


def edit(file: Path, old: str, new: str) -> None:
    """Change a text in a file, as an editor saves: aside, then renamed."""
    text = file.read_text("utf-8")
    assert old in text
    aside = file.with_name(f".{file.name}.swp")
    aside.write_text(text.replace(old, new), "utf-8")
    aside.replace(file)


class Running:
    """A started command: what it shows is read as it comes, what is typed is sent at once."""

    def __init__(self, read: Callable[[], bytes], write: Callable[[bytes], object], process: Any) -> None:
        self._write, self.process = write, process
        self.shown = ""
        self._seen = 0
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._listen, args=(read,), daemon=True)
        self._thread.start()

    def _listen(self, read: Callable[[], bytes]) -> None:
        while True:
            try:
                data = read()
            except OSError:  # a terminal whose program has ended
                data = b""
            with self._news:
                self.shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode("utf-8", "replace"))
                self._news.notify_all()
            if not data:
                return

    def until(self, words: str) -> str:
        """Return what is shown up to some words, from where the last call ended."""
        deadline = time.monotonic() + SECONDS
        with self._news:
            while (found := self.shown.find(words, self._seen)) < 0:
                assert self._news.wait(deadline - time.monotonic()), f"no {words!r} in:\n{self.shown}"
                assert self._thread.is_alive() or words in self.shown[self._seen :], f"it ended:\n{self.shown}"
            start, self._seen = self._seen, found + len(words)
            return self.shown[start : self._seen]

    def type(self, text: str) -> None:
        """Send keys."""
        self._write(text.encode())

    def say(self, text: str) -> str:
        """Say something and return the answer with what was shown before it."""
        self.type(text + "\n")
        return self.until("ms:")

    def ends_with(self) -> int:
        """Return the exit status."""
        return int(self.process.wait(SECONDS))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Return a function that starts the command with a pipe."""
    processes = []

    def started(folder: Path, *options: str) -> Running:
        process = subprocess.Popen(
            [*COMMAND, str(folder), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        processes.append(process)
        assert process.stdin is not None
        assert process.stdout is not None
        pipe, out = process.stdin, process.stdout

        def write(data: bytes) -> None:
            pipe.write(data)
            pipe.flush()

        return Running(lambda: os.read(out.fileno(), 65536), write, process)

    yield started
    for process in processes:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None and not stream.closed:
                stream.close()


@pytest.fixture
def terminal() -> Iterator[Callable[[Path], Running]]:
    """Return a function that starts the command at a terminal of 100 columns."""
    opened: list[tuple[subprocess.Popen[bytes], int]] = []

    def started(folder: Path) -> Running:
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        environment = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
        process = subprocess.Popen(
            [*COMMAND, str(folder)], stdin=follower, stdout=follower, stderr=follower, env=environment,
            start_new_session=True,
        )  # fmt: skip
        os.close(follower)
        opened.append((process, leader))
        return Running(lambda: os.read(leader, 65536), lambda data: os.write(leader, data), process)

    yield started
    for process, leader in opened:
        process.kill()
        process.wait()
        os.close(leader)


def test_what_is_saved_answers_next_and_a_fault_keeps_the_old(folder: Path, start: Callable[..., Running]) -> None:
    dev = start(folder)
    dev.until("Fern: ")
    assert "This is version 1." in dev.say("which version?")
    edit(folder / "persona.yaml", "version 1.", "version 2.")
    dev.until("reloaded")
    assert "This is version 2." in dev.say("which version?")

    edit(folder / "persona.yaml", "knowledge:\n", "knowlege:\n")
    shown = dev.until("answers on")
    assert "persona.yaml:4:1: error[P0107] unknown key `knowlege`" in shown
    assert "^^^^^^^^" in shown
    assert "not compiled: 1 error; the last good version answers on" in shown
    assert "This is version 2." in dev.say("which version?")

    edit(folder / "persona.yaml", "version 2.", "version 3.")
    edit(folder / "persona.yaml", "knowlege:\n", "knowledge:\n")
    dev.until("all findings fixed")
    dev.until("reloaded")
    assert "This is version 3." in dev.say("which version?")
    dev.process.stdin.close()
    assert dev.ends_with() == 0
    assert not (folder / "build" / "fern" / ".preview").exists()


def test_knowledge_that_is_saved_is_known(folder: Path, start: Callable[..., Running]) -> None:
    unheard = uuid.uuid4().hex  # so that its training is in no cache
    dev = start(folder)
    dev.until("Fern: ")
    assert "We open at 9:00." in dev.say("When do you open?")
    edit(folder / "faq.csv", "9:00", f"10:30 ({unheard})")
    dev.until("new examples count when the training has ended")
    assert f"10:30 ({unheard})" in dev.say("When do you open?")
    dev.until("passes that ran: ")
    assert f"10:30 ({unheard})" in dev.say("When do you open?")


def test_a_save_while_it_learns_starts_it_anew(folder: Path, start: Callable[..., Running]) -> None:
    dev = start(folder)
    dev.until("Fern: ")
    for number in (2, 3):
        edit(folder / "faq.csv", "9:00", f"9:00 ({uuid.uuid4().hex})")
        dev.until("new examples count when the training has ended")
        edit(folder / "persona.yaml", f"version {number - 1}.", f"version {number}.")
    dev.until("passes that ran: ")
    assert "This is version 3." in dev.say("which version?")
    assert dev.shown.count("passes that ran: ") == 1


def test_saves_in_quick_succession_end_in_the_last(folder: Path, start: Callable[..., Running]) -> None:
    dev = start(folder)
    dev.until("Fern: ")
    for number in range(1, 20):
        edit(folder / "persona.yaml", f"version {number}.", f"version {number + 1}.")
    while "This is version 20." not in dev.say("which version?"):
        dev.until("reloaded")
    assert dev.shown.count("reloaded") < 10


def test_it_waits_for_the_first_version_without_faults(folder: Path, start: Callable[..., Running]) -> None:
    edit(folder / "persona.yaml", "name: Fern", "nam: Fern")
    dev = start(folder)
    assert "error[P0107]" in dev.until("it is compiled once they are fixed")
    edit(folder / "persona.yaml", "nam: Fern", "name: Fern")
    dev.until("all findings fixed")
    dev.until("Fern: ")
    assert "version 1" in dev.say("which version?")


def test_a_new_conversation_and_a_missing_file(folder: Path, start: Callable[..., Running]) -> None:
    dev = start(folder)
    dev.until("Fern: ")
    dev.type("/image nowhere.png\n")
    dev.until("that file cannot be read")
    dev.type("/new\n")
    dev.until("chat bot")
    assert "version 1" in dev.say("which version?")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_process_behind(folder: Path, start: Callable[..., Running], number: signal.Signals) -> None:
    dev = start(folder)
    dev.until("Fern: ")
    children = psutil.Process(dev.process.pid).children(recursive=True)
    dev.process.send_signal(number)
    assert dev.ends_with() in (0, -number)
    assert not [child for child in children if child.is_running()]
    assert "Traceback" not in dev.shown


def test_what_is_typed_stays_whole_when_findings_come(folder: Path, terminal: Callable[[Path], Running]) -> None:
    dev = terminal(folder)
    dev.until(">")
    dev.type("which ver")
    dev.until("which ver")
    edit(folder / "persona.yaml", "knowledge:\n", "knowlege:\n")
    dev.until("error[P0107]")
    dev.until("> which ver")  # below the finding, the line stands again
    dev.type("sion?\r")
    assert "This is version 1." in dev.until("ms:")
    edit(folder / "persona.yaml", "knowlege:\n", "knowledge:\n")
    dev.until("all findings fixed")
    dev.until(">")
    dev.type("\x04")
    assert dev.ends_with() == 0


def test_ctrl_c_at_the_prompt_ends(folder: Path, terminal: Callable[[Path], Running]) -> None:
    dev = terminal(folder)
    dev.until(">")
    dev.type("half a ques")
    dev.until("half a ques")
    dev.type("\x03")
    assert dev.ends_with() == 0


def test_the_page_is_reloaded_too(folder: Path, start: Callable[..., Running]) -> None:
    dev = start(folder, "--port", "0")
    address = re.search(r"http://\S+/", dev.until("/\n"))
    assert address is not None

    def asked() -> str:
        with httpx.Client(transport=httpx.HTTPTransport(retries=8), timeout=SECONDS) as client:
            return str(client.post(f"{address[0]}api/turn", json={"text": "which version?"}).json()["text"])

    assert asked() == "This is version 1."
    edit(folder / "persona.yaml", "version 1.", "version 2.")
    dev.until("reloaded")
    assert asked() == "This is version 2."
    dev.process.stdin.close()  # nobody types any more; the page goes on
    assert asked() == "This is version 2."
    dev.process.send_signal(signal.SIGINT)
    assert dev.ends_with() == 0


def test_only_what_could_be_the_persona_s_counts(folder: Path) -> None:
    async def silent(text: str) -> None: ...

    rebuild = Rebuild(folder, None, lambda path: open_persona(path, None), silent, lambda status: None)
    for name in (
        "persona.yaml",
        "faq.csv",
        "knowledge/a.md",
        "tests/greeting.yaml",
        "face.svg",
        "问答.csv",
        "a.bak.csv",
    ):
        assert rebuild.counts(folder / name), name
    for name in (
        "build/fern/0123/persona.json", ".git/index", ".persona.yaml.swp", "persona.yaml~", "#persona.yaml#",
        ".#persona.yaml", "4913", "faq.csv.tmp", "persona.yaml.swx", "a/.hidden/b.csv", "__pycache__/x.pyc",
        "~$guide.docx", "persona.yaml___jb_tmp___",
    ):  # fmt: skip
        assert not rebuild.counts(folder / name), name
    assert not rebuild.counts(folder.parent / "elsewhere.csv")
