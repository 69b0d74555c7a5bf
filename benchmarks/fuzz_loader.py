"""Throw broken input at everything that reads an author's files: no crash, no hang, a place for every finding.

    python benchmarks/fuzz_loader.py                     200,000 inputs, seeded
    python benchmarks/fuzz_loader.py --inputs 5000 --hypothesis 0 --readers html,pdf
    python benchmarks/fuzz_loader.py --atheris 20000     coverage-guided, over the YAML loader (pip install atheris)

An input is a mutated file (sample personas, the broken personas of the tests, yaml-test-suite where it is at hand,
documents made here), or built to hurt: alias bombs, deep nesting, huge scalars, long lines, odd characters. Each is
read, checked and rendered within a second of processor time and a gigabyte of memory; what breaks a limit is written
to --keep.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from fuzz_inputs import TOKENS, bomb, mutate, mutate_archive, noise, seeds
from personac.core.diagnostics import Diagnostic, Span, render
from personac.core.persona.check import check
from personac.core.persona.checks.links import check_links
from personac.core.persona.source import parse
from personac.core.persona.sources.knowledge import read_sources

SECONDS = 1.0
HANG = 20
MEMORY = 1 << 30
ENDINGS = {
    "persona": ".yaml", "yaml": ".yaml", "csv": ".csv", "records": ".yaml", "markdown": ".md", "text": ".txt",
    "html": ".html", "pdf": ".pdf", "docx": ".docx",
}  # fmt: skip
SHARE = {"yaml": 40, "persona": 22, "records": 8, "csv": 8, "markdown": 8, "html": 6, "text": 4, "pdf": 2, "docx": 2}


@dataclass(slots=True)
class Outcome:
    """Gather what a run of the fuzzer found."""

    inputs: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str, bytes]] = field(default_factory=list)
    slowest: tuple[float, str, int] = (0.0, "", 0)


class Hang(Exception):
    """Interrupt an input that takes far too long."""


class Fuzzer:
    """Make inputs from a seed, and hold the readers to their limits."""

    def __init__(self, folder: Path, seed: int, keep: Path | None = None) -> None:
        self.folder, self.keep = folder, keep
        self.random = random.Random(seed)
        self.outcome = Outcome()
        self.seeds = seeds()
        (folder / "knowledge").mkdir(exist_ok=True)
        (folder / "knowledge" / "faq.csv").write_text("question,answer\nWhen?,At nine.\n", "utf-8")
        (folder / "knowledge" / "sights.yaml").write_text("- id: wall\n  name: Wall\n  price: 40 yuan\n", "utf-8")

    def run(self, count: int, readers: Sequence[str], progress: Callable[[int], None] | None = None) -> Outcome:
        """Try so many inputs, shared out among the readers."""
        weights = [SHARE[reader] for reader in readers]
        for number in range(count):
            reader = self.random.choices(list(readers), weights)[0]
            self.try_one(reader, self.make(reader))
            if progress and number % 1000 == 999:
                progress(number + 1)
        return self.outcome

    def make(self, reader: str) -> bytes:
        """Return one input: a mutated file, or one that is built to hurt."""
        if reader in ("yaml", "persona", "records") and self.random.random() < 0.12:
            return bomb(self.random).encode("utf-8", "surrogatepass")
        if self.random.random() < 0.05:
            return noise(self.random).encode("utf-8", "surrogatepass")
        pool = self.seeds[reader]
        data = self.random.choice(pool)
        if reader == "docx" and self.random.random() < 0.8:
            return mutate_archive(data, self.random)
        return mutate(data, self.random, pool)

    def try_one(self, reader: str, data: bytes) -> None:
        """Read one input and look at what comes of it."""
        problem, seconds = self._timed(reader, data)
        if not problem and seconds > SECONDS:  # other work on the machine slows it: the best of three counts
            seconds = min(seconds, *(self._timed(reader, data)[1] for _ in range(2)))
            problem = f"took {seconds:.1f} s" if seconds > SECONDS else ""
        self.outcome.inputs[reader] += 1
        self.outcome.seconds[reader] += seconds  # type: ignore[assignment]
        self.outcome.slowest = max(self.outcome.slowest, (round(seconds, 3), reader, len(data)))
        if problem:
            self.outcome.failures.append((reader, problem, data))
            if self.keep is not None:
                self.keep.mkdir(parents=True, exist_ok=True)
                (self.keep / f"{len(self.outcome.failures)}{ENDINGS[reader]}").write_bytes(data)
                print(f"{reader}: {problem}: {data[:80]!r}", flush=True)

    def _timed(self, reader: str, data: bytes) -> tuple[str, float]:
        file = self.folder / ("persona.yaml" if reader == "persona" else f"knowledge/input{ENDINGS[reader]}")
        file.write_bytes(data)
        begun = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, HANG)
        try:
            found = read(reader, file, self.folder, data)
            self.outcome.refused[reader] += any(d.severity == "error" for d in found)
            problem = unplaced(found, data)
        except Hang:
            problem = f"hangs for more than {HANG} s"
        except (Exception, RecursionError) as error:  # whatever comes is what is looked for
            problem = f"{type(error).__name__}: {str(error)[:200]}"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return problem, time.process_time() - begun


def read(reader: str, file: Path, folder: Path, data: bytes) -> list[Diagnostic]:
    """Read an input as its reader does; return the findings, each rendered once."""
    if reader == "yaml":
        _, found = parse(data.decode("utf-8", "replace"), str(file))
    elif reader == "persona":
        found = check(file, plugins={"tourism"}, skills={"tourism.ticket_price"}, connectors={"web"}).diagnostics
    else:
        if reader == "markdown":
            check_links(data.decode("utf-8", "replace"), file, folder)
        found = read_sources(
            [(file.relative_to(folder).as_posix(), Span("p", 1, 1, 1, 1))], folder, ("en", "zh")
        ).diagnostics
    render(found[:50])
    return found


def unplaced(found: Sequence[Diagnostic], data: bytes) -> str:
    """Return what is wrong with the places of findings."""
    lines = data.count(b"\n") + data.count(b"\r") + data.count("\x85".encode()) + data.count(b"\xe2\x80") + 3001
    for finding in found:
        span = finding.span
        ordered = (span.end_line, span.end_column) >= (span.line, span.column)
        if not (1 <= span.line <= lines and span.column >= 1 and ordered and finding.message):
            return f"a finding without a place: {finding}"
    return ""


def limited(extra: int = MEMORY) -> None:
    """Allow this process only so many more bytes, and let an alarm end what hangs."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + extra, resource.RLIM_INFINITY))

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise Hang

    signal.signal(signal.SIGPROF, ring)


