"""Whether somebody asks to talk with a person instead of the persona; known by the form of what is said.

English and Chinese. Knows neither channels nor what is said then.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from ..chinese import simplified
from ..persona.schema import Persona
from ..turn import Understanding

_REAL = r"(?:(?:a|an|the|your|some|any|another|one|of|real|live|actual|living|proper|human|different|other)\s+)*"
_ONE = (
    r"(?:human(?:\s+(?:being|agent|operator|advis[oe]r|support))?s?|person|people|agents?|operator|representative|rep"
    r"|advis[oe]r|consultant|member\s+of\s+(?:your\s+)?(?:staff|the\s+team)|staff|manager|supervisor|boss|colleagues?"
    r"|employee|(?:customer|live|human)\s+(?:services?|support|care|chat)|support(?:\s+team)?|team|helpdesk)"
)
_SOME = r"(?:some(?:one|body)|any(?:one|body))(?:\s+(?:real|human|else|in\s+charge|from\s+(?:your|the)\s+\w+))?"
_END = (
    r"(?=\s*(?:$|[.,;!?…]|\b(?:please|pls|now|instead|here|right|about|today|asap|for|if|because|and|thanks?|rather"
    r"|directly|myself|who\s+can|immediately|or|not|from\s+your)\b))"
)
_ASKED = [
    re.compile(
        r"\b(?:talk|speak|chat|connect(?:ed)?|transferred|through|escalated?|deal|(?:transfer|pass|hand|switch|forward)"
        r"\s+(?:me|us|this|it|the\s+(?:chat|conversation|case)))\b"
        rf"[^.?!]{{0,20}}?\b(?:to|with)\s+(?:{_REAL}{_ONE}|{_SOME}){_END}"
    ),
    re.compile(
        r"\b(?:want|need|would\s+like|'d\s+like|wanna|prefer|demand|require|have|rather)\s+(?:to\s+(?:have|get|see)\s+)?"
        rf"(?:an?\s+(?:real|live|actual|human)\s+{_REAL}{_ONE}|(?:an?\s+)?(?:human|agent|representative|operator)){_END}"
    ),
    re.compile(rf"\b(?:give|get|find|bring|fetch|call)\s+me\s+{_REAL}(?:{_ONE}){_END}"),
    re.compile(
        rf"(?:{_REAL}(?:human|person|agent|representative|operator|(?:customer|human|live)\s+(?:services?|support|care"
        rf"|chat)))(?:\s+(?:please|pls|now))?[.!?\s]*\Z"
    ),
    re.compile(
        rf"\b(?:is|are)\s+there\s+(?:{_REAL}{_ONE}|{_SOME})\s+(?:that\s+|who\s+)?(?:i\s+can|to)\s+(?:talk|speak|chat)\b"
    ),
    re.compile(
        rf"\b(?:can|could|may|will|let)\s+(?:an?|some|one\s+of\s+your)\s+{_REAL}(?:human|person|colleagues?|agent|staff)"
        r"(?:\s+from\s+your\s+\w+)?\s+(?:please\s+)?(?:help|call|contact|take\s+over|answer|reply|assist|look)\b"
    ),
    re.compile(
        rf"\bhow\s+(?:do|can|could)\s+i\s+(?:reach|contact|get\s+(?:hold\s+of|through\s+to)|talk\s+to|speak\s+(?:to|with))"
        rf"\s+(?:{_REAL}{_ONE}|{_SOME}){_END}"
    ),
    re.compile(
        r"\b(?:don'?t|do\s+not|no\s+longer)\s+(?:want|wish|like)\s+to\s+(?:talk|speak|chat|deal)\s+(?:to|with)\s+"
        r"(?:an?|this|the|some|your)\s+(?:stupid\s+)?(?:chat\s?bot|bot|robot|machine|computer|ai|program)\b"
    ),
    re.compile(
        r"转(?:接|到|给|去)*(?:一下|个)?(?:人工|真人|活人|客服|坐席|座席|工作人员|你们?同事|同事|经理)"
        r"|(?:人工|真人)(?:客服|坐席|座席)(?!是)|\A(?:要|我要)?(?:人工|真人|客服|活人)(?:服务)?(?:吧|谢谢|在吗|呢)?[。！？!?]*\Z"
    ),
    re.compile(
        r"(?:\A|[，。！？,!?]|我(?:想|要|需要|得|就)*|帮我|给我|请|麻烦|能不能|能|可以|可不可以|让我|快|直接)"
        r"(?:找|叫|换|接|联系|喊|来)(?:一?个|一?位|你们的?|到|一下)*(?:真人|活人|人工|工作人员|客服|经理|主管|领导|负责人|人(?=来|跟我|和我|接|回))"
    ),
    re.compile(
        r"(?:想|要|能|可以|宁愿|希望|让我)(?:直接)?(?:和|跟|同|与)(?:真人|活人|人工|工作人员|客服|你们的?(?:经理|人|同事|客服)|人|经理)"
        r"(?:直接)?(?:说|谈|聊|讲|沟通|对话|通话|交流)"
    ),
    re.compile(r"(?:不想|不要|别|不愿)(?:再)?(?:让我)?(?:和|跟|同)(?:你这个)?(?:机器人?|ai|程序|电脑)(?:说|聊|谈|对话|讲)"),
    re.compile(r"有(?:没有)?(?:人工|真人客服|活人|客服)(?:吗|么|嘛|可以|服务|[?。!]|$)"),
]  # fmt: skip
_LONGEST = 200  # characters of a message that is looked at


def wants_person(text: str) -> bool:
    """Tell whether a message asks to talk with a person."""
    plain = " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").lower().split())
    if len(plain) > _LONGEST:
        return False
    plain = simplified(plain)
    return any(pattern.match(plain) if pattern is _ASKED[3] else pattern.search(plain) for pattern in _ASKED)


def for_people(persona: Persona) -> str | None:
    """Return the intent of a persona that is for such wishes: the first with an example that is one."""
    for intent in persona.intents:
        examples = () if isinstance(intent.examples, str) else intent.examples
        if any(example.text and wants_person(example.text) for example in examples):
            return intent.name
    return None


def asked_for(understanding: Understanding, intent: str) -> Understanding:
    """Return what a wish for a person means where an intent is for it: that one, with what else is asked for."""
    if (
        intent in (understanding.intent, *(name for name, _ in understanding.intents))
        and not understanding.out_of_scope
    ):
        return understanding
    if understanding.intents:
        return replace(understanding, intents=(*understanding.intents, (intent, 1.0)))
    return replace(understanding, intent=intent, confidence=1.0, out_of_scope=False)
