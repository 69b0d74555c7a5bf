"""Tell sentences that claim nothing: greetings, offers of help, and "I don't know that".

Knows English and Chinese; in other languages every sentence claims something.
"""

from __future__ import annotations

import re

LONGEST = 25  # words; a small model that stammers says more

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LATIN_WORDS = {
    "a", "able", "about", "absolutely", "afraid", "all", "am", "an", "and", "answer", "answers", "any", "anything",
    "apologies", "apologize", "are", "around", "as", "ask", "asked", "asking", "assist", "assistance", "at", "be",
    "but", "can", "can't", "cannot", "certain", "certainly", "chat", "cheers", "contain", "could", "couldn't", "course",
    "curious", "currently", "day", "dear", "delighted", "details", "do", "does", "doesn't", "don't", "else", "enjoy",
    "explain", "feel", "find", "for", "free", "friend", "further", "give", "glad", "going", "good", "great", "guess",
    "happy", "have", "haven't", "hello", "help", "helpful", "helps", "here", "hesitate", "hey", "hi", "hope", "how",
    "i", "i'd", "i'll", "i'm", "i've", "if", "in", "info", "information", "is", "isn't", "it", "it's", "just", "kind",
    "know", "let", "let's", "like", "look", "may", "me", "mention", "mentioned", "might", "moment", "more", "my",
    "need", "nice", "no", "not", "notes", "of", "on", "one", "or", "other", "passage", "passages", "please", "pleased",
    "pleasure", "precise", "problem", "provide", "provided", "question", "questions", "rather", "right", "say", "see",
    "share", "shall", "should", "so", "some", "something", "sorry", "source", "sources", "specific", "specify", "sure",
    "talk", "tell", "text", "thank", "thanks", "that", "that's", "the", "there", "they", "thing", "things", "this",
    "to", "topic", "try", "unable", "understand", "unfortunately", "very", "want", "we", "welcome", "what", "which",
    "wish", "with", "wonderful", "worries", "would", "you", "you'd", "you'll", "you're", "your",
}  # fmt: skip
_MATTER = {"answer", "answers", "source", "sources", "text", "passage", "passages", "notes", "topic"}
_IGNORANT = {
    "no", "not", "don't", "doesn't", "isn't", "can't", "cannot", "couldn't", "haven't", "unable", "sorry",
    "unfortunately",
}  # fmt: skip
_BARE = {"yes", "no", "right", "correct", "true", "false", "it is", "it isn't", "it is not", "you can", "you can't"}
_BARE_HAN = re.compile(r"^(?:是|是的|对|对的|不是|不对|可以|可以的|不可以|不行|能|不能|有|没有|会|不会|需要|不需要)$")
_HAN_PHRASES = re.compile(
    "您好|你好|好的|好呀|当然|没问题|很高兴|高兴|乐意|欢迎|请问|请|谢谢|感谢|不客气|别客气|抱歉|对不起|不好意思|可惜|遗憾"
    "|祝|愉快|开心|玩得|生活|旅途|一切|顺利"
    "|还有|有没有|有什么|什么|其他|其它|别的|任何|问题|需要|想要|想|了解|知道|清楚|确定|明白|告诉|回答|解答|帮助|帮忙|帮|协助"
    "|服务|为|随时|联系|提问|问|咨询|可以|能够|能|希望|如果|如有|的话|关于|这个|这方面|那个|这些|相关|信息|资料|内容|答案"
    "|没有|找到|提到|提及|提供|说明|无法|不能|不|没|有|我们|我|您|你|的|了|吗|呢|吧|啊|哦|呀|嗯|哈|是|在|里|中|就|也|都|再|更多|一下|给"
)
_HAN = re.compile("[\u3400-\u9fff]")


def claims_nothing(sentence: str) -> bool:
    """Tell whether a sentence (lower case) is made of courtesies only; a bare "yes" or "no" is a claim."""
    words = [word.replace("’", "'") for word in _WORD.findall(_HAN.sub(" ", sentence))]
    han = "".join(_HAN.findall(sentence))
    if any(char.isdigit() for char in sentence) or " ".join(words) in _BARE or not (words or han):
        return False
    if sentence.rstrip().endswith((":", "：")):
        return False  # the label of something that does not come
    if len(words) > LONGEST or not all(word in _LATIN_WORDS for word in words):
        return False
    if _MATTER.intersection(words) and not _IGNORANT.intersection(words):
        return False  # of sources and answers only that they do not tell
    return not (_BARE_HAN.match(han) or _HAN_PHRASES.sub("", han))
