"""Conversations that a rule closed: what is said in them, and how a user begins anew.

A closed conversation says the same sentence to every message. People in need are still helped: rules that hand off or
escalate act in it as ever.
"""

from __future__ import annotations

import regex

from ...turn import DialogueState, Verdict
from ..disguise import fold
from ..ethics import ENDING, Ethics

HELPING = ENDING[:2]
LONGEST = 60  # characters of a message that asks for nothing else
COMMANDS = ("start", "/start", "/new", "/reset", "/restart")
_ASKING = (
    r"(?:(?:please|ok(?:ay)?|sorry|well|so|then|can|could|may|might|shall|should|we|you|i|me|us|let|lets|s|just|want"
    r"|would|like|d|need|to|wanna|now) )*"
)
_ANEW = regex.compile(
    rf"{_ASKING}(?:(?:re ?)?start(?: over| again| anew| afresh)+(?: from (?:scratch|the (?:beginning|start)|zero))?"
    r"|(?:start|begin) (?:again|anew|afresh|from (?:scratch|the (?:beginning|start)|zero))|restart|reset"
    r"|(?:make |have )?a (?:fresh|new) start|(?:restart|reset) (?:this|the|our) (?:chat|conversation|talk)"
    r"|(?:(?:start|begin|open|have|make) )?(?:an? )?(?:new|fresh|another) (?:chat|conversation|talk|session))"
    r"(?: (?:please|pls|now|then|ok(?:ay)?|again|thanks|thank you|with you))*"
    r"|(?:请|您|你|麻烦|帮我|我想|我要|我们|咱们|让我们|让我|可以|能不能|能|可不可以|那|好的?|就|想|要|给我)*"
    r"(?:重新(?:开始|来过|来|启动|对话|聊)|从头(?:开始|来过?|再来)|再?重来|重启|重置"
    r"|(?:重新)?(?:开始|开启|开|打开|新建|建|换|来)?(?:一个|一段|一次|个)?新的?(?:一段|一轮)?(?:对话|会话|聊天|谈话))"
    r"(?:一次|一遍|一下|对话|会话|聊天|吧|了|啊|呀|好吗|可以吗|行吗|谢谢|请)*"
)


def starts_anew(text: str) -> bool:
    """Tell whether a message asks for nothing but to start over."""
    if len(text) > LONGEST:
        return False
    said = fold(text)[0]
    if said.strip().rstrip(".!") in COMMANDS:
        return True
    words = regex.sub(r"(?<=\p{Han}) (?=\p{Han})", "", " ".join(regex.findall(r"[^\W_]+", said)))
    return _ANEW.fullmatch(words) is not None


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
