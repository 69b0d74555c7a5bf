"""Calls to Slack's Web API: each message posted once, and failures in the terms of the delivery core.

Every message carries metadata with the key of what it answers. When a post may have succeeded without our knowing
(a crash, a lost connection), the conversation is read back and looked through for that key. Knows no words' meaning.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from ...core.errors import PersonacError, RetryLater, Undeliverable

log = logging.getLogger("personac.slack")
EVENT = "personac_answer"
PAGES, PAGE = 5, 200
SECONDS = 30.0
_NOTICE = 3900  # characters of a message that its notification shows, where blocks show it whole
_FOR_NOW = {
    "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout",
    "team_added_to_org", "messaging_processing_failed", "accesslimited",
}  # fmt: skip
_TOKEN = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission"}
_ADVICE = {
    "not_in_channel": "invite the bot to the channel",
    "channel_not_found": "the channel is gone, or the bot is not in it",
    "is_archived": "the channel is archived",
    "missing_scope": "the app lacks a scope; see docs/slack.md",
    "cannot_dm_bot": "a bot cannot be written to",
}
_NOT_BLOCKS = {"invalid_blocks", "invalid_blocks_format", "block_mismatch", "msg_blocks_too_long"}
FAILURES = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)  # all that a call raises when it fails


@dataclass(frozen=True, slots=True)
class Place:
    """Name where a message goes: a channel, and the thread in it."""

    channel: str
    thread: str | None = None


def code_of(error: SlackApiError) -> str:
    """Return Slack's word for what went wrong, empty when it gave none."""
    data = getattr(error.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, Mapping) else ""


def _status(error: SlackApiError) -> int:
    return int(getattr(error.response, "status_code", 0) or 0)


def is_limit(error: Exception) -> bool:
    """Tell whether Slack refused a call because there were too many; then it did nothing."""
    if not isinstance(error, SlackApiError):
        return False
    return _status(error) == 429 or code_of(error) in ("ratelimited", "rate_limited")


def problem(error: Exception) -> PersonacError:
    """Return what a failed call means: RetryLater for what passes, Undeliverable for what does not."""
    if not isinstance(error, SlackApiError):
        return RetryLater(None, f"Slack could not be reached ({type(error).__name__})")
    code, status = code_of(error), _status(error)
    if is_limit(error):
        headers = {str(key).lower(): value for key, value in dict(error.response.headers).items()}
        after = str(headers.get("retry-after", ""))
        return RetryLater(float(after) if after.isdigit() else None, "Slack asked to wait")
    if status >= 500 or code in _FOR_NOW or not code:
        return RetryLater(None, f"Slack failed ({code or status})")
    if code in _TOKEN:
        return RetryLater(None, f"Slack does not accept the bot token ({code}); install the app again")
    advice = _ADVICE.get(code)
    return Undeliverable(f"Slack: {code}" + (f" ({advice})" if advice else ""))


def reason_of(error: PersonacError) -> str:
    """Return Slack's word for what went wrong, of a problem that a call raised."""
    return code_of(error.__cause__) if isinstance(error.__cause__, SlackApiError) else ""


