"""What the bot says of itself on Telegram, in English and Chinese.

Knows no persona; answers to questions come from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

COMMANDS: dict[str, dict[str, str]] = {
    "start": {"en": "Say hello", "zh": "打个招呼"},
    "help": {"en": "What I can do", "zh": "我能做什么"},
    "privacy": {"en": "What is kept of you, and your choice", "zh": "保存了什么，由您决定"},
    "export": {"en": "Send me everything that is kept of me", "zh": "把保存的内容发给我"},
    "forget": {"en": "Erase everything that is kept of me", "zh": "删除保存的全部内容"},
}

PHRASES: dict[str, dict[str, str]] = {
    "help": {
        "en": "{summary}\n\nAsk me in your own words: type, send a voice message, or send a photo. If a message was "
        "not right, edit it, and I correct my answer.{group}\n\n{commands}",
        "zh": "{summary}\n\n直接问我就行：可以打字、发语音，也可以发图片。消息写错了就编辑它，我会更正回答。{group}"
        "\n\n{commands}",
    },
    "help_group": {
        "en": " In groups, mention @{username} or reply to one of my messages.",
        "zh": "在群里请 @{username}，或者回复我的消息。",
    },
    "unknown_command": {
        "en": "I don't know the command {command}. These I know:\n\n{commands}",
        "zh": "我不认识命令 {command}。我认识的有：\n\n{commands}",
    },
    "yes": {"en": "Yes, keep it", "zh": "可以保存"},
    "no": {"en": "No, thanks", "zh": "不保存"},
    "agreed": {
        "en": "Thank you. I keep our conversation from now on; /forget erases it at any time.",
        "zh": "谢谢，从现在起我会保存我们的对话；随时可以用 /forget 删除。",
    },
    "declined": {
        "en": "All right, I keep nothing. You can change that at any time with /privacy.",
        "zh": "好的，我什么都不保存。随时可以用 /privacy 更改。",
    },
    "failed": {
        "en": "That could not be done just now, and nothing was changed. Please try it again.",
        "zh": "暂时没能完成，什么都没有改变。请再试一次。",
    },
    "begun": {
        "en": "All right, I keep nothing from now on. What was kept is being erased; that could not be finished yet, "
        "and goes on by itself.",
        "zh": "好的，从现在起我什么都不保存。已保存的内容正在删除，暂时没能完成，稍后会自动继续。",
    },
    "in_private": {
        "en": "That is between you and me; please ask me in a private chat.",
        "zh": "这是您的私事，请和我私聊时再说。",
    },
    "open_private": {"en": "Open the private chat", "zh": "打开私聊"},
    "joined": {
        "en": "{greeting}\n\nMention @{username} or reply to one of my messages, and I answer.",
        "zh": "{greeting}\n\n在群里 @{username} 或者回复我的消息，我就会回答。",
    },
    "forgotten": {
        "en": "The messages in this chat are Telegram's; delete the chat to remove them, too.",
        "zh": "聊天记录保存在 Telegram 里，删除聊天即可一并清除。",
    },
    "thanks": {"en": "Thank you for telling me.", "zh": "谢谢您的反馈。"},
    "sticker": {
        "en": "Nice sticker! {emoji} I can't see stickers well, though. What would you like to know?",
        "zh": "贴纸真可爱！{emoji} 不过贴纸我看不太懂。您想了解什么？",
    },
    "location": {
        "en": "Thank you for the place. I can't look at maps; please tell me in words what you would like to know.",
        "zh": "谢谢您发来位置。我看不了地图，请用文字告诉我您想了解什么。",
    },
    "contact": {
        "en": "Thank you. I can't use contact cards, and I don't keep this one. How can I help you?",
        "zh": "谢谢。我用不了名片，也没有保存它。有什么可以帮您的？",
    },
    "poll": {
        "en": "I can't vote in polls, but I gladly answer questions.",
        "zh": "我不能参加投票，不过很乐意回答问题。",
    },
    "dice": {"en": "You rolled {value}! And what would you like to know?", "zh": "您掷出了 {value}！想了解什么呢？"},
    "file": {
        "en": "I can't open files of this kind. I understand text, voice messages, sound, photos and videos.",
        "zh": "这种文件我打不开。文字、语音、录音、图片和视频我都能理解。",
    },
    "too_big": {
        "en": "This file is larger than {megabytes} MB; bots can't fetch such files. Please send a smaller one.",
        "zh": "这个文件超过了 {megabytes} MB，机器人取不到。请发一个小一点的。",
    },
    "gone": {
        "en": "I could not fetch your file from Telegram any more. Please send it again.",
        "zh": "您的文件已经无法从 Telegram 取到，请重新发送。",
    },
    "unknown_kind": {
        "en": "I got your message, but I can't read this kind of message. Please type, speak, or send a photo.",
        "zh": "收到了，不过这种消息我读不了。请打字、发语音或者发图片。",
    },
    "not_yours": {"en": "That question was for somebody else.", "zh": "这个问题是问别人的。"},
    "old_button": {
        "en": "This button is too old for me to know what it said. Please type your answer.",
        "zh": "这个按钮太旧了，我不知道上面写的是什么。请直接打字告诉我。",
    },
}


def say(name: str, language: str, /, **values: object) -> str:
    """Return a sentence in Chinese for zh and its variants, else in English."""
    texts = PHRASES[name]
    return texts[language if language in texts else "en"].format(**values)


def commands(language: str) -> str:
    """Return the commands, one a line, with what they do."""
    return "\n".join(f"/{name}: {texts.get(language, texts['en'])}" for name, texts in COMMANDS.items())


def spoken(code: str, persona: Iterable[str]) -> str:
    """Return the language to speak with a user, from the code of their Telegram and the languages of the persona."""
    base = code.split("-")[0].lower()
    own = [language.split("-")[0] for language in persona]
    return base if base in own else (own[0] if own else "en")
