"""What a user sees while the answer is made: “typing …”, and in a private chat the words as they come.

All of it is passing: Telegram drops a draft after half a minute or when the message comes, and an action after five
seconds. So nothing here is remembered, and what fails is left out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram import Bot
from telegram.error import TelegramError

from ...core.message import Delta, Event
from .markdown import pieces, to_markdown
from .outbox import Address

log = logging.getLogger("personac.telegram")

ACTION_SECONDS = 4.5  # an action is shown for five
DRAFT_SECONDS = 0.6  # between two drafts
FIRST_SECONDS = 0.3  # before the first


@asynccontextmanager
async def acting(bot: Bot, address: Address, action: str) -> AsyncIterator[None]:
    """Show an action for as long as the block lasts."""

    async def repeat() -> None:
        while True:
            try:
                await bot.send_chat_action(address.chat, action, message_thread_id=address.thread)
            except TelegramError as error:
                log.debug("no action is shown: %s", type(error).__name__)
            await asyncio.sleep(ACTION_SECONDS)

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def stream(bot: Bot, address: Address, events: AsyncIterator[Event], drafts: bool) -> None:
    """Show the words of a turn as they come; read the events to their end.

    Drafts are sent beside the turn, which never waits for one; the last one is over before this returns, so that none
    comes after the message itself.
    """
    said: list[str] = []
    over = asyncio.Event()
    task = asyncio.create_task(_drafts(bot, address, said, over)) if drafts else None
    try:
        async for event in events:
            if isinstance(event, Delta):
                said.append(event.text)
    finally:
        over.set()
        if task is not None:
            await asyncio.wait([task])


async def _drafts(bot: Bot, address: Address, said: list[str], over: asyncio.Event) -> None:
    """Show what was said so far, at times; an answer that is there at once needs none."""
    shown = ""
    while True:
        try:
            await asyncio.wait_for(over.wait(), DRAFT_SECONDS if shown else FIRST_SECONDS)
            return
        except TimeoutError:
            pass
        text = pieces("".join(said))[-1]
        if not text or text == shown:
            continue
        try:
            await bot.send_message_draft(
                address.chat, address.asked, to_markdown(text), address.thread, parse_mode="MarkdownV2"
            )
        except TelegramError as error:
            log.debug("no words are shown before their time: %s", type(error).__name__)
            return
        shown = text
