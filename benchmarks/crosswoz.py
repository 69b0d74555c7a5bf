"""CrossWOZ: goals about attractions, hotels and restaurants, pursued by a user of rules with the tourism plugin.

    python benchmarks/crosswoz.py FOLDER [--split test] [--dialogues N] [--seed 0] [--show 10] [--persona FOLDER]

FOLDER has the data set's three databases and its dialogues, of which only the goals are read. A Chinese persona is made
of the databases (records as they are, two intents with examples written for this, words for the three kinds of place),
compiled once, in `--persona` when that is given, and talked to turn by turn as any persona is. The user says a goal's
wishes, in one turn or in two, takes the first place that is named, and asks for the goal's slots.

inform: where a place fulfils the goal in the database, the one offered does. success: that, and every slot asked for
got its right value. Where none does ("no offer"), the persona should say so; what it names instead is asked about.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from common import machine, quantiles
from crosswoz_goals import DOMAINS, Goal, Place, dialogues, fitting, is_told, named_in, places
from crosswoz_user import PLAIN, Sayings

if TYPE_CHECKING:
    from personac.core.runtime import Runtime

IN_TWO, TOGETHER = 0.3, 0.25  # how often wishes are said in two turns, and two slots are asked for at once
NO_OFFER = ("没有", "不知道", "没找到", "找不到")
PERSONA = """
personac: 1
name: 小京
summary: 推荐北京的景点、酒店和餐馆，并回答它们的地址、电话、价格等问题。
languages: [zh]
privacy: {consent: implied}
knowledge: [{path: places.json}]
plugins:
  - tourism:
      kind: 领域
      kinds:
        景点: [景区, 好玩的, 玩的地方, 地方玩, 游玩, 逛逛, 参观]
        酒店: [宾馆, 旅馆, 住宿, 住的地方, 地方住, 住下, 入住]
        餐馆: [餐厅, 饭店, 饭馆, 吃饭, 用餐, 吃的, 美食, 吃点]
      fields:
        价格: [一晚, 房费]
        门票: [票]
intents:
  - name: find
    examples:
      - 给我推荐一个好玩的景点
      - 我想找一家便宜的酒店住两晚
      - 有没有好吃的餐馆
      - 想找个评分高一点的酒店
      - 帮我找一家能吃烤鸭的餐馆
      - 哪里有免费的公园可以逛
      - 找一家人均八十块以内的饭馆吃晚饭
      - 推荐一家带游泳池的豪华酒店
      - 附近有没有评分高的餐馆，推荐一家
      - 在天坛旁边找个酒店
      - 想去一个门票不贵的景点玩半天
      - 我要订一家四百块左右的宾馆
      - 评分最好四分以上
      - 还要有停车场
      - 价格要便宜一点的
      - 换一家吧
      - 最好有早餐
      - 人均一百以内，有这样的饭店吗
      - 有没有离颐和园近的酒店
      - 哪家餐厅的饺子好吃，人均五十左右
      - 下午想去博物馆看看，给个建议
      - 晚上住哪里好，要有健身房的
      - 对了，要能洗衣服的
      - 另外要带室外泳池，有没有
      - 可以玩两三个小时
      - 最好能吃到水煮鱼
      - 住宿要舒适型的
      - 最好是豪华型
      - 另外要四百元以下
      - 对了，人均两百以内，有吗
      - 收费的也可以
      - 我希望能打麻将
      - 还要能存行李
      - 找一家做涮羊肉的餐馆，四分以上
      - 最好五分
      - 类型是公寓
      - 能提供叫车服务的酒店
      - 带温泉，价格三百到五百
      - 门票三十到六十
      - 做锅包肉
      - 要不收门票的
      - 另外能吃到糖葫芦
    skill: tourism.find
  - name: ask
    examples:
      - 地址在哪里
      - 它的电话是多少
      - 这家酒店有停车场吗
      - 这里的门票多少钱
      - 那家餐馆几点关门
      - 它的评分怎么样
      - 周边有什么好吃的
      - 这个景点附近有酒店吗
      - 这家店有什么招牌菜
      - 房间一晚上多少钱
      - 这家宾馆是什么档次的
      - 逛完要多长时间
      - 人均大概多少
      - 天坛在什么位置
      - 颐和园的门票和评分是多少
      - 把电话和地址发给我
      - 旁边还有别的景点吗
      - 有没有洗衣服务
      - 我想去北海公园，它的评分高吗
      - 怎么联系他们
      - 离地铁站近吗
      - 营业到几点
      - 发我一下地址
      - 能玩多长时间
      - 它属于哪种类型
      - 类型是什么
      - 它有没有麻将室
      - 酒店有游泳池吗
      - 请问可以停车吗
      - 是否有行李存放服务
      - 房价怎么样
      - 什么价格
      - 他家有哪些菜
      - 我要去雍和宫，地址在哪
      - 听说东来顺不错，附近有什么酒店
      - 某某酒店是否提供接送
      - 具体在什么位置
      - 周围还有其他餐馆吗
      - 人均消费怎么样
      - 票多少钱
      - 把那边的电话告诉我
      - 评分多少
      - 在哪儿
      - 附近有什么可以吃的地方
    skill: tourism.tell
  - name: thanks
    examples: [谢谢, 太感谢了, 好的谢谢你, 没有别的问题了, 再见]
    responses: {zh: [不客气，祝您玩得开心！]}
