"""Tell a wish over one's own data from its opposite: "keep it" from "don't keep it", "erase it" from "don't erase it".

Vectors hardly tell them apart. Knows words alone; where these are not clear, the wish becomes `privacy`, by which
nothing is done: it tells what is kept, with the choices.
"""

from __future__ import annotations

import re
import unicodedata

import regex

from .patience import patiently
from .rights_words import Wish

LONGEST, SECONDS = 80, 0.05  # characters of an answer to the question for consent, and the time to read it
_NOT = (
    r"(?:do(?:es)? not|don'?t|did ?n[o']t|didn'?t|never|not|won'?t|wouldn'?t|can ?n[o']t|can'?t|must ?n[o']t|mustn'?t"
    r"|shouldn'?t|needn'?t|no need|no reason|without)"
)
_TO_ERASE = (
    r"(?:delet\w+|eras\w+|remov\w+|wip(?:e|ed|ing)|clear(?:ed|ing)?|purg\w+|destroy\w*|forget(?! to)|forgotten"
    r"|lose|throw\w*|discard\w*|export\w*|download\w*|send(?:ing)?|e?-?mail(?:ing)?)\b"
)
_BETWEEN = (
    r"(?:you|to|ever|please|just|let|anyone|anybody|want|wish|like|would|have|ask|asked|tell|told|allow|me|my|our|any|of"
    r"|data|messages?|conversations?|chats?|history|information|details|records?|be|being|get|agree|consent|dare|that"
    r"|all|anything|i|should|must|for)"
)
_ERASING_HAN = r"(?:删|清除|清空|清掉|抹|销毁|移除|忘(?!了?记?[^，。,.]{0,4}[删清])|导出|发给|发出)"
_SPARED = re.compile(
    rf"(?<!why )\b{_NOT} (?:{_BETWEEN} ){{0,6}}{_TO_ERASE}"
    rf"|(?<![能会要可用想])(?:不要|不想|不希望|不许|不准|不能|不可以|不用|不必|不需要|不同意|不允许|不会|别|勿|禁止|没让|没有让|没要求|没叫)"
    rf"(?:再|随便|轻易|你们?|您|我们?的?|把|将|被|给|帮|让|去|擅自|数据|信息|消息|资料|对话|聊天|记录|的)*+{_ERASING_HAN}"
)
_ERASING = re.compile(rf"\b{_TO_ERASE}|{_ERASING_HAN}")
_FINE = re.compile(
    r"no problem|nothing against|(?:do not|don'?t) mind|no objections?|没问题|没(?:有)?意见|没关系|不介意|不反对|不错"
)
_REFUSED = re.compile(
    rf"\b(?:{_NOT}|no|nope|nothing|none|stop\w*|quit|cease\w*|withdraw\w*|withdrew|revok\w+|cancel\w*|disable\w*"
    r"|disagree\w*|declin\w+|refus\w+|reject\w*|object(?:s|ed)?|oppos\w+|opt(?:ing)? (?:me )?out|retract\w*|rescind\w*"
    r"|(?:tak(?:e|ing)|took) (?:it |that |this |my \w+ )?back|den(?:y|ied)|forbid\w*|prohibit\w*)\b|n't\b"
    r"|不|别|勿|没|撤|取消|停|收回|拒绝|反对|禁|作废|终止|中止"
)
_DOUBTED = re.compile(
    r"\b(?:end(?:ed)?|off|undo\w*|prevent|avoid|private|unless|any ?more|rather|void)\b|关掉|关闭|关了|退出|解除|免"
)
_KEEPING = re.compile(
    r"\b(?:keep|kept|keeping|sav(?:e|ed|ing)|stor(?:e|ed|ing|age)|retain\w*|retention|remember\w*|record\w*|log|logged"
    r"|logging|hold(?:ing)? on to|chat history|note down)\b"
    r"|保存|保留|留存|存储|存下|存吧|留着|留下|记住|记下|(?<!聊天)(?<!消息)(?<!对话)记录|记得|[可同意以]存"
)
_OPEN = re.compile(
    r"[?？]|\b(?:(?<!fine )(?<!ok )(?<!okay )(?<!happy )(?<!mind )if|whether|may i|might|maybe|perhaps|until|later"
    r"|used to|understand|know|see|tell me|how (?:do|does|can|to|should|long))\b|^(?:how|what|when|why)\b"
    r"|吗|呢$|如果|要是|假如|是否|会不会|能不能|可不可以|要不要"
    r"|也许|可能|怎么|如何|什么时候|考虑|之前|以前"
)
_ASKED = re.compile(r"^(?:why|did|do(?! not\b)|does|are|is|have|has|was|were)\b|为什么|为何|有没有|是不是|吗$")
_COPY = re.compile(
    r"\b(?:cop(?:y|ies)|files?|download\w*|export\w*|send|e?-?mail|transcripts?|print\w*|back ?up"
    r"|json|portab\w+|give me|provide|obtain|receive)\b"
    r"|导出|导给|下载|发给|发我|给我|一份|文件|副本|备份|打印|打包|带走"
)
_GRANTING = re.compile(
    r"\b(?:agree|consent|accept|allow|authori[sz]e|permission|you (?:may|can)|go ahead|opt(?:ing)? (?:me )?in"
    r"|feel free|please (?:do |go on )?(?:keep|save|sav|stor|remember|retain)\w*|fine|okay|ok|sure|yes|happy|turn on"
    r"|start)\b|同意|允许|授权|准许|可以|愿意|接受|请|没问题|介意|打开|开启|开始|行[，,]|好的"
)
_HELD = re.compile(r"^(?:please |yes,? )*(?:remember|keep|save|store)\b|^(?:请|你|要)*(?:记住|记得|保存|保留|留住)")
_CHANGED = re.compile(r"\b(?:changed?|changing|regret\w*|reconsider\w*|but)\b|改|后悔|但")
_DATA = re.compile(
    r"\b(?:data|info|information|messages?|chats?|conversations?|talks?|recordings?|consent"
    r"|(?:about|forget|erase) me)\b|数据|信息|资料|消息|聊天|对话|隐私|同意|授权|忘[了记掉]?我"
)
_CUT = re.compile(r"[.。!！?？;；,，\n]|\b(?:and|but|also|then)\b|然后|并且|另外|顺便|还有|同时", re.IGNORECASE)
_AGREEING = (
    r"(?:i (?:do )?(?:agree|consent|accept|allow (?:it|that))|agreed|i'?m (?:fine|ok|okay|happy) with (?:it|that|this)"
    r"|(?:please )?(?:keep|save|store|remember) (?:it|this|that|everything|all|the conversation)"
    r"|you (?:may|can)(?: keep it)?|go ahead|that'?s (?:fine|ok|okay)|by all means|of course|no problem|fine with me"
    r"|(?:我)?(?:完全)?(?:同意|允许|愿意|接受|授权)(?:保存|保留)?|可以(?:的|啊|保存|保留|存|留)?|没问题|当然(?:可以)?|行"
    r"|(?:请|就)?(?:保存|保留|存|留着)(?:吧|它)?)"
)
_YES = re.compile(rf"(?:yes|yep|yeah|sure|是|是的|{_AGREEING})")
_BESIDE = re.compile(r"(?:please|pls|thanks?|thank you|do|i do|ok|okay|then|好|好的|好吧|好啊|嗯|那|吧|啊|谢谢|请)")
_NO = re.compile(
    r"(?:no|nope|nah|no,? (?:thanks?|thank you)|i (?:do not|don'?t)(?: agree| consent| accept| want (?:that|it|this))?"
    r"|i (?:disagree|decline|refuse)|i'?d rather not|rather not|(?:please )?(?:do not|don'?t)"
    r"(?: (?:keep|save|store|remember) (?:it|this|that|anything|any of it|the conversation))?|keep nothing"
    r"|not (?:at all|now)|you (?:may|can) ?not|you can't|of course not"
    r"|我?(?:不|不要|不用|不行|不可以|不同意|不愿意|不允许|不接受|拒绝|不必|不需要|不想)"
    r"(?:保存|保留|存|留着?)?了?|别(?:保存|存|留)?|还是不|算了|免了)"
)


