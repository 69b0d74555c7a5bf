"""What a message asks, without who says it: "Hi, I'm Ana from Peru. Do you take cards?" asks whether cards are taken.

Knows how people introduce themselves in English and Chinese, not what they ask for.
"""

from __future__ import annotations

import re

from ...chinese import in_place
from ..small_talk import is_small_talk
from .requests import says_enough

LONGEST = 600  # characters; what is longer is read whole
HAN = 3  # Chinese characters of the shortest question
_END = re.compile(r"(?<=[,;:.!?，；：。！？])\s*")
_SIGNS = " \t\n,;:.!?，；：。！？"
_NAME = r"(?-i:[A-Z])[\w'’-]*(?: (?-i:[A-Z])[\w'’-]*){0,3}"
_KIN = (
    r"(?:mother|mum|mom|father|dad|parents?|son|daughter|child|kids?|wife|husband|partner|girlfriend|boyfriend|sister"
    r"|brother|aunt|uncle|cousin|niece|nephew|grand\w+|friend|neighbou?r|colleague|boss|flatmate)"
)
_FROM = r"from (?:\w+ ?){1,3}"
_IS = rf"{_FROM}|in {_NAME}|in my \w+|an? (?:[\w-]+ ?){{1,3}}|\d{{1,3}}(?: y(?:ea)?rs? old)?|{_NAME}(?: {_FROM})?"
_ENGLISH = re.compile(
    r"(?:and |so |well )?(?:"
    rf"(?:i am|i['’]?m|we are|we['’]?re|i come|we come|i was born|i live|we live|i grew up) (?:{_IS})"
    rf"|(?:my name is|my name['’]s|this is|call me) (?:{_NAME}|\w+(?: \w+)?)"
    r"|(?:as|speaking as|being) (?:an? )?(?:[\w-]+ ?){1,3}"
    rf"|(?:i am|i['’]?m|we['’]?re)? ?asking (?:this )?(?:for|on behalf of) (?:my|our|an?) {_KIN}"
    rf"|(?:this|it|my question) is for my {_KIN}"
    r"|i (?:just )?(?:have|had|got) (?:an?|one|some|another)(?: \w+)? questions?"
    r"|(?:and )?i(?: was|['’]m)? wonder(?:ing)?|(?:and )?i(?: would|['’]d)? (?:like|want) to (?:ask|know)"
    r"|(?:please |kindly )tell(?: me)?|(?:may|can|could) i ask(?: you)?(?: something| a question)?"
    r")",
    re.IGNORECASE,
)
_KIN_HAN = "(?:[妈爸爹娘爷奶姥公婆儿女孩老夫妻丈爱媳对朋同邻亲家室学孙姐妹哥弟叔姨舅姑]\\w{0,3})"
_CHINESE = re.compile(
    r"(?:那个|您好|你好)?(?:"
    r"(?:我叫|我的名字[是叫]|叫我)[\w·]{1,12}"
    r"|(?:我|我们|咱|咱们|本人)是(?!不是|说|想|要|问|否|谁|哪|什么|怎)[\w·]{1,10}"
    r"|作为(?:一个|一名|个|名)?\w{1,10}"
    r"|(?:我|本人)?(?:今年|现在|其实|都|已经|快|刚满|才)*[0-9一二三四五六七八九十]{1,3}(?:岁|周岁)了?"
    r"|(?:我|我们|本人)(?:从|来自|住在?|家在|老家在?|是从)\w{2,8}?(?:来的?|那边|人|的)?"
    rf"|我?(?:在)?(?:替|帮|代|给)我?{_KIN_HAN}(?:问一下|问问|问|打听一下|问个事)"
    r"|我?(?:有个|有一个|想问个|问个)(?:小|简单的)?(?:问题|事)|我?(?:想|想要)?(?:请问|请教)(?:一下)?|我?想(?:问|知道)(?:一下)?"
    r")"
)


def without_introduction(text: str) -> str:
    """Return what a message says after greetings and who its user is; all of it where that is nothing."""
    if len(text) > LONGEST:
        return text
    start = 0
    for end in _END.finditer(text):
        if not _introduces(text[start : end.end()]):
            break
        start = end.end()
    rest = text[start:].strip()
    return rest if start and says_enough(rest, HAN) and not _introduces(rest) else text


def _introduces(part: str) -> bool:
    bare = in_place(part.strip(_SIGNS))
    return not bare or is_small_talk(bare) or bool(_ENGLISH.fullmatch(bare) or _CHINESE.fullmatch(bare))