"""


@dataclass
class Counts:
    """Hold what came of the goals of one domain, or of all."""

    goals: int = 0
    possible: int = 0  # a place fulfils it
    informed: int = 0
    succeeded: int = 0
    impossible: int = 0
    told_so: int = 0
    told_so_and_right: int = 0
    asked: int = 0
    right: int = 0

    def rates(self) -> dict[str, Any]:
        """Return the rates, with how many they are of."""
        return {
            "goals": self.goals,
            "inform": _share(self.informed, self.possible),
            "success": _share(self.succeeded, self.possible),
            "with_an_offer": self.possible,
            "no_offer": self.impossible,
            "no_offer_told": _share(self.told_so, self.impossible),
            "success_with_no_offer": _share(self.told_so_and_right, self.impossible),
            "success_of_all": _share(self.succeeded + self.told_so_and_right, self.goals),
            "slots": self.asked,
            "slots_right": _share(self.right, self.asked),
        }


@dataclass
class Figures:
    """Hold what is counted over all dialogues."""

    counts: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    turns: list[int] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    all_informed: int = 0
    all_succeeded: int = 0


class Dialogue:
    """Let one user talk."""

    def __init__(
        self, name: str, runtime: Runtime, known: dict[str, dict[str, Place]], seed: int, figures: Figures
    ) -> None:
        self.name, self.runtime, self.known, self.figures = name, runtime, known, figures
        self.sayings = Sayings(f"{seed} {name}")
        self.log: list[str] = []
        self.met: dict[int, Place] = {}

    async def pursue(self, goals: Sequence[Goal]) -> None:
        """Pursue the goals one after the other."""
        came = [await self._goal(goal) for goal in goals]
        self.figures.all_informed += all(informed for informed, _ in came)
        self.figures.all_succeeded += all(succeeded for _, succeeded in came)
        self.figures.turns.append(len(self.log) // 2)

    async def _say(self, text: str) -> str:
        from personac.core.message import Message, Reply

        reply = ""
        begun = time.perf_counter()
        async for event in self.runtime.answer(Message(text, conversation=self.name, user=self.name)):
            if isinstance(event, Reply):
                reply = event.text
        self.figures.milliseconds.append((time.perf_counter() - begun) * 1000)
        self.log += [f"  > {text}", f"  < {reply}"]
        return reply

    async def _goal(self, goal: Goal) -> tuple[bool, bool]:
        asked = [slot for slot in goal.asked if slot != "名称"]
        anchor = self.met.get(goal.near) if goal.near is not None else None
        begun, right, first = len(self.log), list[bool](), ""
        if goal.named:
            place, possible = self.known[goal.domain].get(goal.named), True
            first = await self._say(self.sayings.ask_named(goal, asked[0]))
            informed = goal.named in first
        else:
            fits = fitting(self.known, goal, anchor)
            place, reply = await self._find(goal, anchor)
            possible = bool(fits)
            informed = place is not None and place["名称"] in fits if fits else any(word in reply for word in NO_OFFER)
            if not informed:
                kind = "wrong or no place" if fits else "should have said that there is none"
                self._error(f"{goal.domain}: {kind}", goal, begun, str(sorted(fits)[:3]))
        if place is not None:
            self.met[goal.id] = place
            right = await self._ask(goal, place, asked, first)
        elif goal.named or possible:
            right = [False] * len(asked)
        succeeded = informed and all(right)
        for name in (goal.domain, "all", self.name.split()[0]):
            counts = self.figures.counts[name]
            counts.goals += 1
            counts.asked += len(right)
            counts.right += sum(right)
            counts.possible += possible
            counts.impossible += not possible
            counts.informed += possible and informed
            counts.succeeded += possible and succeeded
            counts.told_so += not possible and informed
            counts.told_so_and_right += not possible and succeeded
        return informed, succeeded

    async def _find(self, goal: Goal, anchor: Place | None) -> tuple[Place | None, str]:
        """Say the wishes and return the place that is named first, if any, with the last reply."""
        wishes = list(goal.wishes)
        drawn = self.sayings.random
        drawn.shuffle(wishes)
        later: list[tuple[str, str]] = []
        if len(wishes) > 1 and drawn.random() < IN_TWO:
            cut = drawn.randrange(1, len(wishes))
            wishes, later = wishes[:cut], wishes[cut:]
        near = "" if anchor is None else str(anchor["名称"])
        reply = await self._say(self.sayings.seek(goal, wishes, near))
        if later:
            reply = await self._say(self.sayings.more(later))
        found = named_in(reply.replace(near, "") if near else reply, list(self.known[goal.domain]))
        return (self.known[goal.domain][found[0]] if found else None), reply

    async def _ask(self, goal: Goal, place: Place, asked: Sequence[str], first: str) -> list[bool]:
        """Ask for the slots; the first has been where `first` is the reply."""
        right = []
        rest = list(asked)
        while rest:
            slots, rest = rest[:1], rest[1:]
            begun = len(self.log) - (2 if first else 0)
            if not first and rest and {slots[0], rest[0]} <= PLAIN and self.sayings.random.random() < TOGETHER:
                slots, rest = [*slots, rest[0]], rest[1:]
            reply = first or await self._say(self.sayings.ask(goal, str(place["名称"]), slots))
            first = ""
            for slot in slots:
                right.append(is_told(place, slot, reply))
                if not right[-1]:
                    self._error(
                        f"slot {slot.partition('是否')[0]}",
                        goal,
                        begun,
                        f"{place['名称']}: {str(place.get(slot))[:60]}",
                    )
        return right

    def _error(self, kind: str, goal: Goal, begun: int, wanted: str) -> None:
        wishes = "，".join(f"{slot} {value}" for slot, value in goal.wishes)
        self.figures.errors[kind].append("\n".join([f"{self.name} [{wishes}] wanted {wanted}", *self.log[begun:]]))


def write(folder: Path, known: dict[str, dict[str, Place]]) -> None:
    """Write the persona and its records."""
    folder.mkdir(parents=True, exist_ok=True)
    records = []
    for domain, own in known.items():
        for number, place in enumerate(own.values()):
            fields = {key: value for key, value in place.items() if value is not None and key != "名称"}
            file = next(name for name, said in DOMAINS.items() if said == domain)
            records.append({"id": f"{file}_{number}", "name": place["名称"], **fields})
    (folder / "places.json").write_text(json.dumps(records, ensure_ascii=False), "utf-8")
    (folder / "persona.yaml").write_text(PERSONA.lstrip(), "utf-8")


async def run(folder: Path, persona: Path, split: str, count: int | None, seed: int) -> Figures:
    """Compile the persona where it is not yet, and let the users talk to it."""
    from personac.core.cli.building import find_artifact, open_persona

    known = places(folder)
    if not (persona / "persona.yaml").exists() or (persona / "persona.yaml").read_text("utf-8") != PERSONA.lstrip():
        write(persona, known)
    runtime = open_persona(find_artifact(persona, None, quiet=True), None)
    chosen = dialogues(folder, split)
    random.Random(seed).shuffle(chosen)
    figures = Figures()
    for name, goals in chosen[:count]:
        await Dialogue(name, runtime, known, seed, figures).pursue(goals)
    runtime.close()
    return figures


def main() -> None:
    """Print the rates, the errors by kind, and some of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", choices=("val", "test", "all"), default="all")
    parser.add_argument("--dialogues", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="print so many errors of each kind")
    parser.add_argument("--persona", type=Path, help="where the persona is made, and kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        persona = options.persona or Path(name) / "crosswoz"
        figures = asyncio.run(run(options.folder, persona, options.split, options.dialogues, options.seed))
    for kind, texts in sorted(figures.errors.items()) if options.show else ():
        print(f"== {kind}: {len(texts)}", *texts[: options.show], "", sep="\n")
    talked = len(figures.turns)
    result = {
        "machine": machine() | {"seed": options.seed},
        "split": options.split,
        "dialogues": talked,
        "turns_each": round(sum(figures.turns) / max(1, talked), 2),
        "ms_a_turn": quantiles(figures.milliseconds),
        "dialogues_informed": _share(figures.all_informed, talked),
        "dialogues_succeeded": _share(figures.all_succeeded, talked),
        **{domain: counts.rates() for domain, counts in figures.counts.items()},
        "errors": dict(Counter({kind: len(texts) for kind, texts in figures.errors.items()}).most_common()),
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


if __name__ == "__main__":
    main()
