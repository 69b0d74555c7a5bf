"""Updates that Telegram never sends, or that are newer than the library: none holds up the others, none is an error."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from .conftest import SECRET
from .fake import TOKEN, FakeTelegram

HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
WORDS = "words that must be in no log"
ODD: list[Any] = [
    None, True, -1, 0, 10**30, 1e308, "", "\ud800", "٣", "x" * 5000, [], {}, [[]], {"id": 1}, [{"type": "mention"}],
    "/start", "choice:0", "erase:+", "feedback:+:x", "private", {"file_id": 5, "file_unique_id": {}}, b"\0".decode(),
]  # fmt: skip
POISON: list[dict[str, Any]] = [
    {"text": "half a letter \ud83d"},
    {"text": "short", "entities": [{"type": "mention", "offset": 4, "length": 99}]},
    {"text": "😀@fake_guide_bot", "entities": [{"type": "mention", "offset": 1, "length": 3}]},
    {"text": "hi", "entities": [{"type": "bot_command", "offset": -5, "length": 10**12}]},
    {"text": "hi", "date": 10**18},
    {"text": 5},
    {"text": "hi", "message_id": "7"},
    {"text": "hi", "from": {"id": 3, "is_bot": False, "first_name": "A", "language_code": 5}},
    {"voice": {"file_id": 5, "file_unique_id": "u", "duration": 1}},
    {"photo": [{"file_id": "p", "file_unique_id": "p", "width": "x", "height": []}]},
    {"sticker": {}},
]


@pytest.mark.parametrize("content", POISON)
async def test_an_update_that_cannot_be_read_holds_up_nobody(
    content: dict[str, Any], telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect()
    telegram.update(message={**telegram.message(chat=7, user=7), **content})
    telegram.say("Hello")
    assert [answer.text for answer in await telegram.answered()] == ["You said: Hello"]


def samples(telegram: FakeTelegram) -> list[dict[str, Any]]:
    """Return updates of all kinds."""
    group: dict[str, Any] = {"chat": -500, "user": 3}
    messages = [
        telegram.message(WORDS),
        telegram.message("/privacy now"),
        telegram.message(f"@fake_guide_bot {WORDS}", **group),
        telegram.message(caption=f"@fake_guide_bot {WORDS}", photo=telegram.photo(b"\x89PNG"), **group),
        telegram.message(voice=telegram.voice(b"OggS"), media_group_id="7"),
        telegram.message(new_chat_members=[{"id": 123456789, "is_bot": True, "first_name": "F"}], **group),
        telegram.message(dice={"emoji": "🎲", "value": 6}),
        telegram.message(document={"file_id": "f", "file_unique_id": "f", "mime_type": "application/pdf"}),
    ]
    query = {"id": "1", "from": telegram.user(), "chat_instance": "1", "data": "choice:0", "message": messages[0]}
    edit = {**messages[0], "edit_date": 9}
    return [*({"message": message} for message in messages), {"callback_query": query}, {"edited_message": edit}]


def changed(value: Any, chance: random.Random) -> Any:
    """Return JSON with one of its values exchanged, added or left out."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        rest = {k: v for k, v in value.items() if k != key}
        return rest if chance.random() < 0.15 else {**rest, key: changed(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        return [*value[:place], changed(value[place], chance), *value[place + 1 :]]
    return copy.deepcopy(chance.choice(ODD))


async def test_updates_of_every_shape_are_taken_and_no_word_of_them_is_logged(
    telegram: FakeTelegram, connect: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "personac")
    here = await connect(secret_token=SECRET, webhook="https://bots.example.com")
    chance, pool = random.Random(7), samples(telegram)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(here.channel.app)) as client:
        for number in range(400):
            update = chance.choice(pool)
            for _ in range(chance.choice((1, 1, 2, 4))):
                update = changed(update, chance) or {}
            update = {**update, "update_id": number} if isinstance(update, dict) else {"update_id": number}
            answer = await client.post("http://bot.test/", content=json.dumps(update), headers=HEADERS)
            assert answer.status_code == 200, update
    await telegram.post(telegram.say("The last", chat=99, user=99), here.hook, SECRET)
    assert "You said: The last" in [answer.text for answer in await telegram.answered(chat=99)]
    await telegram.until(lambda: all(row.state == "failed" for row in here.post.deliveries.listed().result(9)))
    told = [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL") or record.exc_info]
    assert not [record.getMessage() for record in told if "given up" not in record.getMessage()]
    assert WORDS not in caplog.text
    assert TOKEN.split(":")[1] not in caplog.text
