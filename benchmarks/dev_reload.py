"""From a save to the running chat: `personac dev` on a copy of a sample persona, edited in one line each time.

python benchmarks/dev_reload.py [--times N]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from common import ROOT, show

Edit = Callable[[Path, int], None]


def replace(name: str, old: str, new: str) -> Edit:
    """Return an edit that changes one place of a file to another text each time; `{}` is the number of the time."""
    before = old

    def edit(folder: Path, number: int) -> None:
        nonlocal before
        after = new.format(number)
        text = (folder / name).read_text("utf-8")
        assert before in text, f"{name} has no {before!r}"
        (folder / name).write_text(text.replace(before, after, 1), "utf-8")
        before = after

    return edit


def until(out: int, words: str, said: bytes = b"") -> bytes:
    """Read what the chat says until some words stand in it; return it, `said` being what was read before."""
    while words.encode() not in said:
        part = os.read(out, 65536)
        assert part, said.decode("utf-8", "replace")
        said += part
    return said


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    edits: dict[str, Edit] = {
        "the greeting": replace("persona.yaml", "around! Ask", "around! ({}) Ask"),
        "a response": replace("persona.yaml", "You're very welcome!", "You're very welcome! ({})"),
        "an answer of a table": replace("knowledge/faq.csv", "blue-skied and mild.", "blue-skied and mild ({})."),
        "an example of an intent": replace("persona.yaml", "cheers, that helped", "cheers, that helped {} times"),
    }
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "tour_guide"
        shutil.copytree(ROOT / "personas" / "tour_guide", folder, ignore=shutil.ignore_patterns("build"))
        command = [sys.executable, "-m", "personac", "dev", str(folder)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert process.stdout is not None
        out = process.stdout.fileno()
        until(out, "Mei Lin: ")
        time.sleep(20)  # the lints and the loading of models end
        for what, edit in edits.items():
            seconds = []
            for number in range(1, options.times + 1):
                begun = time.perf_counter()
                edit(folder, number)
                said = until(out, "reloaded")
                seconds.append(round(time.perf_counter() - begun, 2))
                until(out, "passes that ran", said)  # the network is trained, where it must be
                time.sleep(3)  # the lints end
            results[what] = seconds
        process.kill()
        process.wait()
    show("dev_reload", {"seconds_from_save_to_live": results})


if __name__ == "__main__":
    main()
