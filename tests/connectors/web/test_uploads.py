"""What is uploaded: how much, of what kind, by whom, and what becomes of a file that cannot be used."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from personac.connectors.web.media import MEDIA_BYTES

DEMO = Path(__file__).parents[3] / "personas" / "tour_guide" / "demo"
MEGABYTE = 1024**2
Make = Callable[..., Any]
LONE = """
import asyncio
from personac.connectors.web import WebConnector
from personac.core.message import Profile

class Bot:
    profile = Profile("Lone", "lone", "", ("en",), {}, "ask", {}, False)

connector = WebConnector(port=0)
taken = connector.bind()
print(connector.port, flush=True)
asyncio.run(connector.serve([Bot()], taken))
"""


def upload(server: Any, data: Any, claimed: str, user: str = "", **headers: str) -> httpx.Response:
    """POST a file."""
    sent = {"Content-Type": claimed, "Cookie": f"personac_user={user}", **headers}
    return httpx.post(f"{server.base}/media", content=data, headers=sent, timeout=60)


@pytest.fixture(scope="module")
def lone_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, psutil.Process]]:
    """Serve in a process of its own, whose memory nobody else uses."""
    folder = tmp_path_factory.mktemp("lone")
    with subprocess.Popen([sys.executable, "-c", LONE], stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout is not None
        base = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        with httpx.Client(transport=httpx.HTTPTransport(retries=5)) as first:
            first.get(f"{base}/health", timeout=30)
        yield base, psutil.Process(process.pid)
        process.terminate()


def endless(megabytes: int, process: psutil.Process, grown: list[int]) -> Iterator[bytes]:
    """Yield what begins like a picture, and note a process's memory meanwhile."""
    block = b"\x89PNG" + b"\0" * (65536 - 4)
    for number in range(megabytes * 16):
        if number % 32 == 0:
            grown.append(process.memory_info().rss)
        yield block


@pytest.mark.parametrize("told", [True, False], ids=["length told", "chunked"])
@pytest.mark.parametrize("path", ["/media", "/api/turn"])
def test_a_huge_upload_is_refused_early(lone_server: tuple[str, psutil.Process], told: bool, path: str) -> None:
    base, process = lone_server
    headers = {"Content-Type": "image/png" if path == "/media" else "application/json"}
    if told:
        headers["Content-Length"] = str(200 * MEGABYTE)
    grown = [process.memory_info().rss]
    answer = httpx.post(base + path, content=endless(200, process, grown), headers=headers, timeout=60)
    assert answer.status_code == 413
    assert "too large" in answer.json()["message"]
    assert max(*grown, process.memory_info().rss) - grown[0] < 60 * MEGABYTE
    assert httpx.get(f"{base}/health").status_code == 200


def test_an_announced_size_is_refused_before_the_first_byte(bank_server: Any) -> None:
    with socket.create_connection(("127.0.0.1", bank_server.port), 10) as raw:
        raw.sendall(b"POST /media HTTP/1.1\r\nHost: localhost\r\nContent-Length: 209715200\r\n\r\n")
        assert raw.recv(65536).startswith(b"HTTP/1.1 413")


def test_an_upload_that_is_cut_off_is_forgotten_quietly(bank_server: Any) -> None:
    with socket.create_connection(("127.0.0.1", bank_server.port), 10) as raw:
        raw.sendall(b"POST /media HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n\x89PNG")
    assert httpx.get(f"{bank_server.base}/health").json() == {"status": "ok"}
    assert not bank_server.errors


@pytest.mark.parametrize(
    ("data", "claimed", "status", "code"),
    [
        (b"", "image/png", 400, "empty"),
        (b"MZ\x90\x00" + b"\0" * 500, "application/x-msdownload", 415, "not_media"),
        (b"#!/bin/sh\necho hello\n", "text/x-sh", 415, "not_media"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text/html", 415, "not_media"),
    ],
    ids=["empty", "exe", "script", "page"],
)
def test_a_file_that_is_no_media_is_refused(
    bank_server: Any, data: bytes, claimed: str, status: int, code: str
) -> None:
    answer = upload(bank_server, data, claimed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(answer.json()["message"]) > 20


def huge_png(side: int) -> bytes:
    """Return a tiny PNG whose header claims side x side pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "claimed", "code"),
    [
        (huge_png(20_000), "image/png", "picture_too_large"),
        ((DEMO / "sign.png").read_bytes()[:300], "image/png", "picture_damaged"),
        (b"this is a text and no sound " * 50, "audio/wav", "not_a_sound"),
        ((DEMO / "question.wav").read_bytes()[:30], "audio/wav", "not_a_sound"),
    ],
    ids=["20,000 x 20,000", "truncated", "text as sound", "head only"],
)
async def test_a_file_that_cannot_be_used_is_told_in_its_turn(
    bank_server: Any, client: Make, cookie: Make, data: bytes, claimed: str, code: str
) -> None:
    user = cookie()
    ann = await client(bank_server, user)
    name = upload(bank_server, data, claimed, user).json()["id"]
    frames = await ann.say("", "m1", media=[name])
    assert [frame["type"] for frame in frames] == ["error", "done"]
    assert frames[0]["id"] == "m1"
    assert frames[0]["code"] in (code, "sound_damaged", "sound_empty")
    assert (await ann.say("hello", "m2")).of("reply")
    assert not bank_server.errors


async def test_a_mislabelled_recording_is_heard_all_the_same(bank_server: Any, client: Make, cookie: Make) -> None:
    user = cookie()
    ann = await client(bank_server, user)
    answer = upload(bank_server, (DEMO / "question.wav").read_bytes(), "image/png", user).json()
    assert answer["kind"] == "audio"
    frames = await ann.say("", media=[answer["id"]])
    assert "temple of heaven" in frames.of("heard")[0]["transcript"].lower()
    assert frames.of("reply")[0]["reply"]["transcript"] == frames.of("heard")[0]["transcript"]


async def test_an_upload_is_its_sender_s_and_is_used_once(
    serve: Make, script: Make, client: Make, cookie: Make
) -> None:
    user, bot = cookie(), script()
    with serve(bot) as server:
        ann, eve = await client(server, user), await client(server, cookie())
        name = upload(server, huge_png(1), "image/png", user).json()["id"]
        assert (await eve.say("look", media=[name])).of("error")[0]["code"] == "media_gone"
        assert (await ann.say("look", media=[name])).of("reply")
        assert [media.kind for media in bot.asked[-1].media] == ["image"]
        assert (await ann.say("look", media=[name])).of("error")[0]["code"] == "media_gone"


def test_thirty_uploads_that_are_never_used_stop_nobody(lone_server: tuple[str, psutil.Process], cookie: Make) -> None:
    base, process = lone_server
    before = process.memory_info().rss
    headers = {"Content-Type": "image/png", "Cookie": f"personac_user={cookie()}"}
    picture = huge_png(8).ljust(MEDIA_BYTES // 2, b"\0")
    for _ in range(30):
        assert httpx.post(f"{base}/media", content=picture, headers=headers).status_code == 200
    assert process.memory_info().rss - before < 200 * MEGABYTE
    headers["Cookie"] = f"personac_user={cookie()}"
    assert httpx.post(f"{base}/media", content=picture, headers=headers).status_code == 200
