"""What a message says that asks for nothing: no word at all, or a greeting, a farewell, thanks, a nod.

Knows English and Chinese words, not what a persona answers to them.
"""

from __future__ import annotations

import re

from .disguise import fold
from .memory.terms import query_terms, search_terms

LONGEST = 40  # characters
_LATIN = (
    r"(?:good ?)?(?:bye(?: ?bye)?|night|evening|morning|afternoon|day)|farewell|ciao|cheerio|so long|take care|cya"
    r"|(?:see|c) (?:you|u|ya)(?: (?:later|soon|tomorrow|around|again|then|next time))*"
    r"|(?:talk|speak) to you (?:later|soon)|(?:until|till) next time"
    r"|have a (?:good|nice|great) (?:day|one|night|evening)|oh my god"
    r"|(?:hello|hi+|hey+)(?: (?:there|all|again|everyone))?|howdy|yo|greetings|what s up|sup"
    r"|thanks?(?: you)?(?: (?:so|very) much| a lot)?|thx|ty|cheers|much appreciated|you re welcome"
    r"|no (?:problem|worries)|ok(?:ay)?|okey|k|yes|yeah|yep|yup|no|nope|nah|sure|fine|right|alright|all right"
    r"|great|good|nice|cool|perfect|got it|i see|never ?mind|that s (?:all|it)|nothing(?: else)?|whatever|maybe"
    r"|let s go|go on|continue|please|sorry|my bad"
    r"|h[mn]+|u[hm]+|oh+|ah+|wow|ouch|oops|yay|ugh|lol|rofl|(?:ha|he){2,}h?|omg"
)
_HAN = (
    "再见|再会|拜+|回见|(?:回头|明天|下次|改天|一会儿?|待会儿?)(?:再?见|再?聊|再?说)|告辞|我?(?:先)?(?:走|下|撤|闪)了|晚安|早安|早上好|上午好|中午好|下午好|晚上好"
    "|(?:你|您|大家)好|哈[啰喽罗]|嗨|喂|在吗|谢+|多谢|感谢|辛苦(?:了|您|你)*|不客气|不用谢|麻烦(?:了|您|你)"
    "|对不起|抱歉|不好意思|没事|没错|没问题|没有?|不是|不|好|行|对|是|可以|知道|明白|懂|收到|了解|随便|算|继续|就?这样"
    "|[嗯恩哦噢喔啊呀哎唉咦哇呃额嘿呵嘻哈]+"
)
_ONE = re.compile(rf"(?:(?:{_LATIN})(?![a-z0-9])|(?:{_HAN})(?:您|你|大家)?[的了吧啦呢嘛呀啊哦哈]*)\s*")


def has_words(text: str) -> bool:
    """Tell whether a text has a letter, an ideograph or a figure."""
    return any(map(str.isalnum, text))


def is_small_talk(text: str) -> bool:
    """Tell whether a message is nothing but greetings, farewells, thanks and nods."""
    if len(text) > LONGEST:
        return False
    said, at = " ".join(re.findall(r"[^\W_]+", fold(text)[0])), 0
    while (found := _ONE.match(said, at)) is not None:  # one after the other, so that no text takes long
        at = found.end()
    return bool(said) and at == len(said)


def shares_word(text: str, passage: str) -> bool:
    """Tell whether a text has a word of a passage, however either is inflected, or in whichever characters."""
    return not set(query_terms(fold(text)[0])).isdisjoint(search_terms(fold(passage)[0]))


def is_one_word(text: str) -> bool:
    """Tell whether a text has one word at most that tells what it is about."""
    return len({term for term in query_terms(text) if term[:1].isalnum()}) <= 1
