"""The page is for the operator: the numbers by hour, and who may see them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from personac.core.monitor.book import Book
from personac.core.monitor.door import Door
from personac.core.monitor.page import Page

from .conftest import Clock

HERE = ((b"host", b"localhost:8000"),)


async def ask(
    page: Page, path: str, headers: Sequence[tuple[bytes, bytes]] = HERE, client: str = "127.0.0.1", query: bytes = b""
) -> tuple[int, dict[bytes, bytes], bytes]:
    got: list[dict[str, Any]] = []

    async def send(packet: dict[str, Any]) -> None:
        got.append(packet)

    scope = {"type": "http", "method": "GET", "path": path, "headers": headers, "client": (client, 1)}
    await page({**scope, "query_string": query}, None, send)
    return got[0]["status"], dict(got[0]["headers"]), got[1]["body"]


async def test_counts_are_told_by_hour(book: Book, clock: Clock) -> None:
    clock.now -= 2 * 3600
    book.count("turns", "refused")
    clock.now += 2 * 3600
    book.count("turns", "rule:no-doses")
    status, _, body = await ask(Page({"ada": ("Ada", book)}, Door()), "/monitor/data.json", query=b"hours=3")
    (persona,) = json.loads(body)["personas"]
    assert (status, persona["slug"], persona["name"]) == (200, "ada", "Ada")
    assert persona["signs"]["turns"] == [1, 0, 1]
    assert persona["signs"]["refused"] == [1, 0, 0]
    assert persona["signs"]["rule:no-doses"] == [0, 0, 1]


async def test_the_page_loads_only_what_this_server_has(book: Book) -> None:
    page = Page({"ada": ("Ada", book)}, Door())
    for name in ("", "monitor.js", "monitor.css"):
        status, headers, body = await ask(page, f"/monitor/{name}")
        assert status == 200
        assert b"default-src 'none'" in headers[b"content-security-policy"]
        assert set(re.findall(rb"https?://[\w.]+", body)) <= {b"http://www.w3.org"}  # the name of SVG
    assert (await ask(page, "/monitor"))[0] == 307
    assert (await ask(page, "/monitor/../door.py"))[0] == 404


@pytest.mark.parametrize(
    ("headers", "client", "status"),
    [
        (HERE, "127.0.0.1", 200),
        (((b"host", b"[::1]:8000"),), "::1", 200),
        (HERE, "10.0.0.7", 403),
        ((*HERE, (b"x-forwarded-for", b"10.0.0.7")), "127.0.0.1", 403),
        (((b"host", b"bot.example.com"),), "127.0.0.1", 403),
    ],
)
async def test_without_a_key_only_this_machine_sees_it(
    book: Book, headers: Sequence[tuple[bytes, bytes]], client: str, status: int
) -> None:
    for path in ("/monitor/", "/monitor/data.json", "/monitor/monitor.js"):
        assert (await ask(Page({"ada": ("Ada", book)}, Door()), path, headers, client))[0] == status


async def test_with_a_key_whoever_has_it_sees_it_and_nobody_else(book: Book) -> None:
    page = Page({"ada": ("Ada", book)}, Door("open sesame"))
    basic = b"Basic " + base64.b64encode(b"me:open sesame")
    for given, status in (
        (b"", 401), (b"Bearer open sesame", 200), (basic, 200), (b"Bearer open", 401), (b"Basic ?", 401),
        (b"Bearer \xff", 401), (b"Basic " + base64.b64encode(b"open sesame"), 401),
    ):  # fmt: skip
        got, headers, _ = await ask(page, "/monitor/data.json", (*HERE, (b"authorization", given)), "10.0.0.7")
        assert got == status
        assert (b"www-authenticate" in headers) == (status == 401)
