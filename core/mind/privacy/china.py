"""Personal data of mainland China, Hong Kong, Macau and Taiwan, except names and addresses."""

from __future__ import annotations

import re

from .checks import chinese_credit_code, chinese_identity, hong_kong_identity, old_chinese_identity, taiwan_identity
from .detector import ORDERED, Detector, after, pattern

_PLACES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_TELEPHONE = after(
    "电话|手机|手机号码?|联系方式|号码|座机|传真|致电|打给?|拨打?|tel|phone|call|fax|微信", r"[^\d\n]{0,12}"
)

CHINA: tuple[Detector, ...] = (
    Detector(
        "id_card", re.compile(r"(?<![a-zA-Z0-9])\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![a-zA-Z0-9])"), chinese_identity
    ),
    Detector(
        "id_card",
        re.compile(r"(?<![a-zA-Z0-9])\d{15}(?![a-zA-Z0-9])"),
        old_chinese_identity,
        near=after("身份证|证件号?|身份证件|id card|identity", r"[^\d\n]{0,12}"),
    ),
    Detector("id_card", re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{6} ?[(（][0-9A][)）]"), hong_kong_identity),
    Detector(
        "id_card",
        re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{6}[0-9A](?![A-Za-z0-9])"),
        hong_kong_identity,
        near=after("hkid|hong kong id|香港身份证|身份证|身份證", r"[^\d\n]{0,16}"),
    ),
    Detector("id_card", re.compile(r"(?<![A-Za-z0-9])[A-Z][1289]\d{8}(?![A-Za-z0-9])"), taiwan_identity),
    Detector(
        "id_card",
        re.compile(r"(?<![A-Za-z0-9])[157]\d{6} ?[(（]\d[)）]"),
        near=after("澳门|澳門|macau|bir|身份证", r"[^\d\n]{0,16}"),
    ),
    Detector(
        "tax_id",
        re.compile(r"(?<![A-Za-z0-9])[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![A-Za-z0-9])"),
        chinese_credit_code,
    ),
    Detector(
        "passport",
        re.compile(r"(?<![A-Za-z0-9])(?:[EeGg]\d{8}|[Ee][A-HJ-NP-Za-hj-np-z]\d{7}|[DdSsPpHhKk]\d{7,8})(?![A-Za-z0-9])"),
        near=after("护照|護照|通行证|通行證|passport|证件", r"[^\d\n]{0,14}"),
    ),
    Detector("passport", re.compile(r"(?<![A-Za-z0-9])[EG]\d{8}(?![A-Za-z0-9])"), unless=ORDERED),
    Detector(
        "passport",
        re.compile(r"(?<![A-Za-z0-9])[CHMW]\d{8}(?:\d{2})?(?![A-Za-z0-9])"),
        near=after("通行证|通行證|回乡证|permit", r"[^\d\n]{0,14}"),
    ),
    Detector(
        "plate",
        re.compile(
            rf"[{_PLACES}][A-HJ-NP-Z][ ·•.-]?(?:[A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9挂学警港澳]"
            r"|[DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF])(?![A-Za-z0-9])"
        ),
        lambda text: any(c.isdigit() for c in text),
    ),
    Detector(
        "driver_license",
        re.compile(r"(?<![a-zA-Z0-9])\d{12}(?:\d{5}[\dXx])?(?![a-zA-Z0-9])"),
        near=after("驾照|驾驶证|驾驶执照|档案编号", r"[^\d\n]{0,10}"),
    ),
    Detector(
        "phone",
        re.compile(r"(?<![\d.-])(?:(?:\+|00)?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}[ -]?\d{4}|[ -]?\d{3}[ -]?\d{5})(?![\d-])"),
        unless=ORDERED,
    ),
    Detector(
        "phone",
        re.compile(
            r"(?<![\d.-])(?<!\d )(?:[(（]0\d{2,3}[)）][ -]?|0\d{2,3}[ -])[2-9]\d{6,7}(?:[ -]?转?\d{1,5})?(?![\d-])"
        ),
        unless=ORDERED,
    ),
    Detector(
        "phone",
        re.compile(r"(?<![\d-])(?:[5-9]\d{3}[ -]?\d{4}|09\d{2}[ -]?\d{3}[ -]?\d{3}|0?[2-9]\d{6,7})(?![\d-])"),
        near=_TELEPHONE,
    ),
    Detector(
        "account",
        pattern(r"(?<![a-z0-9_-])(?P<value>[a-z][a-z0-9_-]{5,19})(?![a-z0-9_-])"),
        near=after("微信号?|wechat(?: id)?|weixin", r"\s*(?:是|为|is|[:：])\s*"),
    ),
    Detector(
        "account", re.compile(r"(?<!\d)[1-9]\d{4,10}(?!\d)"), near=after("qq号?码?|QQ群", r"\s*(?:是|为|is|[:：])?\s*")
    ),
)
