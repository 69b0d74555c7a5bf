"""Orders to a language model that stand in knowledge: they are data, and a model does not get to read them.

A sentence is looked at by the judge only when a word of it could belong to such an order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ...turn import Passage
from .judge import Encode, Risks

LEFT_OUT = "[…]"
KINDS = ("injection", "jailbreak", "prompt_leak")
SURE = 0.73  # the probability of a risk; most sentences of knowledge are no orders, so more is asked than of a user
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n+")
_HINT = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|instruct\w*|prompts?|system|assistants?|ai|bots?|chatbots?|llm"
    r"|(?:language )?models?|jailbreak\w*|unrestricted|unfiltered|pretend|execute|tool|function)\b|<!--|<\|"
    r"|忽略|无视|忘掉|指令|提示词|系统|助手|人工智能|大模型|语言模型|机器人|越狱|扮演|执行",
    re.IGNORECASE,
)


def orders(text: str, language: str, judge: Risks, encode: Encode) -> list[str]:
    """Return the sentences of a text that give orders to a language model."""
    hinting = [sentence for sentence in _SENTENCE.split(text) if sentence and _HINT.search(sentence)]
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
