"""The door: signatures and their window, sizes, shapes; whatever comes, nothing is answered with 500."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import random
import time
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import pytest
from personac.connectors.slack import gate
from personac.connectors.slack.gate import BODY_BYTES, Gate, signed

from .conftest import Connect
from .fake import SECRET, FakeSlack, headers_for

BODY = b'{"type":"event_callback","event":{"type":"message"}}'


async def passed(scope: Any, receive: Any, send: Any) -> None:
    """Stand where Bolt stands."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": (await receive())["body"]})


async def knock(
    body: bytes,
    headers: dict[str, str],
    *,
    method: str = "POST",
    path: str = "/events",
    app: Any = passed,
    root: str = "",
    secret: str = SECRET,
) -> int:
    """Return the status of one request."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(packet: Any) -> None:
        sent.append(packet)

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": root + path,
        "root_path": root,
        "headers": raw,
        "query_string": b"",
    }
    await Gate(secret, app)(scope, receive, send)
    return int(sent[0]["status"])


def test_a_signature_is_the_hmac_of_version_time_and_body() -> None:
    stamp, body = b"1531420618", "text=h\u00e9llo&user=U1".encode()
    own = b"v0=" + hmac.new(b"s3cret", b"v0:" + stamp + b":" + body, hashlib.sha256).hexdigest().encode()
    assert signed("s3cret", stamp, body, own, now=1531420618 + 299)
    assert signed("s3cret", stamp, body, own, now=1531420618 - 299)
    assert not signed("s3cret", stamp, body, own, now=1531420618 + 301)
    assert not signed("s3cret", stamp, body + b"x", own, now=1531420618)
    assert not signed("other", stamp, body, own, now=1531420618)
    for wrong in (b"", own[:-1], own.upper(), b"v0=" + "é".encode()):
        assert not signed("s3cret", stamp, body, wrong, now=1531420618)
    for stamp in (b"", b"now", b"-1", b"1e9", "\u0661".encode(), b"9" * 40):
        assert not signed("s3cret", stamp, body, own, now=1531420618)


# what slackapi/python-slack-sdk's own tests sign (MIT), after Slack's page on verifying requests
SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SLACK_SIGNATURE = b"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)


@pytest.mark.parametrize(
    ("body", "stamp", "now", "status"),
    [
        (SLACK_BODY, "1531420618", 1531420618, 200),
        (SLACK_BODY, "1531420618", 1531420618 + 300, 200),
        (SLACK_BODY + b"------", "1531420618", 1531420618, 401),
        (SLACK_BODY, "1531420618", 1531420618 + 301, 401),
        (SLACK_BODY, "1531420618", 1531420618 - 301, 401),
        (SLACK_BODY, "1531420619", 1531420618, 401),
        (b"", "1531420618", 1531420618, 401),
    ],
    ids=["as it was", "at the edge", "changed", "replayed later", "from the future", "another time", "empty"],
)
async def test_a_request_that_slack_s_own_tests_sign_comes_in_for_five_minutes(
    monkeypatch: pytest.MonkeyPatch, body: bytes, stamp: str, now: int, status: int
) -> None:
    monkeypatch.setattr(gate.time, "time", lambda: float(now))
    headers = {"content-type": "application/x-www-form-urlencoded", "x-slack-request-timestamp": stamp}
    headers["x-slack-signature"] = SLACK_SIGNATURE.decode()
    assert await knock(body, headers, secret=SLACK_SECRET) == status


def test_a_gate_needs_a_secret() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        Gate("  ", passed)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"x-slack-signature": "v0=0"}, 401),
        ({"x-slack-signature": "\xff\xfe"}, 401),
        ({"x-slack-request-timestamp": "0"}, 401),
        ({"x-slack-request-timestamp": "abc"}, 401),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": ""}, 415),
    ],
)
async def test_only_what_slack_signed_comes_in(change: dict[str, str], status: int) -> None:
    assert await knock(BODY, headers_for(BODY) | change) == status


async def test_missing_headers_old_requests_and_other_methods_and_paths_are_refused() -> None:
    assert await knock(BODY, {"content-type": "application/json"}) == 401
    assert await knock(BODY, headers_for(BODY, at=time.time() - 301)) == 401
    assert await knock(BODY, headers_for(BODY, at=time.time() + 301)) == 401
    assert await knock(BODY, headers_for(BODY), method="GET") == 405
    assert await knock(BODY, headers_for(BODY), path="/other") == 404
    assert await knock(BODY, headers_for(BODY), path="/events", root="/p/mei/slack") == 200


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"",
        b"[]",
        b"7",
        b'{"a":',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"event": []}',
        b'{"event": {}, "authorizations": [7]}',
        b'{"type": 7}',
        b'{"actions": [null]}',
        b"payload=%7B",
        b"payload=[]",
    ],
)
async def test_signed_nonsense_is_refused_and_not_passed_on(body: bytes) -> None:
    kind = "application/x-www-form-urlencoded" if body.startswith(b"payload") else "application/json"
    assert await knock(body, headers_for(body, kind)) == 400


async def test_a_body_over_the_limit_is_not_read_to_its_end() -> None:
    body = b"x" * (BODY_BYTES + 1)
    assert await knock(body, headers_for(body)) == 413


async def test_a_body_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.02)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(packet: Any) -> None:
        sent.append(packet)

    raw = [(name.encode(), value.encode()) for name, value in headers_for(b"").items()]
    scope = {"type": "http", "method": "POST", "path": "/events", "headers": raw, "query_string": b""}
    await Gate(SECRET, passed)(scope, receive, send)
    assert sent[0]["status"] == 408


async def test_slack_s_address_check_is_answered(connect: Connect) -> None:
    mei = await connect()
    body = json.dumps({"token": "x", "challenge": "3eZbrw1a", "type": "url_verification"}).encode()
    response = await mei.request(body, headers_for(body))
    assert (response.status_code, response.json()) == (200, {"challenge": "3eZbrw1a"})
    unsigned = await mei.request(body, {"content-type": "application/json"})
    assert unsigned.status_code == 401


EVENT_KEYS = ("type", "subtype", "user", "channel", "ts", "thread_ts", "text", "blocks", "files", "bot_id", "tab")
BODY_KEYS = (
    "type", "team_id", "team", "user", "actions", "message", "channel", "view", "command", "text", "user_id",
    "authorizations", "trigger_id", "container", "api_app_id", "enterprise", "is_enterprise_install", "callback_id",
)  # fmt: skip
KINDS = (
    "event_callback", "block_actions", "view_submission", "shortcut", "message_action", "message", "app_mention",
    "app_home_opened", "block_suggestion", "function_executed", "url_verification", "view_closed", "dialog_submission",
)  # fmt: skip


class Nonsense:
    """Make payloads with the keys that are looked at, and anything in them."""

    def __init__(self, seed: int) -> None:
        self._any = random.Random(seed)

    def value(self, depth: int = 2) -> Any:
        """Return anything that JSON can hold."""
        simple = (
            None,
            True,
            0,
            -1,
            1e300,
            "",
            "x",
            "D1",
            "C1",
            "U1",
            "1.1",
            "\u0000",
            "<@UBOT> hi",
            "\ud83d\ude00" * 50,
        )
        if not depth or self._any.random() < 0.6:
            return self._any.choice(simple)
        if self._any.random() < 0.5:
            return [self.value(depth - 1) for _ in range(self._any.randrange(3))]
        return {self._any.choice((*EVENT_KEYS, "id", "value", "elements")): self.value(depth - 1) for _ in range(3)}

    def likely(self, key: str) -> Any:
        """Return mostly a value of the kind that the key has, with anything in it."""
        one = {"id": self.value(1), "ts": "1.1", "blocks": self.value(), "action_id": "personac_choice_1", "value": "x"}
        if self._any.random() < 0.1:
            return self.value()
        if key in ("team", "user", "channel", "message", "view", "container"):
            return one
        return [one] if key in ("actions", "authorizations", "files", "blocks") else self._any.choice(("T1", "D1", "x"))

    def shaped(self, keys: tuple[str, ...]) -> dict[str, Any]:
        """Return an object with some of the keys."""
        made = {key: self.likely(key) for key in keys if self._any.random() < 0.6}
        return made | ({"type": self._any.choice(KINDS)} if self._any.random() < 0.9 else {})

    def request(self) -> tuple[bytes, str]:
        """Return the body and the content type of one request."""
        whole = self.shaped(BODY_KEYS)
        if self._any.random() < 0.6:
            whole["event"] = self.shaped(EVENT_KEYS)
        data = json.dumps(whole).encode()
        if self._any.random() < 0.5:
            return data, "application/json"
        form = {"payload": data} if self._any.random() < 0.7 else whole
        return urlencode(form, errors="replace").encode(), "application/x-www-form-urlencoded"


async def test_no_signed_request_of_any_shape_is_answered_with_500(
    connect: Connect, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    mei = await connect()
    nonsense, statuses = Nonsense(7), Counter[int]()
    for _ in range(400):
        body, kind = nonsense.request()
        statuses[(await mei.request(body, headers_for(body, kind))).status_code] += 1
    assert set(statuses) <= {200, 400, 404}
    assert statuses[200] > 50
