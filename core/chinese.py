"""Chinese in simplified characters, whichever it was written in.

Knows writing, not meaning; tables of characters are OpenCC's, and some that it leaves.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_PAIRS = (  # a character that the conversion of traditional ones leaves, and the one that simplified texts have
    "著着瞭了藉借馀余覆复彷仿妳你牠它祇只衹只沈沉薰熏甦苏揹背伕夫菓果荳豆鎗枪砲炮礟炮枱台粧妆衞卫糭粽邨村雠仇"
    "谘咨痺痹痲麻瘉愈瘖喑癎痫硷碱呪咒吿告啣衔囓啮尅克廻回徧遍恠怪慙惭憇憩戸户拏拿搥捶搾榨擧举攷考敺驱暱昵椀碗"
    "盌碗氷冰汚污炤照煑煮熖焰燄焰牋笺牕窗窻窗疎疏硏研稺稚穉稚籐藤籘藤臋臀躶裸覩睹豓艳賍赃賸剩躱躲輭软閙闹閧哄"
    "隣邻靱韧韮韭顋腮颚腭鬀剃鬪斗鴈雁麤粗濬浚槃盘竝并甚什姪侄妬妒嬾懒蹧糟摀捂姙妊罸罚鬭斗箝钳剉锉勦剿刼劫刦劫"
    "脇胁偸偷刄刃亾亡餽馈喒咱"
)
_SAME = dict(zip(map(ord, _PAIRS[::2]), _PAIRS[1::2]))
_HAN, _KANA = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[\u3041-\u30ff]")


def simplified(text: str) -> str:
    """Return a text with simplified for traditional Chinese characters, and one form of each that has several."""
    return str(_converter().convert(text)).translate(_SAME)


def in_place(text: str) -> str:
    """Return a text in simplified characters, each where the character that it stands for is."""
    if not _HAN.search(text):
        return text
    plain = simplified(text)
    if len(plain) == len(text):
        return plain
    return "".join(one if len(one := simplified(character)) == 1 else character for character in text)


def as_learnt(text: str) -> str:
    """Return a text as encoders read it: with its Chinese in simplified characters; Japanese stays as it is.

    Encoders have seen far less traditional writing, and a question in it would be nearer to other answers.
    """
    return simplified(text) if _HAN.search(text) and not _KANA.search(text) else text


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")
