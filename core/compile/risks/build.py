"""The weights of the judge of risks, from the sentences that were written for it."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ...chinese import as_learnt
from ...mind.risk.judge import LETTERS, WEIGHTS, Group, Head, Risks
from ...models import branches
from ...models.text import load_text_encoder
from . import branch, training
from .around import AROUND, with_around
from .grammar import ATTACKS, BORDER, DATA, MORE, NEXT, PLAIN, SAFE, Sentence, sentences

ENCODERS = ("all-MiniLM-L6-v2", "use-multilingual")
KINDS = (
    "harm", "self_harm", "sexual", "hate", "privacy", "misinformation", "advice", "human",
    "jailbreak", "injection", "prompt_leak",
)  # fmt: skip
CLASSES = (SAFE, *KINDS)
NEED_CLASSES = (SAFE, "suicidal", "concern", "abuse", "emergency")
GROUPS = (CLASSES, NEED_CLASSES)
TRIALS = Path(__file__).with_name("trials")
NEEDS = "needs"  # of people in need, the folder of lines and the one of trials
# by group, the side of its trials of which so many must pass, by language
SET_ON = (("sounds", {"en": 0.94, "zh": 0.93}), (SAFE, {"en": 0.97, "zh": 0.975}))
OTHERS = 0.02  # of what a sentence of the judge of risks counts where who is in need is learnt
MARGINS = {"human": 1.5, "emergency": 0.4}  # in log odds, for kinds that are near to what is harmless
OF_NEEDS = {"use-multilingual": 0.5}  # what its branch counts where who is in need is told: its own vectors know better
WEIGHTS_OF = {LETTERS: 0.5}  # of members; of others 1
SEED = 0
EVERYDAY = Path(__file__).parents[2] / "mind" / "emotion.csv"
FOLDERS = (DATA, PLAIN, NEXT, MORE, ATTACKS, BORDER)
FIRST = ("", DATA.name, PLAIN.name, ATTACKS.name, AROUND.name)  # by the first authors, attacks, what is everyday
TYPED = 0.4  # of the sentences
SAFE_WEIGHT = 2.0
Array = NDArray[np.float32]
Tell = Callable[[str], None]
Views = Callable[[Sequence[Sentence]], list[training.Chosen]]


class Trial(NamedTuple):
    """Hold a text by others than who wrote the sentences: `side` is unsafe, sounds (so, and is not) or ordinary; of the
    trials of people in need, their kind or safe.
    """

    text: str
    language: str
    side: str


def build(tell: Tell, path: Path = WEIGHTS) -> None:
    """Train the judge and write its weights; branches are trained where they are not of these sentences."""
    from safetensors.numpy import save

    rows, needs = everything(), in_need()
    own_rows = for_heads(rows)
    tell(f"{len(rows)} sentences of {len({row.line for row in rows})} lines, {len(own_rows)} for heads alone")
    tried = [trials(), trials(TRIALS / NEEDS)]
    heads: dict[str, Head] = {}
    vectors: list[dict[str, Array]] = [{}, {}]
    for name in ENCODERS:
        head = _head(name, own_rows, CLASSES, head_views)
        file = branches.FOLDER / f"{name}.safetensors"
        if not (file.is_file() and _facts(file).get("data") == learnt_from()):
            train_branch(name, tell)
        learner, twin = learner_of(name), branches.beside(name, branches.output(file))
        of_branch = branch.read(learner, file)
        heads[name] = training.beside(head, _head(name, needs, NEED_CLASSES, all_of))
        read = covered(name, [row.language for row in needs])
        targets, weights = lesson([needs[at] for at in read], NEED_CLASSES)
        found = branch.vectors(learner, [needs[at].text for at in read])
        of_needs = Head(None, training.linear(found, targets, weights).out * OF_NEEDS.get(name, 1.0))
        heads[twin] = training.beside(of_branch, of_needs)
        for own_trials, made in zip(tried, vectors):
            read = covered(name, [trial.language for trial in own_trials])
            texts = [own_trials[at].text for at in read]
            made[name], made[twin] = (np.zeros((len(own_trials), learner.dimension), np.float32) for _ in range(2))
            made[name][read], made[twin][read] = encoded(name, texts), branch.vectors(learner, texts)
    tables = [
        training.table([row.text for row in some], *lesson(some, classes), SEED)
        for some, classes in zip((rows, needs), GROUPS)
    ]
    table = np.concatenate(tables, axis=1)
    for last in (table[-1], *(head.out[-1] for head in heads.values())):
        for kind, margin in MARGINS.items():
            last[[*CLASSES, *NEED_CLASSES].index(kind)] -= margin
    groups = [
        Group(classes, limits(heads, table, place, own_trials, made, tell), one=classes is NEED_CLASSES)
        for place, (classes, own_trials, made) in enumerate(zip(GROUPS, tried, vectors))
    ]
    arrays = {f"{name}|out": head.out for name, head in heads.items()}
    arrays |= {f"{name}|hidden": head.hidden for name, head in heads.items() if head.hidden is not None}
    facts = {
        "groups": [asdict(group) for group in groups],
        "heads": list(heads), "data": content(), "weights": weights_of((LETTERS, *heads)),
        "instead": instead(tuple(heads)),
    }  # fmt: skip
    small = {name: array.astype(np.float16) for name, array in {**arrays, LETTERS: table}.items()}
    path.write_bytes(save(small, {"facts": json.dumps(facts, sort_keys=True)}))
    tell(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def _head(name: str, rows: Sequence[Sentence], classes: Sequence[str], views: Views) -> Head:
    """Return a head on an encoder's own vectors, from the rows of the languages that it reads."""
    own = [rows[at] for at in covered(name, [row.language for row in rows])]
    targets, weights = lesson(own, classes)
    return training.head(encoded(name, [row.text for row in own]), targets, weights, views(own))


