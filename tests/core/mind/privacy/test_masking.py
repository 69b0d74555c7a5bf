"""Personal data in text."""

from __future__ import annotations

import pytest
from personac.core.mind import privacy


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("mail me at ann.lee+x@example.co.uk please", "email", "ann.lee+x@example.co.uk"),
        ("我的邮箱是bob@example.cn，谢谢", "email", "bob@example.cn"),
        ("card 4111 1111 1111 1111.", "bank_card", "4111 1111 1111 1111"),
        ("我的卡号是6222021234567890128", "bank_card", "6222021234567890128"),
        ("身份证11010519491231002X号", "id_card", "11010519491231002X"),
        ("call 13812345678 or not", "phone", "13812345678"),
        ("call +44 20 7946 0958", "phone", "+44 20 7946 0958"),
        ("I use 9123 4567", "phone", "9123 4567"),
        ("they have 081234 56789 in the file", "phone", "081234 56789"),
        ("IBAN GB82 WEST 1234 5698 7654 32", "iban", "GB82 WEST 1234 5698 7654 32"),
        ("from 192.168.10.254 today", "ip", "192.168.10.254"),
    ],
)
def test_personal_data_is_found_where_it_stands(text: str, kind: str, found: str) -> None:
    assert [(text[start:end], name) for start, end, name in privacy.find(text)] == [(found, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "card 4111 1111 1111 1112",  # fails Luhn
        "110105194912310021",  # fails MOD 11-2
        "It opens from 8:30 to 17:00 and costs 60 yuan, 34 in 2026.",
        "version 1.2.3 of 2024-05-06",
        "the year 1951 and 1960",
        "from 2019 2020",
        "between 3000-5000 people",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert privacy.find(text, ["bank_card", "id_card", "email", "iban", "phone"]) == []


def test_a_mask_can_be_taken_off_within_the_turn() -> None:
    masked = privacy.mask("send it to bob@example.com and eve@example.com", ["email"])
    assert masked.text == "send it to [email 1] and [email 2]"
    assert masked.restore("sent to [email 2]") == "sent to eve@example.com"
    assert masked.types == ("email",)
