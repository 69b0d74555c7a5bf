"""The persona that talks about CrossWOZ's places: the databases as records, and intents with examples of our own."""

from __future__ import annotations

import json
from pathlib import Path

from crosswoz_goals import DOMAINS, Place

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
