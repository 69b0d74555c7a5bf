"""The finder of personal data measured on texts whose personal data is marked.

Knows the finder of `mind/privacy` and the names that other collections have for its types.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from ..mind.privacy import PII_TYPES, find
from .metrics import Counts, Span, span_scores
from .tables import Table, read_table

ALIASES = {
    "email": "email email_address e_mail mail 邮箱 电子邮箱",
    "phone": "phone phone_number telephone telephone_number tel mobile mobile_number cell fax"
    " 电话 手机号 手机号码 电话号码",
    "id_card": "id_card cn_id_card chinese_id id_number national_id national_id_number identity_card zh_id"
    " uk_nino uk_nhs es_nif es_nie it_fiscal_code pl_pesel fi_personal_identity_code 身份证 身份证号",
    "bank_card": "bank_card credit_card credit_card_number creditcard card card_number payment_card debit_card"
    " 银行卡 银行卡号",
    "iban": "iban iban_code",
    "ip": "ip ip_address ipv4 ip_v4 ipv6 ip_v6",
    "ssn": "ssn us_ssn us_itin itin social_security_number social_security",
    "passport": "passport passport_number us_passport uk_passport it_passport 护照 护照号",
    "driver_license": "driver_license us_driver_license driver_licence drivers_license driving_license"
    " driver_license_number"
    " it_driver_license 驾照 驾驶证",
    "tax_id": "tax_id vat vat_number vat_code it_vat_code tax_number tax_identification_number ein usci 税号",
    "plate": "plate license_plate licence_plate vehicle_plate car_plate uk_vehicle_registration 车牌 车牌号",
    "bank_account": "bank_account account_number us_bank_number bank_account_number routing_number swift bic 银行账号",
    "wallet": "wallet crypto bitcoin crypto_wallet bitcoin_address ethereum_address",
    "mac": "mac mac_address",
    "url": "url domain domain_name website web_address uri 网址",
    "account": "account wechat wechat_id qq qq_number username user_name 微信 微信号",
    "address": "address street_address location_address home_address billing_address 地址 住址",
    "zip_code": "zip_code zip zipcode postcode postal_code post_code 邮编",
    "birth_date": "birth_date date_of_birth dob birthday birthdate 生日 出生日期",
    "age": "age 年龄",
    "title": "title prefix honorific job_title 称谓",
    "date": "date date_time datetime 日期",
    "person": "person per name person_name full_name first_name last_name 人名 姓名",
    "organization": "organization organisation org company company_name 机构 公司",
    "place": "place gpe location loc city country state 地点 地名",
    "nationality": "nationality nrp norp 国籍 民族",
}
"""What a type of the finder is called elsewhere, in small letters with underscores."""
BROADER = {"birth_date": "date", "ssn": "id_card", "zip_code": "address"}
"""What a type is part of, for collections that tell no difference."""


def evaluate_privacy(spans: Path) -> dict[str, Any]:
    """Return precision, recall and f1 of the spans found, in all and by type.

    The rows are {text, spans: [{start, end, type}]}, end exclusive, in JSON Lines or JSON. A span counts when type and
    borders are right; `overlapping` has the figures when sharing a character is enough, and `supported` those of the
    types that the finder knows; others count as misses in all and are named in `unsupported`. What is found of types
    that the file never marks is only counted, in `unmarked`; where it marks nothing at all, every find is a mistake.
    A share of nothing is nan. Raise BadInput for a span outside its text.
    """
    table = read_table(spans, ("text", "spans"))
    texts = table.texts("text")
    truth = [_spans(table, number, text) for number, text in enumerate(texts)]
    wanted = {kind for spans_ in truth for _, _, kind in spans_}
    found = [[_as_asked(span, wanted) for span in find(text)] for text in texts]
    unmarked = Counter(kind for spans_ in found for _, _, kind in spans_ if wanted and kind not in wanted)
    found = [[span for span in spans_ if span[2] not in unmarked] for spans_ in found]
    exact, overlapping = span_scores(truth, found), span_scores(truth, found, touching=True)
    known = set(PII_TYPES)
    return {
        **_whole(exact),
        "texts": len(texts),
        "supported_types": list(PII_TYPES),
        "unsupported": [kind for kind in exact if kind not in known],
        "unmarked": dict(sorted(unmarked.items())),
        "supported": _whole({kind: counts for kind, counts in exact.items() if kind in known}),
        "overlapping": _whole(overlapping),
        "by_type": {kind: counts.as_dict() for kind, counts in exact.items()},
    }


def _as_asked(span: Span, wanted: set[str]) -> Span:
    """Return a span with the broader name of its type where only that one is asked for."""
    start, end, kind = span
    broader = BROADER.get(kind, kind)
    return (start, end, broader if kind not in wanted and broader in wanted else kind)


def known_type(name: str) -> str:
    """Return the finder's name of a type that others name differently; the name itself when it knows no such type."""
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    return next((kind for kind, names in ALIASES.items() if plain in names.split()), plain)


def _whole(counts: dict[str, Counts]) -> dict[str, float]:
    return sum(counts.values(), Counts()).as_dict()


def _spans(table: Table, number: int, text: str) -> list[Span]:
    given = table.rows[number]["spans"]
    if not isinstance(given, list):
        raise table.fault(number, "spans should be a list of {start, end, type}, in a .jsonl or .json file")
    found = []
    for span in given:
        if not isinstance(span, dict) or not {"start", "end", "type"} <= span.keys():
            raise table.fault(number, f"a span should have start, end and type, not {span!r}")
        start, end, kind = span["start"], span["end"], span["type"]
        if type(start) is not int or type(end) is not int:
            raise table.fault(number, f"start and end of a span should be whole numbers, not {start!r} and {end!r}")
        if not isinstance(kind, str) or not kind.strip():
            raise table.fault(number, f"the type of a span should be a text, not {kind!r}")
        if not 0 <= start < end <= len(text):
            raise table.fault(number, f"a span from {start!r} to {end!r} does not lie in its text of {len(text)}")
        found.append((start, end, known_type(kind)))
    return found