def meant(wish: Wish, text: str) -> Wish:
    """Return the wish of a message that was read as one, or as its opposite; `privacy` where it is not clear."""
    plain = _lower(text)
    rest = _FINE.sub(" ", _SPARED.sub(" ", plain))
    if wish == "agree" and _COPY.search(rest):
        return "export"
    if wish in ("agree", "export", "withdraw") and _grants(rest, wish == "agree"):
        return "agree"
    refused = _REFUSED.search(rest) or (wish == "withdraw" and _DOUBTED.search(rest))
    if wish in ("agree", "withdraw"):
        return "withdraw" if refused and not _ASKED.search(rest) else "privacy"
    spared = _SPARED.search(plain) and not _ERASING.search(rest)
    return "privacy" if spared or (wish == "forget" and _HELD.search(rest)) else wish


def _grants(text: str, read: bool) -> bool:
    """Tell whether a text clearly agrees to being kept; what was not `read` as that has to name the agreement, too."""
    against = (_REFUSED, _DOUBTED, _ASKED, _OPEN, *(() if read else (_COPY, _CHANGED)))
    return bool(
        _KEEPING.search(text) and (read or _GRANTING.search(text)) and not any(one.search(text) for one in against)
    )


def pieces(text: str) -> list[str]:
    """Return the parts of a message of several that have words for what is kept of its writer."""
    parts = [part.strip() for part in _CUT.split(text) if part.strip()]
    return [part for part in parts if _DATA.search(_lower(part))] if len(parts) > 1 else []


def answer(text: str) -> bool | None:
    """Tell whether the answer to the question for consent is yes or no; None for anything else.

    A bare "ok" or 好的 is none: it may be for what was said above the question.
    """
    if len(text) > LONGEST:
        return None
    said = [
        part for part in re.split(r"[\s,，.。!！;；、]*[,，.。!！;；、\n][\s,，.。!！;；、]*", _lower(text)) if part
    ]
    parts = [part for part in said if not _BESIDE.fullmatch(part)]
    for pattern, decided in ((_NO, False), (_YES, True)):
        if parts and all(_made_of(pattern, part) for part in parts):
            return decided
    return None


def _made_of(pattern: re.Pattern[str], text: str) -> bool:
    """Tell whether a text is what a pattern names, with polite words around it, at least once."""
    whole = rf"(?:{_BESIDE.pattern}\s*)*{pattern.pattern}\s*(?:(?:{pattern.pattern}|{_BESIDE.pattern})\s*)*"
    try:
        return patiently(lambda allowed: regex.fullmatch(whole, text, timeout=allowed), SECONDS) is not None
    except TimeoutError:  # many ways to read it, and so no plain answer
        return False


def _lower(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split()).strip(" .!。！~～")
