"""What Slack draws: the blocks of an answer, of a hand-off and of the home tab. Knows no network.

Words of people and of the persona are only ever put where Slack takes them literally (rich text, plain text).
Blocks are described at https://docs.slack.dev/reference/block-kit/blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.message import Profile, Reply
from .formatting import escape, rich, split
from .words import say

CHOICE, GOOD_BAD, CONSENT, EXPORT, FORGET, BACK = (
    f"personac_{name}" for name in ("choice", "feedback", "consent", "export", "forget", "back")
)
ANSWER_CHARACTERS = 11_000  # of one message; more go into the next
_LABEL = 75
Block = dict[str, Any]


def plain(text: str, limit: int = 2900) -> Block:
    """Return a text object that is shown literally."""
    return {"type": "plain_text", "text": text[:limit] or " ", "emoji": False}


def button(label: str, action: str, value: str, style: str = "", confirm: Block | None = None) -> Block:
    """Return a button; labels longer than Slack allows are cut."""
    label = label if len(label) <= _LABEL else label[: _LABEL - 1] + "…"
    made: Block = {"type": "button", "text": plain(label), "action_id": action, "value": value[:2000]}
    return made | ({"style": style} if style else {}) | ({"confirm": confirm} if confirm else {})


def words_of(text: str) -> list[Block]:
    """Return the blocks that show text literally."""
    return [rich(piece) for piece in split(text, 2900)]


def below(reply: Reply, key: str, conversation: str, *, feedback: bool) -> list[Block]:
    """Return what stands below the words of an answer: its sources, choices, a question for consent, 👍 and 👎."""
    language = reply.language
    blocks: list[Block] = []
    names = list(dict.fromkeys(source.source for source in reply.sources if source.source))
    if names:
        text = say("sources", language, names=" · ".join(names[:5]))
        blocks.append({"type": "context", "elements": [plain(text)]})
    if reply.choices:
        made = [button(choice, f"{CHOICE}_{n}", choice) for n, choice in enumerate(reply.choices[:25])]
        blocks.append({"type": "actions", "block_id": CHOICE, "elements": made})
    if reply.consent:
        yes, no = (button(say(name, language), f"{CONSENT}_{name}", name) for name in ("yes", "no"))
        blocks.append({"type": "section", "text": plain(reply.consent)})
        blocks.append({"type": "actions", "block_id": CONSENT, "elements": [yes, no]})
    if feedback:
        blocks.append(feedback_of(key, conversation, language))
    return blocks


def feedback_of(key: str, conversation: str, language: str) -> Block:
    """Return Slack's own 👍 and 👎 for one answer."""
    about = f"{conversation} {key}"
    element = {
        "type": "feedback_buttons",
        "action_id": GOOD_BAD,
        "positive_button": {"text": plain(say("good", language)), "value": f"good {about}"},
        "negative_button": {"text": plain(say("bad", language)), "value": f"bad {about}"},
    }
    return {"type": "context_actions", "elements": [element]}


def quoted(text: str) -> list[Block]:
    """Return text as a quotation, shown literally."""
    section = rich(text[:500])["elements"][0]
    return [{"type": "rich_text", "elements": [{**section, "type": "rich_text_quote"}]}]


def spoken_by(sign: str, user: str) -> Block:
    """Return a line that names a person by their Slack id."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": f"{sign} <@{escape(user)}>"}]}


def chosen(blocks: Sequence[Any], choice: str, language: str) -> list[Block]:
    """Return a message's blocks with what was chosen where the choices stood."""
    note = {"type": "context", "elements": [plain(say("chosen", language, choice=choice))]}
    return [note if block.get("block_id") == CHOICE else block for block in blocks if isinstance(block, dict)]


def without(blocks: Sequence[Any], block_id: str, note: str) -> list[Block]:
    """Return a message's blocks with a sentence in place of a row of buttons."""
    line = {"type": "context", "elements": [plain(note)]}
    return [line if block.get("block_id") == block_id else block for block in blocks if isinstance(block, dict)]


def home(profile: Profile, language: str, consent: bool | None, kept: int) -> Mapping[str, Any]:
    """Return the home tab: what the bot is, what it keeps of this person, and how to get or delete that."""
    state = "kept" if consent else "asked" if consent is None else "not_kept"
    name = ("button_keep_not", "no") if consent else ("button_keep", "yes")
    asking = _sure("button_keep_not", language) if consent else None  # a no erases
    rows = [
        button(say("button_export", language), EXPORT, "home"),
        button(say("button_forget", language), FORGET, "home", "danger", _sure("button_forget", language)),
        button(say(name[0], language), f"{CONSENT}_{name[1]}", name[1], "", asking),
    ]
    summary = profile.summary.strip()
    blocks: list[Block] = [
        {"type": "header", "text": plain(profile.name, 150)},
        {"type": "section", "text": plain(" ".join(filter(None, [say("is_bot", language), summary])))},
        {"type": "divider"},
        {"type": "header", "text": plain(say("what_is_kept", language))},
        {"type": "section", "text": plain(f"{say(state, language)} {say('kept_count', language, count=kept)}")},
        {"type": "actions", "elements": rows},
    ]
    return {"type": "home", "blocks": blocks}


def _sure(name: str, language: str) -> Block:
    """Return the question before what a button does, which erases."""
    return {
        "title": plain(say(name, language)),
        "text": plain(say("sure", language)),
        "confirm": plain(say(name, language)),
        "deny": plain(say("cancel", language)),
    }


def case(
    user: str, urgent: bool, question: str, lines: Sequence[tuple[str, str]], language: str, summary: str = ""
) -> list[Block]:
    """Return the blocks that ask people to take over: who, a summary, what was asked, and the lines before it."""
    head = say("case_urgent" if urgent else "case", language, user=f"<@{escape(user)}>")
    before = "\n".join(f"{'🧑' if role == 'user' else '🤖'} {text}" for role, text in lines)
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": head}},
        *(words_of(summary) if summary else ()),
        *(words_of(before[-5000:]) if before else ()),
        *words_of(f"🧑 {question}"),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": say("case_how", language)}]},
        {"type": "actions", "block_id": BACK, "elements": [button(say("button_back", language), BACK, "back")]},
    ]
