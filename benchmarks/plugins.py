"""What plugins cost: the start with 200 of them installed, and a call of a skill over the function itself.

    python benchmarks/plugins.py [--installed 200] [--calls 3000] [--rounds 7]

The start is a process that imports what `personac serve` does, reads which plugins are installed and makes those that a
persona names; with and without the others installed, one round after the other. The call is `Skills.act`, with a
context made for it, for a coroutine and for a plain function.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from personac.core.hosting.host import Host, Loaded
from personac.core.hosting.isolated import isolate
from personac.core.message import Message
from personac.core.mind.privacy import Masked
from personac.core.persona.plugin_use import PluginUse
from personac.core.plugin import CONTRACT, Manifest, Place, Skill, SkillContext, SkillResult
from personac.core.skills import Asked, Skills
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import Decision, Understanding

PLUGIN = """
import {heavy}
from personac.core.plugin import Manifest, Plugin, SkillContext, SkillResult, skill

class P(Plugin):
    manifest = Manifest(name="{name}", version="1", contract=1)

    @skill
    async def do(self, context: SkillContext) -> SkillResult:
        return SkillResult("done")
"""
START = """
import time
import personac.core.assemble, personac.core.cli.serve
from personac.core.persona.plugin_use import PluginUse
from personac.core.registry import load_host, plugin_names
load_host([PluginUse("tourism")], {})
assert len(plugin_names()) > EXPECTED
print(time.process_time())
"""


def install(folder: Path, count: int) -> None:
    """Write packages with a plugin each, as pip leaves them."""
    for number in range(count):
        name = f"bench{number}"
        (folder / f"personac_{name}.py").write_text(PLUGIN.format(name=name, heavy="torch"), "utf-8")
        info = folder / f"personac_{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: personac-{name}\nVersion: 1\n", "utf-8")
        (info / "entry_points.txt").write_text(f"[personac.plugins]\n{name} = personac_{name}:P\n", "utf-8")


def start(path: str, expected: int) -> float:
    """Return the processor time of one start, in seconds, the interpreter's own included."""
    environment = {**os.environ, "PYTHONPATH": path}
    code = START.replace("EXPECTED", str(expected))
    out = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return float(out.stdout)


async def overhead(calls: int) -> dict[str, tuple[float, float]]:
    """Return p50 and p99, in milliseconds, of a call over the function itself."""

    async def coroutine(context: SkillContext) -> SkillResult:
        return SkillResult("done")

    def plain(context: SkillContext) -> SkillResult:
        return SkillResult("done")

    manifest = Manifest(name="p", version="1", contract=CONTRACT)
    made = {"coroutine": Skill(run=coroutine), "plain": Skill(run=plain)}
    asked = Asked(Message("hello"), "hello", Masked("hello"), Understanding("do", 1.0, False), (), "en")
    context = SkillContext("hello", "en", "do", {})
    with tempfile.TemporaryDirectory() as folder:
        store = SQLiteStore(Path(folder) / "bench.sqlite")

        def skills_of(loaded: Loaded) -> Skills:
            return Skills(Host({"p": loaded}), {}, None, store, "bench", lambda text: text, list)  # type: ignore[arg-type]

        skills = skills_of(Loaded("p", manifest, object(), made))
        (Path(folder) / "pyproject.toml").write_text(
            '[project.entry-points."personac.plugins"]\np = "own:P"\n', "utf-8"
        )
        (Path(folder) / "own.py").write_text(PLUGIN.format(name="p", heavy="json"), "utf-8")
        place = Place(Path(folder), Path(folder) / "data")
        own = skills_of(isolate(PluginUse("p", {}, Path(folder)), {}, place))
        await own.act(Decision("skill", skill="p.do"), asked, lambda word: None)
        times = []
        for _ in range(calls // 4):
            begun = time.perf_counter()
            await own.act(Decision("skill", skill="p.do"), asked, lambda word: None)
            times.append(time.perf_counter() - begun)
        own.host.close()
        found = {"isolated": (statistics.median(times) * 1000, statistics.quantiles(times, n=100)[98] * 1000)}
        for name in made:
            decision = Decision("skill", skill=f"p.{name}")
            times = []
            for _ in range(calls):
                begun = time.perf_counter()
                await skills.act(decision, asked, lambda word: None)
                times.append(time.perf_counter() - begun)
            alone = []
            for _ in range(calls):
                begun = time.perf_counter()
                _ = await coroutine(context) if name == "coroutine" else plain(context)
                alone.append(time.perf_counter() - begun)
            cut = statistics.quantiles(times, n=100)
            found[name] = ((statistics.median(times) - statistics.median(alone)) * 1000, cut[98] * 1000)
        skills.host.close()
        store.close()
    return found


def main() -> None:
    """Measure both and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--installed", type=int, default=200)
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    for name, (p50, p99) in asyncio.run(overhead(options.calls)).items():
        print(f"{name} skill, a call: p50 {p50:.3f} ms over the function itself (p99 {p99:.3f} ms)")
    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder), options.installed)
        start("", 0)
        pairs = [(start("", 0), start(folder, options.installed)) for _ in range(options.rounds)]
    without, with_all = (statistics.median(times) for times in zip(*pairs))
    slower = statistics.median(b - a for a, b in pairs)
    print(
        f"start with {options.installed} plugins installed: {with_all:.3f} s; without: {without:.3f} s; +{slower:.3f} s"
    )


if __name__ == "__main__":
    main()
