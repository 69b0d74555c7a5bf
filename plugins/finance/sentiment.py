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
NEAR, FAR = 6, 16  # words between a direction and the thing that it is about; between up or down and it
DECIDES = 5.0  # how much a profit that moves weighs, where sales that move weigh 2
LONGEST = 5000  # characters that are read
_WORD = re.compile(r"[a-z][a-z'&-]*|\d[\d.,]*|%|[.;:]")
_NOT = re.compile(r"not|no|never|without|neither|nor|cannot|[a-z]*n't")
_AMOUNT = r"(?:\b(?:eur|euro|usd|gbp|sek)|\$|€|£)?\s*(-?\d[\d ,]*(?:\s?\.\s?\d+)?)"
_THEN = r"compared (?:to|with)|against|versus|vs\.?|from|as against"
_COMPARED = re.compile(
    rf"{_AMOUNT}[^.;\d]{{0,60}}?\b(?:from(?=\W{{0,3}}(?:eur|euro|usd|gbp|sek|\d))|(?!from){_THEN})\b"
    rf"[^.;\d]{{0,80}}?{_AMOUNT}(?!\d|\s*(?:,\s*)?20\d\d)"
)
_ASIDE = re.compile(  # what stands between two amounts and is none of them: another currency, a year
    r"\(\s*(?:about )?(?:eur|euro|usd|us\$|\$)[^()]{0,20}\)|\$ \d[\d .]* (?:mln|million|mn|m|bn)\b"
    r"|\b(?:in|for|during|of) (?:the year )?(?:19|20)\d\d\b"
)
_CUTS = re.compile(
    r"\b(?:cut|cuts|cutting|lower\w*|slash\w*)\b[^.;]{0,40}\b(?:forecasts?|outlook|guidance|targets?|dividends?)\b"
    r"|\b(?:cut|cuts|cutting|reduc\w+|axe|slash\w*|laying off|layoffs? of|dismiss\w*)\b[^.;]{0,50}"
    r"\b(?:jobs?|staff|personnel|workforce|employees|people|workers|headcount)\b"
    r"|\b(?:staff|personnel|workforce|employees|headcount)\b[^.;]{0,30}\b(?:reduced|cut|laid off)\b"
)
_LOSS = re.compile(r"\b(?:at|a|the|an|operating|net|pretax|pre-tax|quarterly|remain at) loss\b(?! of life)")
_GAINS = r"(?:profit|ebit|ebitda|earnings|result|cash flow)"
_TURNED = r"(?:compared (?:to|with)|against|versus|vs\.?|from an?|swung|swing|turned|turn)"
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
_FROM = re.compile(r"\d|from|by|some|about|around|on|year-on-year|compared")
_WENT = ("went", "go", "going", "gone", "%", "pct", "percent")
_CAPITAL = re.compile(r"\bshare capital\b|\bnumber of (?:[a-z' ]{0,20} )?shares\b")
_BROKEN = re.compile(r"(\d)\s+([.,]\d)")
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
    text = _CAPITAL.sub("capital", _BROKEN.sub(r"\1\2", text))
    bare = _FIGURE.sub("#", text)  # without the points of figures, which are no ends of sentences
    better, worse = _BETTER.search(bare), _WORSE.search(bare)
    if better or worse:
        yield (3.0, better.group()) if better else (-3.0, worse.group() if worse else "")
        return
    tokens = _WORD.findall(text)
    moves = list(_moves(tokens))
    yield from moves
    for weight, kind in ((1.0, "good"), (-1.0, "bad")):
        for at, token in enumerate(tokens):
            if _stem(token, kind):
                yield weight * _denial(tokens, at), token
        joined = " " + " ".join(tokens)
        for phrase in _words(f"{kind}_phrases"):
            if f" {phrase}" in joined:
                yield 1.5 * weight, phrase
    if cuts := _CUTS.search(bare):
        yield -2.0, cuts.group()
    if not moves:
        yield from _compared(_ASIDE.sub("", text), tokens)
        if loss := _LOSS.search(bare):
            yield -1.5, loss.group()


def _moves(tokens: list[str]) -> Iterator[tuple[float, str]]:
    """Yield what goes up or down: with the nearest thing; without one, as if it were good."""
    things = [(at, value) for at, token in enumerate(tokens) if (value := _thing(token))]
    for at, token in enumerate(tokens):
        after = tokens[at + 1] if at + 1 < len(tokens) else "."
        direction = _stem(token, "up") - _stem(token, "down")
        reach = NEAR
        if token in ("up", "down") and (_FROM.match(after) or (at and tokens[at - 1] in _WENT)):
            direction, reach = (1 if token == "up" else -1), FAR
        if not direction:
            continue
        near = [
            (abs(at - place), value, tokens[place]) for place, value in things if _reaches(tokens, at, place, reach)
        ]
        if near:
            _, value, thing = min(near)
            weight = DECIDES if _stem(thing, "gains") else 2.0
            yield weight * direction * value * _denial(tokens, at), f"{thing} {token}"
        elif _stem(token, "moves") and "capital" not in tokens[max(0, at - NEAR) : at + NEAR]:
            yield direction * _denial(tokens, at), token


def _compared(text: str, tokens: list[str]) -> Iterator[tuple[float, str]]:
    """Yield what a figure says beside the one of before."""
    things = [value for token in tokens if (value := _thing(token))]
    match = _COMPARED.search(text)
    if match is None or not things:
        return
    now, before = (_number(part) for part in match.groups())
    if now is not None and before is not None and now != before and not 1990 <= now <= 2035:
        yield (2.0 if now > before else -2.0) * min(things), match.group()


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


def _reaches(tokens: list[str], at: int, place: int, reach: int) -> bool:
    low, high = min(at, place), max(at, place)
    return high - low <= reach and not any(token in ".;:" for token in tokens[low:high])


def _denial(tokens: list[str], at: int) -> int:
    return -1 if any(_NOT.fullmatch(token) for token in tokens[max(0, at - 3) : at]) else 1


def _number(text: str) -> float | None:
    try:
        return float(text.replace(" ", "").replace(",", ""))
    except ValueError:
        return None
