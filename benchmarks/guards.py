"""All guards together within a text turn: personal data, the judge of risks, rules on input and on output.

python benchmarks/guards.py PERSONA [TURNS]

PERSONA is a compiled persona with the general rules, whose own questions are asked. Beside it, the judge alone on one
thread, with messages of several everyday sentences; their own vectors are made before.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from pathlib import Path

from common import SEED, quantiles, questions, show
from personac.core.cli.building import find_artifact, open_persona
from personac.core.compile.risks.build import ENCODERS, everyday
from personac.core.message import Message
from personac.core.mind.risk.judge import shipped
from personac.core.models.text import load_text_encoder
from personac.core.senses import SharedEncoders

STAGES = ("guard_in", "guard_out")
SENTENCES = (2, 3, 4, 6)
MESSAGES = 60  # of so many sentences each


def several() -> dict[str, object]:
    """Return the time of the judge for messages of several sentences, by language and their number."""
    encoders = SharedEncoders([load_text_encoder(name, threads=1) for name in ENCODERS])
    found: dict[str, object] = {}
    for language in ("en", "zh"):
        said, chance = [row.text for row in everyday() if row.language == language], random.Random(SEED)
        for count in SENTENCES:
            spent = []
            for _ in range(MESSAGES):
                text = (" " if language == "en" else "").join(chance.sample(said, count))
                (vectors,) = encoders.encode_now([(text, language)])
                started = time.perf_counter()
                shipped().judge(text, language, vectors, encoders.encode_now)
                spent.append((time.perf_counter() - started) * 1000)
            found[f"{language} {count}"] = quantiles(spent)
    encoders.close()
    return found


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

    found = uvloop.run(run(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500))
    show("guards", {**found, "judge_of_sentences_ms": several()})
