"""Lints on the examples of intents: too few, too much alike, in the wrong intent, or in two that cannot be told apart.

An example is judged by ridge regression on the vectors of all the others, in closed form. The thresholds were chosen
on the training part of BANKING77 with a twentieth of its labels moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...diagnostics import Diagnostic
from ...persona.language import script_of_language
from ...persona.nodes import get, items, text
from ...persona.schema import base
from .material import Material, Said, listed, quoted, there
from .similarity import BLOCK, Floats, Sentences

FEW = 3
ALIKE = 0.9  # cosine of two examples that teach the same
COLLIDE = 0.96  # cosine of two examples that say the same
RIDGE = 1.0
MARGIN = 0.2  # by which another intent's score is higher than its own, of an example in the wrong place
OWN = 0.04  # by which its own is hardly higher than for any sentence
NEARER = 0.15  # by which the nearest three of the other intent are nearer
CONFUSED = 0.25  # of the examples of two intents that overlap, so many are taken for the other
LEAST = 0.1  # of the examples of each
SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Pair:
    """Hold two examples, by position, that belong to different intents."""

    first: int
    second: int
    cosine: float


def lint_intents(material: Material, sentences: Sentences) -> Iterator[Diagnostic]:
    """Report what is wrong with the examples; `sentences` are of `material.examples`."""
    examples = material.examples
    yield from _few(material)
    names = [intent.name for intent in material.persona.intents]
    labels = np.array([names.index(said.intent) for said in examples], np.intp)
    for label in range(len(names)):
        yield from _alike(examples, sentences, np.flatnonzero(labels == label))
    if len(set(labels.tolist())) < 2:
        return
    scores = _held_out(sentences.features(), labels, len(names))
    confused = _overlapping(labels, scores)
    misplaced = _misplaced(sentences, labels, scores, confused)
    collisions = [pair for pair in _collisions(sentences, labels) if not {pair.first, pair.second} & misplaced.keys()]
    for key in sorted(confused | {_key(labels, pair) for pair in collisions}):
        yield _overlap(examples, sentences, labels, scores, key, collisions)
    for row, like in misplaced.items():
        yield _elsewhere(examples[row], examples[like])


def _few(material: Material) -> Iterator[Diagnostic]:
    """Report intents with too few examples, in all or in a language with a script of its own."""
    languages = material.persona.languages
    scripts = [script_of_language(code) for code in languages]
    own = [code for code, script in zip(languages, scripts) if scripts.count(script) == 1]
    used = {base(said.language) for said in material.examples}
    for node in items(get(material.tree, "intents")):
        name_node = get(node, "name")
        name = text(name_node)
        mine = [said for said in material.examples if said.intent == name]
        if name_node is None or not mine:
            continue
        if len(mine) < FEW:
            message = f"`{name}` has {len(mine)} example{'s' if len(mine) > 1 else ''}, too few to learn from"
            advice = "write five or more, each in other words, as different people would say it"
            yield Diagnostic("P0402", "warning", message, name_node.span, advice)
            continue
        missing = [
            code for code in own if base(code) in used and not any(base(said.language) == base(code) for said in mine)
        ]
        if missing:
            codes = listed([f"`{code}`" for code in missing])
            advice = f"write some in {codes}, as users of that language would say it"
            yield Diagnostic("P0402", "warning", f"`{name}` has no example in {codes}", name_node.span, advice)


def _alike(examples: Sequence[Said], sentences: Sentences, rows: NDArray[np.intp]) -> Iterator[Diagnostic]:
    """Report an intent whose examples are one sentence again and again."""
    rows = rows[:BLOCK]
    if len(rows) < FEW:
        return
    cosines = sentences.some(rows).cosines(sentences.some(rows))
    kept: list[int] = []
    repeats: list[tuple[int, int]] = []
    for row in range(len(rows)):
        like = next((other for other in kept if cosines[row, other] > ALIKE), None)
        if like is None:
            kept.append(row)
        else:
            repeats.append((row, like))
    if len(kept) * 2 >= len(rows):
        return
    row, like = repeats[0]
    said, first = examples[rows[row]], examples[rows[like]]
    message = (
        f"`{said.intent}` says nearly the same again and again: its {len(rows)} examples count for {len(kept)}; this "
        f"one is like {quoted(first.text)} {there(first.span, said.span)}"
    )
    yield Diagnostic("P0403", "warning", message, said.span, "put some of them in quite other words")


def _held_out(features: Floats, labels: NDArray[np.intp], classes: int) -> NDArray[np.float64]:
    """Return [n, classes]: the score of each example for each intent, from all the other examples.

    Ridge regression on one-hot labels; leaving one out needs no second fit (Cook & Weisberg 1982, 2.2).
    """
    rows = (features - features.mean(0)).astype(np.float64)
    wanted = np.eye(classes)[labels]
    centred = wanted - wanted.mean(0)
    count, dimension = rows.shape
    if count <= dimension:
        inverse = np.linalg.inv(rows @ rows.T + RIDGE * np.eye(count))
        return np.asarray(wanted - (inverse @ centred) / np.diag(inverse)[:, None])
    inverse = np.linalg.inv(rows.T @ rows + RIDGE * np.eye(dimension))
    predicted = rows @ (inverse @ (rows.T @ centred))
    leverage = np.einsum("ij,ij->i", rows @ inverse, rows)
    return np.asarray(wanted - (centred - predicted) / (1 - leverage)[:, None])


def _collisions(sentences: Sentences, labels: NDArray[np.intp]) -> list[_Pair]:
    """Return the pairs of examples of different intents that say the same, the nearest first."""
    found = []
    for start in range(0, len(labels), BLOCK):
        part = slice(start, start + BLOCK)
        cosines = sentences.some(part).cosines(sentences)
        cosines[labels[part][:, None] == labels[None]] = -1
        for row, other in zip(*np.nonzero(cosines >= COLLIDE)):
            if start + row < other:
                found.append(_Pair(int(start + row), int(other), float(cosines[row, other])))
    return sorted(found, key=lambda pair: -pair.cosine)


def _key(labels: NDArray[np.intp], pair: _Pair) -> tuple[int, int]:
    one, other = sorted((int(labels[pair.first]), int(labels[pair.second])))
    return one, other


def _overlapping(labels: NDArray[np.intp], scores: NDArray[np.float64]) -> set[tuple[int, int]]:
    """Return the pairs of intents whose examples are taken for each other's."""
    classes = scores.shape[1]
    taken = np.zeros((classes, classes))
    np.add.at(taken, (labels, scores.argmax(1)), 1)
    counts = np.bincount(labels, minlength=classes)
    both = taken + taken.T
    found = set()
    for one, other in zip(*np.nonzero(np.triu(both, 1) >= 2)):
        shares = taken[one, other] / counts[one], taken[other, one] / counts[other]
        if both[one, other] >= CONFUSED * (counts[one] + counts[other]) and min(shares) >= LEAST:
            found.add((int(one), int(other)))
    return found


