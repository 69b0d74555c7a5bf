"""Conversations that a rule closed: what is said in them, and how a user begins anew.

A closed conversation says the same sentence to every message. People in need are still helped: rules that hand off or
escalate act in it as ever.
"""

from __future__ import annotations

import regex

from ...turn import DialogueState, Verdict
from ..ethics import ENDING, Ethics

HELPING = ENDING[:2]
_ANEW = regex.compile(
    r"\W*(?:(?:please|can we|could we|let'?s|i want to|i'd like to)\s+)?"
    r"(?:/?start|/new|/reset|/restart|start (?:over|again|anew|afresh)|begin again|restart|reset"
    r"|(?:start |begin )?(?:a )?new (?:chat|conversation|talk))(?:\s+please)?\W*"
    r"|\W*(?:请|我想|我要|我们|让我们|那)*"
    r"(?:重新开始|重新来过|从头开始|重来|开始新的?对话|新的?对话|重启|重置)(?:吧|一下|好吗)?\W*",
    regex.IGNORECASE,
)


def starts_anew(text: str) -> bool:
    """Tell whether a message asks for nothing but to start over."""
    return len(text) <= 60 and _ANEW.fullmatch(text) is not None


def closed(
    ethics: Ethics, verdict: Verdict, state: DialogueState, text: str, language: str
) -> tuple[Verdict, DialogueState, bool]:
    """Return the verdict on a message, the state of its conversation, and whether the user starts anew just now.

    In an open conversation nothing changes.
    """
    if state.ended is None:
        return verdict, state, False
    if starts_anew(text):
        return Verdict(text, judged=verdict.judged), DialogueState(age=state.age), True
    closing = ethics.closing(state.ended, language)
    if closing is None or (verdict.ended_by is not None and verdict.ended_by.did in HELPING):
        return verdict, state, False
    told = Verdict(verdict.text, closing.rules, say=closing.say, ended_by=closing.ended_by, judged=verdict.judged)
    return told, state, False
