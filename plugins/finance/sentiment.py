"""Whether business news is good or bad for those it is about, by rules over directions, things and figures.

No model and no training: what decides can be shown. English and Chinese; a language that has no words here is neutral.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

Label = Literal["negative", "neutral", "positive"]
NEAR = 6  # words between a direction and the thing that it is about
LONGEST = 5000  # characters that are read
_WORD = re.compile(r"[a-z][a-z'&-]*|\d[\d.,]*|%|[.;:]")
_NOT = re.compile(r"not|no|never|without|neither|nor|cannot|[a-z]*n't")
_AMOUNT = r"(?:eur|usd|gbp|sek|er|\$|€|£)?\s*(-?\d[\d ,]*(?:\s?\.\s?\d+)?)"
_THEN = r"compared (?:to|with)|against|versus|vs\.?|from|as against|while"
_COMPARED = re.compile(rf"{_AMOUNT}[^.;\d]{{0,60}}?\b(?:{_THEN})\b[^.;\d]{{0,80}}?{_AMOUNT}(?!\d|\s*(?:,\s*)?20\d\d)")
_GAINS = r"(?:profit|ebit|ebitda|earnings|result|cash flow)"
_TURNED = rf"(?:{_THEN}|swung|swing|turned|turn)"
_BETTER = re.compile(
    rf"{_GAINS}[^.;]{{0,90}}\b{_TURNED}\b[^.;]{{0,60}}\b(?:loss|negative)"
    r"|\b(?:swung|swing|turned|back) (?:back )?(?:in)?to [^.;]{0,20}profit"
    r"|\bloss(?:es)?\b[^.;]{0,30}\b(?:narrow|shr[au]nk|decreas|reduc|fell|improve)"
)
_WORSE = re.compile(
    rf"\b(?:loss|negative)\b[^.;]{{0,90}}\b{_TURNED}\b[^.;]{{0,60}}\b(?:profit|positive)"
    r"|\b(?:swung|turned) to [^.;]{0,20}loss"
    r"|\bloss(?:es)?\b[^.;]{0,30}\b(?:widen|grew|increas|rose)"
)
_FIGURE = re.compile(r"\d[\d.,]*(?:\s\.\d+)?")


@dataclass(frozen=True, slots=True)
class Opinion:
    """Hold a label, how far it leans from -1 to 1, and the words that made it so."""

    label: Label
    score: float
    because: tuple[str, ...] = ()


def opinion(text: str) -> Opinion:
    """Return what a text says about those it is about."""
    said = text[:LONGEST].casefold().replace("’", "'")
    found = list(_english(said) if re.search(r"[a-z]{3}", said) else ()) + list(_chinese(said))
    total = sum(weight for weight, _ in found)
    size = sum(abs(weight) for weight, _ in found)
    score = total / (size + 1.0) if size else 0.0
    label: Label = "positive" if score > 0.25 else "negative" if score < -0.25 else "neutral"
    because = tuple(dict.fromkeys(word for weight, word in found if weight * total > 0))
    return Opinion(label, round(score, 3), because)


def _english(text: str) -> Iterator[tuple[float, str]]:
    """Yield what leans to good (above 0) or bad (below), with the words."""
    bare = _FIGURE.sub("#", text)  # without the points of figures, which are no ends of sentences
    better, worse = _BETTER.search(bare), _WORSE.search(bare)
    if better or worse:
        yield (3.0, better.group()) if better else (-3.0, worse.group() if worse else "")
        return
    tokens = _WORD.findall(text)
    joined = " ".join(tokens)
    things = [(at, value) for at, token in enumerate(tokens) if (value := _thing(token))]
    moved = False
    for at, token in enumerate(tokens):
        direction = _stem(token, "up") - _stem(token, "down")
        if (
            token in ("up", "down")
            and at + 1 < len(tokens)
            and re.match(r"\d|from|by|some|about|around", tokens[at + 1])
        ):
            direction = 1 if token == "up" else -1
        if not direction:
            continue
        near = [(abs(at - place), value, tokens[place]) for place, value in things if _reaches(tokens, at, place)]
        if near:
            _, value, thing = min(near)
            moved = True
            yield 2.0 * direction * value * _denial(tokens, at), f"{thing} {token}"
    for weight, kind in ((1.0, "good"), (-1.0, "bad")):
        for at, token in enumerate(tokens):
            if _stem(token, kind):
                yield weight * _denial(tokens, at), token
        for phrase in _words(f"{kind}_phrases"):
            if phrase in joined:
                yield 1.5 * weight, phrase
    if not moved and (match := _COMPARED.search(text)) and things:
        now, before = (_number(part) for part in match.groups())
        if now is not None and before is not None and now != before and not 1990 <= now <= 2035:
            at = min(value for _, value in things)
            yield (2.0 if now > before else -2.0) * at, match.group()


def _chinese(text: str) -> Iterator[tuple[float, str]]:
    for clause in re.split(r"[，。；！？,.;!?\n]", text):
        things = [1] * any(w in clause for w in _words("zh_good_things"))
        things += [-1] * any(w in clause for w in _words("zh_bad_things"))
        for listed, direction in ((_words("zh_up"), 1), (_words("zh_down"), -1)):
            for word in listed:
                if word in clause and things:
                    denied = -1 if re.search(rf"(?:未|没有?|不再|停止)(?:能|有)?.{{0,2}}{word}", clause) else 1
                    yield 2.0 * direction * min(things) * denied, word
        for listed, weight in ((_words("zh_good"), 1.0), (_words("zh_bad"), -1.0)):
            for word in listed:
                if word in clause and not (word == "亏损" and re.search("扭亏|亏损.{0,4}(?:收窄|减少)", clause)):
                    yield weight * (-1 if re.search(rf"(?:未|没有?|不会|否认).{{0,2}}{word}", clause) else 1), word


@cache
def _words(kind: str) -> tuple[str, ...]:
    lists = yaml.safe_load((files(__package__) / "words.yaml").read_text("utf-8"))
    return tuple(str(word) for word in lists[kind])


@cache
def _stems(kind: str) -> re.Pattern[str]:
    stems = sorted(_words(kind), key=len, reverse=True)
    return re.compile("|".join(stem if len(stem) < 4 else f"{re.escape(stem)}[a-z]*" for stem in stems))


def _stem(token: str, kind: str) -> int:
    return int(_stems(kind).fullmatch(token) is not None)


def _thing(token: str) -> int:
    """Return 1 for what is good when there is more of it, -1 for what is bad then, 0 for anything else."""
    return _stem(token, "good_things") - _stem(token, "bad_things")


def _reaches(tokens: list[str], at: int, place: int) -> bool:
    low, high = min(at, place), max(at, place)
    return high - low <= NEAR and not any(token in ".;:" for token in tokens[low:high])


def _denial(tokens: list[str], at: int) -> int:
    return -1 if any(_NOT.fullmatch(token) for token in tokens[max(0, at - 3) : at]) else 1


def _number(text: str) -> float | None:
    try:
        return float(text.replace(" ", "").replace(",", ""))
    except ValueError:
        return None