class Outbox:
    """Call Slack with one bot's token; made outside of the event loop, used inside."""

    def __init__(self, token: str, api: str) -> None:
        self.client = AsyncWebClient(token=token, base_url=api, timeout=int(SECONDS), retry_handlers=[])
        self.client.logger.addFilter(quiet)
        self._until: dict[tuple[str, str], float] = {}  # by method and channel: when Slack takes calls again

    def session(self) -> aiohttp.ClientSession:
        """Return the one session of all calls."""
        if self.client.session is None or self.client.session.closed:
            self.client.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))
        return self.client.session

    async def call(self, made: Awaitable[Any]) -> Mapping[str, Any]:
        """Return what a call gives; raise RetryLater or Undeliverable."""
        self.session()
        try:
            answer = await made
        except FAILURES as error:
            raise problem(error) from error
        data: Mapping[str, Any] = answer.data if hasattr(answer, "data") else answer
        return data

    async def post(
        self,
        place: Place,
        text: str,
        blocks: Sequence[Mapping[str, Any]],
        key: str,
        *,
        again: bool = False,
        event: str = EVENT,
        about: Mapping[str, str] | None = None,
        since: str = "",
    ) -> str:
        """Post a message and return its ts; when it is tried `again`, only if it is not there already.

        `about` goes into its metadata, which everyone in the workspace can read: ids, never words.
        """
        if again and (ts := await self.there(place, key, since, event)):
            return ts
        send: dict[str, Any] = {
            "channel": place.channel,
            "thread_ts": place.thread,
            "text": text,
            "metadata": {"event_type": event, "event_payload": {"key": key, **(about or {})}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return str((await self._dressed("chat_postMessage", send, blocks))["ts"])

    async def there(self, place: Place, key: str, since: str, event: str = EVENT) -> str:
        """Return the ts of a message that may have been posted, empty when it is not there or nobody may look."""
        try:
            found = await self.find(place, key, since, event)
        except Undeliverable as error:
            log.warning("it cannot be seen whether a message is out already, so it is sent again: %s", error)
            return ""
        return str(found["ts"]) if found else ""

    async def update(
        self,
        channel: str,
        ts: str,
        text: str,
        blocks: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Replace a message; doing so twice is doing it once."""
        send: dict[str, Any] = {"channel": channel, "ts": ts, "text": text}
        if metadata is not None:
            send["metadata"] = metadata
        await self._dressed("chat_update", send, blocks)

    async def _dressed(
        self, method: str, send: dict[str, Any], blocks: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Call with blocks, and with the words alone where a workspace does not take the blocks.

        While Slack has asked to wait with this method in this channel, nothing is called: raise RetryLater.
        """
        at = (method, str(send["channel"]))
        if (seconds := self._until.get(at, 0.0) - time.monotonic()) > 0:
            raise RetryLater(seconds, "Slack asked to wait")
        self._until.pop(at, None)
        short = {**send, "text": send["text"][:_NOTICE], "blocks": list(blocks)}
        try:
            return await self.call(getattr(self.client, method)(**short))
        except RetryLater as error:
            if error.seconds:
                self._until[at] = time.monotonic() + error.seconds
            raise
        except Undeliverable as error:
            if reason_of(error) not in _NOT_BLOCKS:
                raise
            log.warning("Slack did not take the blocks of a message; sending its words alone: %s", error)
            return await self.call(getattr(self.client, method)(**send, blocks=[]))

    async def find(self, place: Place, key: str, since: str = "", event: str = EVENT) -> Mapping[str, Any] | None:
        """Return the message that carries a key, None when there is none."""
        async for message in self.messages(place, since):
            data = message.get("metadata") or {}
            if data.get("event_type") == event and (data.get("event_payload") or {}).get("key") == key:
                return message
        return None

    async def messages(self, place: Place, since: str = "") -> AsyncIterator[Mapping[str, Any]]:
        """Yield the messages of a thread or a channel from `since` (a ts) on, with their metadata."""
        cursor = ""
        for _ in range(PAGES):
            asked: dict[str, Any] = {"channel": place.channel, "include_all_metadata": True, "limit": PAGE}
            asked |= {"cursor": cursor} if cursor else {}
            asked |= {"oldest": since, "inclusive": True} if since else {}
            if place.thread is not None:
                data = await self.call(self.client.conversations_replies(ts=place.thread, **asked))
            else:
                data = await self.call(self.client.conversations_history(**asked))
            for message in data.get("messages") or ():
                if isinstance(message, Mapping):
                    yield message
            cursor = str((data.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    async def try_to(self, made: Awaitable[Any]) -> Mapping[str, Any] | None:
        """Return what a call gives that nothing depends on, None when it fails."""
        try:
            return await self.call(made)
        except (RetryLater, Undeliverable) as error:
            log.info("%s", error)
            return None

    async def close(self) -> None:
        """Close the session."""
        if self.client.session is not None and not self.client.session.closed:
            await self.client.session.close()
            await asyncio.sleep(0)


def quiet(record: logging.LogRecord) -> bool:
    """Keep the client's debugging, which holds people's words, out of the logs."""
    return record.levelno > logging.DEBUG
