"""Socket Mode: the same messages over a WebSocket, acknowledged once they are written down."""

from __future__ import annotations

import asyncio

from .conftest import Connect
from .fake import APP_TOKEN, FakeSlack, words


async def test_messages_come_over_the_websocket_and_are_acknowledged(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(signing_secret="", app_token=APP_TOKEN)
    assert mei.post.channels["slack"].app is None
    await asyncio.wait_for(slack.connected.wait(), 5)
    body = slack.wrap(slack.says("U1", "D1", "hello"))
    for retry in (0, 1):
        await slack.envelope("events_api", body, f"e{retry}", retry_attempt=retry, retry_reason="timeout")
    (answer,) = await mei.answers("D1")
    assert words(answer) == "You said: hello"
    await slack.until(lambda: len(slack.acks) == 2)
    assert [ack["envelope_id"] for ack in slack.acks] == ["e0", "e1"]


async def test_commands_are_answered_in_the_acknowledgement(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(signing_secret="", app_token=APP_TOKEN)
    await asyncio.wait_for(slack.connected.wait(), 5)
    fields = {"command": "/mei", "text": "privacy", "user_id": "U1", "team_id": "T1", "channel_id": "C1"}
    await slack.envelope("slash_commands", fields | {"trigger_id": "t1"}, "e1")
    await slack.until(lambda: slack.acks)
    assert slack.acks[0]["payload"]["text"] == "I answer you in our direct messages."
    await slack.until(mei.idle)


async def test_what_could_not_be_written_is_not_acknowledged(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(signing_secret="", app_token=APP_TOKEN)
    await asyncio.wait_for(slack.connected.wait(), 5)
    await asyncio.to_thread(mei.post.close)
    await slack.envelope("events_api", slack.wrap(slack.says("U1", "D1", "hello")), "e1")
    await asyncio.sleep(0.2)
    assert not slack.acks


async def test_a_connection_that_slack_renews_loses_nothing(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(signing_secret="", app_token=APP_TOKEN)
    await asyncio.wait_for(slack.connected.wait(), 5)
    first = slack._sockets[-1]
    slack.connected.clear()
    await first.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "x"}})
    await asyncio.wait_for(slack.connected.wait(), 5)
    body = slack.wrap(slack.says("U1", "D1", "hello"))
    await slack.envelope("events_api", body, "e1")
    await mei.answers("D1")
    assert slack._sockets[-1] is not first
