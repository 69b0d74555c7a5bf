"""Both directions of a hand-off: people's words to the user, the user's to the people, and the way back to the bot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.contracts import Bot, Memo
from ...core.errors import Undeliverable
from ...core.message import Incoming, Reply
from .blocks import case as case_blocks
from .blocks import spoken_by, words_of
from .files import FILE_BYTES, FILES, NotTaken, fetch_any, share
from .formatting import escape
from .outbox import Outbox, Place
from .people import Case, People
from .words import say

TO_PEOPLE, FROM_PEOPLE = "slack.to_people", "slack.from_people"  # the `skill` of words that are passed on
DONE = ("done", "!done", "结束", "完成")
ASIDE = "//"
FILE = "📎"  # stands for the words where a file comes without any
_HANDS_OFF = ("hand_off", "escalate")
LINES = 8


class Handoff:
    """Pass words on between a conversation and a channel of people."""

    def __init__(self, outbox: Outbox, channel: str, bot: Bot) -> None:
        self._outbox, self._bot = outbox, bot
        self.people = People(outbox, channel)

    async def taken(self, conversation: str) -> Case | None:
        """Return the case of a conversation in which a person answers instead of the bot."""
        if not self.people.channel:
            return None
        case = await self.people.of(conversation)
        return case if case is not None and case.state == "taken" else None

    async def is_case(self, ts: str) -> bool:
        """Tell whether a thread of the people's channel is a case."""
        return await self.people.at(ts) is not None

    async def place(self, ts: str) -> Place:
        """Return where the person of a case is; raise Undeliverable when the case cannot be found."""
        case = await self.people.at(ts)
        if case is None:
            raise Undeliverable("the hand-off's first message is gone, so it is not known whom it was about")
        return case.place

    async def from_people(self, payload: Mapping[str, Any]) -> Reply | None:
        """Return what one of the people says to the user of a case; their `done` hands the user back."""
        case = await self.people.at(str(payload["thread"]))
        text, files = str(payload["text"]).strip(), payload["files"]
        if case is None or case.state == "closed" or not (text or files) or text.startswith(ASIDE):
            return None
        if text.lower() in DONE:
            return await self.back(case.ts)
        if case.state == "waiting":
            await self.people.set(case, "taken")
        return Reply(text or FILE, case.language, skill=FROM_PEOPLE, slots={"case": case.ts})

    async def back(self, ts: str) -> Reply | None:
        """Return what the user of a case is told when it ends; `close` ends it, once that is written down."""
        case = await self.people.at(ts)
        if case is None or case.state == "closed":
            return None
        return Reply(say("back", case.language), case.language, skill=FROM_PEOPLE, slots={"case": ts, "back": True})

    async def close(self, ts: str) -> None:
        """Make a conversation the bot's again."""
        case = await self.people.at(ts)
        if case is not None and case.state != "closed":
            await self.people.set(case, "closed")

    async def after(self, incoming: Incoming, conversation: str, place: Place, reply: Reply, memo: Memo) -> None:
        """Tell the people of an answer that hands off; and of what is said while they are awaited."""
        if not self.people.channel or memo.get("people"):
            return
        did = [rule.did for rule in reply.rules if rule.did in _HANDS_OFF]
        payload = incoming.payload
        case = await self.people.of(conversation)
        again = memo.repeated > 0
        if case is not None and case.key == incoming.key:
            return
        if case is not None:
            blocks = [spoken_by("🧑", payload["user"]), *words_of(payload["text"] or "…")]
            blocks += words_of(reply.hand_off) if reply.hand_off else []
            key = f"{incoming.key}#people"
            await self._outbox.post(
                Place(self.people.channel, case.ts), escape(payload["text"]), blocks, key, again=again
            )
        elif did or reply.hand_off:
            urgent = "escalate" in did
            asked_at = (place.channel, place.thread or "", payload["user"])
            new = Case("", "waiting", conversation, *asked_at, reply.language, incoming.key)
            lines = [(role, text) for role, text, _ in self._bot.history(conversation)[-LINES:]]
            question = next((text for role, text in reversed(lines) if role == "user"), payload["text"])
            blocks = case_blocks(payload["user"], urgent, question, lines[:-2], reply.language, reply.hand_off)
            text = say("case_urgent" if urgent else "case", reply.language, user=f"<@{escape(payload['user'])}>")
            await self.people.open(new, text, blocks, again=again)
        else:
            return
        memo["people"] = True

    async def files(self, incoming: Incoming, place: Place, reply: Reply, memo: Memo) -> None:
        """Pass the files of a message on to the other side, each once; who sent them is told of what fails."""
        payload, again = incoming.payload, memo.repeated > 0
        for number, file in enumerate(payload["files"][:FILES]):
            slot = f"file{number}"
            if (memo.get(slot) or {}).get("done"):
                continue
            try:
                name, data = await fetch_any(self._outbox, file)
            except NotTaken as refused:
                text = say(refused.reason, reply.language, size=FILE_BYTES // (1024 * 1024))
                back, key = Place(payload["channel"], payload["thread"]), f"{incoming.key}#{slot}"
                await self._outbox.post(back, escape(text), words_of(text), key, again=again, since=payload["ts"])
                memo[slot] = {"done": True}
            else:
                await share(self._outbox, place, name, data, memo, slot)
