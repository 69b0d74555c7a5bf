"""Which personal data is found, and what is left alone."""

from __future__ import annotations

import time

import pytest
from personac.core.mind import privacy

FOUND = [
    ("My SSN is 536-90-4399.", "ssn", "536-90-4399"),
    ("my passport number is C01X00T47", "passport", "C01X00T47"),
    ("护照号：E12345678", "passport", "E12345678"),
    ("my driver's license is D1234567", "driver_license", "D1234567"),
    ("我的驾驶证档案编号110012345678", "driver_license", "110012345678"),
    ("DNI 12345678Z", "id_card", "12345678Z"),
    ("codice fiscale RSSMRA85T10A562S", "id_card", "RSSMRA85T10A562S"),
    ("NINO QQ 12 34 56 C? no, AB123456C", "id_card", "AB123456C"),
    ("香港身份证 A123456(3)", "id_card", "A123456(3)"),
    ("VAT DE136695976 please", "tax_id", "DE136695976"),
    ("税号91350100M000100Y43开票", "tax_id", "91350100M000100Y43"),
    ("车牌是京A12345", "plate", "京A12345"),
    ("新能源车粤BD12345停在门口", "plate", "粤BD12345"),
    ("routing number 021000021", "bank_account", "021000021"),
    ("my account number is 123456789012", "bank_account", "123456789012"),
    ("pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa now", "wallet", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    ("pay 0x52908400098527886E0F7030069857D2E4169EE7", "wallet", "0x52908400098527886E0F7030069857D2E4169EE7"),
    ("router 00:1A:2B:3C:4D:5E", "mac", "00:1A:2B:3C:4D:5E"),
    ("from 2001:db8::8a2e:370:7334 today", "ip", "2001:db8::8a2e:370:7334"),
    ("see https://ann.example.com/me?x=1.", "url", "https://ann.example.com/me?x=1"),
    ("my page is ann-lee.com", "url", "ann-lee.com"),
    ("我的微信号是ann_lee88", "account", "ann_lee88"),
    ("加我QQ：123456789", "account", "123456789"),
    ("I live at 221B Baker Street, London", "address", "221B Baker Street, London"),
    ("ship to 1600 Pennsylvania Avenue NW? no: 12 Oak Lane Apt. 4", "address", "12 Oak Lane Apt. 4"),
    ("PO Box 1234, Springfield, IL 62701", "address", "PO Box 1234, Springfield, IL 62701"),
    ("寄到北京市海淀区中关村大街27号3单元502室", "address", "北京市海淀区中关村大街27号3单元502室"),
    ("my zip code is 35350", "zip_code", "35350"),
    ("邮编100080", "zip_code", "100080"),
    ("I was born on 12/03/1985.", "birth_date", "12/03/1985"),
    ("我1985年3月12日出生", "birth_date", "1985年3月12日"),
    ("I'm 34 years old", "age", "34"),
    ("他今年三十四岁", "age", "三十四"),
    ("ask Dr. Wong", "title", "Dr."),
    ("call me: 0496 46 46 70", "phone", "0496 46 46 70"),
    ("Fax: 345-899-3560x4587", "phone", "345-899-3560x4587"),
    ("ring +41 (0)85 806 98 67", "phone", "+41 (0)85 806 98 67"),
    ("座机010-62345678", "phone", "010-62345678"),
    ("I think it's (08) 8123 4567.", "phone", "(08) 8123 4567"),
    ("It's 20-12-34-56 at home", "phone", "20-12-34-56"),
    ("Use 601 234 567 before noon", "phone", "601 234 567"),
    ("write down (2) 2123 4567", "phone", "(2) 2123 4567"),
    ("mine is 555-1234, thanks", "phone", "555-1234"),
    ("call me at 1-113-008-3690", "phone", "1-113-008-3690"),
    ("it's 1 (161) 280-6192 for now", "phone", "1 (161) 280-6192"),
    ("dial +43 753378876232", "phone", "+43 753378876232"),
    ("take 02604 66109 906", "phone", "02604 66109 906"),
    ("my number: +(370) 95896935", "phone", "+(370) 95896935"),
    ("phone 00421 2 46610990", "phone", "00421 2 46610990"),
    ("phone +91 079 8683078", "phone", "+91 079 8683078"),
    ("try 210 006 7560", "phone", "210 006 7560"),
    ("Phone:202-555-0147", "phone", "202-555-0147"),
    ("Lisbon 1000 202-555-0147", "phone", "202-555-0147"),
    ("is 9898531231 still right?", "phone", "9898531231"),
    ("mine is 0(528) 603 36 40, thanks", "phone", "0(528) 603 36 40"),
    ("card 6011-5508-9603-3147 lost", "bank_card", "6011-5508-9603-3147"),
]

NONE = [
    "The ticket costs 60 yuan, 1,200 for groups of 20.",
    "Order 6011550896033147 has not arrived.",
    "My order number is 13812345678.",
    "订单号 6222021234567890128 什么时候发货？",
    "快递单号13812345678查一下",
    "It is open 8:30-17:00 from Tuesday to Sunday.",
    "故宫周一闭馆，旺季8:30到17:00，门票60元，学生30元。",
    "Flight CA1234 leaves at 10:45 from gate 23.",
    "I take 500 mg 3 times a day.",
    "我订了3间房，共1200元，2026年10月1日入住。",
    "version 10.2.3.4 of the app",
    "ISBN 978-3-16-148410-0",
    "The wall is 21196 km long and 600 years old.",
    "转账5000元到零钱",
    "How do I get from Line 4 to exit B?",
    "从地铁4号线B口出来怎么走？",
    "The score was 102-99 at 20:15.",
    "Room 1204 on floor 12, please.",
    "I'm 15 minutes late.",
]
IDENTIFYING = [kind for kind in privacy.PII_TYPES if kind not in ("date", "title", "age", "organization")]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_personal_data_is_found_with_its_borders(text: str, kind: str, value: str) -> None:
    assert (value, kind) in [(text[start:end], name) for start, end, name in privacy.find(text)]


@pytest.mark.parametrize("text", NONE)
def test_prices_orders_hours_and_dates_are_left_alone(text: str) -> None:
    assert privacy.find(text, IDENTIFYING) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We open at 10:30 (dbe324ad85a0438694941ab1cda4435d).", []),
        ("commit 14777409816c4581ab7973a7a84fb0f5", []),
        ("a15371ee40704fefbbe4686870477454", []),
        ("tel0438694941", ["phone"]),
        ("My number is 14777409816a", ["phone"]),
        ("call07700900123now", ["phone"]),
        ("13812345678or13912345678", ["phone", "phone"]),
        ("电话是01084842862,01084842892。", ["phone", "phone"]),
        ("(086) 030 1704/(097) 436 1338", ["phone", "phone"]),
    ],
)
def test_the_figures_of_a_code_are_no_phone_and_no_card(text: str, found: list[str]) -> None:
    assert [kind for _, _, kind in privacy.find(text, ("phone", "bank_card"))] == found


@pytest.mark.parametrize(
    "unit",
    [
        "1", "1 ", "a.", "0-", "a@", "(1)", "号", "1号",
        "ab:", "::", "A1 ", "北京市", "路1", "Road 1 ", "12 Aa ", "+1 ", "0x1", "www.", "my id "],
)  # fmt: skip
def test_hostile_texts_take_no_longer_than_their_length_allows(unit: str) -> None:
    def cost(characters: int) -> float:
        text = (unit * characters)[:characters]
        times = []
        for _ in range(3):
            started = time.process_time()
            privacy.find(text)
            times.append(time.process_time() - started)
        return min(times)

    assert cost(4000) < 40 * cost(400) + 0.1  # ten times as long: linear is 10, quadratic is 100


@pytest.mark.parametrize(
    "text",
    [
        "601 234 567 people live there", "Order 20-12-34-56 is late", "from 1914-1918 and on", "user id 9898531231",
        "the file has 9898531231 bytes", "用户9898531231", "tasks 066/067/068",
    ],
)  # fmt: skip
def test_figures_that_count_or_name_something_are_no_phone(text: str) -> None:
    assert not privacy.find(text, ("phone",))
