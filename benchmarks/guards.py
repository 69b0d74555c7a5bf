"""All guards together within a text turn: personal data, the judge of risks, rules on input and on output.

python benchmarks/guards.py PERSONA [TURNS]

PERSONA is a compiled persona with the general rules, whose own questions are asked.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from common import quantiles, questions, show
from personac.core.cli.building import find_artifact, open_persona
from personac.core.message import Message

STAGES = ("guard_in", "guard_out")


async def run(folder: Path, turns: int) -> dict[str, object]:
    """Return the time of the guards in each turn, and of the turn."""
    runtime = open_persona(find_artifact(folder, None), None)
    gc.collect()
    gc.freeze()  # as `personac serve` does
    guards: list[float] = []
    whole: list[float] = []
    for number, text in enumerate([*questions(50), *questions(turns)]):
        events = [event async for event in runtime.answer(Message(text, conversation=f"c{number % 20}"))]
        if number >= 50:
            spent = events[-1].milliseconds  # type: ignore[union-attr]
            guards.append(sum(spent.get(stage, 0.0) for stage in STAGES))
            whole.append(spent["total"])
    runtime.close()
    return {"turns": turns, "guards_ms": quantiles(guards), "turn_ms": quantiles(whole)}


if __name__ == "__main__":
    import uvloop  # the loop that `personac serve` runs on

    show("guards", uvloop.run(run(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500)))