def limits(
    heads: Mapping[str, Head],
    table: Array,
    place: int,
    tried: Sequence[Trial],
    vectors: Mapping[str, Array],
    tell: Tell,
) -> dict[str, dict[str, float]]:
    """Return the thresholds of the group at a place, by members and language, set on its trials."""
    found: dict[str, dict[str, float]] = {}
    for members in training.members(tuple(heads)):
        odds = odds_of(heads, table, place, tried, vectors, members)
        own = found["+".join(members)] = {}
        for language in ("en", "zh"):
            if reads(members, language):
                chosen = [at for at, trial in enumerate(tried) if trial.language == language]
                harmless, passing = SET_ON[place]
                sides = [tried[at].side for at in chosen]
                own[language], line = threshold(odds[chosen], sides, harmless, passing[language])
                tell(f"{'+'.join(members)}, {language}: {line}")
    return found


def train_branch(name: str, tell: Tell) -> None:
    """Train the branch of an encoder and write its file."""
    rows = everything()
    targets, weights = lesson(rows)
    read = covered(name, [row.language for row in rows])
    texts, path = [rows[at].text for at in read], branches.FOLDER / f"{name}.safetensors"
    views, facts = branch_views([rows[at] for at in read]), {"data": learnt_from()}
    branch.learnt(learner_of(name), texts, targets[read], weights[read], views, path, facts, SEED, tell)


def learner_of(name: str) -> branch.Learner:
    """Return what learns an encoder's branch, at the frozen weights."""
    return branch.Convolutions() if name == "use-multilingual" else branch.Transformer(name)


def learnt_from() -> str:
    """Return the hash of all that the branches learn from."""
    return _hash([*(file for folder in (*FOLDERS, AROUND) for file in sorted(folder.glob("*.txt"))), EVERYDAY])


def content() -> str:
    """Return the hash of all that the judge's weights are made from."""
    others = _hash([*sorted((DATA / NEEDS).glob("*.txt")), *sorted(TRIALS.rglob("*.csv"))])
    return hashlib.sha256((learnt_from() + others).encode()).hexdigest()


