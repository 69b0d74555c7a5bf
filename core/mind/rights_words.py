"""What is said about a user's own data, and how the answers to it are read: buttons, commands, yes and no.

Knows languages; does nothing about what is said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

Wish = Literal["privacy", "export", "forget", "withdraw", "agree"]

COMMANDS: dict[str, Wish] = {
    "/privacy": "privacy", "/export": "export", "/forget": "forget",
    "/隐私": "privacy", "/导出": "export", "/忘记": "forget",
}  # fmt: skip

LABELS: dict[Wish, dict[str, str]] = {  # buttons below a sentence; a tap is a message with these words
    "export": {"en": "Send me my data", "zh": "把我的数据发给我"},
    "forget": {"en": "Erase everything", "zh": "全部删除"},
    "withdraw": {"en": "Stop keeping it", "zh": "不再保存"},
    "agree": {"en": "Keep our conversation", "zh": "保存我们的对话"},
}
SURE: dict[str, dict[str, str]] = {
    "yes": {"en": "Yes, erase it", "zh": "是的，删除"},
    "no": {"en": "No, leave it", "zh": "不，先留着"},
}

SENTENCES: dict[str, dict[str, str]] = {
    "keeps_agreed": {
        "en": "You agreed that I keep our conversation.",
        "zh": "您同意了由我保存我们的对话。",
    },
    "keeps_implied": {
        "en": "I keep our conversation, unless you tell me not to.",
        "zh": "我会保存我们的对话，除非您让我不要保存。",
    },
    "keeps_nothing": {
        "en": "I keep nothing of our conversation beyond this session, unless you agree to it. Until then it is noted "
        "at most that you were asked.",
        "zh": "除非您同意，我不会在本次会话之外保存对话内容。在此之前，最多只记录曾经问过您。",
    },
    "keeps_declined": {
        "en": "You decided that I keep nothing of our conversation, and so I do: beyond this session, only this "
        "decision is noted.",
        "zh": "您决定不让我保存对话，所以在本次会话之外我什么都不保存，只记录了这个决定。",
    },
    "keeps_never": {
        "en": "I keep nothing of our conversation beyond this session.",
        "zh": "在本次会话之外，我不保存任何对话内容。",
    },
    "until": {"en": "What is kept is deleted after {time}.", "zh": "保存的内容会在{time}后删除。"},
    "forever": {
        "en": "What is kept stays until you have it erased.",
        "zh": "保存的内容会一直留着，直到您要求删除。",
    },
    "masked": {
        "en": "Before anything is kept, {kinds} are masked.",
        "zh": "保存之前，{kinds}会被遮盖。",
    },
    "media": {"en": "Pictures and recordings are not kept.", "zh": "图片和录音不会保存。"},
    "media_kept": {"en": "Pictures and recordings are kept with it.", "zh": "图片和录音也会一并保存。"},
    "contact": {"en": "Whom to ask about your data: {contact}", "zh": "有关您的数据，可以联系：{contact}"},
    "how": {
        "en": "/export sends you all that is kept, /forget erases it.",
        "zh": "/export 会把保存的全部内容发给您，/forget 会全部删除。",
    },
    "export": {"en": "This is all that is kept of you.", "zh": "这是保存的关于您的全部内容。"},
    "export_elsewhere": {
        "en": "I can't hand over files here. Those who run this bot give you a copy of all that is kept of you; here "
        "you are known as {user}.",
        "zh": "我在这里没法发送文件。运营方可以把保存的关于您的全部内容给您一份；您在这里的标识是 {user}。",
    },
    "forget_sure": {
        "en": "Shall I erase everything that is kept of you? This can't be undone.",
        "zh": "要删除保存的关于您的全部内容吗？删除后无法恢复。",
    },
    "withdraw_sure": {
        "en": "Shall I keep nothing from now on, and erase what was kept? This can't be undone.",
        "zh": "从现在起什么都不保存，并删除已保存的内容，确定吗？删除后无法恢复。",
    },
    "forgotten": {
        "en": "Done: everything that was kept of you is erased, with what was held for this session ({count} "
        "entries). We begin anew.",
        "zh": "已完成：保存的以及本次会话中的关于您的全部内容都已删除（{count}条）。我们重新开始。",
    },
    "being_forgotten": {
        "en": "Done: everything that was kept of you is erased, with what was held for this session ({count} "
        "entries); what is still on its way, such as this answer, goes once it is sent. We begin anew.",
        "zh": "已完成：保存的以及本次会话中的关于您的全部内容都已删除（{count}条）；"
        "还在传送中的内容（例如这条回答）发出后也会删除。我们重新开始。",
    },
    "unrecorded": {
        "en": "It could not be entered into the log of erasures just now; that follows by itself.",
        "zh": "暂时未能记入删除日志，稍后会自动补记。",
    },
    "begun": {
        "en": "Everything that is kept of you is being erased. It could not be finished yet, and goes on by itself.",
        "zh": "保存的关于您的全部内容正在删除。暂时没能完成，稍后会自动继续。",
    },
    "receipt": {"en": "Receipt: {id}, {at}", "zh": "回执：{id}，{at}"},
    "withdrawn": {
        "en": "All right: from now on I keep nothing, and what was kept is erased.",
        "zh": "好的，从现在起什么都不保存，已保存的内容也已删除。",
    },
    "nothing_kept": {"en": "All right, I keep nothing.", "zh": "好的，我什么都不保存。"},
    "agreed": {
        "en": "Thank you. I keep our conversation from now on; /forget erases it at any time.",
        "zh": "谢谢，从现在起我会保存我们的对话；随时可以用 /forget 删除。",
    },
    "kept_already": {
        "en": "I keep our conversation; /forget erases it at any time.",
        "zh": "我正在保存我们的对话；随时可以用 /forget 删除。",
    },
    "over": {
        "en": "That question is over, so this answer erased nothing. If you still want it, please tell me so again.",
        "zh": "那个问题已经结束，这个回答没有删除任何内容。如果仍要删除，请再告诉我一次。",
    },
    "left": {"en": "All right, nothing was erased.", "zh": "好的，没有删除任何内容。"},
    "in_private": {
        "en": "That is between you and me; please ask me where nobody else reads along.",
        "zh": "这是您的私事，请在只有我们两个的对话里再说。",
    },
    "failed": {
        "en": "That could not be done just now; nothing was lost. Please try it again, or ask those who run this bot.",
        "zh": "暂时没能完成，内容没有变化。请再试一次，或者联系运营方。",
    },
}
KINDS = {  # names of all kinds of personal data, in a sentence
    "email": {"en": "e-mail addresses", "zh": "邮箱"},
    "phone": {"en": "phone numbers", "zh": "电话号码"},
    "id_card": {"en": "identity numbers", "zh": "身份证号"},
    "bank_card": {"en": "card numbers", "zh": "银行卡号"},
    "iban": {"en": "account numbers", "zh": "银行账号"},
    "bank_account": {"en": "account numbers", "zh": "银行账号"},
    "ip": {"en": "IP addresses", "zh": "IP 地址"},
    "mac": {"en": "hardware addresses", "zh": "硬件地址"},
    "url": {"en": "web addresses", "zh": "网址"},
    "wallet": {"en": "addresses of crypto wallets", "zh": "加密钱包地址"},
    "account": {"en": "account names", "zh": "社交账号"},
    "ssn": {"en": "social security numbers", "zh": "社会保障号"},
    "passport": {"en": "passport numbers", "zh": "护照号"},
    "driver_license": {"en": "driver licence numbers", "zh": "驾驶证号"},
    "tax_id": {"en": "tax numbers", "zh": "税号"},
    "plate": {"en": "number plates", "zh": "车牌号"},
    "address": {"en": "addresses", "zh": "地址"},
    "zip_code": {"en": "postcodes", "zh": "邮政编码"},
    "birth_date": {"en": "dates of birth", "zh": "出生日期"},
    "date": {"en": "dates", "zh": "日期"},
    "age": {"en": "ages", "zh": "年龄"},
    "title": {"en": "titles", "zh": "称谓"},
    "person": {"en": "names", "zh": "姓名"},
    "place": {"en": "places", "zh": "地名"},
    "organization": {"en": "organisations", "zh": "机构名称"},
    "nationality": {"en": "nationalities", "zh": "国籍"},
}
_YES = re.compile(
    r"(?:yes|yep|yeah|y|sure|ok|okay|please|please do|do it|go ahead|confirm|erase(?: it| all| everything)?"
    r"|delete(?: it| all| everything)?|是|是的|好|好的|对|可以|行|嗯|确定|确认|删|删除|删吧|删了吧|全部删除)"
    r"(?:[ ,，]*(?:please|erase it|delete it|do it|删除|删吧))?"
)
_NO = re.compile(
    r"(?:no|nope|n|no thanks?|no thank you|cancel|don'?t|do not|stop|leave it|keep it|never mind"
    r"|不|不要|不用|别|别删|不删|取消|算了|留着|先留着|不是|否)"
    r"(?:[ ,，]*(?:thanks?|please|leave it|keep it|谢谢|留着))?"
)


def sentence(name: str, language: str, /, **values: object) -> str:
    """Return a sentence in Chinese for zh and its variants, else in English."""
    return _in(SENTENCES[name], language).format(**values)


def label(wish: Wish, language: str) -> str:
    """Return the words of a button."""
    return _in(LABELS[wish], language)


def sure(language: str) -> tuple[str, str]:
    """Return the buttons below a question before something is erased: yes, no."""
    return _in(SURE["yes"], language), _in(SURE["no"], language)


def kinds(found: Iterable[str], language: str) -> str:
    """Return kinds of personal data as a list within a sentence."""
    names = list(dict.fromkeys(_in(KINDS[kind], language) for kind in found if kind in KINDS))
    comma, last = ("、", "和") if language.startswith("zh") else (", ", " and ")
    return last.join(filter(None, [comma.join(names[:-1]), *names[-1:]]))


def _in(texts: dict[str, str], language: str) -> str:
    return texts.get(language.split("-")[0], texts["en"])


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().strip(".!?。！？ ").casefold().replace("’", "'")


_COMMAND = re.compile(r"/(?:privacy|export|forget)(?![\w-])|/(?:隐私|导出|忘记)")
_BY_LABEL: dict[str, Wish] = {_plain(text): wish for wish, texts in LABELS.items() for text in texts.values()}


def wish_of(text: str) -> Wish | None:
    """Return what a command, whatever stands behind it, or the words of a button ask for."""
    if (command := _COMMAND.match(_plain(text))) is not None:
        return COMMANDS[command[0]]
    return _BY_LABEL.get(_plain(text))


def pressed(text: str) -> bool | None:
    """Tell whether words are those of the button yes or no below a question before erasing; None for others."""
    plain = _plain(text)
    return next((said == "yes" for said, texts in SURE.items() if plain in map(_plain, texts.values())), None)


def is_sure(text: str) -> bool | None:
    """Tell whether an answer to a question before erasing is yes or no; None for anything else."""
    if (answer := pressed(text)) is not None:
        return answer
    plain = _plain(text)
    if _YES.fullmatch(plain):
        return True
    return False if _NO.fullmatch(plain) else None
