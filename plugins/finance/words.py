"""The words of business news that carry a direction or a value, in English and Chinese.

Stems are beginnings of words in small letters. Knows no grammar; `sentiment.py` does.
"""

from __future__ import annotations

UP = (
    "rose rise risen rising increas grow grew climb jump surg soar gain expand improv strengthen advanc rebound recover accelerat "
    "doubl tripl rall higher exceed outperform uplift upward upturn boost"
).split()
DOWN = (
    "fell fall fallen falling decreas declin drop slid slide slip plung plummet tumbl shrank shrink shrunk weaken deteriorat "
    "dwindl lower slump halv collaps sank sink dip dipped erod slow miss missed downward downturn worsen contracted narrow"
).split()
GOOD_THINGS = (
    "profit sales sale revenue turnover earnings ebit ebitda income margin eps order demand dividend export share stock price market "
    "cash customer volume traffic production output deliver result portfolio backlog passenger rating outlook confidence business "
    "return index subscriber user competitiveness efficiency capacity shipment loan deposit area"
).split()
BAD_THINGS = (
    "loss cost expense debt unemployment layoff redundanc risk default complaint inflation tariff delay deficit impairment "
    "write-down writedown provision injur accident outage"
).split()
GOOD = (
    "award won wins winning record successful success strong solid robust positive favourabl favorabl profitabl breakthrough "
    "upgrad well-positioned optimis opportunit attractive excellent pleased outstanding improvement growth expansion strengthens "
    "enhanc benefi cooperat partnership delighted happy efficient advanced surpass innovat buy"
).split()
BAD = (
    "layoff redundan dismiss terminat bankrupt insolven fraud scandal lawsuit sued recall warn downgrad strike shortage crisis "
    "recession negative poor disappoint suspend fail difficult trouble damag threat weak bad uncertain worst loss-making "
    "impairment accus breach protest disrupt resign unprofitabl upset reductions"
).split()
GOOD_PHRASES = (
    "received an order", "received a", "new contract", "new order", "long-term contract", "contract with", "contract from",
    "signed a", "has signed", "signed an", "has selected", "has been awarded", "in line with its strategy", "frame agreement", "back to profit", "well received",
    "will double", "aims to", "expected to increase", "expects to grow",
)  # fmt: skip
BAD_PHRASES = (
    "lay off", "laid off", "personnel negotiations", "employer-employee talks", "job cuts", "reduce the number", "profit warning",
    "in the red", "in red", "no longer be", "temporary lay", "capital loss", "below expectations", "less than expected",
    "shut down", "headcount reduction", "personnel reductions", "will be terminated", "would be terminated", "job losses",
)  # fmt: skip
ZH_UP = "上涨 增长 上升 提高 提升 增加 攀升 大涨 飙升 回升 反弹 走高 扩大 改善 翻番 翻倍 创新高 超预期 好于预期 走强 扩张".split()
ZH_DOWN = (
    "下跌 下降 下滑 减少 回落 暴跌 大跌 跌至 走低 萎缩 缩水 腰斩 不及预期 低于预期 创新低 走弱 恶化 放缓 收窄".split()
)
ZH_GOOD_THINGS = (
    "利润 净利 营收 收入 销售 销量 订单 需求 股价 毛利 业绩 现金流 出口 用户 份额 产量 交付 市值 分红 信心 就业".split()
)
ZH_BAD_THINGS = "亏损 成本 负债 债务 坏账 违约 失业 投诉 风险 损失 费用 赤字 库存 通胀".split()
ZH_GOOD = (
    "盈利 中标 签约 获奖 突破 合作 领先 利好 上调 回购 扭亏 创纪录 强劲 稳健 获批 增持 成功 看好 达成 丰收".split()
)
ZH_BAD = (
    "裁员 破产 亏损 诉讼 起诉 罚款 召回 下调 违规 调查 丑闻 造假 停产 停工 关闭 倒闭 利空 减持 警告 疲软 危机 困难 取消 "
    "延期 事故 退市 罢工 制裁".split()
)
