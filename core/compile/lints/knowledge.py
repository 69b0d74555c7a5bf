"""Lints on knowledge: passages that answer nothing, that stand twice, or that contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from ...diagnostics import Diagnostic, Span
from ...mind.understanding.wording import terms
from ...mind.values.quantities import comparable
from ...persona.checks.examples import same_form
from ...persona.schema import base
from ...turn import Passage
from .contradictions import clashes
from .material import Material, quoted, there
from .similarity import Near, Sentences, near

LEAST = 0.55  # cosine from which passages are looked at
SPELT_ALIKE = 85  # of 100, rapidfuzz ratio of what stands twice
LONG = 30  # characters of a text that nobody writes twice by chance
_LINK = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+|!?\[[^\]]*\]\([^)]*\)")
_EMPTY = re.compile(
    r"(?:t\.?b\.?[dac]\.?|to ?do|fixme|x{3,}|n/?a|none|null|unknown|placeholder|lorem ipsum.*|dummy text|"
    r"(?:text |content |answer |more |details? |information )?(?:is |are )?(?:coming soon|to be (?:added|done|written|"
    r"announced|confirmed|determined|decided|completed|filled in)|will (?:be added|follow)|under construction)|"
    r"(?:please )?(?:see|click|read|more|check|visit|follow|look)(?: (?:here|above|below|more|link|the|our|website|"
    r"details|at|on|under|this|page))*|link|here|website|as above|same as above|ditto|skip to (?:main )?content|"
    r"(?:.{0,60}\b)?all rights reserved|copyright.{0,60}|"
    r"(?:内容|答案|信息|详情|此处|这里)?(?:待(?:补充|定|填写|完善|更新|添加|确认|续|写)|(?:敬请)?期待|暂无|暂缺|略|建设中|"
    r"施工中|未完待续|占位|请填写)(?:内容|信息|答案|中)?|(?:更多|详情|具体|内容|答案|信息)*(?:请?(?:点击|查看|参见|参阅|访问|看|见)|"
    r"详见|同上|更多)+(?:这里|此处|链接|上文|下文|上面|下面|网址|官网|网站|详情|全文)*|详情|链接|网址|版权所有.{0,40})[\s.!?。！？…:：~,，]*",
    re.IGNORECASE,
)
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_DECISIVE = re.compile(r"\w*\d\w*|\b(?:[b-hj-z]|[ivx]{2,4}|no|not|never|cannot|only)\b|n't\b|[不没无未非免]")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def lint_knowledge(material: Material, sentences: Sentences, memory: Path | None) -> Iterator[Diagnostic]:
    """Report what is wrong with passages; `sentences` are of each passage's title and text.

    `memory` is a file that keeps which passages are near, so that the next search looks only for those of new ones.
    """
    passages = material.knowledge.passages
    yield from _saying_nothing(material)
    yield from _headings(material)
    if len(passages) < 2:
        return
    pairs, cosines = near_pairs(passages, sentences, memory)
    twice = set()
    for diagnostic, first, second in _repeats(material, pairs, cosines):
        twice.add((first, second))
        yield diagnostic
    for clash in clashes(passages, pairs, cosines):
        if (clash.first, clash.second) not in twice:
            yield _contradiction(material, clash.first, clash.second, clash.written)


def near_pairs(
    passages: list[Passage], sentences: Sentences, memory: Path | None
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the pairs [k, 2] of passages that may be about one thing, with their cosines [k].

    They are the neighbours by the encoder that covers most passages, and the same field of one record.
    """
    widest = max(sentences.vectors, key=lambda name: int(sentences.covered[name].sum()))
    before = Near.load(memory) if memory is not None else None
    found = near(sentences.vectors[widest], LEAST, before)
    if memory is not None:
        found.save(memory)
    by_field: dict[tuple[str, str | None, str | None], list[int]] = {}
    for position, passage in enumerate(passages):
        if passage.record is not None:
            key = passage.source.rpartition(":")[0], passage.record, passage.field
            by_field.setdefault(key, []).append(position)
    fields = [
        (first, second)
        for positions in by_field.values()
        for index, first in enumerate(positions)
        for second in positions[index + 1 :]
    ]
    both = np.concatenate([found.pairs.astype(np.intp), np.array(fields, np.intp).reshape(-1, 2)])
    both = np.unique(both, axis=0)
    return both, sentences.paired(both[:, 0], both[:, 1])


