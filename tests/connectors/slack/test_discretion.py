"""Nothing is given away: no token and no word in a log, and no markup of anybody's takes effect anywhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from personac.connectors.slack.settings import read_settings
from personac.core.message import Event, Message, Source

from .conftest import Connect, made
from .fake import APP_TOKEN, SECRET, TOKEN, FakeSlack, Fault, words

SECRETS = (TOKEN, APP_TOKEN, SECRET)
HOSTILE = "<!channel> <@U7> <https://evil.example|ok> *b* ```x``` </p> &lt;!here&gt; :bomb:"


@pytest.mark.parametrize("way", [{}, {"signing_secret": "", "app_token": APP_TOKEN}], ids=["http", "socket"])
@pytest.mark.usefixtures("quick")
async def test_no_log_holds_a_token_or_a_word(
    connect: Connect, slack: FakeSlack, caplog: pytest.LogCaptureFixture, way: dict[str, str]
) -> None:
    async def answering(message: Message) -> AsyncIterator[Event]:
        yield made("my-secret-answer")

    caplog.set_level(logging.DEBUG)
    mei = await connect(answering, **way)
    slack.faults["chat.postMessage"] = [Fault(429, "ratelimited", retry_after=0), Fault(error="internal_error")]
    if way:
        await asyncio.wait_for(slack.connected.wait(), 5)
        await slack.envelope("events_api", slack.wrap(slack.says("U1", "D1", "my-secret-question")), "e1")
    else:
        await mei.says("U1", "D1", "my-secret-question")
    await mei.answers("D1")
    own = [r for r in caplog.records if not r.name.startswith(("aiohttp", "asyncio", "httpx", "httpcore"))]
    said = "\n".join(f"{record.name} {record.getMessage()} {record.exc_text or ''}" for record in own)
    assert not [secret for secret in (*SECRETS, "my-secret") if secret in said]


def test_settings_do_not_show_their_tokens() -> None:
    block = {"bot_token": TOKEN, "signing_secret": SECRET, "app_token": APP_TOKEN}
    assert not [secret for secret in SECRETS if secret in repr(read_settings(block))]


def _markup(node: Any) -> Iterator[str]:
    """Yield all that Slack reads as mrkdwn in blocks."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            yield node["text"]
        for value in node.values():
            yield from _markup(value)
    elif isinstance(node, list):
        for value in node:
            yield from _markup(value)


async def test_markup_in_any_part_of_an_answer_or_of_a_hand_off_is_only_shown(
    connect: Connect, slack: FakeSlack
) -> None:
    from personac.core.message import FiredRule

    async def answering(message: Message) -> AsyncIterator[Event]:
        sources = (Source("1", HOSTILE, HOSTILE, 0.9),)
        yield made(HOSTILE, choices=(HOSTILE,), sources=sources, rules=(FiredRule("r", "hand_off"),))

    mei = await connect(answering, people="CPEOPLE")
    written = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    elements = [{"type": "text", "text": HOSTILE}]
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}]
    await mei.says("U1", "D1", written, blocks=blocks)
    (answer,), (case,) = await mei.answers("D1"), await mei.answers("CPEOPLE")
    await mei.says("U9", "CPEOPLE", written, case["ts"], blocks=blocks)
    relayed = (await mei.answers("D1", 2))[1]
    assert mei.bot.heard[0].text == HOSTILE
    assert words(answer) == words(relayed) == HOSTILE
    assert HOSTILE in words(case)
    for message in (answer, case, relayed):
        for text in [message["text"], *_markup(message["blocks"])]:
            assert not [sign for sign in ("<!", "<http", "<@U7") if sign in text]
