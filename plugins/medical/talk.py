"""The words of an enquiry, in English and Chinese. Never a dose, never a certainty; no decision is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .enquiry import Finding
from .table import Table, Urgency

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "begin": "I'll ask a few short questions; answer yes, no or not sure.",
        "noted": "I have noted: {there}.",
        "denied": "Not there: {denied}.",
        "unclear": "Please answer with yes, no or not sure.",
        "what": "What do you feel? Tell me in your own words, such as “I have had a fever and a cough since Monday.”",
        "picture": "I see your picture, but I describe pictures only; I don't diagnose from them.",
        "flag": "You mention {flags}. That should not wait.",
        "fits": "What you describe fits best with {named}.",
        "nothing": "What you describe fits nothing that I know well enough to name.",
        "no_diagnosis": "This is no diagnosis; only an examination can give one.",
        "grave": "I can't rule out {grave} from here.",
        "about": "{name} (about {chance} in 100)",
        "and": ", or ",
        "list": ", ",
    },
    "zh": {
        "begin": "我问几个简短的问题，回答“有”“没有”或“不清楚”就行。",
        "noted": "我记下了：{there}。",
        "denied": "没有的：{denied}。",
        "unclear": "请回答“有”“没有”或“不清楚”。",
        "what": "您哪里不舒服？请用自己的话说，比如：“从周一开始发烧、咳嗽。”",
        "picture": "图片我看到了，不过我只能描述，不能凭图诊断。",
        "flag": "您提到了{flags}，这不能等。",
        "fits": "您说的情况最像{named}。",
        "nothing": "您说的情况，我没有把握说像什么。",
        "no_diagnosis": "这不是诊断，只有检查才能确诊。",
        "grave": "在这里我不能排除{grave}。",
        "about": "{name}（约{chance}%）",
        "and": "，或者",
        "list": "、",
    },
}
_URGENT: Mapping[str, Mapping[Urgency, str]] = {
    "en": {
        "emergency": "Please call {emergency} or go to emergency care now.",
        "today": "Please see a doctor today.",
        "soon": "Please see a doctor in the next days.",
        "routine": "If it gets worse, or is no better in some days, see a doctor.",
    },
    "zh": {
        "emergency": "请马上拨打{emergency}或去急诊。",
        "today": "请今天就去看医生。",
        "soon": "请这几天去看医生。",
        "routine": "如果加重，或几天不见好，请去看医生。",
    },
}
CHOICES: Mapping[str, tuple[str, str, str]] = {"en": ("Yes", "No", "Not sure"), "zh": ("有", "没有", "不清楚")}


def local(texts: Mapping[str, str], language: str) -> str:
    """Return a text in a language, in its first one where that is missing."""
    return texts.get(language) or texts.get(language.split("-")[0]) or next(iter(texts.values()))


def say(key: str, language: str, **values: str) -> str:
    """Return one of the sentences."""
    return local({code: words[key] for code, words in _WORDS.items()}, language).format(**values)


def choices(language: str) -> tuple[str, str, str]:
    """Return what may be answered."""
    return CHOICES.get(language.split("-")[0], CHOICES["en"])


def noted(table: Table, answers: Mapping[str, bool], language: str) -> str:
    """Return what was understood, so that it can be corrected."""
    joint = say("list", language)
    said: dict[bool, list[str]] = {True: [], False: []}
    for name, is_there in answers.items():
        said[is_there].append(local(table.symptoms[name].names, language))
    there, denied = joint.join(said[True]), joint.join(said[False])
    parts = [say("noted", language, there=there)] if there else []
    parts += [say("denied", language, denied=denied)] if denied else []
    return _joined(parts, language)


def outcome(table: Table, found: Finding, language: str, emergency: str) -> str:
    """Return what an enquiry comes to: red flags first, then how soon, then what it may be."""
    joint, parts = say("list", language), []
    if found.flags:
        named = joint.join(local(table.symptoms[name].names, language) for name in found.flags)
        parts.append(say("flag", language, flags=named))
    if found.grave is not None:
        parts.append(say("grave", language, grave=local(table.conditions[found.grave].names, language)))
    urgent = local({code: words[found.urgency] for code, words in _URGENT.items()}, language)
    parts.append(urgent.format(emergency=emergency))
    if found.conditions:
        likely = [
            say("about", language, name=local(table.conditions[name].names, language), chance=str(round(100 * chance)))
            for name, chance in found.conditions
        ]
        parts.append(say("fits", language, named=say("and", language).join(likely)))
    else:
        parts.append(say("nothing", language))
    parts.append(say("no_diagnosis", language))
    return _joined(parts, language)


def paragraphs(parts: Sequence[str]) -> str:
    """Join what is not empty, each as a paragraph."""
    return "\n\n".join(part for part in parts if part)


def _joined(parts: Sequence[str], language: str) -> str:
    return ("" if language.startswith("zh") else " ").join(parts)