def _saying_nothing(material: Material) -> Iterator[Diagnostic]:
    for passage in material.knowledge.passages:
        if len(passage.text) > 300:
            continue
        bare = _EDGES.sub("", _LINK.sub(" ", passage.text))
        advice = "write the answer, or delete this until there is one"
        if not any(char.isalnum() for char in bare):
            what = "there is only a link here" if _LINK.search(passage.text) else "there are no words here"
            if what.endswith("link here"):
                advice = "write in words what one finds there; the link may follow"
        elif _EMPTY.fullmatch(bare):
            what = f"{quoted(passage.text, 40)} answers nothing"
        elif passage.title and same_form(passage.title) == same_form(passage.text):
            what = "the answer only says the question again"
        else:
            continue
        yield Diagnostic("P0405", "warning", what, material.place(passage), advice)


def _headings(material: Material) -> Iterator[Diagnostic]:
    """Report headings of Markdown files with nothing below them."""
    for file in material.knowledge.files:
        if file.suffix.lower() != ".md":
            continue
        lines = material.lines(file)
        content = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), "\n".join(lines)).split("\n")
        waiting: list[tuple[int, int, str]] = []  # line, level, title
        fenced = False
        for number, line in enumerate([*content, "# "], start=1):
            fenced ^= bool(_FENCE.match(line))
            heading = None if fenced else _HEADING.match(line)
            if heading is None and number <= len(content):
                if line.strip():
                    waiting.clear()
                continue
            level = len(heading[1]) if heading else 1
            while waiting and waiting[-1][1] >= level:
                at, _, title = waiting.pop()
                span = Span(str(file), at, 1, at, len(lines[at - 1]) + 1)
                advice = "write the text, or delete the heading"
                yield Diagnostic("P0405", "warning", f"nothing stands under the heading {quoted(title)}", span, advice)
            if heading and heading[2]:
                waiting.append((number, level, heading[2]))


def _repeats(
    material: Material, pairs: NDArray[np.intp], cosines: NDArray[np.float32]
) -> Iterator[tuple[Diagnostic, int, int]]:
    """Yield passages that stand twice, in the same words or nearly so."""
    passages = material.knowledge.passages
    reported: set[int] = set()
    for (first, second), _ in sorted(zip(pairs.tolist(), cosines.tolist())):
        one, other = passages[first], passages[second]
        if second in reported or base(one.language) != base(other.language):
            continue
        if (one.record and other.record) or len(other.text) < LONG or abs(len(one.text) - len(other.text)) > 40:
            continue
        if _is_question(one) and _is_question(other) and not _alike(one.title, other.title):
            continue  # one answer to two questions
        if not _alike(one.text, other.text):
            continue
        if _is_question(one) and _is_question(other) and same_form(one.title) == same_form(other.title):
            continue  # told by the check of repeated questions
        reported.add(second)
        place = material.place(other)
        same = "in the same words" if same_form(one.text) == same_form(other.text) else "in nearly the same words"
        message = f"this stands twice, {same}: first {there(material.place(one), place)}"
        advice = "delete one of them: of two alike, only one is ever needed"
        yield Diagnostic("P0406", "warning", message, place, advice), first, second


def _is_question(passage: Passage) -> bool:
    return passage.source.rpartition(":")[0].lower().endswith(".csv")


def _alike(one: str, other: str) -> bool:
    """Tell whether two texts say the same in nearly the same words."""
    return fuzz.ratio(one, other) >= SPELT_ALIKE and _weight(one) == _weight(other)


def _weight(words: str) -> tuple[frozenset[str], list[str]]:
    """Return what makes two texts differ in what they say: words that tell; numbers, letters, denials in order."""
    lower = comparable(words)
    return terms(lower), _DECISIVE.findall(lower)


def _contradiction(material: Material, first: int, second: int, written: tuple[str, str]) -> Diagnostic:
    passages = material.knowledge.passages
    one, other = passages[first], passages[second]
    place = material.place(other)
    message = (
        f"this says {quoted(written[1])}, and {quoted(one.title or one.text, 60)} "
        f"{there(material.place(one), place)} says {quoted(written[0])}"
    )
    advice = (
        f"if both are about the same thing, make them agree; if not, say in each what makes the difference. There: "
        f"{quoted(one.text, 160)}"
    )
    return Diagnostic("P0407", "warning", message, place, advice)
