"""Inputs for fuzz_loader.py: the files to start from, and what is done to them to make readers fail.

Mutated files, YAML that is built to take time, depth or memory, soups of tokens and of odd characters, and documents
made here. Knows nothing of the readers; every input follows from the given source of chance.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SUITE = ROOT.parent / "shared" / "data" / "yaml_test_suite" / "cases.jsonl"
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
