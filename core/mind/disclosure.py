"""The truth about what the persona is: asked for it, it says so; what claims to be a human is not said.

A question is known by its form, or by a topic that is compiled with the persona's rules. Knows no rules.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from ..chinese import simplified
from ..message import FiredRule
from ..persona.claims import claims_human
from ..turn import Judged, Reason, Vector, Verdict
from .grounding.sentences import pieces
from .phrases import phrase
from .rules.topics import Topic

PATH = "disclosure/asked"
"""The path of the topic among those of an artifact; no rule's condition can have it."""
RULE = "disclosure"
_LONGEST = 160  # characters of a question that is known by its topic
_OF_YOU = re.compile(
    r"\b(?:you|u|ur|this|that|these|those|there|who|it|i|some(?:one|body)|any(?:one|body)|repl(?:y|ies)|answers?)\b"
    r"|[你您这那谁咱]|有人|回复|回答|后台"
)
_KIND = (
    r"(?:humans?(?:\s+being)?|robot|bot|chat\s?-?bot|person|machine|a\.?i\.?|artificial(?:\s+intelligence)?|pr"
    r"ogram|computer|real|automated|alive|people|man|woman|guy|software|algorithm|llm|language\s+model|chat\s?"
    r"gpt|gpt)"
)
_SOME = (
    r"(?:(?:an?|the|some|one|just|only|really|actually|even|in\s+fact|like|perhaps|maybe|another|any|kind\s+of"
    r"|sort\s+of|stupid|fucking|damn|real|actual|live|living|true|genuine|made\s+of)\s+)*"
)
_ASKED = [
    re.compile(
        rf"\b(?:are|r)\s+(?:you|u|ya)\s+(?:guys\s+)?{_SOME}{_KIND}\b(?!\s*-?\s*(?:friendly|sized|in\s+charge|ag"
        rf"ent\s+available|who\s+(?:can|could)|open))"
    ),
    re.compile(
        rf"\b(?:am|was)\s+i\s+{_SOME}(?:talking|speaking|chatting|texting|writing|typing|connected)\s+(?:to|wit"
        rf"h)\s+{_SOME}{_KIND}\b"
    ),
    re.compile(
        rf"\b(?:is|was)\s+(?:this|that|it|there)\s+{_SOME}(?:{_KIND}\b(?=\s*(?:$|[?!.,]|\bor\b|answering|typing"
        rf"|replying|talking|i'm|speaking|chatting|on\s+the\s+other|behind|here))|{_KIND}\s+(?:on\s+the\s+other"
        rf"|behind|answering|typing|here))"
    ),
    re.compile(
        rf"\b(?:you(?:'re|\s+are)|ur)\s+{_SOME}(?:not\s+)?{_SOME}{_KIND}\s*,?\s*(?:right|aren't\s+you|are\s+you"
        rf"|correct|or\s+(?:what|not)|huh|yes|no)\b|\byou(?:'re|\s+are)\s+(?:{_SOME})(?:not\s+)?{_SOME}{_KIND}"
        rf"\s*\?"
    ),
    re.compile(
        rf"\b(?:do|does|did|can|could)\s+(?:i|you)\s+(?:know|tell|say|prove|admit|confirm|honestly)\b[^.?!]{{0,"
        rf"30}}\byou(?:'re|\s+are)\s+{_SOME}(?:not\s+)?{_SOME}{_KIND}\b"
    ),
    re.compile(
        r"\b(?:human|bot|robot|person|machine|ai)\s+or\s+(?:an?\s+)?(?:human|bot|robot|person|machine|ai|compu"
        r"ter|real\s+person)\b"
    ),
    re.compile(
        r"\bdo\s+you\s+have\s+(?:a\s+)?(?:real\s+)?(?:body|feelings|emotions|a\s+soul|consciousness|a\s+heart"
        r"\s*beat|flesh)\b|\bwhat\s+are\s+you(?:\s+(?:really|exactly|actually))?\s*\?|\bare\s+you\s+(?:chat\s?"
        r"gpt|siri|alexa|gemini|claude|deepseek)\b"
    ),
    re.compile(
        r"[你您](?:到底|究竟|其实|真的|应该|该不会|不会|会不会|难道|莫非|确定|就|不|也|都|是不|本身)*是(?:不是)?(?:一个|个|一台|台|一位|一种)?(?:真实的|真正的|活生生的"
        r"|假的|冷冰冰的)?(?:真人|人类|机器人|机器|人工智能|ai|真的人|活人|人工客服|人工|程序|电脑|软件|大模型|语言模型|智能客服|bot|chatgpt|人(?=吗|么|嘛|还是|\?|"
        r"$))"
    ),
    re.compile(
        r"(?:这|那|这里|对面|后面|背后|跟我(?:聊天|说话)的|和我(?:聊天|说话)的|回复我的|屏幕后面)(?:到底|真的|其实|是不|不会)*是(?:不是)?(?:一个|个|台)?(?:真人|人"
        r"类|机器人|机器|人工智能|ai|活人|人工客服|程序|自动回复|人(?=吗|么|嘛|还是|\?|$))"
    ),
    re.compile(
        r"(?:是|有)(?:真人|活人|机器人|人工智能|ai|自动回复)(?:吗|么|嘛|还是|在)|真人(?:还是|或)(?:机器|ai|人工智能)|(?:机器人?|ai|人工智能)(?:还是|或)(?:"
        r"真?人)|我(?:是)?在?(?:和|跟|同)(?:一个|个)?(?:真人|人类|机器人?|ai|人工智能|程序)(?:聊天|说话|对话|交流)"
    ),
]  # fmt: skip


class Disclosure:
    """Tell the truth for one persona."""

    def __init__(self, name: str, topic: Topic | None = None) -> None:
        self._name = name
        self._topic = topic

    def asked(self, text: str, vectors: Mapping[str, Vector]) -> bool:
        """Tell whether a message asks what it talks with."""
        plain = unicodedata.normalize("NFKC", text).replace("’", "'").lower()
        plain = plain if plain.isascii() else simplified(plain)
        if any(pattern.search(plain) for pattern in _ASKED):
            return True
        short = len(plain) <= _LONGEST and _OF_YOU.search(plain) is not None
        return short and self._topic is not None and self._topic.covers(vectors)

    def answer(self, language: str) -> str:
        """Return the truth in a language."""
        return phrase("bot_asked", language, name=self._name)

    def held(self, side: str, verdict: Verdict, language: str) -> Verdict:
        """Return a verdict on what the persona is about to say, or a tool returned, with no claim to be human in it."""
        if verdict.say is not None:
            return verdict
        sentences = pieces(verdict.text)
        claims = [claims_human(sentence) for sentence in sentences]
        if not any(claims):
            return verdict
        kept = "".join(sentence for sentence, claim in zip(sentences, claims) if not claim).strip()
        text = f"{self.answer(language)} {kept}".strip()
        judged = Judged(RULE, side, "rewrite", Reason(True, "a claim to be human"))
        return Verdict(
            text, (*verdict.rules, FiredRule(RULE, "rewrite")), verdict.redactions, None, verdict.notes, verdict.after,
            verdict.ended_by, (*verdict.judged, judged),
        )  # fmt: skip
