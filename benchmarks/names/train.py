"""Train the finder of names on sentences made from the templates beside this file and the names of the package faker.

    pip install faker python-crfsuite jieba
    apt-get install wamerican-small
    python benchmarks/names/train.py core/mind/privacy/names.safetensors

Everyday sentences come from the project and, for the breadth of their words, from Python's own help texts; English
words from SCOWL, Chinese ones from jieba. Seeds are fixed. Nothing of any test set is read.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import random
import re
import tempfile
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from faker import Faker
from faker.config import AVAILABLE_LOCALES
from safetensors.numpy import save_file

HERE = Path(__file__).parent
WORDS = {line.split()[0]: line.split()[1:] for line in (HERE / "words.txt").read_text("utf-8").splitlines()}
ZH_FIRST = ("first_names", "first_names_male", "first_names_female")
SLOT = re.compile(r"\{(\w+)\}")
TITLES = ["Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "Mr", "Mrs", "Miss", "Dr", "Professor", "Doctor"]
ZTITLES = ["先生", "女士", "小姐", "老师", "医生", "经理", "主任", "教授", "师傅", "律师", "总"]
KINDS = {
    **dict.fromkeys(("person", "first", "last", "zperson", "zsur"), "person"),
    **dict.fromkeys(("place", "country", "zplace"), "place"),
    **dict.fromkeys(("org", "zorg"), "organization"),
    **dict.fromkeys(("addr", "zaddr"), "address"),
    "nat": "nationality",
}


def provider(kind: str, locale: str) -> Any:
    try:
        return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider
    except ModuleNotFoundError:
        return None


def listed(owner: Any, *names: str) -> list[str]:
    found: list[str] = []
    for name in names:
        value = getattr(owner, name, None) or ()
        if not isinstance(value, tuple | list | set | dict):
            continue
        found += [
            str(v[0] if isinstance(v, tuple | list) else v)
            for v in (value if not isinstance(value, dict) else value.keys())
        ]
    return [v for v in found if v and not any(c in v for c in "{}#%?")]


def gather() -> dict[str, set[str]]:
    """Return the words of names by list."""
    sets: dict[str, set[str]] = {name: set() for name in ("first", "last", "city", "country", "street")}
    for locale in AVAILABLE_LOCALES:
        person, address = provider("person", locale), provider("address", locale)
        sets["first"].update(
            listed(person, "first_names", "first_names_male", "first_names_female", "first_romanized_names")
        )
        sets["last"].update(
            listed(person, "last_names", "last_names_male", "last_names_female", "last_romanized_names")
        )
        sets["city"].update(
            listed(
                address,
                "cities",
                "city_names",
                "municipalities",
                "towns",
                "states",
                "regions",
                "provinces",
                "counties",
                "districts",
            )
        )
        sets["country"].update(listed(address, "countries"))
        sets["street"].update(listed(address, "streets", "street_names"))
    return sets


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.fakers = {}
        for n, locale in enumerate(WORDS["LOCALES"]):
            try:
                self.fakers[locale] = Faker(locale)
                self.fakers[locale].seed_instance(seed + n)
            except AttributeError:
                continue
        self.sets = gather()
        self.cities = [
            c for c in sorted(self.sets["city"]) if re.fullmatch(r"[^\W\d_\u0370-\uffff][^\d\u0370-\uffff]{2,24}", c)
        ]
        self.countries = [
            c for c in listed(provider("address", "en_US") or provider("address", "en"), "countries") if len(c) < 30
        ]
        self.nations = WORDS["NATIONS"]
        zh = provider("person", "zh_CN")
        self.zlast = listed(zh, "last_names")
        self.zfirst = listed(zh, "first_names", "first_names_male", "first_names_female")
        self.zgiven = sorted({c for name in self.zfirst for c in name} | set(WORDS["ZGIVEN"]))
        self.zcities = WORDS["ZCITIES"]
        self.f_zh = Faker("zh_CN")
        self.f_zh.seed_instance(seed)

    def any(self) -> Any:
        pool = list(self.fakers.values())
        return self.random.choice(pool) if self.random.random() < 0.75 else self.random.choice(pool[:7])

    def latin(self, call: Any) -> str:
        for _ in range(20):
            try:
                text = str(call(self.any()))
            except AttributeError:
                continue
            if re.fullmatch(r"[\x00-\u024f\u1e00-\u1eff’'\s]+", text):
                return text
        return "Ann"

    def first(self) -> str:
        return self.latin(lambda f: f.first_name()).split()[0]

    def last(self) -> str:
        return self.latin(lambda f: f.last_name())

    def person(self) -> str:
        r = self.random.random()
        first, last = self.first(), self.last()
        if r < 0.1:
            return f"{first} {self.random.choice('ABCDEFGHJKLMNPRST')}. {last}"
        if r < 0.15:
            return f"{first} {self.first()} {last}"
        if r < 0.19:
            return f"{first} {last} {self.last()}"
        if r < 0.22:
            return f"{first} {last}{self.random.choice([' Jr.', ' MD', ' PhD', ' II', ' III', ' Sr.'])}"
        return f"{first} {last}"

    def place(self) -> str:
        r = self.random.random()
        if r < 0.2:
            return self.random.choice(self.countries)
        name = self.random.choice(self.cities) if r < 0.75 else self.latin(lambda f: f.city())
        return name.upper() if self.random.random() < 0.08 else name

    def country(self) -> str:
        return self.random.choice(self.countries)

    def nat(self) -> str:
        return self.random.choice(self.nations)

    def org(self) -> str:
        r, rnd = self.random.random(), self.random
        words = WORDS["ORG_WORDS"]
        if r < 0.2:
            return f"{self.last()} {rnd.choice(WORDS['ORG_ENDS'])}"
        if r < 0.3:
            return f"{self.last()}, {self.last()} and {self.last()}"
        if r < 0.38:
            return f"{self.last()}-{self.last()}"
        if r < 0.65:
            return " ".join(
                rnd.sample(words, rnd.choice([1, 2, 2, 3]))
                + ([rnd.choice(WORDS["ORG_ENDS"])] if rnd.random() < 0.6 else [])
            )
        if r < 0.8:
            return (
                rnd.choice(words)
                + rnd.choice(
                    ["ly", "ify", "io", "soft", "base", "mart", "data", "works", "Hub", "tech", "ware", "scape"]
                ).strip()
            )
        if r < 0.86:
            return "".join(rnd.choice("ABCDEFGHIKLMNOPRSTUVWX") for _ in range(rnd.choice([2, 3, 3, 4])))
        if r < 0.93:
            return rnd.choice(WORDS["OF"]) + " of " + self.place()
        return self.place() + " " + rnd.choice(WORDS["IN"])

    def addr(self) -> str:
        rnd = self.random
        street = self.latin(
            lambda f: f.street_address() if rnd.random() < 0.5 else f"{rnd.randint(1, 9999)} {f.street_name()}"
        )
        if rnd.random() < 0.2:
            street = f"{self.latin(lambda f: f.street_name())} {rnd.randint(1, 300)}"
        if rnd.random() < 0.35 and not re.search(r"Apt|Suite|Unit", street):
            street += (
                rnd.choice([" ", ", "])
                + f"{rnd.choice(['Apt.', 'Suite', 'Apt', 'Unit', 'Flat', '#'])} {rnd.randint(1, 999)}"
            )
        parts = [re.sub(r"\s*\n\s*", ", ", street)]
        if rnd.random() < 0.7:
            parts.append(self.place())
        if rnd.random() < 0.35:
            parts.append(rnd.choice(WORDS["STATES"]))
        if rnd.random() < 0.5 and len(parts) > 1:
            parts[-1] += f" {rnd.randint(1000, 99999):05d}" if rnd.random() < 0.6 else ""
        if rnd.random() < 0.3:
            parts.append(self.country())
        return rnd.choice([", ", ", ", "\n", " ", "\n "]).join(parts)

    def zsur(self) -> str:
        return self.random.choice(self.zlast)

    def zperson(self) -> str:
        rnd = self.random
        if rnd.random() < 0.25:
            given = rnd.choice(self.zfirst)
        else:
            given = "".join(rnd.choice(self.zgiven) for _ in range(rnd.choice([1, 2, 2])))
        return self.zsur() + given

    def zplace(self) -> str:
        name = self.random.choice(self.zcities)
        return name if self.random.random() < 0.6 else name + ("市" if len(name) < 4 else "")

    def zorg(self) -> str:
        rnd = self.random
        core = (
            "".join(rnd.sample(WORDS["ZORG"], rnd.choice([1, 2, 2]))) if rnd.random() < 0.7 else rnd.choice(self.zfirst)
        )
        place = rnd.choice(self.zcities) if rnd.random() < 0.5 else ""
        return place + core + rnd.choice(WORDS["ZORG_ENDS"])

    def zaddr(self) -> str:
        rnd = self.random
        city = rnd.choice(self.zcities)
        parts = [rnd.choice([city + "市", city, ""]), rnd.choice(WORDS["ZDISTRICTS"]) if rnd.random() < 0.8 else ""]
        parts.append(
            rnd.choice(WORDS["ZROADS"])
            + rnd.choice(["路", "街", "大道", "巷", "东路", "西街", "大街", "胡同"])
            + f"{rnd.randint(1, 999)}号"
        )
        if rnd.random() < 0.4:
            parts.append(rnd.choice(WORDS["ZROADS"]) + rnd.choice(["花园", "小区", "大厦", "公寓", "家园", "苑"]))
        if rnd.random() < 0.6:
            parts.append(
                f"{rnd.randint(1, 30)}{rnd.choice(['号楼', '栋', '幢', '座'])}"
                + (f"{rnd.randint(1, 6)}单元" if rnd.random() < 0.5 else "")
                + f"{rnd.randint(101, 2999)}{rnd.choice(['室', '', '号'])}"
            )
        return "".join(parts)

    def title(self) -> str:
        return self.random.choice(TITLES)

    def ztitle(self) -> str:
        return self.random.choice(ZTITLES)

    def fill(self, template: str) -> tuple[str, list[tuple[int, int, str]]]:
        text, spans, position = "", [], 0
        for slot in SLOT.finditer(template):
            text += template[position : slot.start()]
            value = getattr(self, slot[1])()
            kind = KINDS.get(slot[1])
            if kind:
                spans.append((len(text), len(text) + len(value), kind))
            text += value
            position = slot.end()
        return text + template[position:], spans


def sentences(seed: int, each: int) -> list[tuple[str, list[tuple[int, int, str]]]]:
    maker = Maker(seed)
    read = lambda name: [line.replace("\\n", "\n") for line in (HERE / name).read_text("utf-8").splitlines() if line]  # noqa: E731
    rows: list[tuple[str, list[tuple[int, int, str]]]] = []
    everyday: list[str] = []
    with (HERE.parents[1] / "core/mind/emotion.csv").open(encoding="utf-8") as file:
        everyday = [row[0] for row in csv.reader(file)][1:]
    with (HERE.parent / "hard_safe.csv").open(encoding="utf-8") as file:
        everyday += [row[0] for row in csv.reader(file)][1:]
    prose = helped(maker.random)
    everyday += asked()
    plain = [*read("background_en.txt"), *read("background_zh.txt")]
    english, chinese = read("templates_en.txt"), read("templates_zh.txt")
    for template in english:
        rows += [maker.fill(template) for _ in range(each)]
    for template in chinese:
        rows += [maker.fill(template) for _ in range(each)]
    for text in plain:
        rows += [(text, [])] * 12
    for text in everyday:
        rows += [(text, [])] * 4
    rows += [(text, []) for text in prose]
    for _ in range(each * 60):  # a template after another, or after an everyday sentence
        pool = english if maker.random.random() < 0.6 else chinese
        one, spans = maker.fill(maker.random.choice(pool))
        if maker.random.random() < 0.5:
            other, more = maker.fill(maker.random.choice(pool))
        else:
            other, more = maker.random.choice(maker.random.choice([everyday, plain, prose])), []
        if maker.random.random() < 0.5:
            one, spans, other, more = other, more, one, spans
        gap = maker.random.choice([" ", " ", "\n", " , "])
        shift = len(one) + len(gap)
        rows.append((one + gap + other, [*spans, *((s + shift, e + shift, k) for s, e, k in more)]))
    out = []
    for text, spans in rows:
        r = maker.random.random()
        if r < (0.10 if spans else 0.15) and len(text.lower()) == len(text):
            text = text.lower()
        elif r < (0.12 if spans else 0.17) and len(text.upper()) == len(text):
            text = text.upper()
        out.append((text, spans))
    maker.random.shuffle(out)
    return out


def main() -> None:
    import sys

    import pycrfsuite

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--english", type=Path, default=Path("/usr/share/dict/american-english-small"))
    parser.add_argument("--chinese", type=Path, help="jieba's dict.txt; found where jieba is installed")
    parser.add_argument("--each", type=int, default=60)
    parser.add_argument("--iterations", type=int, default=70)
    parser.add_argument("--c1", type=float, default=0.3)
    parser.add_argument("--c2", type=float, default=0.02)
    args = parser.parse_args()
    tokens = load("tokens")
    rows = sentences(7, args.each)
    sets = Maker(1).sets
    zh = provider("person", "zh_CN")
    lists = {
        "f": single(sets["first"]), "n": single(sets["last"]), "c": single(sets["city"]), "C": single(sets["country"]),
        "N": {n.lower() for n in WORDS["NATIONS"]}, "t": {t.lower().rstrip(".") for t in TITLES},
        "o": {w.lower().rstrip(".") for w in WORDS["ORG_ENDS"]},
        "s": set(listed(zh, "last_names")), "g": {*"".join(listed(zh, *ZH_FIRST)), *WORDS["ZGIVEN"]},
    }  # fmt: skip
    lists["e"] = english_words(args.english)
    lists["z"] = chinese_words(args.chinese)
    lists["w"] = {"".join(p) for c in WORDS["ZCITIES"] for p in [c]}
    counts: Counter[str] = Counter()
    for text, spans in rows:
        for start, end in tokens.words(text):
            if not any(s <= start < e for s, e, _ in spans):
                counts[text[start:end].lower()] += 1
    common = {word: 1 for word, n in counts.items() if n >= 3}
    rnd = random.Random(3)
    trainer = pycrfsuite.Trainer(verbose=False)
    hidden = {w: rnd.random() < 0.45 for k in "fncC" for w in lists[k]}
    for text, spans in rows:
        places = tokens.words(text)
        if not places:
            continue
        said = [text[s:e] for s, e in places]
        drop = rnd.random() < 0.5
        member = [membership(word, lists) if not (drop and hidden.get(word.lower())) else "" for word in said]
        marks(said, member, lists["w"], "w")
        marks(said, member, lists["z"], "z")
        labels = ["O"] * len(said)
        for start, end, kind in spans:
            inside = [i for i, (s, e) in enumerate(places) if s < end and e > start]
            for n, i in enumerate(inside):
                labels[i] = ("I-" if n else "B-") + kind
        trainer.append(tokens.features(said, member, common), labels)
    print(len(rows), "sentences", len(common), "common words", file=sys.stderr)
    trainer.select("lbfgs")
    trainer.set_params(
        {
            "c1": args.c1,
            "c2": args.c2,
            "max_iterations": args.iterations,
            "feature.minfreq": 3,
            "feature.possible_transitions": True,
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/m.crfsuite"
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        info = tagger.info()
        labels = sorted(info.labels, key=lambda name: (name != "O", name))
        names: dict[str, int] = {}
        for (name, _), weight in info.state_features.items():
            if abs(weight) >= 0.02:
                names.setdefault(name, len(names))
        table = np.zeros((len(names), len(labels)), np.float16)
        for (name, label), weight in info.state_features.items():
            if name in names:
                table[names[name], labels.index(label)] = weight
        steps = np.full((len(labels), len(labels)), 0, np.float32)
        for (a, b), weight in info.transitions.items():
            steps[labels.index(a), labels.index(b)] = weight
    texts = {
        "features": names,
        "common": common,
        "labels": labels,
        **{f"list.{k}": sorted(v) for k, v in lists.items()},
    }
    tensors = {name: np.frombuffer("\n".join(v).encode(), np.uint8) for name, v in texts.items()}
    save_file({"weights": table, "transitions": steps, **tensors}, args.target)
    print(len(names), "features", args.target.stat().st_size // 1024, "KB", file=sys.stderr)


def single(names: set[str]) -> set[str]:
    """Return the single words of names, in small letters; Latin ones of two letters and more."""
    found = set()
    for name in names:
        for word in re.split(r"[\s,().-]+", name.lower()):
            if re.fullmatch(r"[a-z\u00df-\u024f'’]{3,}", word) and word not in WORDS["SMALL"]:
                found.add(word)
    return found


def membership(word: str, lists: dict[str, set[str]]) -> str:
    low = word.lower()
    return "".join(k for k, words in lists.items() if k not in "wz" and low in words)


def marks(said: list[str], member: list[str], known: set[str], mark: str) -> None:
    """Mark Chinese characters that are part of a known word, the longest first: its first in capitals."""
    i = 0
    while i < len(said):
        step = 1
        if "\u3400" <= said[i] <= "\u9fff":
            for n in (4, 3, 2):
                if i + n <= len(said) and "".join(said[i : i + n]) in known:
                    for j in range(i, i + n):
                        member[j] += mark.upper() if j == i else mark
                    step = n
                    break
        i += step


def english_words(path: Path) -> set[str]:
    return {
        w
        for line in path.read_text("utf-8").splitlines()
        if (w := line.removesuffix("'s")).isalpha() and w.islower() and len(w) > 1
    }


def chinese_words(path: Path | None) -> set[str]:
    """Return the 40,000 most frequent words of two to four characters that are no names."""
    if path is None:
        import jieba

        path = Path(jieba.__file__).with_name("dict.txt")
    rows = [line.split(" ") for line in path.read_text("utf-8").splitlines()]
    rows = [
        r
        for r in rows
        if 2 <= len(r[0]) <= 4 and re.fullmatch("[\u3400-\u9fff]+", r[0]) and not re.match("nr|ns|nt|nz", r[2])
    ]
    return {r[0] for r in sorted(rows, key=lambda r: -int(r[1]))[:40000]}


def asked() -> list[str]:
    """Return what users ask the sample personas."""
    import yaml

    found: list[str] = []
    for path in sorted((HERE.parents[1] / "personas").glob("*/persona.yaml")):
        for intent in yaml.safe_load(path.read_text("utf-8")).get("intents", []):
            examples = intent.get("examples", [])
            found += [re.sub(r"\[([^\]]*)\]\(\w+\)", r"\1", e) for e in examples if isinstance(e, str)]
    return found


def helped(rnd: random.Random) -> list[str]:
    """Return sentences of Python's help texts."""
    from pydoc_data.topics import topics

    found = []
    for text in topics.values():
        for sentence in re.split(r"(?<=[.:?!])\s+|\n\n", text):
            plain = " ".join(sentence.split())
            if 25 <= len(plain) <= 140 and re.fullmatch(r"[A-Za-z ,.'()?!-]+", plain):
                found.append(plain)
    rnd.shuffle(found)
    return found[:5000]


def load(name: str) -> ModuleType:
    import importlib.util

    spec = importlib.util.spec_from_file_location(name, HERE.parents[1] / "core/mind/privacy" / f"{name}.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{name}.py is not there")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
