"""personac serve takes a newer artifact between two turns."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from personac.core.store.audit import AuditLog
from websockets.sync.client import ClientConnection, connect

YAML = """personac: 1
name: Fern
languages: [en]
knowledge:
  - path: faq.csv
ethics:
  rules:
    - {id: version, when: {pattern: version}, on: [input], do: refuse, say: {en: "This is version 1."}}
"""
SECONDS = 120
PERSONAC = [sys.executable, "-m", "personac"]


def turn(socket: ClientConnection, number: int) -> list[dict[str, Any]]:
    """Return all frames of one turn."""
    socket.send(json.dumps({"type": "message", "id": f"m{number}", "text": "which version?", "speak": False}))
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1]["type"] != "done":
        frames.append(json.loads(socket.recv(SECONDS)))
    return frames


def test_a_persona_that_is_compiled_anew_changes_between_turns(tmp_path: Path) -> None:
    folder = tmp_path / "fern"
    folder.mkdir()
    (folder / "persona.yaml").write_text(YAML, "utf-8")
    (folder / "faq.csv").write_text("question,answer\nWhen do you open?,We open at 9:00.\n", "utf-8")
    subprocess.run([*PERSONAC, "compile", "-q", str(folder)], check=True, capture_output=True, timeout=SECONDS)
    AuditLog(tmp_path / "store", b"of another key").write("consent", "fern", {})
    server = subprocess.Popen(
        [*PERSONAC, "serve", str(folder), "--port", "0", "--lazy", "--store", str(tmp_path / "store")],
        stderr=subprocess.PIPE,
        text=True,
    )
    compiler = None
    try:
        assert server.stderr is not None
        address, before = None, ""
        while address is None:  # it may say first what it compiles
            line = server.stderr.readline()
            before += line
            assert line, "the server has ended"
            address = re.search(r"http://localhost:(\d+)/", line)
        assert before.count("the audit log is broken") == 1
        with connect(f"ws://127.0.0.1:{address[1]}/ws") as socket:
            said: list[str] = []
            while "This is version 2." not in said:
                assert len(said) < 100_000
                frames = turn(socket, len(said))
                assert not [frame for frame in frames if frame["type"] == "error"]
                replies = [frame for frame in frames if frame["type"] == "reply"]
                assert len(replies) == 1
                reply = replies[0]["reply"]["text"]
                assert "".join(frame["delta"] for frame in frames if frame["type"] == "text") == reply
                said.append(reply)
                if compiler is None:
                    (folder / "persona.yaml").write_text(YAML.replace("version 1.", "version 2."), "utf-8")
                    compiler = subprocess.Popen([*PERSONAC, "compile", "-q", str(folder)], stdout=subprocess.DEVNULL)
            assert set(said[:-1]) == {"This is version 1."}
            assert turn(socket, len(said))[-2]["reply"]["text"] == "This is version 2."
        assert compiler is not None
        assert compiler.wait(SECONDS) == 0
        assert "Fern answers from" in server.stderr.readline()
    finally:
        server.terminate()
        server.wait(SECONDS)
        if server.stderr is not None:
            server.stderr.close()
        if compiler is not None:
            compiler.wait(SECONDS)
