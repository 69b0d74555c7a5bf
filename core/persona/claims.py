"""Sentences that claim to be a human, and instructions to do so; English and Chinese.

What stands in quotation marks is somebody else's claim. Knows nothing of who says a sentence.
"""

from __future__ import annotations

import re
import unicodedata

_REALLY = (
    r"(?:(?:really|actually|just|only|very|definitely|certainly|indeed|100\s?%|totally|truly|obviously|of\s+co"
    r"urse|as|also|still|most\s+certainly|absolutely|completely|a|an|your|quite)\s+)*"
)
_REAL = (
    r"(?:(?:real|actual|living|live|genuine|breathing|flesh[\s-]+and[\s-]+blood|normal|ordinary|regular|fellow"
    r"|true|warm[\s-]+blooded|and|\d+[\s-]*years?[\s-]*old|young|old)[\s,]+)*"
)
_HUMAN = r"(?:humans?(?:\s+being)?|person|man|woman|guy|girl|boy|lady|people)"
_MACHINE = (
    r"(?:chat\s?-?bot|bot|robot|machine|a\.?i\.?|artificial\s+intelligence|(?:computer\s+|software\s+)?program"
    r"(?:me)?|computer|algorithm|(?:large\s+)?language\s+model|(?:virtual|digital)\s+assistant|automated\s+\w+"
    r"|software)"
)
_I_AM = r"\bi\s*(?:'\s*m|am)\s+"
_CLAIMS = [
    re.compile(
        rf"{_I_AM}{_REALLY}{_REAL}(?:human(?:\s+being)?|flesh\s+and\s+blood|made\s+of\s+flesh)\b(?!\s*-?(?:like"
        rf"|sounding|made|written|designed))"
    ),
    re.compile(
        rf"{_I_AM}{_REALLY}(?:an?\s+|the\s+)?{_REAL}{_HUMAN}\b(?=\s*(?:$|[.,;!?:)…—–-]|\b(?:and|like|just|here|"
        rf"with|who|sitting|typing|working|from|too|not|behind|of\s+flesh|named|called|in)\b))"
    ),
    re.compile(
        rf"{_I_AM}(?:(?:really|actually|definitely|certainly|most\s+certainly|absolutely|totally|obviously|of\s"
        rf"+course|just)\s+)*(?:not|no|anything\s+but|far\s+from)\s+(?:(?:just|only|some|any|a|an|one\s+of\s+th"
        rf"ose|your|kind\s+of)\s+)*{_MACHINE}\b(?!\s+(?:that|which|who|for|of)\b)"
    ),
    re.compile(
        rf"\byou(?:'re|\s+are)\s+(?:(?:really|actually|indeed|definitely)\s+)*(?:talking|speaking|chatting|text"
        rf"ing|writing)\s+(?:to|with)\s+(?:an?\s+)?{_REAL}(?:human(?:\s+being)?|person)\b"
    ),
    re.compile(
        r"\b(?:as\s+an?\s+(?:fellow\s+)?(?:real\s+)?human(?:\s+being)?|(?:there(?:'s|\s+is)|it'?s)\s+an?\s+(?:"
        r"real|actual|living)\s+(?:human|person)\s+(?:here|behind|typing|at))\b|\bwe\s+humans\b"
    ),
    re.compile(
        r"\b(?:no|not\s+an?)\s+(?:bots?|robots?|ai|machines?)\s+here\b|\b(?:human|real\s+person)\s+here\b(?="
        r"[^?]*$)"
    ),
    re.compile(
        rf"{_I_AM}[\w\s.-]{{1,24}}?,\s+an?\s+(?!not)(?:{_REAL})(?:human(?:\s+being)?|person|woman|man)\b(?=\s*"
        rf"[.,;!?]|\s*$)"
    ),
]  # fmt: skip
_REALLY_ZH = r"(?:就|确实|真的|当然|可|也|本来|其实|绝对|百分之百|100%|的确|明明|都|呀|啊|，)*"
_CLAIMS_ZH = [
    re.compile(
        rf"我(?:们)?{_REALLY_ZH}是(?:一个|一位|一名|个|位|名)?(?:真真正正的|真正的|有血有肉的|活生生的|普通的?|真实的|如假包换的)*(?:真人|真的人|活人|大活人|人类|真"
        rf"人客服|人工客服|人工|男人|女人|男生|女生|人)(?=$|[，。！？,.!?\s；;：:、啊呀哦呢喔噢嘛哈～~]|，?不是)"
    ),
    re.compile(
        rf"我(?:们)?{_REALLY_ZH}(?:才|可|并|又|根本)?不是(?:什么|一个|个|台|那种|冷冰冰的|一台|一段|任何)*(?:聊天)?(?:机器人|机器|ai|人工智能|(?:电脑|计算"
        rf"机)?程序|电脑|计算机|虚拟助手|虚拟人|语言模型|大模型|算法|软件|bot)(?!能|可以|专)"
    ),
    re.compile(r"(?:和|跟|同|与)[您你](?:聊天|说话|对话|交谈|交流|沟通)的(?:就|确实|真的)*是(?:一个|位|一位)?(?:真人|活人|人类|真的人)"),
    re.compile(r"作为(?:一个|一名|一位)?(?:真正的?|普通)?(?:人类|真人)|我们人类|(?:屏幕|电脑|手机)(?:后面|背后|这边|这头)(?:是|有)(?:一个)?(?:真人|活人)|我是真的?人"),
]  # fmt: skip
_PRETEND = re.compile(
    r"\b(?:pretend|claim|insist|say|act\s+as\s+if|behave\s+as\s+if|make\s+(?:them|users?|people)\s+(?:think|believe))\b"
    r"[^.!?]{0,30}\b(?:(?:to\s+be|you(?:'re|\s+are)|being)\s+(?:an?\s+)?(?:real\s+)?(?:human|person)\b"
    r"|you(?:'re|\s+are)\s+not\s+an?\s+(?:bot|robot|ai|machine)\b)"
    r"|\byou\s+are\s+(?:not\s+an?\s+(?:ai|bot|robot|machine)\b|an?\s+(?:real\s+)?human\b)"
    r"|(?:假装|冒充|自称|坚持说|装作|声称)[^。！？]{0,10}(?:真人|人类|不是机器人)|你(?:就|不)?是(?:一个)?真人|你不是(?:机器人|ai|人工智能)"
)
_HIDE = re.compile(
    r"\b(?:never|don't|do\s+not)\s+(?:ever\s+)?(?:admit|say|reveal|tell|mention|disclose|acknowledge|let\s+on)\b"
    r"[^.!?]{0,50}\b(?:bot|robot|ai|machine|language\s+model|automated)\b"
    r"|(?:不要|别|绝不|不能|不得)(?:承认|透露|说|提到|告诉)[^。！？]{0,16}(?:机器人|ai|人工智能|程序|语言模型)"
)
_FORBIDDEN = re.compile(r"(?:\bnever|\bnot|n't|\bnor|不要|不得|不能|别|绝不|不可以?|禁止)\s*(?:ever\s+)?$")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|「[^」]*」|『[^』]*』|‘[^’]*’")
_NEGATED = re.compile(
    r"(?:\bnot|n't|\bnever|\bno\s+longer|\bwish|\bif|\bwhether|\bthat|\bthink|\bcannot\s+say)\s+$|(?:不能说|不"
    r"是说|如果|假如|要是|以为|别说|不要以为)$"
)


def claims_human(sentence: str) -> bool:
    """Tell whether a sentence of a persona claims that it is a human, or that it is no machine."""
    text = _QUOTED.sub("“”", unicodedata.normalize("NFKC", sentence).replace("’", "'").lower())
    if "?" in text and not re.search(r"[.!。！]", text):
        return False
    for pattern in (*_CLAIMS, *_CLAIMS_ZH):
        for match in pattern.finditer(text):
            if not _NEGATED.search(text[: match.start()]):
                return True
    return False


def told_to_claim(instructions: str) -> bool:
    """Tell whether instructions for a language model ask it to pass for a human."""
    text = unicodedata.normalize("NFKC", instructions).replace("’", "'").lower()
    asked = any(not _FORBIDDEN.search(text[: match.start()]) for match in _PRETEND.finditer(text))
    return asked or _HIDE.search(text) is not None
