"""The few sentences that this connector says by itself, in English and Chinese. Knows no persona."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CHINESE = re.compile(r"[\u4e00-\u9fff]")

_WORDS: dict[str, dict[str, str]] = {
    "help": {
        "en": "Ask me anything: `{command} your question`. I answer in our direct messages. Also: `{command} privacy`, "
        "`{command} export`, `{command} forget`, `{command} back` (from a person to the bot).",
        "zh": "直接提问：`{command} 您的问题`，我会在私信中回答。另有：`{command} 隐私`、`{command} 导出`、"
        "`{command} 忘记`、`{command} 返回`（从人工回到机器人）。",
    },
    "kept": {"en": "Our conversations are kept.", "zh": "我们的对话会被保存。"},
    "not_kept": {"en": "Our conversations are not kept.", "zh": "我们的对话不会被保存。"},
    "asked": {
        "en": "Our conversations are not kept until you agree to it.",
        "zh": "在您同意之前，我们的对话不会被保存。",
    },
    "in_direct": {"en": "I answer you in our direct messages.", "zh": "我会在私信中回答您。"},
    "at_work": {"en": "is thinking…", "zh": "正在思考…"},
    "thanks": {"en": "Thank you, I have noted that.", "zh": "谢谢，已记下。"},
    "yes": {"en": "Yes, keep it", "zh": "可以保存"},
    "no": {"en": "No", "zh": "不要保存"},
    "consent_yes": {"en": "Thank you, I will keep it.", "zh": "谢谢，我会保存。"},
    "consent_no": {"en": "All right, nothing is kept.", "zh": "好的，不会保存。"},
    "failed": {
        "en": "That could not be done just now, and nothing was changed. Please try it again.",
        "zh": "暂时没能完成，什么都没有改变。请再试一次。",
    },
    "begun": {
        "en": "All right, nothing is kept from now on. What was kept is being erased; that could not be finished yet, "
        "and goes on by itself.",
        "zh": "好的，从现在起什么都不保存。已保存的内容正在删除，暂时没能完成，稍后会自动继续。",
    },
    "sources": {"en": "Sources: {names}", "zh": "来源：{names}"},
    "chosen": {"en": "You chose: {choice}", "zh": "您选择了：{choice}"},
    "cannot_read": {
        "en": "I can take text, pictures, sound and video, but not this kind of file.",
        "zh": "我可以接收文字、图片、语音和视频，但无法处理这种文件。",
    },
    "too_large": {
        "en": "That file is too large for me; at most {size} MB, please.",
        "zh": "文件太大了，请不要超过 {size} MB。",
    },
    "file_gone": {
        "en": "I could not open that file. Please send it again.",
        "zh": "我无法打开这个文件，请重新发送。",
    },
    "is_bot": {"en": "I am a bot.", "zh": "我是机器人。"},
    "kept_count": {"en": "Entries kept of you: {count}.", "zh": "与您有关的记录：{count} 条。"},
    "button_export": {"en": "Send me all of it", "zh": "导出全部记录"},
    "button_forget": {"en": "Delete all of it", "zh": "删除全部记录"},
    "button_keep": {"en": "Keep our conversations", "zh": "保存我们的对话"},
    "button_keep_not": {"en": "Stop keeping them", "zh": "不再保存"},
    "sure": {"en": "This cannot be undone.", "zh": "此操作无法撤销。"},
    "cancel": {"en": "Cancel", "zh": "取消"},
    "what_is_kept": {"en": "What is kept", "zh": "保存了什么"},
    "case": {"en": "{user} asks for a person.", "zh": "{user} 请求人工服务。"},
    "case_urgent": {
        "en": ":rotating_light: Urgent: {user} may need help now.",
        "zh": ":rotating_light: 紧急：{user} 可能需要帮助。",
    },
    "case_how": {
        "en": "Answer in this thread: your words go to them, theirs come here, and the bot is silent. "
        "What begins with // stays among you. The button (or `done`) hands them back to the bot.",
        "zh": "请在此消息列中回复：您的话会转给对方，对方的话会出现在这里，机器人不再作答。以 // 开头的话只有你们可见。"
        "点击按钮（或发送 done）即交还机器人。",
    },
    "case_closed": {"en": "Handed back to the bot.", "zh": "已交还机器人。"},
    "button_back": {"en": "Hand back to the bot", "zh": "交还机器人"},
    "back": {"en": "You are talking with the bot again.", "zh": "您现在重新与机器人对话。"},
    "no_case": {"en": "You are talking with the bot already.", "zh": "您正在与机器人对话。"},
    "good": {"en": "Good answer", "zh": "回答得好"},
    "bad": {"en": "Bad answer", "zh": "回答得不好"},
}


def say(name: str, language: str, /, **values: object) -> str:
    """Return a sentence in a language, in English where it is not known in it."""
    forms = _WORDS[name]
    return forms.get(language.split("-")[0], forms["en"]).format(**values)


def language_of(text: str, languages: Sequence[str]) -> str:
    """Return the language for a sentence of our own: that of the text if it is Chinese, else the persona's first."""
    if _CHINESE.search(text):
        return "zh"
    first = languages[0] if languages else "en"
    return "en" if text.strip() and first.startswith("zh") and "en" in languages else first
