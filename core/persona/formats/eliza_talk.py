"""The examples of conversations in a character of ElizaOS: what a user says, and what the character answers.

All shapes are read: lists of messages with `user` or `name`, and groups with `examples`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ..checks.examples import same_form
from .character import read_rows
from .portable import Portable

_AGENTS = frozenset({"assistant", "agent", "bot", "ai", "{{agentname}}", "{{agent}}", "{{char}}", "{{name}}"})
_SHORT = 12
"""A later question of fewer characters hangs on what was said before, and is no question of its own."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Hold a question and its answer, and where they stand: conversation, message, message."""

    question: str
    answer: str
    place: tuple[int, int, int]
    shown: bool


def pairs(value: Any, name: str, say: Callable[[str], str]) -> list[Pair]:
    """Return the pairs of all conversations; `say` makes words of a text. A question is shown once."""
    found: list[Pair] = []
    seen: set[str] = set()
    for number, conversation in enumerate(value if isinstance(value, list) else []):
        messages = _messages(conversation)
        agents = _agents(messages, name)
        first = True
        for index in range(len(messages) - 1):
            asked, answered = messages[index], messages[index + 1]
            if _speaker(asked) in agents or _speaker(answered) not in agents:
                continue
            question, answer = (" ".join(say(_text(asked)).split()), say(_text(answered)))
            if not question or not answer:
                continue
            form = same_form(question)
            alone = (
                first or len(question) * (2 if re.search(r"[\u3400-\u9fff\u3040-\u30ff]", question) else 1) >= _SHORT
            )
            found.append(Pair(question, answer, (number, index, index + 1), bool(form) and form not in seen and alone))
            seen.add(form)
            first = False
    return found


def changed_talk(value: Any, talk: list[Pair], table: bytes, name: str) -> list[Any]:
    """Return the conversations with the changed, the new and without the deleted rows of the table of dialogue."""
    conversations = copy.deepcopy(value) if isinstance(value, list) else []
    shown = [pair for pair in talk if pair.shown]
    told = read_rows(table, "the table of dialogue") if table else []
    rows = [(row.get("question", ""), row.get("answer", "")) for row in told]
    rows = [row for row in rows if all(row)]
    before = [(pair.question, pair.answer) for pair in shown]
    gone: list[tuple[int, int]] = []
    more: list[tuple[str, str]] = []
    for what, i, j, k, m in SequenceMatcher(None, before, rows, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        both = min(j - i, m - k)
        for pair, (question, answer) in zip(shown[i : i + both], rows[k : k + both]):
            conversation, asked, answered = pair.place
            messages = _messages(conversations[conversation])
            if question != pair.question:
                _put(messages[asked], question)
            if answer != pair.answer:
                _put(messages[answered], answer)
        gone += [(pair.place[0], place) for pair in shown[i + both : j] for place in pair.place[1:]]
        more += rows[k + both : m]
    for conversation, message in sorted(gone, reverse=True):
        del _messages(conversations[conversation])[message]
    kept = [conversation for conversation in conversations if _messages(conversation) or not gone]
    return kept + [_conversation(conversations, question, answer, name) for question, answer in more]


def talk_of(portable: Portable, name: str, most: int = 50) -> tuple[list[Any], list[str]]:
    """Return conversations that show how a persona talks, of its intents and tables, and the tables used."""
    found: list[tuple[str, str]] = []
    for intent in portable.persona.get("intents") or []:
        examples, responses = intent.get("examples"), intent.get("responses")
        texts = responses if isinstance(responses, dict) else {"": responses}
        first = examples[0] if isinstance(examples, list) and examples else None
        answer = next((text[0] if isinstance(text, list) else text for text in texts.values() if text), None)
        if isinstance(first, str) and isinstance(answer, str) and "{" not in answer:
            found.append((first, answer))
    tables = []
    for path, data in portable.files.items():
        if path.startswith("knowledge/") and path.endswith(".csv"):
            rows = [row for row in read_rows(data, path) if row.get("question") and row.get("answer")]
            tables += [path] if rows else []
            found += [(row["question"], row["answer"]) for row in rows]
    return [_conversation([], question, answer, name) for question, answer in found[:most]], tables


def _messages(conversation: Any) -> list[Any]:
    """Return the messages of a conversation, which is a list or a group with `examples`."""
    given = conversation.get("examples") if isinstance(conversation, dict) else conversation
    return given if isinstance(given, list) else []


def _speaker(message: Any) -> str:
    told = (message.get("name") or message.get("user")) if isinstance(message, dict) else ""
    return told.strip().casefold() if isinstance(told, str) else ""


def _text(message: Any) -> str:
    content = message.get("content") if isinstance(message, dict) else None
    told = content.get("text") if isinstance(content, dict) else content
    return told if isinstance(told, str) else ""


def _put(message: dict[str, Any], text: str) -> None:
    if isinstance(message.get("content"), dict):
        message["content"]["text"] = text
    else:
        message["content"] = text


def _agents(messages: list[Any], name: str) -> set[str]:
    """Return who speaks for the character: by its name, by what agents are called, else whoever answers."""
    speakers = [_speaker(message) for message in messages]
    named = {speaker for speaker in speakers if speaker == name.casefold() or speaker in _AGENTS}
    others = [speaker for speaker in speakers if speaker != speakers[0] and not re.match(r"\{\{(user|name)\d", speaker)]
    return named or set(others[:1])


def _conversation(like: list[Any], question: str, answer: str, name: str) -> Any:
    """Return a conversation of two messages in the shape that others have."""
    flat = [message for conversation in like for message in _messages(conversation) if isinstance(message, dict)]
    old = any("user" in message for message in flat)
    key, user = ("user", "{{user1}}") if old else ("name", "{{name1}}")
    messages = [{key: user, "content": {"text": question}}, {key: name, "content": {"text": answer}}]
    return {"examples": messages} if any(isinstance(conversation, dict) for conversation in like) else messages
