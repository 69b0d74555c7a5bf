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
import io
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from personac.core.diagnostics import Diagnostic, Span, render
from personac.core.persona.check import check
from personac.core.persona.checks.links import check_links
from personac.core.persona.source import parse
from personac.core.persona.sources.knowledge import read_sources

ROOT = Path(__file__).parents[1]
SUITE = ROOT.parent / "shared" / "data" / "yaml_test_suite" / "cases.jsonl"
SECONDS = 1.0
HANG = 20
MEMORY = 1 << 30
ENDINGS = {
    "persona": ".yaml", "yaml": ".yaml", "csv": ".csv", "records": ".yaml", "markdown": ".md", "text": ".txt",
    "html": ".html", "pdf": ".pdf", "docx": ".docx",
}  # fmt: skip
SHARE = {"yaml": 40, "persona": 22, "records": 8, "csv": 8, "markdown": 8, "html": 6, "text": 4, "pdf": 2, "docx": 2}
TOKENS = [
    "---", "...", "- ", "? ", ": ", ":", "&a ", "*a", "<<: *a", "!!str ", "!x ", "|", ">", "|-2", ">+", "'",
    '"', "{", "}", "[", "]", ",", "#", " #", "%YAML 1.2\n", "@", "`", "\t", "\n", "\r", "\r\n", "\x85",
    "\u2028", "\u2029", "\ufeff", "\x00", "\x07", "\x1b", "\x7f", "\ufffe", "\\", "\\x", "\\u12", "\\UFFFFFFFF",
    "\\ud83d", "~", "null", "true", "1e999", "0x1F", "9" * 400, "é", "é", "中文。", "“", "”", "、", "😀", "👩‍👩‍👧",
    "\u202e", "\u200b", "\u00a0", "\u3000", "ﷺ", "𝔘", "ا", "\U0010ffff", "personac: 1\n", "name: ",
    "knowledge:\n", "  - path: ", "intents:\n", "  - name: ", "examples: [", "languages: [en, zh]\n", "when: {",
    "pattern: ", "not: {", "any: [", "do: refuse\n", "${A}", "knowledge/*", "../x", "# ", "## ", "* ", "1. ",
    "> ", "```", "| a | b |\n|---|---|\n", "![a](b.png)", "[x]: y", "<!--", "-->", "<details>",
    "<table><tr><td>", "</table>", "<li>", "<p hidden>", "<script>", "</", "&amp;", "&#x0;", "&#xD800;",
    "<img alt=", "colspan=99 ", ",,", '""', '","', "question,answer\n", " obj\n<<", ">>\nendobj", "stream\n",
    "/Length 9999999", "/Kids [1 0 R]", "xref\n", "<w:p>", "<w:tbl>", "</w:body>", "PK\x03\x04",
]  # fmt: skip


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


def mutate(data: bytes, chance: random.Random, pool: Sequence[bytes]) -> bytes:
    """Return a file with one to eight changes."""
    made = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 2, 3, 5, 8])):
        at = chance.randrange(len(made) + 1)
        end = min(len(made), at + chance.choice([1, 2, 5, 20, 200]))
        kind = chance.randrange(9)
        if kind == 0:
            made[at:end] = b""
        elif kind == 1:
            made[at:at] = made[at:end] * chance.choice([1, 2, 50])
        elif kind == 2 and at < len(made):
            made[at] ^= 1 << chance.randrange(8)
        elif kind == 3:
            made[at:at] = chance.choice(TOKENS).encode("utf-8", "surrogatepass") * chance.choice([1, 1, 1, 3, 100])
        elif kind == 4:
            other = chance.choice(pool)
            begin = chance.randrange(len(other) + 1)
            made[at:end] = other[begin : begin + chance.randrange(1, 400)]
        elif kind == 5:
            made = made[:at]
        elif kind == 6:
            made = bytearray(
                made.replace(
                    b"\n", chance.choice([b"\r", b"\r\n", b"\n\n", b" ", b"\n\t", b"\n  "]), chance.randrange(1, 40)
                )
            )
        elif kind == 7:
            rows = bytes(made).split(b"\n")
            chance.shuffle(rows)
            made = bytearray(b"\n".join(rows))
        else:
            made[at:at] = bytes(chance.choices(range(256), k=chance.randrange(1, 12)))
        made = made[:100_000]
    return bytes(made)


