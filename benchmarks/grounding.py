"""A small real language model that invents prices, with the guard and without it: `python grounding.py QUESTIONS.csv`.

Copies tour_guide and bank_service, gives both a language model (SmolLM2-135M served on loopback, see small_model.py)
and takes the skills away, so that the model speaks wherever passages answer. Asks a file's questions through the
runtime, and overhears what the same model says to the same prompts unchecked.

A number is invented when it stands neither in the passage that the question is about nor in those that the reply names
as its sources; that is judged here by digits and number words alone, without the code of the guard.
"""

from __future__ import annotations

import asyncio
import csv
import re
import shutil
import statistics
import sys
import tempfile
import time
import unicodedata
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from common import ROOT
from personac.core.cli.building import build, open_persona
from personac.core.contracts import LanguageModel
from personac.core.message import Message, Reply
from personac.core.runtime import Runtime
from personac.core.speaking import GIVEN
from small_model import NAME, served

_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ONES = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
WORDS = {
    **{word: value for value, word in enumerate(_ONES, 2)},
    **{word: value for value, word in zip(range(20, 100, 10), _TENS, strict=True)},
    **{"hundred": 100, "thousand": 1000, "million": 1_000_000},
}
HAN = {"二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
UNIT = re.compile(
    r"(\d+(?:\.\d+)?) ?(yuan|pounds?|percent|working days?|days?|hours?|minutes?|seconds?|weeks?|months?|years?)"
)


def plain(text: str) -> str:
    """Return a text with its numbers written one way: no thousands commas, no currency signs."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = re.sub(r"£ ?(\d+(?:\.\d+)?)", r"\1 pounds", text)
    text = re.sub(r"¥ ?(\d+(?:\.\d+)?)", r"\1 yuan", text)
    text = re.sub(r"(?<=\d) ?(?:%|per cent\b)", " percent", text)
    text = re.sub(r"(?<=\d) ?元", " yuan", text)
    text = re.sub(r"(?<![-a-z])[a-z]+(?= [a-z])", lambda found: str(WORDS.get(found[0], found[0])), text)
    return re.sub(r"(\d) ?([ap])\.?m\b\.?", r"\1 \2m", text)


def numbers(text: str) -> set[str]:
    """Return the numbers of a text as digits, those in words too."""
    text = plain(text)
    found = {number.lstrip("0") or "0" for number in re.findall(r"\d+", re.sub(r"(\d)\.0+\b", r"\1", text))}
    found |= {str(WORDS[word]) for word in re.findall(r"[a-z]+", text) if word in WORDS}
    return found | {str(HAN[char]) for char in text if char in HAN}


def measured(text: str) -> set[str]:
    """Return numbers with their units."""
    return {f"{number} {unit.rstrip('s')}" for number, unit in UNIT.findall(plain(text))}


def invented(reply: str, sources: Iterable[str]) -> set[str]:
    """Return the numbers, and numbers with units, of a reply that stand in none of its sources."""
    known = "\n".join(sources)
    hours = {str(int(hour) - 12) for hour in re.findall(r"\b(1[3-9]|2[0-3]):\d\d", known)}  # 17:00 is 5 pm
    return (numbers(reply) - numbers(known) - hours) | (measured(reply) - measured(known))


def is_right(reply: str, expected: str) -> bool:
    """Tell whether one of the expected writings stands in the reply as a whole."""
    said = f" {plain(reply)} "
    writings = [re.escape(plain(one)) for one in expected.split("|")]
    return any(re.search(rf"(?<!\d)(?<!\d[.,:]){writing}(?!\d|[.,:]\d)", said) for writing in writings)


def is_of(passage: Any, name: str) -> bool:
    """Tell whether a passage is the one of this name: the end of its id, without its language."""
    return bool(re.search(rf"[/#]{re.escape(name)}(\.\w\w|-\d+)?$", passage.id))


def variant(name: str, folder: Path, url: str) -> Runtime:
    """Compile a copy of a sample persona that has a language model and no skills."""
    copy = folder / name
    shutil.copytree(ROOT / "personas" / name, copy, ignore=shutil.ignore_patterns("build", "tests", "demo"))
    path = copy / "persona.yaml"
    written = re.sub(r"(?m)^    skill: .*\n", "", path.read_text("utf-8"))
    path.write_text(f"{written}\nmodel: {{provider: openai, name: {NAME}, base_url: '{url}'}}\n", "utf-8")
    return open_persona(build(copy, None, quiet=True).artifact, None)


async def ask(runtime: Runtime, row: dict[str, str], number: int) -> tuple[Reply, float, Any]:
    """Return the reply, the seconds until it came, and what the turn had gathered."""
    traces: list[Any] = []
    runtime.watch = lambda message, trace: traces.append(trace)
    started = time.perf_counter()
    async for event in runtime.answer(Message(row["question"], conversation=f"g{number}")):
        if isinstance(event, Reply):
            return event, time.perf_counter() - started, traces[-1]
    raise RuntimeError("no reply")


class Overheard:
    """Pass on what a language model says, and keep it: at temperature 0 that is what it says without a guard."""

    def __init__(self, model: LanguageModel) -> None:
        self.name = model.name
        self._model = model
        self.said = ""

    async def stream(self, messages: Sequence[Mapping[str, str]]) -> AsyncIterator[str]:
        """Yield the pieces of the model."""
        self.said = ""
        async for piece in self._model.stream(messages):
            self.said += piece
            yield piece


async def run(rows: list[dict[str, str]], runtimes: dict[str, Runtime]) -> list[dict[str, Any]]:
    """Ask all questions and return what was found for each."""
    results = []
    for number, row in enumerate(rows):
        runtime = runtimes[row["persona"]]
        bare = runtime.parts.model
        assert bare is not None
        model = runtime.parts.model = Overheard(bare)
        reply, seconds, trace = await ask(runtime, row, number)
        runtime.parts.model = bare
        expected = [p.text + p.title for p in runtime.parts.memory.passages if is_of(p, row["passage"])]
        sources = [source.text for source in reply.sources]
        sources += [p.title for p in trace.passages if p.id in {source.id for source in reply.sources}]
        if trace.decision.kind == "response":  # the author's own words
            sources += [text for i in runtime.persona.intents for said in (i.responses or {}).values() for text in said]
        free, model_used = model.said, trace.decision.kind == "model"
        given = [p.text + p.title for p in trace.decision.passages[:GIVEN]]
        results.append(
            {
                **row,
                "reply": reply.text,
                "kind": trace.decision.kind,
                "seconds": seconds,
                "own_words": model_used and bool(reply.text) and not any(reply.text in text for text in sources),
                "right": is_right(reply.text, row["expected"]),
                "invented": sorted(invented(reply.text, [*expected, *sources])),
                "free": free,
                "free_right": is_right(free, row["expected"]),
                "free_invented": sorted(invented(free, [*expected, *given])),
                "found": any(is_of(p, row["passage"]) for p in trace.decision.passages[:GIVEN]),
            }
        )
        print(f"{number + 1:3} {'right' if results[-1]['right'] else 'WRONG'} {results[-1]['invented'] or ''}", end=" ")
        print(f"| {row['question']} | {reply.text} | free: {free!r}", flush=True)
    return results


def main() -> None:
    """Run the questions and print the table."""
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with served(1) as url, tempfile.TemporaryDirectory() as folder:
        runtimes = {name: variant(name, Path(folder), url) for name in {row["persona"] for row in rows}}
        results = asyncio.run(run(rows, runtimes))
        for runtime in runtimes.values():
            runtime.close()
    spoke = [result for result in results if result["kind"] == "model"]
    share = lambda name, among: round(100 * sum(r[name] for r in among) / max(1, len(among)))  # noqa: E731
    seconds = statistics.median(result["seconds"] for result in results)
    print(f"\n{len(results)} questions; the model was asked in {len(spoke)}; median {seconds:.2f} s")
    print("| | with the guard | without |\n|---|---|---|")
    guarded, free = (sum(bool(r[name]) for r in results) for name in ("invented", "free_invented"))
    print(f"| replies with an invented number | {guarded} | {free} |")
    print(f"| right answers, % | {share('right', results)} | {share('free_right', spoke)} |")
    print(f"| in the model's own words, % | {share('own_words', results)} | 100 |")
    print(f"| the expected passage was among those given, % | {share('found', results)} | |")


if __name__ == "__main__":
    main()
