"""Files of strangers: each that is not sound is refused in one sentence, and nothing is written."""

from __future__ import annotations

import base64
import copy
import io
import json
import os
import random
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from personac.core.diagnostics import has_errors
from personac.core.errors import BadInput
from personac.core.persona.check import check
from personac.core.persona.formats import format_named, names, recognise
from personac.core.persona.formats.cards import to_portable
from personac.core.persona.formats.folder import read_folder, write_folder
from personac.core.persona.formats.json_text import Layout
from personac.core.persona.formats.pixels import SIGNATURE, Chunk, join_chunks, split_chunks


def zipped(made: ModuleType, name: str = "assets/a.png", data: bytes = b"x", rights: int = 0, **more: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", made.as_json(made.V3))
        info = zipfile.ZipInfo(name)
        info.external_attr = rights << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, data)
        for other, content in more.items():
            archive.writestr(other, content)
    return file.getvalue()


def damaged(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def with_chunk(made: ModuleType, kind: bytes, data: bytes) -> bytes:
    chunks = split_chunks(made.picture())[0]
    return join_chunks([*chunks[:-1], Chunk(kind, data), chunks[-1]])


def huge_picture(made: ModuleType) -> bytes:
    chunks = split_chunks(made.as_png({"ccv3": made.V3}))[0]
    header = struct.pack(">II", 90_000, 90_000) + chunks[0].data[8:]
    return join_chunks([Chunk(b"IHDR", header), *chunks[1:]])


def lying_picture(made: ModuleType) -> bytes:
    return SIGNATURE + struct.pack(">I4s", 0x7FFFFFF0, b"IHDR") + made.picture()[16:]


def encrypted(made: ModuleType) -> bytes:
    data = bytearray(zipped(made))
    for at in range(len(data) - 10):
        if data[at : at + 4] == b"PK\x01\x02":
            data[at + 8] |= 1
    return bytes(data)


FILES = int(os.environ.get("PERSONAC_FUZZ_FILES", "120"))

HOSTILE: dict[str, tuple[str, Callable[[ModuleType], bytes], str]] = {
    "a way up in a zip": ("a.charx", lambda m: zipped(m, "../../evil.png"), "leads elsewhere"),
    "an absolute path in a zip": ("a.charx", lambda m: zipped(m, "/etc/evil"), "leads elsewhere"),
    "a drive in a zip": ("a.charx", lambda m: zipped(m, "C:/evil.png"), "leads elsewhere"),
    "backslashes in a zip": ("a.charx", lambda m: zipped(m, "..\\evil.png"), "leads elsewhere"),
    "a name for a device in a zip": ("a.charx", lambda m: zipped(m, "assets/con.png"), "leads elsewhere"),
    "a name that ends with a dot": ("a.charx", lambda m: zipped(m, "assets/a."), "leads elsewhere"),
    "a name with a zero": ("a.charx", lambda m: zipped(m, "assets/aXb").replace(b"aXb", b"a\0b"), "leads elsewhere"),
    "a link in a zip": ("a.charx", lambda m: zipped(m, rights=stat.S_IFLNK | 0o777), "only plain files"),
    "one file twice": ("a.charx", lambda m: zipped(m, "assets/a.png", **{"assets/A.png": b"y"}), "two files named"),
    "a zip bomb": ("a.charx", lambda m: zipped(m, data=b"\0" * 40_000_000), "a trap"),
    "a zip without a card": ("a.charx", lambda m: zipped(m).replace(b"card.json", b"care.json"), "no card.json"),
    "a damaged zip": ("a.charx", lambda m: damaged(zipped(m), 60), "damaged"),
    "half a zip": ("a.charx", lambda m: zipped(m)[:200], "damaged"),
    "an encrypted zip": ("a.charx", encrypted, "encrypted"),
    "too many files in a zip": (
        "a.charx", lambda m: zipped(m, **{f"assets/{n}": b"" for n in range(2001)}), "more than 2,000 files"
    ),
    "a name that is no picture's": (
        "a.png", lambda m: m.as_png({"ccv3": m.V3, "chara-ext-asset_:../x": b"eA=="}), "leads elsewhere"
    ),
    "half a picture": ("a.png", lambda m: m.as_png({"ccv3": m.V3})[:-30], "ends too early"),
    "a chunk that claims too much": ("a.png", lying_picture, "ends too early"),
    "a wrong checksum": ("a.png", lambda m: damaged(m.as_png({"ccv3": m.V3}), 200), "checksum"),
    "a picture of 8 thousand million points": ("a.png", huge_picture, "too large"),
    "no card in a picture": ("a.png", lambda m: m.picture(), "without a character card"),
    "bad base64": ("a.png", lambda m: m.as_png({"ccv3": b"e!30="}), "base64"),
    "bad UTF-8 in a picture": ("a.png", lambda m: m.as_png({"ccv3": base64.b64encode(b'{"a": "\xff"}')}), "UTF-8"),
    "a text bomb in a picture": (
        "a.png", lambda m: with_chunk(m, b"zTXt", b"ccv3\0\0" + zlib.compress(b"e" * 40_000_000)), "32 MB unpacked"
    ),
    "an international text bomb": (
        "a.png",
        lambda m: with_chunk(m, b"iTXt", b"ccv3\0\1\0\0\0" + zlib.compress(b"e" * 40_000_000)),
        "32 MB unpacked",
    ),
    "text that cannot be unpacked": ("a.png", lambda m: with_chunk(m, b"zTXt", b"ccv3\0\0nothing"), "unpacked"),
    "deep JSON": ("a.json", lambda m: b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested"),
    "JSON of 101 levels": ("a.json", lambda m: m.as_json({"x": json.loads("[" * 101 + "]" * 101)}), "100 levels"),
    "not a number": ("a.json", lambda m: m.as_json(m.V3).replace(b"0.5", b"NaN"), "NaN"),
    "more than any number": ("a.json", lambda m: m.as_json(m.V3).replace(b"0.5", b"-Infinity"), "Infinity"),
    "a number of 5,000 digits": ("a.json", lambda m: m.as_json(m.V3).replace(b"0.5", b"1" * 5000), "5,000 digits"),
    "broken JSON": ("a.json", lambda m: m.as_json(m.V3)[:-1], "not valid JSON: line 1"),
    "UTF-16": ("a.json", lambda m: json.dumps(m.V3).encode("utf-16"), "UTF-16"),
    "Latin-1": ("a.json", lambda m: m.as_json(m.card(name="Zoë")).replace("ë".encode(), b"\xeb"), "not UTF-8"),
    "no name": ("a.json", lambda m: m.as_json(m.card(name=" \n")), "no name"),
    "an empty file": ("a.json", lambda m: b"", "not valid JSON"),
    "a list": ("a.json", lambda m: b"[1, 2]", "no format"),
    "no character in a YAML": ("a.yaml", lambda m: b"character_config: 3\n", "no block"),
    "broken YAML": ("a.yaml", lambda m: b"character_config:\n\t- x: [\n", "not valid YAML"),
    "an alias bomb": (
        "a.yaml",
        lambda m: b"character_config:\n  a0: &a0 [x, x]\n"
        + b"".join(b"  a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)),
        "not valid YAML",
    ),
    "an agent without a name": ("a.af", lambda m: b'{"agents": [{"id": "x"}], "blocks": []}', "no name"),
    "nothing known": ("a.txt", lambda m: b"hello", "no format that personac knows"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_in_a_sentence(what: str, made: ModuleType, tmp_path: Path) -> None:
    name, make, expected = HOSTILE[what]
    file = tmp_path / name
    file.write_bytes(make(made))
    with pytest.raises(BadInput, match=expected) as caught:
        recognise(file).read(file)
    text = str(caught.value)
    assert text[0] not in " '" and text.endswith((".", "?")) and "\n" not in text  # noqa: PT018
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    with file.open("wb") as written:
        written.write(SIGNATURE)
        written.truncate(70_000_000)
    with pytest.raises(BadInput, match="larger than 64 MB"):
        recognise(file).read(file)


def test_nothing_is_written_over(made: ModuleType, tmp_path: Path) -> None:
    portable = to_portable(made.V3, Layout(), "json")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/persona.yaml").write_text("mine", "utf-8")
    with pytest.raises(BadInput, match="already something"):
        write_folder(portable, tmp_path / "mine", "")
    assert (tmp_path / "mine/persona.yaml").read_text("utf-8") == "mine"


def test_a_file_with_a_bad_name_is_never_written(made: ModuleType, tmp_path: Path) -> None:
    portable = to_portable(made.V3, Layout(), "json")
    portable.files["../outside.txt"] = b""
    with pytest.raises(BadInput, match="cannot be named"):
        write_folder(portable, tmp_path / "new", "")
    assert not list(tmp_path.iterdir())


def test_markup_of_the_web_is_not_said(made: ModuleType, tmp_path: Path) -> None:
    tree = made.card(
        name="<b>Oriel</b>",
        first_mes="<div onclick='x()'>Hello<script>steal()</script> there, 3 < 4 <br>friend</div><!-- x -->",
        description="<style>p {color: red}</style><img src=x onerror=alert(1)>A keeper & more.",
    )
    persona = to_portable(tree, Layout(), "json").persona
    assert persona["name"] == "Oriel"
    assert persona["tone"]["greeting"]["en"] == "Hello there, 3 < 4 \nfriend"
    assert "A keeper & more." in persona["tone"]["instructions"]
    assert "alert" not in persona["tone"]["instructions"]


def test_names_with_separators_stay_in_the_folder(made: ModuleType, tmp_path: Path) -> None:
    from personac.core.persona.formats.portable import file_name

    for name in ("../../etc/passwd", "C:\\Windows", "a/b", "CON", "..", "沈砚", "\u202eevil"):
        assert "/" not in file_name(name)
        assert "\\" not in file_name(name)
        assert file_name(name).strip(".") == file_name(name) != ""
    assert file_name("沈砚") == "沈砚"
    assert file_name("CON") == "con_"


def test_a_huge_lorebook_of_patterns_is_read_and_no_pattern_is_run(made: ModuleType, tmp_path: Path) -> None:
    entry = {
        "keys": ["(a+)+$", "/(x|x)*y/"],
        "use_regex": True,
        "enabled": True,
        "insertion_order": 1,
        "extensions": {},
    }
    book = {"extensions": {}, "entries": [{**entry, "content": "a" * 30 + f"! {n}"} for n in range(5_000)]}
    portable = to_portable(made.card(character_book=book), Layout(), "json")
    write_folder(portable, tmp_path / "new", "")
    assert any("not run (5000)" in note for note in portable.notes)
    assert not has_errors(check(tmp_path / "new").diagnostics)


def test_macros_that_grow_are_bounded(made: ModuleType) -> None:
    name = "{{char}}" * 10
    persona = to_portable(made.card(name=f"A{name}", nickname=name, first_mes=name * 1000), Layout(), "json").persona
    assert len(str(persona)) < 1_000_000


def seeds(made: ModuleType) -> dict[str, bytes]:
    return {
        "a.json": made.as_json(made.V3),
        "b.png": made.as_png({"chara": made.ZH, "ccv3": made.V3}),
        "c.charx": made.as_charx(made.ZH, assets__a_dot_png=made.picture()),
        "d.yaml": made.CONF.encode(),
        "e.af": made.as_json(made.AGENT, indent=1),
    }


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Return data with a few bytes changed, cut out, doubled or replaced by pieces that formats are sensitive to."""
    odd = (
        b"\0",
        b"\xff",
        b'"',
        b"{",
        b"]",
        b"\\ud800",
        b"{{",
        b"}}",
        b"null",
        b"1e999",
        b"-",
        b"PK\x03\x04",
        b"\n",
        b":",
    )
    out = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(out) + 1)
        what = dice.randrange(4)
        if what == 0:
            out[at : at + 1] = bytes([dice.randrange(256)])
        elif what == 1:
            del out[at : at + dice.randint(1, 40)]
        elif what == 2:
            out[at:at] = out[at : at + dice.randint(1, 40)]
        else:
            out[at:at] = dice.choice(odd)
    return bytes(out)


ODD: tuple[Any, ...] = (
    None, True, 0, -1, 10**30, 1.5, "", " ", "x", "\ud800", "\x00\x1b", "{{char}}{{user}}{{x}}", "--- Examples ---",
    "## Description", "<START>\n{{user}}: a\n{{char}}: b", "=0123456789abcdef", "1e5", "null", "a: b\n- c", "# x", "@x",
    [], {}, [[]], ["a", None, {"b": 1}], {"a": "b"}, {"": None}, {"<<": {"a": 1}}, {"entries": {"0": {"content": "x"}}},
    "你好", "x" * 5000, "\r\n\t y", "\u2028", "\ufeff",
)  # fmt: skip


def odd(tree: Any, dice: random.Random) -> Any:
    """Return a tree with a few of its values replaced."""
    made_of = copy.deepcopy(tree)
    for _ in range(dice.randint(1, 4)):
        place = made_of
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = dice.choice(keys)
            if not isinstance(place[key], dict | list) or not place[key] or dice.random() < 0.15:
                place[key] = copy.deepcopy(dice.choice(ODD))
                break
            place = place[key]
    return made_of


def odd_file(name: str, made: ModuleType, dice: random.Random) -> bytes:
    """Return a file of a form whose values are not those that its format promises."""
    if name == "a.json":
        return json.dumps(odd(dice.choice([made.V1, made.ZH, made.V3]), dice)).encode()
    if name == "b.png":
        return bytes(made.as_png({"chara": odd(made.ZH, dice), "ccv3": odd(made.V3, dice)}, ascii=True))
    if name == "c.charx":
        return bytes(made.as_charx(odd(made.V3, dice), ascii=True))
    if name == "d.yaml":
        return json.dumps(odd(yaml.safe_load(made.CONF), dice)).encode()
    return json.dumps(odd(made.AGENT, dice)).encode()


@pytest.mark.parametrize("name", ["a.json", "b.png", "c.charx", "d.yaml", "e.af"])
def test_mutated_files_are_read_or_refused_but_nothing_else(name: str, made: ModuleType, tmp_path: Path) -> None:
    """Always the same files; every tenth that is read is written, checked and exported."""
    dice = random.Random(name)
    file = tmp_path / name
    data = seeds(made)[name]
    file.write_bytes(data)
    form = recognise(file)
    read = 0
    for number in range(FILES):
        if number % 2:
            file.write_bytes(odd_file(name, made, dice))
        else:
            changed = mutated(data, dice)
            file.write_bytes(_resealed(changed) if name == "b.png" and number % 4 else changed)
        try:
            portable = form.read(file)
        except BadInput:
            continue
        read += 1
        if read % 10 == 0:
            target = tmp_path / f"made_{read}"
            write_folder(portable, target, "")
            assert not has_errors(check(target).diagnostics), file.read_bytes()
            assert form.write is not None
            form.write(read_folder(target))
    assert read > FILES / 8


def _resealed(data: bytes) -> bytes:
    """Return a picture whose checksums are right again, as far as its chunks can be told apart."""
    out, position = bytearray(data), len(SIGNATURE)
    while position + 12 <= len(out):
        (length,) = struct.unpack_from(">I", out, position)
        end = position + 8 + length
        if end + 4 > len(out):
            break
        struct.pack_into(">I", out, end, zlib.crc32(bytes(out[position + 4 : end])))
        position = end + 4
    return bytes(out)


def test_all_formats_have_their_own_names() -> None:
    assert [format_named(name).name for name in names()] == names()
