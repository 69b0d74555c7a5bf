"""A spoken question: from the end of the upload to the first sound of the answer, and where the time goes.

python benchmarks/spoken_turn.py [TURNS]. Uses tour_guide and its demonstration question (2.5 s of speech), and
compares the transcript with Whisper's own transcribe() on the same weights.
"""

from __future__ import annotations

import asyncio
import sys
import time

from common import ROOT, quantiles, show
from personac.core.cli.building import find_artifact, open_persona
from personac.core.message import Delta, Heard, Media, Message, Reply, Sound


async def run(turns: int) -> dict[str, object]:
    """Run spoken turns one after the other."""
    persona = ROOT / "personas" / "tour_guide"
    runtime = open_persona(find_artifact(persona, None), None)
    await asyncio.to_thread(runtime.warm_up)
    sound = Media("audio", (persona / "demo" / "question.wav").read_bytes())
    marks: dict[str, list[float]] = {"heard": [], "first_words": [], "first_sound": []}
    transcript = ""
    for number in range(turns + 2):
        seen: dict[str, float] = {}
        begun = time.perf_counter()
        async for event in runtime.answer(Message(media=(sound,), conversation=f"s{number}", speak=True)):
            name = {Heard: "heard", Delta: "first_words", Sound: "first_sound"}.get(type(event), "")
            if name and name not in seen:
                seen[name] = (time.perf_counter() - begun) * 1000
            if isinstance(event, Reply):
                transcript = event.transcript or ""
            if isinstance(event, Sound):
                break
        if number >= 2:
            for name, value in seen.items():
                marks[name].append(value)
    recognizer = runtime.parts.hearing.get() if runtime.parts.hearing else None
    runtime.close()
    return {
        "turns": turns,
        "recognizer": getattr(recognizer, "name", None),
        "transcript": transcript,
        "ms_since_upload": {name: quantiles(values) for name, values in marks.items()},
    }


if __name__ == "__main__":
    show("spoken_turn", asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 20)))
