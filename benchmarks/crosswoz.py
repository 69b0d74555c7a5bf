"""CrossWOZ: goals about attractions, hotels and restaurants, pursued by a user of rules with the tourism plugin.

    python benchmarks/crosswoz.py FOLDER [--split test] [--dialogues N] [--seed 0] [--show 10] [--first] [--persona TO]

FOLDER has the data set's three databases and its dialogues, whose goals are read. A Chinese persona is made
of the databases (records as they are, two intents with examples written for this, words for the three kinds of place),
compiled once, in `--persona` when that is given, and talked to turn by turn as any persona is. The user says a goal's
wishes, in one turn or in two, takes the first place that is named, and asks for the goal's slots.

inform: where a place fulfils the goal in the database, the one offered does. success: that, and every slot asked for
got its right value. Where none does ("no offer"), the persona should say so; what it names instead is asked about.
With --first, people's own first sentence is said instead, once in each dialogue, and only inform is counted, where a
place fulfils the first goal; people leave some wishes for later, so that not all can be right.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from common import machine, quantiles
from crosswoz_goals import Goal, Place, dialogues, fitting, is_told, named_in, places
from crosswoz_persona import PERSONA, write
from crosswoz_user import PLAIN, Sayings

if TYPE_CHECKING:
    from personac.core.runtime import Runtime

IN_TWO, TOGETHER = 0.3, 0.25  # how often wishes are said in two turns, and two slots are asked for at once
NO_OFFER = ("没有", "不知道", "没找到", "找不到")


@dataclass
class Counts:
    """Hold what came of the goals of one domain, or of all."""

    goals: int = 0
    possible: int = 0  # a place fulfils it
    informed: int = 0
    succeeded: int = 0
    impossible: int = 0
    told_so: int = 0
    told_so_and_right: int = 0
    asked: int = 0
    right: int = 0

    def rates(self) -> dict[str, Any]:
        """Return the rates, with how many they are of."""
        return {
            "goals": self.goals,
            "inform": _share(self.informed, self.possible),
            "success": _share(self.succeeded, self.possible),
            "with_an_offer": self.possible,
            "no_offer": self.impossible,
            "no_offer_told": _share(self.told_so, self.impossible),
            "success_with_no_offer": _share(self.told_so_and_right, self.impossible),
            "success_of_all": _share(self.succeeded + self.told_so_and_right, self.goals),
            "slots": self.asked,
            "slots_right": _share(self.right, self.asked),
        }


@dataclass
class Figures:
    """Hold what is counted over all dialogues."""

    counts: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    turns: list[int] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    all_informed: int = 0
    all_succeeded: int = 0


class Dialogue:
    """Let one user talk."""

    def __init__(
        self, name: str, runtime: Runtime, known: dict[str, dict[str, Place]], seed: int, figures: Figures
    ) -> None:
        self.name, self.runtime, self.known, self.figures = name, runtime, known, figures
        self.sayings = Sayings(f"{seed} {name}")
        self.log: list[str] = []
        self.met: dict[int, Place] = {}

    async def pursue(self, goals: Sequence[Goal]) -> None:
        """Pursue the goals one after the other."""
        came = [await self._goal(goal) for goal in goals]
        self.figures.all_informed += all(informed for informed, _ in came)
        self.figures.all_succeeded += all(succeeded for _, succeeded in came)
        self.figures.turns.append(len(self.log) // 2)

    async def begin(self, goal: Goal, said: str) -> None:
        """Say what a person said first in this dialogue, and look at the place that is offered for the first goal."""
        fits = fitting(self.known, goal, None)
        if goal.named or not fits:
            return
        found = named_in(await self._say(said), list(self.known[goal.domain]))
        informed = bool(found) and found[0] in fits
        if not informed:
            self._error(f"{goal.domain}: wrong or no place", goal, 0, str(sorted(fits)[:3]))
        for name in (goal.domain, "all", self.name.split()[0]):
            self.figures.counts[name].goals += 1
            self.figures.counts[name].possible += 1
            self.figures.counts[name].informed += informed

    async def _say(self, text: str) -> str:
        from personac.core.message import Message, Reply

        reply = ""
        begun = time.perf_counter()
        async for event in self.runtime.answer(Message(text, conversation=self.name, user=self.name)):
            if isinstance(event, Reply):
                reply = event.text
        self.figures.milliseconds.append((time.perf_counter() - begun) * 1000)
        self.log += [f"  > {text}", f"  < {reply}"]
        return reply

    async def _goal(self, goal: Goal) -> tuple[bool, bool]:
        asked = [slot for slot in goal.asked if slot != "名称"]
        anchor = self.met.get(goal.near) if goal.near is not None else None
        begun, right, first = len(self.log), list[bool](), ""
        if goal.named:
            place, possible = self.known[goal.domain].get(goal.named), True
            first = await self._say(self.sayings.ask_named(goal, asked[0]))
            informed = goal.named in first
        else:
            fits = fitting(self.known, goal, anchor)
            place, reply = await self._find(goal, anchor)
            possible = bool(fits)
            informed = place is not None and place["名称"] in fits if fits else any(word in reply for word in NO_OFFER)
            if not informed:
                kind = "wrong or no place" if fits else "should have said that there is none"
                self._error(f"{goal.domain}: {kind}", goal, begun, str(sorted(fits)[:3]))
        if place is not None:
            self.met[goal.id] = place
            right = await self._ask(goal, place, asked, first)
        elif goal.named or possible:
            right = [False] * len(asked)
        succeeded = informed and all(right)
        for name in (goal.domain, "all", self.name.split()[0]):
            counts = self.figures.counts[name]
            counts.goals += 1
            counts.asked += len(right)
            counts.right += sum(right)
            counts.possible += possible
            counts.impossible += not possible
            counts.informed += possible and informed
            counts.succeeded += possible and succeeded
            counts.told_so += not possible and informed
            counts.told_so_and_right += not possible and succeeded
        return informed, succeeded

    async def _find(self, goal: Goal, anchor: Place | None) -> tuple[Place | None, str]:
        """Say the wishes and return the place that is named first, if any, with the last reply."""
        wishes = list(goal.wishes)
        drawn = self.sayings.random
        drawn.shuffle(wishes)
        later: list[tuple[str, str]] = []
        if len(wishes) > 1 and drawn.random() < IN_TWO:
            cut = drawn.randrange(1, len(wishes))
            wishes, later = wishes[:cut], wishes[cut:]
        near = "" if anchor is None else str(anchor["名称"])
        reply = await self._say(self.sayings.seek(goal, wishes, near))
        if later:
            reply = await self._say(self.sayings.more(later))
        found = named_in(reply.replace(near, "") if near else reply, list(self.known[goal.domain]))
        return (self.known[goal.domain][found[0]] if found else None), reply

    async def _ask(self, goal: Goal, place: Place, asked: Sequence[str], first: str) -> list[bool]:
        """Ask for the slots; the first has been where `first` is the reply."""
        right = []
        rest = list(asked)
        while rest:
            slots, rest = rest[:1], rest[1:]
            begun = len(self.log) - (2 if first else 0)
            if not first and rest and {slots[0], rest[0]} <= PLAIN and self.sayings.random.random() < TOGETHER:
                slots, rest = [*slots, rest[0]], rest[1:]
            reply = first or await self._say(self.sayings.ask(goal, str(place["名称"]), slots))
            first = ""
            for slot in slots:
                right.append(is_told(place, slot, reply))
                if not right[-1]:
                    self._error(
                        f"slot {slot.partition('是否')[0]}",
                        goal,
                        begun,
                        f"{place['名称']}: {str(place.get(slot))[:60]}",
                    )
        return right

    def _error(self, kind: str, goal: Goal, begun: int, wanted: str) -> None:
        wishes = "，".join(f"{slot} {value}" for slot, value in goal.wishes)
        self.figures.errors[kind].append("\n".join([f"{self.name} [{wishes}] wanted {wanted}", *self.log[begun:]]))


async def run(folder: Path, persona: Path, split: str, count: int | None, seed: int, first: bool) -> Figures:
    """Compile the persona where it is not yet, and let the users talk to it."""
    from personac.core.cli.building import find_artifact, open_persona

    known = places(folder)
    if not (persona / "persona.yaml").exists() or (persona / "persona.yaml").read_text("utf-8") != PERSONA.lstrip():
        write(persona, known)
    runtime = open_persona(find_artifact(persona, None, quiet=True), None)
    chosen = dialogues(folder, split)
    random.Random(seed).shuffle(chosen)
    figures = Figures()
    for name, goals, said in chosen[:count]:
        talk = Dialogue(name, runtime, known, seed, figures)
        await (talk.begin(goals[0], said) if first else talk.pursue(goals))
    runtime.close()
    return figures


def main() -> None:
    """Print the rates, the errors by kind, and some of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", choices=("val", "test", "all"), default="all")
    parser.add_argument("--dialogues", type=int)
    parser.add_argument("--first", action="store_true", help="only people's own first sentence, for the first goal")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="print so many errors of each kind")
    parser.add_argument("--persona", type=Path, help="where the persona is made, and kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        persona = options.persona or Path(name) / "crosswoz"
        figures = asyncio.run(
            run(options.folder, persona, options.split, options.dialogues, options.seed, options.first)
        )
    for kind, texts in sorted(figures.errors.items()) if options.show else ():
        print(f"== {kind}: {len(texts)}", *texts[: options.show], "", sep="\n")
    talked = len(figures.turns)
    result = {
        "machine": machine() | {"seed": options.seed},
        "split": options.split,
        "dialogues": talked,
        "turns_each": round(sum(figures.turns) / max(1, talked), 2),
        "ms_a_turn": quantiles(figures.milliseconds),
        "dialogues_informed": _share(figures.all_informed, talked),
        "dialogues_succeeded": _share(figures.all_succeeded, talked),
        **{
            domain: {
                key: rate for key, rate in counts.rates().items() if not options.first or key in ("goals", "inform")
            }
            for domain, counts in figures.counts.items()
        },
        "errors": dict(Counter({kind: len(texts) for kind, texts in figures.errors.items()}).most_common()),
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


if __name__ == "__main__":
    main()
