"""A served conversation that holds one value of each kind of personal data leaves none of them behind."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from personac.core.models import cache
from websockets.sync.client import connect

SECONDS = 120
PERSONAC = [sys.executable, "-m", "personac"]
YAML = """personac: 1
name: Fern
languages: [en]
intents:
  - name: callback
    examples: [call me back, I want to be called, please ring me later, can you call me, have somebody call me]
    slots:
      mail: {type: email, required: true, ask: Which e-mail address?}
      day: {type: date, required: true, ask: On which day?}
    responses: We will write to you.
  - name: thanks
    examples: [thank you, thanks a lot, many thanks, cheers, that was kind]
    responses: You're welcome!
privacy:
  consent: implied
  redact: [ALL]
"""
VALUES = {
    "email": "zq.unique@mailhost-zq.org",
    "phone": "+44 20 7946 0958",
    "id_card": "11010519491231002X",
    "bank_card": "4929 1234 5678 9015",
    "iban": "GB82WEST12345698765432",
    "ip": "203.0.113.77",
    "ssn": "536-90-4399",
    "passport": "E12345678",
    "driver_license": "D7654321",
    "tax_id": "DE136695976",
    "plate": "京A98765",
    "bank_account": "998877665544",
    "wallet": "0x52908400098527886E0F7030069857D2E4169EE7",
    "mac": "00:1A:2B:3C:4D:5E",
    "url": "https://zq-page.example.net/me",
    "account": "zq_wechat_77",
    "address": "4711 Zanzibar Street Apt. 42",
    "zip_code": "35357",
    "birth_date": "03/17/1961",
    "age": "87",
    "person": "Zebulon Quackenbush",
    "place": "Kopenick",
}
SAID = [
    "My mail is {email}, phone {phone}, 身份证{id_card}",
    "card {bank_card} and IBAN {iban}, from {ip} today",
    "My SSN is {ssn}. Passport number {passport}; my driver's license is {driver_license}",
    "VAT {tax_id}，车牌是{plate}, my account number is {bank_account}",
    "pay {wallet}, router {mac}, see {url}",
    "微信号是{account}",
    "I live at {address}. My zip code is {zip_code}",
    "I was born on {birth_date}, I'm {age} years old",
    "My name is {person}",
    "I live in {place}",
    "call me back",
    "{email}",
    "thank you",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    kinds = ", ".join(kind for kind in VALUES if kind != "place")
    folder = tmp_path / "fern"
    folder.mkdir()
    (folder / "persona.yaml").write_text(YAML.replace("ALL", kinds + ", place"), "utf-8")
    return folder


def every_byte(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes() + str(path).encode()


def test_no_byte_of_personal_data_is_left_by_a_run(folder: Path, tmp_path: Path) -> None:
    run, begun = tmp_path / "run", time.time()
    run.mkdir()
    environment = {**os.environ, "PERSONAC_DATA": str(run / "data"), "TMPDIR": str(run), "PERSONAC_LOG_LEVEL": "debug"}
    subprocess.run([*PERSONAC, "compile", "-q", str(folder)], check=True, capture_output=True, timeout=SECONDS)
    server = subprocess.Popen(
        [*PERSONAC, "serve", str(folder), "--port", "0", "--lazy", "--store", str(run / "store")],
        cwd=run, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    said: list[str] = []
    try:
        assert server.stderr is not None
        address = None
        while address is None:
            line = server.stderr.readline()
            assert line, "the server has ended: " + "".join(said)
            said.append(line)
            address = re.search(r"http://localhost:(\d+)/", line)
        reader = threading.Thread(target=lambda: said.extend(server.stderr or ()))
        reader.start()
        replies = []
        with connect(f"ws://127.0.0.1:{address[1]}/ws") as socket:
            for number, text in enumerate(SAID):
                words = text.format(**VALUES)
                socket.send(json.dumps({"type": "message", "id": f"m{number}", "text": words, "speak": False}))
                frame = {"type": ""}
                while frame["type"] != "done":
                    frame = json.loads(socket.recv(SECONDS))
                    assert frame["type"] != "error", frame
                    if frame["type"] == "reply":
                        replies.append(frame["reply"])
                socket.send(json.dumps({"type": "got", "id": f"m{number}"}))
        found = {kind for reply in replies for kind in reply["redactions"]}
        assert found >= set(VALUES)
        assert replies[-2]["slots"]["mail"] == VALUES["email"]  # a form got the real value, and asks on
        metrics = urllib.request.urlopen(f"http://127.0.0.1:{address[1]}/metrics", timeout=SECONDS).read()
    finally:
        server.terminate()
        output = server.stdout.read() if server.stdout else ""
        server.wait(SECONDS)
    reader.join(SECONDS)
    assert server.stderr is not None
    server.stderr.close()
    if server.stdout is not None:
        server.stdout.close()
    cached = [found for found in every_byte(cache.root()) if found[0].stat().st_mtime >= begun]
    left = {
        (kind, str(path))
        for path, content in [*every_byte(run), *cached]
        for kind, value in VALUES.items()
        if kind != "age" and value.encode() in content
    }
    assert left == set()
    for kind, value in VALUES.items():
        if kind != "age":
            assert value not in "".join(said) + output, kind
            assert value.encode() not in metrics, kind
