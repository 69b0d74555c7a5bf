"""The webhook: whom it believes, and what it does with what it cannot read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from personac.connectors.telegram import TelegramConnector
from personac.connectors.telegram.settings import Settings, read_settings
from personac.core.errors import SettingsInvalid

from .conftest import SECRET
from .fake import TOKEN, FakeTelegram

HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}


@pytest.mark.parametrize("secret", [None, "", "a_secret-Tokem", SECRET + "x", "é"])
async def test_nobody_is_believed_without_the_secret(
    secret: str | None, telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect(secret_token=SECRET, webhook="https://bots.example.com")
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret.encode()}
    async with httpx.AsyncClient() as client:
        response = await client.post(here.hook, json=telegram.say("Hi"), headers=headers)
    assert response.status_code == 403
    assert not here.bot.heard


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not json", 400),
        (b"[]", 400),
        (b'{"update_id": "1"}', 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (b'{"update_id": 1, "a": "' + b"x" * 2_000_000 + b'"}', 413),
        (b'{"update_id": 1}', 200),
        (b'{"update_id": 1, "message": 5}', 200),
        (b'{"update_id": 1, "message": {"message_id": {}}}', 200),
        (b'{"update_id": 1, "message": {"chat": [], "date": "x", "message_id": 1}}', 200),
        (b'{"update_id": 1, "callback_query": {"id": 1}}', 200),
    ],
)
async def test_what_cannot_be_read_is_refused_or_passed_over(
    body: bytes, status: int, telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect(secret_token=SECRET, webhook="https://bots.example.com")
    async with httpx.AsyncClient() as client:
        assert (await client.post(here.hook, content=body, headers=HEADERS)).status_code == status
        assert (await client.get(here.hook, headers=HEADERS)).status_code == 405
        wrong = {**HEADERS, "Content-Type": "text/plain"}
        assert (await client.post(here.hook, content=b"{}", headers=wrong)).status_code == 415
    assert not here.bot.heard


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({}, "@BotFather"),
        ({"token": "secret"}, "not a bot's token"),
        ({"token": TOKEN, "tokn": 1}, "did you mean `token`"),
        ({"token": TOKEN, "webhook": "https://a.example"}, "secret_token"),
        ({"token": TOKEN, "webhook": "http://a.example", "secret_token": "s"}, "https"),
        ({"token": TOKEN, "secret_token": "no blanks"}, "A-Z"),
        ({"token": TOKEN, "voice": "loud"}, "auto, always, never"),
        ({"token": TOKEN, "feedback": "yes"}, "true or false"),
    ],
)
def test_settings_that_do_not_fit_say_what_to_do(block: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsInvalid, match=words):
        read_settings(block, "mei-lin")
    assert [words in said for said in TelegramConnector().check(block).values()] == [True]


def test_settings_from_the_environment_are_not_judged_before_they_are_there() -> None:
    block = {"token": "${TELEGRAM_TOKEN}", "webhook": "${ADDRESS}", "secret_token": "${SECRET}"}
    assert TelegramConnector().check(block) == {}
    assert list(TelegramConnector().check({**block, "voice": "loud"})) == ["voice"]


def test_a_webhook_s_own_path_is_kept() -> None:
    block = {"token": TOKEN, "secret_token": "s", "webhook": "https://a.example/bots/tg"}
    assert read_settings(block, "x") == Settings(TOKEN, "s", "https://a.example/bots/tg")


async def test_the_token_is_in_no_log(
    telegram: FakeTelegram, connect: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    telegram.fail("sendMessage", 502, "Bad Gateway")
    telegram.fail("getUpdates", 502, "Bad Gateway")
    telegram.fail("getFile", 502, "Bad Gateway")
    here = await connect()
    telegram.say("Hello, said in confidence")
    telegram.say(photo=telegram.photo(b"\x89PNG"))
    await telegram.answered(2)
    assert caplog.records
    assert TOKEN.split(":")[1] not in caplog.text
    assert "said in confidence" not in caplog.text
    assert TOKEN not in repr(here.channel._settings)
