"""People are told: over HTTP, SMTP and Slack on loopback, once, again after a failure, also after a crash."""

from __future__ import annotations

import asyncio
import email
import hashlib
import hmac
import json
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email import policy
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.smtp import SMTP
from personac.core.message import FiredRule, Message, Reply
from personac.core.monitor import monitor as monitors
from personac.core.monitor.book import SLOT, Book
from personac.core.monitor.monitor import Monitor
from personac.core.monitor.ways import Way, ways_of
from personac.core.monitor.words import lines
from personac.core.persona.schema import Alerts

from .conftest import NOON, Clock

SAID = "my secret is 4711"


class Hook:
    """An HTTP server that keeps what is posted, and answers with the statuses it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[Mapping[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.wait = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        status = self.statuses.pop(0) if self.statuses else 200
        headers = {"Retry-After": self.wait} if self.wait else {}
        return web.json_response({"ok": status == 200}, status=status, headers=headers)


@pytest.fixture
async def hook() -> AsyncIterator[tuple[Hook, str]]:
    made = Hook()
    app = web.Application()
    app.router.add_post("/{any:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield made, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def monitor(book: Book, alerts: Alerts, ways: Mapping[str, Way] | None = None) -> Monitor:
    found = ways_of(alerts, "en") if ways is None else ways
    return Monitor("ada", book, lambda: alerts, lambda: (), lambda: found)


def webhook(url: str) -> Alerts:
    given = {"webhook": {"url": url, "secret": "s3cret"}, "page": "https://bots.example.com/"}
    return Alerts.model_validate(given)


def escalated(conversation: str = "c1") -> tuple[Message, Reply]:
    reply = Reply("A person is told.", "en", rules=(FiredRule("danger", "escalate"),))
    return Message(SAID, (), conversation, "walter", "web"), reply


async def test_an_escalation_is_told_once_signed_and_without_words(book: Book, hook: tuple[Hook, str]) -> None:
    server, url = hook
    watched = monitor(book, webhook(url))
    for conversation in ("talk-of-walter-1", "talk-of-walter-1", "talk-of-walter-2"):
        await watched.heard(*escalated(conversation))
    await watched.send()
    assert len(server.got) == 2
    for headers, body in server.got:
        stamped = headers["X-Personac-Timestamp"].encode() + b"." + body
        right = "sha256=" + hmac.new(b"s3cret", stamped, hashlib.sha256).hexdigest()
        assert headers["X-Personac-Signature"] == right
        told = json.loads(body)
        assert (told["kind"], told["persona"], told["rule"], told["channel"]) == ("escalation", "ada", "danger", "web")
        assert told["link"] in [f"https://bots.example.com/monitor#ada/{one.id}" for one in book.escalations()]
        assert "secret is" not in body.decode()
        assert "walter" not in body.decode()
        assert "talk-of-walter" not in body.decode()
    assert {json.loads(body)["escalation"] for _, body in server.got} == {one.id for one in book.escalations()}


async def test_an_escalation_that_was_promised_is_sent_after_a_crash(
    path: Path, clock: Clock, hook: tuple[Hook, str]
) -> None:
    server, url = hook
    await monitor(Book(path, clock), webhook(url)).heard(*escalated())  # and the process is gone
    again = Book(path, clock)
    await monitor(again, webhook(url)).send()
    assert [json.loads(body)["rule"] for _, body in server.got] == ["danger"]
    again.close()


async def test_an_escalation_that_cannot_be_written_down_is_told_from_memory(
    book: Book, clock: Clock, hook: tuple[Hook, str]
) -> None:
    server, url = hook
    watched = monitor(book, webhook(url))
    await watched.heard(*escalated("before"))
    book._database.execute("PRAGMA query_only = ON")  # every write fails, as on a full disk
    server.statuses = [500, 200]
    for _ in range(2):
        await watched.heard(*escalated())
    await watched.send()
    clock.now += 3600
    await watched.send()
    assert len(server.got) == 2, "a failure is tried again, and what is quiet stays so"
    book._database.execute("PRAGMA query_only = OFF")
    await watched.send()
    assert len(server.got) == 3
    names = [headers["X-Personac-Id"] for headers, _ in server.got]
    assert names[0] == names[1] != names[2]


async def test_what_is_told_from_memory_goes_with_its_user(book: Book, clock: Clock, hook: tuple[Hook, str]) -> None:
    server, url = hook
    watched = monitor(book, webhook(url))
    book._database.execute("PRAGMA query_only = ON")
    await watched.heard(*escalated())
    watched.forget("walter")
    book._database.execute("PRAGMA query_only = OFF")
    await watched.send()
    assert server.got == []


async def test_a_failure_is_tried_again_later_and_a_refusal_is_not(
    book: Book, clock: Clock, hook: tuple[Hook, str]
) -> None:
    server, url = hook
    watched = monitor(book, webhook(url))
    server.statuses = [503, 200, 404]
    await watched.heard(*escalated())
    await watched.send()
    await watched.send()
    assert (len(server.got), book.waiting()) == (1, {"open": 1})
    clock.now += 3
    await watched.send()
    assert (len(server.got), book.waiting()) == (2, {"sent": 1})
    assert server.got[0][0]["X-Personac-Id"] == server.got[1][0]["X-Personac-Id"]
    await watched.heard(*escalated("c2"))
    await watched.send()
    clock.now += 3600
    await watched.send()
    assert (len(server.got), book.waiting()) == (3, {"sent": 1, "failed": 1})


async def test_a_surge_is_told_once_and_so_is_its_end(book: Book, clock: Clock, hook: tuple[Hook, str]) -> None:
    server, url = hook
    with book.change() as database:
        rows = [(NOON - back, "refused", 1) for back in range(SLOT, 6 * 86400, SLOT)]
        database.executemany("INSERT INTO counts VALUES (?, ?, ?)", rows)
    watched = monitor(book, webhook(url))
    watched.look()
    for _ in range(60):
        await watched.heard(Message(SAID), Reply("No.", "en", rules=(FiredRule("doses", "refuse"),)))
    for _ in range(3):
        watched.look()
    await watched.send()
    clock.now += 2 * 3600
    for _ in range(3):
        watched.look()
    await watched.send()
    told = [json.loads(body) for _, body in server.got]
    assert [(one["kind"], one["sign"]) for one in told] == [("surge", "refused"), ("recovered", "refused")]
    assert told[0]["count"] == 65
    assert 4 <= told[0]["expected"] <= 6


async def test_a_mail_says_it_in_the_persona_s_language(book: Book) -> None:
    got: list[Any] = []

    class Keep:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            got.append(envelope)
            return "250 OK"

    post = await asyncio.get_running_loop().create_server(lambda: SMTP(Keep()), "127.0.0.1", 0)
    given = {"to": ["a@example.com", "b@example.com"], "from": "bot@example.com", "server": "127.0.0.1"}
    port = post.sockets[0].getsockname()[1]
    alerts = Alerts.model_validate({"email": {**given, "port": port, "tls": "none"}})
    watched = monitor(book, alerts, ways_of(alerts, "zh"))
    await watched.heard(*escalated("talk-of-walter"))
    await watched.send()
    post.close()
    (envelope,) = got
    mail = email.message_from_bytes(envelope.content, policy=policy.default)
    assert envelope.rcpt_tos == ["a@example.com", "b@example.com"]
    assert mail["Subject"] == "ada：规则 danger 要求人工介入"
    (one,) = book.escalations()
    assert mail.get_content().splitlines()[-2:] == [f"上报编号：{one.id}。", f"查看：服务器 /monitor#ada/{one.id}"]
    assert "secret is" not in mail.as_string()
    assert "walter" not in mail.as_string()


async def test_a_mail_server_without_encryption_gets_nothing_when_it_is_asked_for(book: Book, clock: Clock) -> None:
    lines: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            lines.append(line)
            writer.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 here\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    given = {"to": "a@example.com", "from": "bot@example.com", "server": "127.0.0.1", "user": "u", "password": "p"}
    alerts = Alerts.model_validate({"email": {**given, "port": server.sockets[0].getsockname()[1]}})
    watched = monitor(book, alerts)
    await watched.heard(*escalated())
    await watched.send()
    server.close()
    assert not [line for line in lines if line.upper().startswith((b"AUTH", b"MAIL", b"DATA"))]
    assert book.waiting() == {"open": 1}


async def test_slack_is_told_by_a_webhook_and_by_a_token(book: Book, hook: tuple[Hook, str]) -> None:
    server, url = hook
    given = {"webhook": f"{url}/services/x", "token": "xoxb-test", "channel": "CPEOPLE", "api": f"{url}/api/"}
    watched = monitor(book, Alerts.model_validate({"slack": given}))
    await watched.heard(*escalated())
    await watched.send()
    by_token = next(json.loads(body) for headers, body in server.got if "Authorization" in headers)
    by_hook = next(json.loads(body) for headers, body in server.got if "Authorization" not in headers)
    assert by_token["channel"] == "CPEOPLE"
    assert by_token["text"] == by_hook["text"]
    assert by_hook["text"].startswith("*ada: rule danger escalated a conversation*")
    assert book.waiting() == {"sent": 2}


async def test_no_way_waits_for_another_and_counting_for_none(
    book: Book, clock: Clock, hook: tuple[Hook, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = hook
    begun, gone, hangs = asyncio.Event(), asyncio.Event(), list[str]()

    async def hang(id: str, alert: Mapping[str, Any]) -> None:
        hangs.append(id)
        begun.set()
        await gone.wait()

    monkeypatch.setattr(monitors, "FLUSH_SECONDS", 0.01)
    alerts = webhook(url)
    watched = monitor(book, alerts, {"slack webhook": hang, **ways_of(alerts, "en")})
    watched.start()
    await watched.heard(*escalated("c1"))
    await begun.wait()
    await watched.heard(*escalated("c2"))
    await until(lambda: len(server.got) == 2)
    await until(lambda: written(book, "turns") == 2)
    assert len(hangs) == 1, "what hangs gets no more, before it has done what it does"
    gone.set()
    await until(lambda: book.waiting() == {"sent": 4})
    await watched.stop()


async def test_a_mail_server_that_hangs_leaves_threads_to_others(book: Book) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side gives up, without a greeting
        writer.close()

    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    given = {"to": "a@example.com", "from": "bot@example.com", "server": "127.0.0.1", "tls": "none"}
    alerts = Alerts.model_validate({"email": {**given, "port": server.sockets[0].getsockname()[1]}})
    (send,) = ways_of(alerts, "en").values()
    mail = asyncio.create_task(send("ada-1", {"kind": "surge", "persona": "ada", "sign": "refused", "count": 9}))
    await until(lambda: any("mail" in thread.name for thread in threading.enumerate()))
    assert await asyncio.wait_for(asyncio.to_thread(lambda: 7), 15) == 7
    assert not mail.done()
    server.close()
    mail.cancel()


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(3000):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to be")


def written(book: Book, sign: str) -> int:
    with book.change() as database:
        return database.execute("SELECT coalesce(sum(n), 0) FROM counts WHERE sign = ?", (sign,)).fetchone()[0]


async def test_a_server_that_asks_for_no_patience_gets_some(book: Book, clock: Clock, hook: tuple[Hook, str]) -> None:
    server, url = hook
    server.wait = "0"
    server.statuses = [429] * 30
    watched = monitor(book, webhook(url))
    await watched.heard(*escalated())
    await watched.send()
    clock.now += 1
    await watched.send()
    assert (len(server.got), book.waiting()) == (1, {"open": 1})


async def test_a_surge_without_history_says_so(book: Book, hook: tuple[Hook, str]) -> None:
    server, url = hook
    watched = monitor(book, webhook(url))
    for _ in range(60):
        await watched.heard(Message(SAID), Reply("No.", "en", rules=(FiredRule("doses", "refuse"),)))
    watched.flush()
    watched.look()
    await watched.send()
    (told,) = [json.loads(body) for _, body in server.got]
    assert (told["kind"], told["count"], told["expected"]) == ("surge", 60, None)
    assert lines(told, "en")[0] == "There is no history yet that it could be held against."
    assert lines(told, "zh")[0] == "尚无历史数据可供比较。"
    assert lines({**told, "expected": 0.0}, "en")[0] == "Expected: about 0.0 in an hour."


async def test_only_users_who_agreed_count_in_statistics(book: Book) -> None:
    alerts = Alerts()
    watched = Monitor("ada", book, lambda: alerts, lambda: (), dict, keeps=lambda user: user == "ann")
    await watched.heard(Message(SAID, (), "c", "ann", "web"), Reply("Hello", "en"))
    await watched.heard(Message(SAID, (), "c", "bob", "web"), Reply("Hello", "en"))
    watched.opinion("bob", False)
    watched.flush()
    with book.change() as database:
        assert database.execute("SELECT sum(n) FROM visits").fetchone() == (1,)
    (slots,) = [slots for sign, slots in book.counts(0).items() if sign == "turns"]
    assert sum(slots.values()) == 2, "the monitor counts all"


async def test_what_is_escalated_and_how_alerts_went_out_is_noted(book: Book, hook: tuple[Hook, str]) -> None:
    server, url = hook
    alerts, noted = webhook(url), list[tuple[str, Mapping[str, Any]]]()
    ways = ways_of(alerts, "en")
    watched = Monitor("ada", book, lambda: alerts, lambda: (), lambda: ways, audit=lambda *note: noted.append(note))
    server.statuses = [200, 404]
    await watched.heard(*escalated("talk-1"))
    await watched.send()
    await watched.heard(*escalated("talk-2"))
    await watched.send()
    assert [event for event, _ in noted] == ["escalation", "alert"] * 2
    told = dict(noted[0][1])
    assert told.pop("escalation") in [one.id for one in book.escalations()]
    assert told == {"rule": "danger", "ways": ["webhook"]}
    assert [what["outcome"] for event, what in noted if event == "alert"] == ["sent", "given up"]
    assert "talk-1" not in str(noted)
    assert "walter" not in str(noted)
