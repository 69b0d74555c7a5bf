"""What users are told, in English and Chinese."""

from __future__ import annotations

_SAID = {
    "from": {"en": "{server} ({tool}) says:\n{text}", "zh": "{server}（{tool}）的结果：\n{text}"},
    "picture": {"en": "a picture", "zh": "一张图片"},
    "nothing": {
        "en": "{server} ({tool}) has done it and said nothing.",
        "zh": "{server}（{tool}）已执行，没有返回内容。",
    },
    "confirm": {"en": "Shall I use {tool} of {server}{given}?", "zh": "要使用 {server} 的 {tool}{given}吗？"},
    "yes_or_no": {"en": "{slot}: yes or no?", "zh": "{slot}：是，还是不是？"},
    "away": {
        "en": "{server} cannot be reached right now. Please try it again in a while.",
        "zh": "暂时连不上 {server}，请过一会儿再试。",
    },
    "slow": {
        "en": "{server} did not answer in time. Please try it again in a while.",
        "zh": "{server} 没有及时答复，请过一会儿再试。",
    },
    "changed": {
        "en": "I do not use {tool} of {server} at the moment: it has changed and has to be looked at first.",
        "zh": "{server} 的 {tool} 有变动，需要先检查，暂时不能使用。",
    },
    "garbage": {
        "en": "{server} gave an answer that I cannot trust, so I leave it out.",
        "zh": "{server} 的答复不可信，我就不转述了。",
    },
    "failed": {
        "en": "{server} could not do that ({tool}). Perhaps something in it has to be said differently.",
        "zh": "{server} 没能完成（{tool}），也许换个说法再试。",
    },
    "refused": {
        "en": "I cannot use {tool} of {server} for this.",
        "zh": "这件事我没法用 {server} 的 {tool} 来办。",
    },
}


def say(key: str, language: str, **given: str) -> str:
    """Return a sentence with what is given filled in; values are never read as templates."""
    text = _SAID[key]["zh" if language.split("-")[0] == "zh" else "en"]
    return text.format(**given)


def confirmation(server: str, tool: str, slots: list[str]) -> dict[str, str]:
    """Return the question before a tool is used, which shows what it will be given."""
    english, chinese = [f"{one}: {{{one}}}" for one in slots], [f"{one}：{{{one}}}" for one in slots]
    return {
        "en": say("confirm", "en", tool=tool, server=server, given=f" ({', '.join(english)})" if slots else ""),
        "zh": say("confirm", "zh", tool=tool, server=server, given=f"（{'，'.join(chinese)}）" if slots else ""),
    }