def mutate_archive(data: bytes, chance: random.Random) -> bytes:
    """Return a zip file with one of its parts changed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError):
        return data
    name = chance.choice([*parts, "word/document.xml", "word/document.xml"])
    if chance.random() < 0.1:
        del parts[name]
    else:
        parts[name] = mutate(parts[name], chance, [parts[name]])
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def bomb(chance: random.Random) -> str:
    """Return YAML that is built to take time, depth or memory."""
    size = chance.choice([3, 10, 30, 30, 100, 300] + [3000] * (chance.random() < 0.1))
    width = chance.choice([2, 9, 40])
    kind = chance.randrange(14)
    lines = ["a0: &a0 [lol, lol]"]
    if kind == 0:  # a billion laughs
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, min(size, 60))]
    elif kind == 1:
        lines += [
            f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * width)}], k{n}: x}}" for n in range(1, min(size, 60))
        ]
    elif kind == 2:
        return chance.choice(["[", "{a: ", "- ", "? ", "a: [", "!!seq [", "&a [", "- - "]) * size
    elif kind == 3:
        return "\n".join("  " * n + f"k{n}:" for n in range(size))
    elif kind == 4:
        return "name: " + chance.choice(["x", "很", "'", "\\", " ", "a: ", "#", "\t"]) * (size * 60)
    elif kind == 5:
        return "name: |\n" + ("  line\n" + " " * chance.randrange(9)) * size
    elif kind == 6:
        return "personac: 1\n" + "".join(f"k{n}: v\n" for n in range(size))
    elif kind == 7:
        return "a: 1\n" * size
    elif kind == 8:
        return "[" * (size // 2) + "x" + "]" * (size // 2)
    elif kind == 9:
        return json.dumps({"a": [{"b": ["\ud83d", "x" * size]}] * width})
    elif kind == 10:
        return "".join(f"&a{n} " for n in range(size)) + "x: y"
    elif kind == 11:
        return '"' + "\\x4" * size + "\\u{12}" + "\n" * size + '"'
    elif kind == 12:
        return "personac: 1\nname: x\nintents:\n" + "".join(
            f"  - {{name: i{n}, examples: [a b, a b]}}\n" for n in range(size // 4)
        )
    else:
        return "ethics: {rules: [{id: r, when: " + "{not: " * size + "{topic: x}" + "}" * size + ", do: refuse}]}"
    return "\n".join(lines)


def noise(chance: random.Random) -> str:
    """Return a handful of tokens, or of any characters."""
    if chance.random() < 0.7:
        return "".join(chance.choices(TOKENS, k=chance.randrange(0, 60)))
    ranges = [
        (0, 0x20), (0x20, 0x7F), (0x80, 0xFF), (0x600, 0x6FF), (0x2000, 0x206F), (0x4E00, 0x9FFF), (0xD800, 0xDFFF),
        (0xFFF0, 0xFFFF), (0x1F000, 0x1FAFF), (0x10FFF0, 0x10FFFF),
    ]  # fmt: skip
    return "".join(chr(chance.randint(*chance.choice(ranges))) for _ in range(chance.randrange(0, 200)))


def seeds() -> dict[str, list[bytes]]:
    """Return for each reader the files to start from."""
    broken = [path.read_bytes() for path in sorted((ROOT / "tests/core/persona/broken").glob("*.yaml"))]
    samples = [path.read_bytes() for path in sorted(ROOT.glob("personas/*/persona.yaml"))]
    knowledge = {
        ending: [path.read_bytes()[:20_000] for path in sorted(ROOT.glob(f"personas/*/knowledge/*{ending}"))]
        for ending in (".md", ".csv", ".yaml")
    }
    small = [text[:3000].rsplit(b"\n", 1)[0] for text in samples]
    suite = (
        [json.loads(line)["yaml"].encode() for line in SUITE.read_text("utf-8").splitlines()] if SUITE.exists() else []
    )
    pages = [*knowledge[".md"], *(path.read_bytes()[:10_000] for path in sorted(ROOT.glob("*.md")))]
    return {
        "persona": [*broken * 3, *small * 4, *suite, *samples],
        "yaml": [*suite, *broken, *small],
        "records": [
            *(text[:4000].rsplit(b"\n", 1)[0] for text in knowledge[".yaml"]),
            b'[{"id": "a", "x": {"en": "b"}}]',
        ],
        "csv": [
            *(text[:3000] for text in knowledge[".csv"]),
            b"question,answer,image\na,b,c.png\n",
            b"question;answer\n",
        ],
        "markdown": [*(text[:6000] for text in pages), _MARKDOWN.encode()],
        "text": [text[:3000] for text in pages],
        "html": [_HTML.encode(), _HTML.encode("gb18030"), b"<p>x"],
        "pdf": [pdf(), pdf(8)],
        "docx": [docx()],
    }


_MARKDOWN = """# A\n\nText with ![b](c.png) and [d][e].\n\n- x\n  - y\n\n    z\n\n| a | b |\n|---|---|\n| 1 | 2 |\n
<details><summary>Q?</summary>\n\nA.\n\n</details>\n\n> quoted\n\n```\ncode\n```\n\n[e]: http://f\n"""
_HTML = """<!doctype html><html><head><meta charset="gbk"><title>t</title></head><body><nav>n</nav><h1>标题</h1>
<p>One<br>two
<ul><li>a<ul><li>b</ul><li>c</ul><table><caption>x</caption><tr><th>h<th colspan=2>i<tr><td>1<td>2<td>3</table>
<figure><img src="p.png" alt="q"><figcaption>r</figcaption></figure><details><summary>S</summary>t</details>
<dl><dt>u<dd>v</dl><pre>\n w\n  x\n</pre><div hidden>y</div></body></html>"""


def pdf(pages: int = 2) -> bytes:
    """Return a small PDF without compression, so that what it says is in reach of mutations."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for number in range(pages):
        lines = "".join(
            f"({line}) Tj T* " for line in (f"Heading {number}", "Some words that go", "on and on.", "- item")
        )
        content = f"BT /F1 12 Tf 14 TL 72 700 Td {lines} ET".encode()
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 << /Type /Font /Subtype "
            b"/Type1 /BaseFont /Helvetica >> >> >> /Contents %d 0 R >>" % (len(objects) + 2)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects[1] = f"<< /Type /Pages /Count {pages} /Kids [{' '.join(kids)}] >>".encode()
    made, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    at = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, at)
    return bytes(made)


def docx() -> bytes:
    """Return a small Word document."""
    import docx as word

    document = word.Document()
    document.add_heading("Menu", 1)
    document.add_paragraph("We serve:")
    document.add_paragraph("tea", style="List Bullet")
    document.add_paragraph("first", style="List Number")
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text, table.cell(1, 0).text = "a", "b", "c"
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


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
