"""What an alert says: counts, rules, times and a link. Knows no words of users and no way to send it.

An alert is a dict of JSON values, which is what a webhook gets; `subject` and `lines` are for people, in English or
Chinese.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .surges import Expected

NAMES = {
    "turns": ("turns", "对话轮次"),
    "refused": ("refusals", "拒绝"),
    "escalated": ("escalations", "紧急上报"),
    "handed_off": ("hand-offs to people", "转人工"),
    "attacks": ("attempts to override the rules", "越狱或注入尝试"),
    "out_of_scope": ("questions out of scope", "超出范围的问题"),
    "negative": ("messages with negative emotion", "负面情绪消息"),
    "feedback_bad": ("bad opinions", "差评"),
    "feedback_good": ("good opinions", "好评"),
}
_TEXTS = {
    "surge": ("{persona}: {name} surge, {count} in an hour", "{persona}：{name}激增，一小时 {count} 次"),
    "recovered": ("{persona}: {name} back to normal, {count} an hour", "{persona}：{name}恢复正常，一小时 {count} 次"),
    "escalation": ("{persona}: rule {rule} escalated a conversation", "{persona}：规则 {rule} 要求人工介入"),
    "expected": ("Expected: about {expected} in an hour.", "预期：一小时约 {expected} 次。"),
    "unexpected": ("There is no history yet that it could be held against.", "尚无历史数据可供比较。"),
    "at": ("Time: {at} (UTC).", "时间：{at}（UTC）。"),
    "channel": ("Channel: {channel}.", "渠道：{channel}。"),
    "escalated": ("Escalation: {escalation}.", "上报编号：{escalation}。"),
    "place": ("Look: /monitor#{persona}/{escalation}, on the server", "查看：服务器 /monitor#{persona}/{escalation}"),
    "link": ("Look: {link}", "查看：{link}"),
}  # fmt: skip


def surge(kind: str, persona: str, sign: str, count: int, expected: Expected, now: float, link: str) -> dict[str, Any]:
    """Return the alert of a surge (`surge`) or of its end (`recovered`); without history nothing is expected."""
    told = {"kind": kind, "persona": persona, "at": _at(now), "sign": sign, "count": count}
    told["expected"] = round(expected.mean, 1) if expected.windows else None
    return {**told, "window": "1h"} | ({"link": link} if link else {})


def escalation(persona: str, rule: str, channel: str, id: str, now: float, link: str) -> dict[str, Any]:
    """Return the alert of a rule that escalated a conversation, which a random id stands for."""
    told = {"kind": "escalation", "persona": persona, "at": _at(now), "rule": rule, "channel": channel}
    return {**told, "escalation": id} | ({"link": link} if link else {})


def subject(alert: Mapping[str, Any], language: str) -> str:
    """Return an alert as one line."""
    return _say(str(alert["kind"]), alert, language)


def lines(alert: Mapping[str, Any], language: str) -> list[str]:
    """Return what else an alert says, a sentence a line."""
    said = []
    if "expected" in alert:
        said.append("unexpected" if alert["expected"] is None else "expected")
    said += [key for key in ("at", "channel") if alert.get(key)]
    if alert.get("escalation"):
        said.append("escalated")
    if alert.get("link"):
        said.append("link")
    elif alert.get("escalation"):
        said.append("place")
    return [_say(key, alert, language) for key in said]


def name(sign: str, language: str) -> str:
    """Return what a sign is called by people; rules and kinds of danger keep their names."""
    texts = NAMES.get(sign)
    return sign if texts is None else texts[language.split("-")[0] == "zh"]


def _say(key: str, alert: Mapping[str, Any], language: str) -> str:
    text = _TEXTS[key][language.split("-")[0] == "zh"]
    return text.format(**{**alert, "name": name(str(alert.get("sign", "")), language)})


def _at(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
