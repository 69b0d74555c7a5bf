"""What a user says who has a goal of CrossWOZ: several ways for each act, drawn by a seeded generator.

Knows neither the persona nor what it answers.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from crosswoz_goals import Goal

VERB = {"景点": ("游玩", "逛逛", "玩"), "酒店": ("住宿", "住", "住下"), "餐馆": ("用餐", "吃饭", "吃点东西")}
COUNT = {"景点": ("个", "一个", "一处"), "酒店": ("家", "一家", "个"), "餐馆": ("家", "一家", "个")}
THIS = {
    "景点": ("这个景点", "那里", "这个景点", "它"),
    "酒店": ("这家酒店", "酒店", "它", "那家酒店"),
    "餐馆": ("这家餐馆", "餐馆", "它", "他家"),
}
WAYS = {
    "评分": ("评分{}", "评分在{}", "评分要{}", "评分是{}"),
    "门票": ("门票{}", "票价{}", "票价在{}", "门票价格是{}"),
    "人均消费": ("人均消费{}", "人均{}", "人均消费在{}", "每个人消费{}"),
    "价格": ("价格{}", "最低价格{}", "价格在{}", "房价在{}"),
    "游玩时间": ("游玩时间{}", "能玩{}", "可以玩{}", "游玩时长{}"),
    "酒店类型": ("{}", "{}", "类型是{}"),
    "酒店设施": ("有{}", "提供{}", "能提供{}", "带{}"),
    "推荐菜": ("有{}", "能吃到{}", "有{}这道菜", "做{}"),
}
FREE = {
    "免费": ("免费", "门票免费", "不要门票", "票价是免费"),
    "不免费": ("不免费", "收费", "要买门票", "票价不是免费"),
}
SEEK = (
    "帮我找{count}{wishes}的{domain}。",
    "你好，能推荐{count}{wishes}的{domain}吗？",
    "我想找{count}{domain}{verb}，{loose}，有推荐吗？",
    "请给我推荐{count}{wishes}的{domain}{verb}吧。",
    "我想找{count}{wishes}的{domain}。",
    "有没有{wishes}的{domain}？",
    "哪{one}{domain}{loose}呢？",
    "我要找{count}{domain}，{loose}，麻烦帮我看看。",
    "{loose}，有这样的{domain}推荐吗？",
    "接下来想去{verb}，推荐{count}{wishes}的{domain}吧。",
    "帮我安排{count}{domain}吧，最好{loose}。",
)
BARE = ("帮我找{count}{domain}。", "给我推荐{count}{domain}{verb}吧。", "有什么{domain}推荐吗？")
NEAR = (
    "我想在{anchor}附近找{count}{wishes}的{domain}。",
    "{anchor}周边有没有{wishes}的{domain}？推荐{count}吧。",
    "请在{anchor}周边的{domain}里推荐{count}{wishes}的。",
    "{anchor}附近的{domain}，{loose}，有推荐吗？",
    "帮我在{anchor}旁边找{count}{domain}，{loose}。",
    "想在{anchor}周围找{count}{wishes}的{domain}{verb}。",
)
NEAR_BARE = ("在{anchor}附近给我推荐{count}{domain}吧。", "{anchor}周边帮我找{count}{domain}。")
MORE = ("{loose}。", "最好{loose}。", "还要{loose}。", "对了，{loose}，有吗？", "另外{loose}。", "我希望{loose}。")
NAMED = ("我想去{name}{verb}，", "我要去{name}，", "听说{name}不错，", "")
ASK = {
    "地址": (
        "{this}的地址在哪？",
        "{this}在哪里？",
        "{this}的地址是什么？",
        "地址发我一下。",
        "{this}的具体位置在哪儿？",
    ),
    "电话": ("{this}的电话是多少？", "电话多少？", "有{this}的联系电话吗？", "把{this}的电话给我吧。"),
    "评分": ("{this}的评分是多少？", "评分多少？", "{this}评分怎么样？", "{this}的评分高吗？"),
    "营业时间": (
        "{this}的营业时间是什么时候？",
        "{this}几点营业？",
        "{this}营业时间是几点到几点？",
        "几点开门，几点关门？",
    ),
    "酒店类型": ("{this}是什么类型的？", "{this}属于什么类型？", "酒店类型是什么？"),
    "价格": ("{this}的价格是多少？", "{this}多少钱一晚？", "{this}什么价位？", "住一晚多少钱？"),
    "门票": ("{this}的门票多少钱？", "票价是多少？", "{this}要门票吗，多少钱？", "{this}的门票价格是多少？"),
    "游玩时间": ("{this}适合玩多久？", "{this}的游玩时间是多久？", "{this}一般要游玩多长时间？", "{this}能玩多久？"),
    "人均消费": ("{this}的人均消费是多少？", "人均多少钱？", "{this}人均消费怎么样？"),
    "推荐菜": ("{this}有什么推荐菜？", "有哪些好吃的菜？", "{this}的特色菜是什么？", "{this}有哪些菜值得点？"),
    "周边景点": (
        "{this}周边有什么景点？",
        "{this}附近有哪些景点可以玩？",
        "周围有没有景点？",
        "{this}周边有什么好玩的地方？",
    ),
    "周边餐馆": (
        "{this}周边有什么餐馆？",
        "{this}附近有吃饭的地方吗？",
        "周边有哪些餐馆？",
        "{this}附近有哪些好吃的餐厅？",
    ),
    "周边酒店": ("{this}周边有什么酒店？", "{this}附近有酒店可以住吗？", "周边有酒店吗？", "{this}附近有哪些宾馆？"),
}
HAS = ("{this}有{what}吗？", "{this}有没有{what}？", "{this}提供{what}吗？", "{this}是否有{what}？", "请问有{what}吗？")
TWO = ("{one}和{two}分别是什么？", "告诉我{this}的{one}和{two}吧。", "{this}的{one}、{two}是多少？")
PLAIN = {"地址", "电话", "评分", "营业时间", "酒店类型", "价格", "门票", "游玩时间", "人均消费"}


class Sayings:
    """Say the acts of one dialogue."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def seek(self, goal: Goal, wishes: Sequence[tuple[str, str]], anchor: str = "") -> str:
        """Return a wish for a place; with `anchor`, near it."""
        ways: tuple[str, ...] = SEEK if wishes else BARE
        if anchor:
            ways = NEAR if wishes else NEAR_BARE
        count = self.random.choice(COUNT[goal.domain])
        return self.random.choice(ways).format(
            count=count,
            one=count[-1],
            wishes=self._wishes(wishes, "、" if self.random.random() < 0.3 else "，"),
            loose=self._wishes(wishes, "，"),
            domain=goal.domain,
            verb=self.random.choice(VERB[goal.domain]),
            anchor=anchor,
        )

    def more(self, wishes: Sequence[tuple[str, str]]) -> str:
        """Return further wishes for the place that was offered."""
        return self.random.choice(MORE).format(loose=self._wishes(wishes, "，"))

    def ask(self, goal: Goal, name: str, slots: Sequence[str]) -> str:
        """Return a question for one slot of a place, or for two plain ones."""
        this = name if self.random.random() < 0.25 else self.random.choice(THIS[goal.domain])
        if len(slots) == 2:
            return self.random.choice(TWO).format(this=this, one=slots[0], two=slots[1])
        if slots[0].startswith("酒店设施"):
            return self.random.choice(HAS).format(this=this, what=slots[0].removeprefix("酒店设施是否包含"))
        return self.random.choice(ASK[slots[0]]).format(this=this)

    def ask_named(self, goal: Goal, slot: str) -> str:
        """Return the first question about a place that the goal names."""
        lead = self.random.choice(NAMED).format(name=goal.named, verb=self.random.choice(VERB[goal.domain]))
        this = self.random.choice(THIS[goal.domain]) if lead else goal.named
        way = self.random.choice([one for one in ASK.get(slot, HAS) if lead or "{this}" in one])
        return lead + way.format(this=this, what=slot.removeprefix("酒店设施是否包含"))

    def _wishes(self, wishes: Sequence[tuple[str, str]], joint: str) -> str:
        return joint.join(self._wish(*wish) for wish in wishes)

    def _wish(self, slot: str, value: str) -> str:
        if value in FREE:
            return self.random.choice(FREE[value])
        if "-" in value and self.random.random() < 0.4:
            value = value.replace(" - ", "到").replace("-", "到")
        return self.random.choice(WAYS[slot]).format(value)