def _overlap(
    examples: Sequence[Said],
    sentences: Sentences,
    labels: NDArray[np.intp],
    scores: NDArray[np.float64],
    key: tuple[int, int],
    collisions: Sequence[_Pair],
) -> Diagnostic:
    pairs = [pair for pair in collisions if _key(labels, pair) == key] or _nearest(sentences, labels, key)
    # the finding stands in the later intent
    first, second = sorted((pairs[0].first, pairs[0].second), key=lambda row: (labels[row], row))
    said, other = examples[second], examples[first]
    where = there(other.span, said.span)
    if pairs[0].cosine >= COLLIDE:
        message = f"this example of `{said.intent}` says the same as {quoted(other.text)} of `{other.intent}`, {where}"
        advice = "keep it where it fits best, or join the two intents into one"
    else:
        mine = np.isin(labels, key)
        crossed = int(np.sum(mine & np.isin(scores.argmax(1), key) & (scores.argmax(1) != labels)))
        message = (
            f"`{other.intent}` and `{said.intent}` overlap: {crossed} of their {int(mine.sum())} examples fit the "
            f"other better; this one is near {quoted(other.text)}, {where}"
        )
        advice = "join them into one, or reword the examples so that each says what only its own intent means"
    more = [f"{quoted(examples[pair.first].text)} and {quoted(examples[pair.second].text)}" for pair in pairs[1:SHOWN]]
    if more:
        advice += f"; also near: {'; '.join(more)}"
    return Diagnostic("P0401", "warning", message, said.span, advice)


def _nearest(sentences: Sentences, labels: NDArray[np.intp], key: tuple[int, int]) -> list[_Pair]:
    """Return the nearest pairs of examples of two intents."""
    one, other = np.flatnonzero(labels == key[0]), np.flatnonzero(labels == key[1])
    cosines = sentences.some(one).cosines(sentences.some(other))
    order = np.argsort(-cosines, axis=None, kind="stable")[:SHOWN]
    rows, columns = np.unravel_index(order, cosines.shape)
    return [_Pair(int(one[r]), int(other[c]), float(cosines[r, c])) for r, c in zip(rows, columns)]


def _misplaced(
    sentences: Sentences, labels: NDArray[np.intp], scores: NDArray[np.float64], confused: set[tuple[int, int]]
) -> dict[int, int]:
    """Return the examples that fit another intent better, each with its nearest there; not between confused ones."""
    rows = np.arange(len(labels))
    own = scores[rows, labels] - np.bincount(labels, minlength=scores.shape[1])[labels] / len(labels)
    others = scores.copy()
    others[rows, labels] = -np.inf
    best = others.argmax(1)
    margins = others.max(1) - scores[rows, labels]
    found: dict[int, int] = {}
    for row in np.flatnonzero((margins > MARGIN) & (own < OWN)).tolist():
        label, rival = int(labels[row]), int(best[row])
        if (min(label, rival), max(label, rival)) in confused:
            continue
        cosines = sentences.some(np.array([row])).cosines(sentences)[0]
        cosines[row] = -1
        theirs = np.where(labels == rival, cosines, -1)
        mine = np.where(labels == label, cosines, -1)
        if _top(theirs) - _top(mine) > NEARER:
            found[row] = int(theirs.argmax())
    return found


def _elsewhere(said: Said, near: Said) -> Diagnostic:
    where = there(near.span, said.span)
    message = f"this example of `{said.intent}` fits `{near.intent}` better, as {quoted(near.text)} {where}"
    advice = f"move it to `{near.intent}`, or reword it so that it says what `{said.intent}` is about"
    return Diagnostic("P0404", "warning", message, said.span, advice)


def _top(cosines: Floats) -> float:
    """Return the mean of the three highest, of fewer where there are fewer."""
    highest = np.sort(cosines)[-3:]
    return float(highest[highest > -1].mean()) if (highest > -1).any() else -1.0
