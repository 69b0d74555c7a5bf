"""Write stream.csv: invented news about invented companies, for a persona to be tried with.

Usage: python make_news.py > stream.csv. The same items every time; nothing in them is about anybody real.
"""

from __future__ import annotations

import csv
import random
import sys
from datetime import date, timedelta

FIRST, DAYS, SEED = date(2026, 7, 3), 90, 7
USUAL = (0.28, 0.16)  # shares of good and of bad items on a usual day; the rest is neither
SURGES = {  # topic: the first day, how many days, what the bad items are about
    "orchard": (date(2026, 8, 10), 6),
    "kitewing": (date(2026, 9, 13), 6),
    "harbour": (date(2026, 9, 25), 6),
}
ITEMS, SURGING, SURGING_BAD = 0.66, 3.4, 0.8  # items a day and topic: usual, in a surge; the share of bad ones in it
COMPANIES = {
    "harbour": ("Harbour Motors", "海港汽车", "vans", "货车"),
    "tessaly": ("Tessaly Semiconductor", "泰莎半导体", "chips", "芯片"),
    "northgale": ("Northgale Energy", "北风能源", "wind turbines", "风机"),
    "orchard": ("Orchard Foods", "果园食品", "juices", "果汁"),
    "kitewing": ("Kitewing Airlines", "风筝航空", "flights", "航班"),
    "reef": ("Reef Bank", "珊瑚银行", "home loans", "房贷"),
}
GOOD = {
    "en": [
        "{c}: quarterly profit rose by {n} %", "{c} wins an order worth {m} million for {p}",
        "Demand for {p} of {c} grew by {n} %", "{c} raises its outlook after strong sales",
        "{c} opens a new site and creates {h} jobs", "{c} receives an award for its {p}",
        "Revenue of {c} exceeds expectations by {n} %", "{c} cuts its debt by {m} million",
    ],
    "zh": [
        "{c}季度利润增长{n}%",
        "{c}中标{m}百万元{p}订单",
        "{c}{p}需求增长{n}%",
        "{c}上调全年展望，销售强劲",
        "{c}新基地投产，新增{h}个岗位",
        "{c}{p}获奖",
        "{c}营收超预期{n}%",
        "{c}负债下降{m}百万元",
    ],
}  # fmt: skip
BAD = {
    "en": [
        "{c}: quarterly profit fell by {n} %", "{c} loses an order worth {m} million for {p}",
        "Demand for {p} of {c} dropped by {n} %", "{c} warns of weak sales", "{c} to lay off {h} people",
        "Complaints about {p} of {c} increased by {n} %", "{c} delays new {p} by {n} weeks",
    ],
    "zh": [
        "{c}季度利润下降{n}%",
        "{c}{p}订单被取消，损失{m}百万元",
        "{c}{p}需求下滑{n}%",
        "{c}警告销售疲软",
        "{c}裁员{h}人", "{c}{p}投诉增加{n}%", "{c}新{p}延期{n}周",
    ],
}  # fmt: skip
NEITHER = {
    "en": [
        "{c} publishes its calendar for {y}",
        "{c} moves its head office to {t} Street",
        "{c} shows {p} at the {t} fair",
        "{c} names {t} as head of {p}",
        "{c} holds its meeting in room {h}",
        "Readers ask: what does {c} do with {p}?",
        "{c} changes the colours of its {p}", "{h} visitors at the open day of {c}",
    ],
    "zh": [
        "{c}公布{y}年日程",
        "{c}总部迁往{t}街",
        "{c}在{t}展会展出{p}",
        "{c}任命{t}负责{p}",
        "{c}在{h}会议室召开股东会",
        "读者问：{c}的{p}是做什么的", "{c}更换{p}的颜色", "{c}开放日有{h}人参观",
    ],
}  # fmt: skip
TROUBLE = {
    "harbour": {
        "en": [
            "{c} recalls {h}00 vans over a fault in the brakes",
            "Authority opens an inquiry: complaints about {c} brakes rose",
            "{c} suspends deliveries of vans after accident number {n}", "Lawsuit by {h} owners of vans against {c}",
            "{c} warns that the recall may cost {m} million", "Rating of {c} downgraded after recall, grade {n}",
            "Dealer number {h} disappointed: orders for {c} vans fell",
        ],
        "zh": [
            "海港汽车因刹车故障召回{h}00辆货车",
            "监管部门就海港汽车刹车问题展开调查，编号{h}",
            "第{n}起事故后海港汽车暂停交付，停产{n}天",
            "{h}名车主起诉海港汽车",
            "海港汽车警告召回损失或达{m}百万元",
            "海港汽车订单下滑{n}%",
        ],
    },
    "kitewing": {
        "en": [
            "Strike: {c} cancels {h} flights", "{c}: talks with pilots fail, day {n} of the strike",
            "{h} passengers stranded as {c} strike goes on, complaints rise",
            "{c} warns of a loss of {m} million from the strike",
            "Delays of {c} flights increased by {n} %", "Union protest at {c} enters day {n}",
        ],
        "zh": [
            "罢工：风筝航空取消{h}个航班",
            "风筝航空与飞行员谈判破裂，罢工第{n}天",
            "风筝航空罢工致{h}名旅客滞留，投诉增加",
            "风筝航空警告罢工损失{m}百万元", "风筝航空航班延误增加{n}%，旅客投诉",
        ],
    },
    "orchard": {
        "en": [
            "{c} recalls juices of batch {h}",
            "{c} juices: {n} people ill, complaints rise",
            "Shops stop selling {c} juices, sales fell by {n} %",
            "{c} fined {m} million over hygiene breach",
            "{c} shuts down line {n} after scandal",
            "{c} warns of lower profit, down {n} %",
        ],
        "zh": [
            "果园食品召回{h}批次果汁",
            "果园食品果汁投诉增加，{n}人不适",
            "果园食品因卫生违规被罚款{m}百万元",
            "商店下架果园食品，销量下滑{n}%", "丑闻后果园食品第{n}条线停产",
        ],
    },
}  # fmt: skip
SOURCES = {"en": ("Demo Wire", "Invented Times", "Sample Post"), "zh": ("示例通讯", "虚构日报", "样例财经")}
NAMES = {"en": ("Maple", "Anchor", "Lantern", "Willow", "Granite"), "zh": ("枫叶", "铁锚", "灯笼", "垂柳", "花岗")}