def _hash(files: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()


def everything() -> list[Sentence]:
    """Return the sentences that the branches learn from."""
    return varied(with_around([*everyday(), *(sentence for folder in FOLDERS for sentence in sentences(folder))]))


def in_need() -> list[Sentence]:
    """Return the sentences that teach who is in need.

    Of those of the judge of risks that are plain, attacks, or the first authors' dangers, all but `self_harm` is none.
    """
    known = (*everyday(), *sentences(PLAIN), *sentences(ATTACKS), *(row for row in sentences(DATA) if row.kind != SAFE))
    others = [replace(row, kind=SAFE, share=row.share * OTHERS) for row in known if row.kind != "self_harm"]
    return varied(with_around([*others, *sentences(DATA / NEEDS)]))


def for_heads(rows: Sequence[Sentence]) -> list[Sentence]:
    """Return those of the sentences that heads on frozen vectors learn from: they gain nothing by all."""
    return [row for row in rows if row.folder == NEXT.name or is_strict(row)]


def is_strict(row: Sentence) -> bool:
    """Tell whether a sentence teaches the strictness of the first authors.

    Theirs are, and what came last without the twins, which draw the border closer than they did.
    """
    return row.folder in FIRST or (row.folder == BORDER.name and not row.twin)


def head_views(rows: Sequence[Sentence]) -> list[training.Chosen]:
    """Return for each network of a head the sentences [n] that it learns from: the first authors', more, the strict."""
    first = np.array([row.folder in FIRST for row in rows])
    return [first, first | [row.folder == NEXT.name for row in rows], np.array([is_strict(row) for row in rows])]


def all_of(rows: Sequence[Sentence]) -> list[training.Chosen]:
    """Return one view of sentences, all of them."""
    return [np.full(len(rows), True)]


def branch_views(rows: Sequence[Sentence]) -> list[training.Chosen]:
    """Return for each head with which a branch learns the sentences [n] of it: all, and the strict."""
    return [np.full(len(rows), True), np.array([is_strict(row) for row in rows])]


def everyday() -> list[Sentence]:
    """Return the everyday sentences that also teach emotions: all of them are safe."""
    with EVERYDAY.open(encoding="utf-8", newline="") as file:
        return [Sentence(row["text"], SAFE, row["language"], row["text"], 1.0) for row in csv.DictReader(file)]


def trials(folder: Path = TRIALS) -> list[Trial]:
    """Return the texts that set the thresholds, of the files LANGUAGE.csv with the columns text and side."""
    found = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += [Trial(as_learnt(row["text"]), path.stem, row["side"]) for row in csv.DictReader(file)]
    return found


def varied(rows: Sequence[Sentence]) -> list[Sentence]:
    """Return sentences as encoders read them, some as people type them: in small letters, without signs at the end."""
    found = []
    for row in rows:
        typed = random.Random(crc32(row.text.encode())).random() < TYPED
        text = as_learnt(row.text.lower().rstrip(".?!。？！") if typed else row.text)
        found.append(replace(row, text=text))
    return found


def lesson(rows: Sequence[Sentence], classes: Sequence[str] = CLASSES) -> tuple[NDArray[np.int64], Array]:
    """Return the class [n] of each row and what it weighs [n]."""
    targets = np.array([classes.index(row.kind) for row in rows])
    weights = [row.share**0.5 * (SAFE_WEIGHT if row.kind == SAFE else 1.0) for row in rows]
    return targets, np.array(weights, np.float32)


def covered(name: str, languages: Sequence[str]) -> list[int]:
    """Return the places of those languages that an encoder reads."""
    known = load_text_encoder(name).languages
    return [at for at, language in enumerate(languages) if known is None or language in known]


def encoded(name: str, texts: Sequence[str]) -> Array:
    """Return the vectors [n, d] of texts."""
    encoder = load_text_encoder(name, threads=1)
    encoder.warm_up()
    return encoder.encode(texts)


def reads(members: Sequence[str], language: str) -> bool:
    """Tell whether all of the members read a language: MiniLM is for English alone."""
    return language == "en" or not any(member.startswith("all-MiniLM-L6-v2") for member in members)


def odds_of(
    heads: Mapping[str, Head],
    table: Array,
    place: int,
    tried: Sequence[Trial],
    vectors: Mapping[str, Array],
    members: Sequence[str],
) -> Array:
    """Return the log odds [n] of the group at a place that each trial is not safe, as these members say together."""
    groups = [Group(classes, {"+".join(members): {"": 0.0}}) for classes in GROUPS]
    judge = Risks(groups, heads, table, weights_of(members), {})
    read = [name for name in members if name != LETTERS]
    return np.array(
        [
            judge.odds(trial.text, trial.language, {name: vectors[name][at] for name in read})[place][0]
            for at, trial in enumerate(tried)
        ],
        np.float32,
    )


def weights_of(members: Sequence[str]) -> dict[str, float]:
    """Return what each member weighs."""
    return {member: WEIGHTS_OF.get(member, 1.0) for member in members}


def instead(heads: Sequence[str]) -> dict[str, str]:
    """Return which branch is left out where which other is there."""
    branch = {head.partition(branches.MARK)[0]: head for head in heads if branches.MARK in head}
    return {branch[name]: branch[other] for name, other in branches.STAND_INS.items()}


def threshold(odds: Array, sides: Sequence[str], harmless: str, passing: float) -> tuple[float, str]:
    """Return the log odds that so many of the harmless side stay below, and what is stopped from there of each side."""
    side = np.array(sides)
    limit = float(np.quantile(odds[side == harmless], passing, method="inverted_cdf"))
    shares = ", ".join(f"{name} {np.mean(odds[side == name] > limit):.3f}" for name in dict.fromkeys(sides))
    return limit, f"threshold {limit:.2f}, stopped: {shares}"


def _facts(file: Path) -> dict[str, str]:
    from safetensors import safe_open

    with safe_open(str(file), "numpy") as opened:
        return dict(opened.metadata() or {})
