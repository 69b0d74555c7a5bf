"""The language of a message: by its script first, by py3langid between languages that share one.

Answers with a language outside of the persona's where the script or a longer text leaves no doubt, and with the
language spoken so far where a text says nothing of it ("ok", "VIP", "👍", "42", an address of e-mail).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

LOOKED_AT = 1000  # characters
COMMON = ("en", "fr", "de", "es", "it", "pt", "nl", "pl", "tr")  # tell a persona's Latin languages from others
OUTSIDE = 0.9  # probability that a language outside of the persona's must reach
INSIDE = 0.65  # the same among the persona's own

_SCRIPTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "latin": ("A-Za-zÀ-ɏḀ-ỿ", ()),
    "han": ("\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f", ("zh", "zh-tw", "yue")),
    "kana": ("\u3041-\u30ff\uff66-\uff9d", ("ja",)),
    "hangul": ("\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", ("ko",)),
    "cyrillic": ("\u0400-\u052f", ("ru", "uk", "bg", "sr", "be", "mk", "kk", "ky", "mn", "tg")),
    "arabic": ("\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc", ("ar", "fa", "ur", "ps", "ug")),
    "hebrew": ("\u0590-\u05ff", ("he",)),
    "greek": ("\u0370-\u03ff\u1f00-\u1fff", ("el",)),
    "thai": ("\u0e00-\u0e7f", ("th",)),
    "devanagari": ("\u0900-\u097f", ("hi", "mr", "ne")),
    "bengali": ("\u0980-\u09ff", ("bn",)),
    "tamil": ("\u0b80-\u0bff", ("ta",)),
    "telugu": ("\u0c00-\u0c7f", ("te",)),
    "georgian": ("\u10a0-\u10ff", ("ka",)),
    "armenian": ("\u0530-\u058f", ("hy",)),
    "khmer": ("\u1780-\u17ff", ("km",)),
    "lao": ("\u0e80-\u0eff", ("lo",)),
    "burmese": ("\u1000-\u109f", ("my",)),
    "ethiopic": ("\u1200-\u139f", ("am", "ti")),
    "gurmukhi": ("\u0a00-\u0a7f", ("pa",)),
    "gujarati": ("\u0a80-\u0aff", ("gu",)),
    "kannada": ("\u0c80-\u0cff", ("kn",)),
    "malayalam": ("\u0d00-\u0d7f", ("ml",)),
    "sinhala": ("\u0d80-\u0dff", ("si",)),
    "tibetan": ("\u0f00-\u0fff", ("bo",)),
}
_RUN = re.compile("|".join(f"(?P<{name}>[{chars}]+)" for name, (chars, _) in _SCRIPTS.items()))
_SCRIPT_OF = {code: script for script, (_, codes) in _SCRIPTS.items() for code in codes}
_LINK = re.compile(  # a host or an address in ASCII ends before the Chinese that is written on without a space
    r"(?:https?://|www\.)(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?(?![a-z0-9.-])|https?://\S+|www\.\S+"
    r"|[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}|```.*?```|`[^`]*`",
    re.DOTALL | re.IGNORECASE,
)
_AROUND = " \t\r\n.,!?;:…~'\"()-。，！？；：、～“”（）"
_FIGURES = re.compile(r"[\w.-]*\d[\w.-]*", re.ASCII)
_CODE = re.compile(r"\b[A-Z]{1,4} (?=\d)")  # the letters of PL 27
_SHARED = re.compile(  # what is said alike in many languages: some words, abbreviations, names such as iPhone
    r"(?:(?:ok(?:ay)?|okey|k|bye(?: ?bye)?|hi+|hey+|hello|yes|yeah|yep|no|nope|thanks?|thx|wow|cool|lol"
    r"|omg|hm+|ha(?:ha)+|wi-?fi|apps?|pdf|vip|visa|taxi|e?-?mail)|(?-i:[A-Z]{1,3}|[A-Z]?[a-z]+[A-Z]\w*))",
    re.IGNORECASE | re.ASCII,
)
# Words that make a sentence: where two scripts meet, the one that has them is the language, the other holds names.
_ZH_GRAMMAR = re.compile("[我你您他她它们的了吗呢吧是在几怎什么哪谁请想要能会可不没有个这那多少和跟给把被去到为啥]")
_EN_GRAMMAR = re.compile(
    r"\b(the|a|an|is|are|was|do|does|did|can|could|will|would|should|i|you|my|your|it|we|what|when|where|which|who|why"
    r"|how|to|of|for|in|on|at|and|or|not|please|there|have|has|tell|me)\b",
    re.IGNORECASE,
)


class LanguageDetector:
    """Tell the language of short texts for a persona that speaks `languages`, the first by default."""

    def __init__(self, languages: Iterable[str]) -> None:
        self.languages = tuple(languages) or ("en",)
        self._latin = tuple(code for code in self.languages if code not in _SCRIPT_OF)

    def warm_up(self) -> None:
        """Load py3langid when this persona needs it: when several of its languages share a script."""
        if len(self._latin) > 1:
            _identifier()

    def detect(self, text: str, previous: str | None = None) -> str:
        """Return the language's code; `previous` is that of the conversation, answered where the text does not tell."""
        if previous and says_little(text):
            return previous
        text = _LINK.sub(" ", text[:LOOKED_AT])
        default = previous or self.languages[0]
        runs: dict[str, list[str]] = {}
        for match in _RUN.finditer(text):
            runs.setdefault(match.lastgroup or "", []).append(match.group())
        if not runs:
            return default
        script = _main_script(text, runs)
        if script == "latin":
            return self._among_latin(" ".join(runs["latin"]), text, default)
        if script == "han" and "ja" in self.languages and not {"zh", "zh-tw", "yue"} & set(self.languages):
            return "ja"
        codes = _SCRIPTS[script][1]
        own = [code for code in codes if code in self.languages]
        if len(own) > 1 and script != "han":
            return _best(text, own)[0]
        if default in own:
            return default
        return own[0] if own else codes[0]

    def _among_latin(self, letters: str, text: str, default: str) -> str:
        fallback = default if default not in _SCRIPT_OF else (self._latin or ("en",))[0]
        if len(self._latin) < 2 or len(letters) < 4:
            return fallback if default in _SCRIPT_OF or default in self._latin else (self._latin or (fallback,))[0]
        scores = _scores(text, {*self._latin, *COMMON})
        likely = max(scores, key=scores.__getitem__)
        if likely not in self._latin and scores[likely] > OUTSIDE and len(letters) > 24:
            return likely
        total = sum(scores[code] for code in self._latin) or 1.0
        own = max(self._latin, key=lambda code: scores[code])
        return own if scores[own] / total > INSIDE else fallback