def main() -> None:
    """Write the stream to standard output."""
    drawn = random.Random(SEED)
    out = csv.writer(sys.stdout, lineterminator="\n")
    sys.stdout.write(
        "# Invented news about invented companies, written by make_news.py. Nothing here is about anybody real.\n"
    )
    out.writerow(["date", "title", "text", "source"])
    for number in range(DAYS):
        day = FIRST + timedelta(number)
        for topic in COMPANIES:
            for _ in range(_count(drawn, SURGING if _surges(topic, day) else ITEMS)):
                language = "zh" if drawn.random() < 0.4 else "en"
                title = _title(drawn, topic, day, language)
                out.writerow([day.isoformat(), title, "", drawn.choice(SOURCES[language])])


def _surges(topic: str, day: date) -> bool:
    first, days = SURGES.get(topic, (day + timedelta(1), 0))
    return first <= day < first + timedelta(days)


def _count(drawn: random.Random, mean: float) -> int:
    """Return a number with this mean, from 0 to six times as much."""
    return sum(drawn.random() < mean / 6 for _ in range(6))


def _title(drawn: random.Random, topic: str, day: date, language: str) -> str:
    dice = drawn.random()
    if _surges(topic, day) and dice < SURGING_BAD:
        form = drawn.choice(TROUBLE[topic][language])
    else:
        good, bad = USUAL
        kind = GOOD if dice < good else BAD if dice < good + bad else NEITHER
        form = drawn.choice(kind[language])
    english, chinese, thing, things_zh = COMPANIES[topic]
    return form.format(
        c=english if language == "en" else chinese, p=thing if language == "en" else things_zh, n=drawn.randint(2, 40),
        m=drawn.randint(3, 90), h=drawn.randint(20, 400), y=day.year + 1, t=drawn.choice(NAMES[language]),
    )  # fmt: skip


if __name__ == "__main__":
    main()