def with_hypothesis(count: int, seed: int, check_one: Callable[[str, bytes], None]) -> None:
    """Throw what hypothesis makes: trees written as YAML or JSON, and soups of tokens."""
    import yaml
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as some

    keys = some.sampled_from(
        ["personac", "name", "languages", "tone", "intents", "examples", "rules", "when", "do", "id"]
    )
    leaf = some.none() | some.booleans() | some.integers() | some.floats() | some.text() | some.sampled_from(TOKENS)
    tree = some.recursive(
        leaf, lambda inner: some.lists(inner, max_size=5) | some.dictionaries(keys | some.text(), inner, max_size=6)
    )
    soup = some.lists(some.sampled_from(TOKENS) | some.text(max_size=4), max_size=40).map("".join)
    written = some.builds(
        lambda value, flow, width: yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, width=width),
        tree, some.sampled_from([True, False, None]), some.integers(5, 200),
    )  # fmt: skip

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(written | tree.map(json.dumps) | soup, some.sampled_from(["yaml", "yaml", "persona", "records"]))
    def throw(content: str, reader: str) -> None:
        check_one(reader, content.encode("utf-8", "surrogatepass"))

    throw()


def with_atheris(runs: int, seed: int, keep: Path) -> Iterator[str]:
    """Let atheris look for new paths through the YAML loader in a process of its own; yield what it prints."""
    code = (
        "import atheris, sys\n"
        "with atheris.instrument_imports(include=['personac.core.persona', 'yaml']):\n"
        "    from personac.core.persona.source import parse\n"
        "def one(data):\n"
        "    parse(data.decode('utf-8', 'replace'), 'p.yaml')\n"
        f"options = ['-runs={runs}', '-seed={seed}', '-max_len=2000', '-timeout={HANG}', '-artifact_prefix={keep}/']\n"
        "atheris.Setup([sys.argv[0], *options, *sys.argv[1:]], one)\n"
        "atheris.Fuzz()\n"
    )
    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(seeds()["yaml"]):
            (Path(corpus) / str(number)).write_bytes(data)
        done = subprocess.run([sys.executable, "-c", code, corpus], capture_output=True, text=True, cwd=corpus)
        yield from done.stderr.splitlines()[-8:]
        yield f"exit {done.returncode}"


def main() -> int:
    """Run the fuzzer and report."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--inputs", type=int, default=200_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--hypothesis", type=int, default=20_000, help="how many of them hypothesis makes")
    options.add_argument("--readers", default=",".join(SHARE))
    options.add_argument(
        "--keep", type=Path, default=Path(tempfile.gettempdir()) / "personac-fuzz", help="for what fails"
    )
    options.add_argument("--atheris", type=int, metavar="RUNS")
    chosen = options.parse_args()
    if chosen.atheris:
        for line in with_atheris(chosen.atheris, chosen.seed, chosen.keep):
            print(line)
        return 0
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = Fuzzer(Path(folder), chosen.seed, chosen.keep)
        limited()

        def progress(done: int) -> None:
            rate = done / (time.perf_counter() - begun)
            print(f"{done:,} inputs, {rate:.0f}/s, {len(fuzzer.outcome.failures)} failures", flush=True)

        found = fuzzer.run(chosen.inputs - chosen.hypothesis, chosen.readers.split(","), progress)
        if chosen.hypothesis:
            with_hypothesis(chosen.hypothesis, chosen.seed, fuzzer.try_one)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for reader, count in found.inputs.items():
        each = found.seconds[reader] / count * 1000
        print(f"{reader}: {count:,} inputs, {found.refused[reader]:,} refused, {each:.1f} ms each")
    seconds, reader, size = found.slowest
    print(f"slowest: {seconds} s ({reader}, {size:,} bytes); peak memory {peak:.0f} MB")
    print(
        f"{sum(found.inputs.values()):,} inputs in {time.perf_counter() - begun:.0f} s: {len(found.failures)} failures"
    )
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
