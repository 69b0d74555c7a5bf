"""What a persona says when its author wrote nothing: a few sentences by language.

Other languages than these fall back to the persona's default language, then to English.
"""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: dict[str, dict[str, str]] = {
    "fallback": {
        "en": "I don't know that, and I would rather not guess. Could you ask it another way?",
        "zh": "这个我不知道，也不想乱猜。您可以换个说法再问一次吗？",
    },
    "refuse": {"en": "I can't help with that. {offer}", "zh": "这件事我帮不了您。{offer}"},
    "refuse_leak": {
        "en": "I keep what I was told to myself.",
        "zh": "我的设定我不会说出来。",
    },
    "refuse_topic": {
        "en": "That is about something I don't help with: {topic}. {offer}",
        "zh": "这涉及我不能帮忙的事：{topic}。{offer}",
    },
    "offer": {"en": "Is there something else I can do for you?", "zh": "还有别的我可以帮忙的吗？"},
    "offer_examples": {"en": "What you can ask me, for instance: {examples}", "zh": "您可以问我这样的问题：{examples}"},
    "escalate": {
        "en": "This is something a person should look at, and I am passing it on now.",
        "zh": "这件事需要人工处理，我现在就转告工作人员。",
    },
    "end": {
        "en": "I am ending our conversation here. To begin a new one, say “start over”.",
        "zh": "我们的对话到此结束。想重新开始，请说“重新开始”。",
    },
    "anew": {"en": "Let's start over. How can I help?", "zh": "好的，我们重新开始。有什么可以帮您？"},
    "hand_off": {
        "en": "This is something a person should look at. Please contact our team directly.",
        "zh": "这件事需要人工处理，请直接联系我们的工作人员。",
    },
    "team_told": {"en": "I am telling our team at once.", "zh": "我正在通知我们的工作人员。"},
    "people": {
        "en": "I'm a chat bot, so a person has to take over from here. Where people look after this channel, they "
        "answer here; otherwise please contact those who run this service.",
        "zh": "我是聊天机器人，接下来需要由真人来处理。如果这个渠道有工作人员，他们会在这里回复您；"
        "如果没有，请直接联系本服务的运营方。",
    },
    "people_summary": {"en": "Asks to talk with a person.", "zh": "要求与真人对话。"},
    "ask": {"en": "Could you tell me the {slot}?", "zh": "请告诉我{slot}。"},
    "bot_asked": {
        "en": "I'm {name}, a chat bot: a program, not a human.",
        "zh": "我是{name}，一个聊天机器人，是程序，不是真人。",
    },
    "bot": {"en": "I'm {name}, a chat bot.", "zh": "我是{name}，一个聊天机器人。"},
    "consent": {
        "en": "May {name} keep this conversation for {time}, so that you can come back to it? Without it, "
        "nothing is kept once you leave.",
        "zh": "可以让{name}保存这段对话{time}，方便您回来继续吗？不同意的话，您离开后什么都不会保留。",
    },
    "consent_forever": {
        "en": "May {name} keep this conversation until you ask to have it erased? Without it, nothing is kept once "
        "you leave.",
        "zh": "可以让{name}一直保存这段对话，直到您要求删除吗？不同意的话，您离开后什么都不会保留。",
    },
    "only_in": {"en": "My notes on this are in {language} only:", "zh": "这方面我只有{language}的资料："},
    "unheard": {
        "en": "I could not make out any words in that recording. Could you say it again, closer to the microphone?",
        "zh": "这段录音里我没听出话来。请靠近麦克风再说一遍，好吗？",
    },
    "unseen": {
        "en": "I see a picture, perhaps of {label}, but no text in it. What would you like to know?",
        "zh": "我看到了一张图片，可能是{label}，上面没有文字。您想了解什么？",
    },
    "unseen_unknown": {
        "en": "I can see your picture, but I find no text in it. What would you like to know?",
        "zh": "我看到了您的图片，但上面没有找到文字。您想了解什么？",
    },
    "limit_rate": {
        "en": "That was a lot at once. Please give me a minute; what you sent just now I did not read.",
        "zh": "消息太多了，请等一分钟再发。刚才发的这几条我没有读。",
    },
    "limit_waiting": {
        "en": "I am still busy with what you sent before. Please wait for my answers; what you sent just now I did "
        "not read.",
        "zh": "之前的消息我还没答完，请先等我回复。刚才发的这几条我没有读。",
    },
    "limit_length": {
        "en": "That message has {written} characters; please keep it under {most}.",
        "zh": "这条消息有{written}个字，请不要超过{most}个字。",
    },
    "limit_size": {
        "en": "Those files are too large together; please send at most {most} MB at a time.",
        "zh": "文件太大了，请每次最多发送{most} MB。",
    },
    "failed": {
        "en": "Something went wrong on my side, and I could not answer that. Please try it again.",
        "zh": "我这边出了点问题，没能回答。请再试一次。",
    },
    "confirm": {"en": "Shall I go ahead?", "zh": "可以这样办吗？"},
    "yes": {"en": "Yes", "zh": "是"},
    "no": {"en": "No", "zh": "不"},
    "form_dropped": {"en": "All right, I leave it at that.", "zh": "好的，那就先不办了。"},
    "form_again": {"en": "I did not get that. {question}", "zh": "这句我没听懂。{question}"},
    "form_back": {"en": "Now, back to where we were. {question}", "zh": "我们接着刚才的说：{question}"},
    "form_given_up": {
        "en": "I still did not get that, so I leave it at that. We can begin again whenever you like.",
        "zh": "我还是没听懂，这件事先放下，您随时可以重新开始。",
    },
    "skill_failed": {
        "en": "That did not work on my side just now. Please try it again in a while.",
        "zh": "我这边刚才没有办成，请过一会儿再试。",
    },
    "follow_up_nowhere": {
        "en": "I cannot write to you here later, so I cannot do that on this channel.",
        "zh": "我以后无法在这个渠道主动给您发消息，所以这里办不了这件事。",
    },
    "follow_up_full": {
        "en": "You have as many things planned with me as I can keep. Cancel one of them first, please.",
        "zh": "您在我这里安排的事项已达上限，请先取消其中一项。",
    },
    "bad_no_hearing": {"en": "I cannot hear; please type your question.", "zh": "我听不了语音，请打字告诉我。"},
    "bad_no_sight": {"en": "I cannot see pictures; please type your question.", "zh": "我看不了图片，请打字告诉我。"},
    "bad_too_many_media": {
        "en": "Please send at most 4 pictures or recordings at a time.",
        "zh": "图片和录音请每次最多发4个。",
    },
    "bad_input": {
        "en": "I could not open what you sent. Please send it in another form.",
        "zh": "您发的内容我打不开，请换一种形式再发。",
    },
    "empty": {
        "en": "I'm listening: type, speak, or show me a picture.",
        "zh": "我在听：可以打字、说话，或者给我看图片。",
    },
}

