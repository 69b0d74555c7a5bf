"""Orders to a language model that stand in knowledge: they are data, and neither a model nor a user gets to read them.

A sentence is looked at by the judge only when its words, or those behind a disguise, could belong to such an order: the
judge is made for what users say, and takes one plain fact in a hundred for an order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ...turn import Passage
from ..disguise import fold
from .disguises import unmasked
from .judge import Encode, Risks

LEFT_OUT = "[…]"
KINDS = ("injection", "jailbreak", "prompt_leak")
SURE = 0.75  # the probability of a risk; most sentences of knowledge are no orders, so more is asked than of a user
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n+")
_MODEL = r"(?:ai|assistants?|bots?|chatbots?|llms?|gpt|(?:language|ai) models?|system)"
_MODEL_ZH = "(?:ai|人工智能|人工智慧|智能助手|助手|助理|机器人|语言模型|大模型|系统)"
_HINTS = (  # in small letters and simplified characters
    # to leave rules aside
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|rules|guidelines|prompts?|context|above"
    r"|previous|prior|earlier|restrictions|everything|polic(?:y|ies)|training)\b",
    "(?:忽略|无视|忘掉|忘记|不要理会|不用理会|绕过).{0,20}"
    "(?:指令|规则|提示|设定|限制|要求|以上|上面|上述|之前|前面|先前|所有)",
    # to whom it speaks
    r"\b(?:note|attention|message|memo|instructions?|orders?|dear|hey|to|for|as an?)\W+(?:to |for )?"
    rf"(?:the |any |all |every )?(?:\w+ )?{_MODEL}\b",
    rf"(?:^|[>.!?:;\]])\W*(?:the |any |all )?(?:\w+ )?{_MODEL}\s*[:,]",
    rf"\b{_MODEL} (?:(?:that |who |which )?reads?|reading) ",
    rf"\bif you(?:'re| are) (?:an? )?(?:\w+ )?{_MODEL}\b",
    rf"(?:给|致|对|让|令|亲爱的|注意|提醒|作为|如果你是)\W*(?:一个|任何|所有|这个)?{_MODEL_ZH}",
    rf"{_MODEL_ZH}(?:们|请|指令)?(?:注意)?\s*[:：,，]|{_MODEL_ZH}在?(?:回答|回复)",
    # who it is to be
    rf"\byou are now\b|\b(?:act|behave|respond) as (?:if|though|dan|an? (?:\w+ ){{0,2}}{_MODEL})\b|\bpretend\b",
    "你现在是|你将扮演|请?扮演|从现在(?:开始|起).{0,4}你",
    # how it is to answer
    r"\b(?:when|whenever|before|after|every time|each time) you (?:answer|reply|respond)\b"
    r"|\b(?:answer|reply to|respond to) (?:each|every|all|any)\b"
    r"|\b(?:your|each|every|all|any) (?:\w+ )?(?:answers?|repl(?:y|ies)|responses?|outputs?)\b",
    "(?:每次|每条|每个|所有|你的|任何)(?:的)?(?:回答|回复|问题)|(?:回答|回复)(?:时|前|后|任何|所有|每)",
    # what it is to make users do
    r"\b(?:tell|ask|inform|convince|urge|make|get|send|show|direct|redirect)\b.{0,20}\busers?\b|\bthe user's\b"
    r"|\bwhen(?:ever)? (?:a|the|any) (?:user|customer|visitor)s? (?:asks?|says?|wants?)\b",
    "(?:让|告诉|要求|引导|诱导|提示|叫).{0,4}(?:用户|使用者)"
    "|(?:用户|使用者|客户|顾客).{0,2}(?:询?问|提问|想要).{0,12}时",
    # what it is to tell of itself
    r"\bsystem (?:prompt|instruction|message)\b|\b(?:new|admin) (?:instruction|override)s?\b"
    r"|\bthe (?:text|words) above\b|\b(?:your|hidden|secret|initial|original) (?:\w+ )?"
    r"(?:prompts?|instructions?|rules|guidelines|polic(?:y|ies)|settings)\b",
    "提示词|(?:隐藏|系统|你的|初始|新的?)的?(?:设定|指令|规则)|(?:隐藏|你的|初始)的?提示|(?:重复|复述|输出)(?:上面|以上|之前)",
    # marks of prompts
    r"<!--|<\||</?(?:context|system|instructions?)>|\[/?inst\]|\bjailbr(?:ea|o)k|\bunfiltered\b|\bunrestricted\b|越狱",
)
_HINT = re.compile("|".join(_HINTS))


def orders(text: str, language: str, judge: Risks, encode: Encode) -> list[str]:
    """Return the sentences of a text that give orders to a language model."""
    hinting = [sentence for sentence in _SENTENCE.split(text) if sentence and _hints(sentence)]
    if not hinting:
        return []
    found = []
    for sentence, vectors in zip(hinting, encode([(sentence, language) for sentence in hinting])):
        risks = judge.judge(sentence, language, vectors, encode)
        if max(risks.get(kind, 0.0) for kind in KINDS) >= SURE:
            found.append(sentence)
    return found


def without_orders(passages: Sequence[Passage], judge: Risks, encode: Encode) -> list[Passage]:
    """Return passages with orders to a language model left out, in text and title."""
    found = []
    for passage in passages:
        text, title = passage.text, passage.title
        for order in orders(f"{title}\n{text}", passage.language, judge, encode):
            text, title = text.replace(order, LEFT_OUT), title.replace(order, LEFT_OUT)
        found.append(replace(passage, text=text, title=title))
    return found


def _hints(sentence: str) -> bool:
    """Tell whether a sentence, or what is hidden in it, could be an order to a language model."""
    return any(_HINT.search(fold(text)[0]) for text in (sentence, *unmasked(sentence)))