def is_mute(text: str) -> bool:
    """Tell whether a text says nothing of its language: it has no word without figures, as "HB-2001", "PL 27", "5"."""
    return not _RUN.search(_FIGURES.sub(" ", _CODE.sub("", _LINK.sub(" ", text[:LOOKED_AT]))))


def says_little(text: str) -> bool:
    """Tell whether a text may be said in any language: it is mute, or a word or two that are shared ("ok", "VIP")."""
    words = _LINK.sub(" ", text[:LOOKED_AT]).strip(_AROUND).split()
    shared = (word.strip(_AROUND) for word in words)
    few = len(words) <= 2 and all(_SHARED.fullmatch(word) or not word for word in shared)
    return (few and not _EN_GRAMMAR.search(" ".join(words))) or is_mute(text)


def _main_script(text: str, runs: dict[str, list[str]]) -> str:
    if "kana" in runs:
        han = sum(map(len, runs.get("han", ())))
        return "kana" if sum(map(len, runs["kana"])) * 4 > han else "han"
    weight = {name: float(len(found)) for name, found in runs.items()}
    if "han" in runs:
        weight["han"] = sum(map(len, runs["han"])) / 1.6  # characters to a word
        if "latin" in runs:
            chinese, english = bool(_ZH_GRAMMAR.search(text)), bool(_EN_GRAMMAR.search(text))
            if chinese != english:
                return "han" if chinese else "latin"
    return max(weight, key=weight.__getitem__)


def _scores(text: str, codes: Iterable[str]) -> dict[str, float]:
    known = dict(_identifier().rank(text))
    found = {code: float(known.get(code.split("-")[0], 0.0)) for code in codes}
    total = sum(found.values()) or 1.0
    return {code: value / total for code, value in found.items()}


def _best(text: str, codes: list[str]) -> tuple[str, float]:
    scores = _scores(text, codes)
    best = max(codes, key=lambda code: scores[code])
    return best, scores[best]


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