REFUSALS = {  # what BadInput says in English, in other languages, by its code
    "sound_empty": {"zh": "这段录音是空的，请重新录一段。"},
    "not_a_sound": {"zh": "这个文件不是我能听的声音，请发 WAV、MP3、M4A、Ogg 或 WebM。"},
    "no_sound_track": {"zh": "这个文件里没有声音，请发有声音的录音。"},
    "sound_damaged": {"zh": "这段录音已损坏，播放不了，请重新录一段。"},
    "sound_too_long": {"zh": "这段录音太长了，请发短一点的，或者分成几段。"},
    "picture_empty": {"zh": "这张图片是空的，请重新发送。"},
    "not_a_picture": {"zh": "这个文件不是我能看的图片，请发 JPEG、PNG、WebP 或 GIF。"},
    "picture_too_large": {"zh": "这张图片的像素太多了，请发小一点的，或者发一张截图。"},
    "picture_damaged": {"zh": "这张图片已损坏或没有传完，请重新发送。"},
    "video_empty": {"zh": "这段视频是空的，请重新发送。"},
    "not_a_video": {"zh": "这个文件不是我能看的视频，请发 MP4、MOV 或 WebM。"},
    "video_too_long": {"zh": "这段视频太长了，请发短一点的。"},
    "video_damaged": {"zh": "这段视频已损坏或没有传完，请重新发送。"},
    "text_too_long": {"zh": "这条消息太长了，请写短一点。"},
}

LANGUAGE_NAMES = {
    "en": {"en": "English", "zh": "Chinese", "de": "German", "fr": "French", "es": "Spanish", "ja": "Japanese"},
    "zh": {"en": "英文", "zh": "中文", "de": "德文", "fr": "法文", "es": "西班牙文", "ja": "日文"},
}


def choose(texts: Mapping[str, str], language: str, default: str) -> str | None:
    """Return the text in a language, else in the default one, else any."""
    return texts.get(language) or texts.get(default) or next(iter(texts.values()), None)


def phrase(name: str, language: str, /, **values: object) -> str:
    """Return a built-in sentence in a language, English when there is none in it."""
    texts = PHRASES[name]
    return texts.get(language, texts["en"]).format(**values)


def duration(seconds: int, language: str) -> str:
    """Return a time in the largest of days, hours, minutes and seconds of which it is a whole number."""
    size = next((size for size in (86400, 3600, 60) if seconds % size == 0), 1)
    count, unit = seconds // size, {86400: "day", 3600: "hour", 60: "minute", 1: "second"}[size]
    if language.split("-")[0] == "zh":
        return f"{count}{ {'day': '天', 'hour': '小时', 'minute': '分钟', 'second': '秒'}[unit] }"
    return f"{count} {unit}{'' if count == 1 else 's'}"


def language_name(code: str, said_in: str) -> str:
    """Return what a language is called in another one."""
    return LANGUAGE_NAMES.get(said_in, LANGUAGE_NAMES["en"]).get(code, code)
