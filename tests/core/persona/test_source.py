from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from personac.core.diagnostics import Diagnostic
from personac.core.errors import Unavailable
from personac.core.persona.nodes import Mapping, Scalar, Sequence, plain
from personac.core.persona.source import parse, read, resolve_environment


def value(content: str) -> Any:
    node, diagnostics = parse(content, "persona.yaml")
    assert node is not None, diagnostics
    assert diagnostics == []
    return plain(node)


def only(content: str) -> Diagnostic:
    node, diagnostics = parse(content, "persona.yaml")
    assert len(diagnostics) == 1, (node, diagnostics)
    return diagnostics[0]


@pytest.mark.parametrize(
    "text",
    ["no", "No", "NO", "yes", "on", "off", "y", "n", "22:30", "007", "0o17", "0x1F", "1_000", ".inf", ".nan", "1e"],
)
def test_words_and_times_stay_texts(text: str) -> None:
    assert value(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5", 5), ("-5", -5), ("0", 0), ("0.35", 0.35), ("1.", 1.0), ("1e3", 1000.0), ("true", True), ("False", False),
     ("null", None), ("~", None), ('"5"', "5"), ("'true'", "true")],
)  # fmt: skip
def test_numbers_truth_and_nothing_are_read(text: str, expected: object) -> None:
    assert value(f"a: {text}") == {"a": expected}


def test_on_and_no_are_plain_keys() -> None:
    assert value("on: [input]\nno: Norwegian\ny: 1") == {"on": ["input"], "no": "Norwegian", "y": 1}


def test_a_question_mark_may_end_a_text_in_brackets() -> None:
    content = "examples: [When does the Forbidden City open?, 故宫几点开门？, What?]"
    assert value(content) == {"examples": ["When does the Forbidden City open?", "故宫几点开门？", "What?"]}
    assert value("{a: Which place?, c: why? because}") == {"a": "Which place?", "c": "why? because"}


def test_a_colon_in_brackets_ends_a_key_only_before_a_blank_or_after_a_quote() -> None:
    assert value('{"a":1, b: :x, c: http://d.e:80, "f"\n: [::g]}') == {
        "a": 1,
        "b": ":x",
        "c": "http://d.e:80",
        "f": ["::g"],
    }
    assert value("{key\n: value}") == {"key": "value"}
    assert only("[ key\n  : value ]").code == "P0105"


def test_anchors_may_have_names_in_any_script() -> None:
    assert value("a: &票价 60\nb: *票价\nc: &😀 x\nd: [*😀, *票价]") == {"a": 60, "b": 60, "c": "x", "d": ["x", 60]}


def test_a_document_that_only_ends_is_empty() -> None:
    assert only("# nothing\n...\n").code == "P0104"


@pytest.mark.parametrize("content", ['a: "x"#y', "a: [b, c]#d", "a: [b,#c\n  d]", "- 'x'#y"])
def test_a_comment_that_touches_a_text_is_a_fault(content: str) -> None:
    finding = only(content)
    assert finding.code == "P0105"
    assert (finding.span.line, finding.span.column) == (1, content.index("#") + 1)


def test_a_quote_that_was_forgotten_is_found_where_it_opens() -> None:
    for content in ('name: "Mei\nsummary: "A guide"\n', "name: 'Mei\nsummary: x\n", 'a:\n  - "b\n  - "c"\n'):
        finding = only(content)
        assert (finding.code, finding.span.line) == ("P0105", content.split('"')[0].split("'")[0].count("\n") + 1)
        assert "not closed before line" in finding.message
    assert value('a: "b\n  c\n\n  d"\ne: f') == {"a": "b c\nd", "e": "f"}


def test_tabs_may_separate_but_not_indent() -> None:
    assert value("a:\tb\tc\t# what\n\t\nd: [\n\t1,\n\t2\n]\n") == {"a": "b\tc", "d": [1, 2]}
    assert only("a:\n\tb: 1").code == "P0105"


def test_json_with_tabs_and_pairs_of_surrogates_is_read(tmp_path: Path) -> None:
    expected = {"a": {"b": ["😀", "x\ty", "/"]}, "c": True}
    for content in (json.dumps(expected, indent="\t"), json.dumps(expected)):
        file = tmp_path / "records.json"
        file.write_text(content, encoding="utf-8")
        node, diagnostics = read(file)
        assert diagnostics == []
        assert node is not None
        assert plain(node) == expected


def test_every_node_knows_its_place() -> None:
    node, _ = parse("名字: 梅琳\nlist:\n  - {a: 'b'}\n  - |\n    text\nlast: x\n", "p.yaml")
    assert isinstance(node, Mapping)
    assert str(node.keys["名字"]) == "p.yaml:1:1"
    name = node.entries["名字"]
    assert (name.span.column, name.span.end_column) == (5, 7)
    items = node.entries["list"]
    assert isinstance(items, Sequence)
    assert (items.span.line, items.span.column) == (3, 3)
    inner = items.items[0]
    assert isinstance(inner, Mapping)
    assert (inner.span.line, inner.span.column, inner.span.end_column) == (3, 5, 13)
    assert inner.entries["a"].span.column == 9
    assert items.items[1].span.line == 4


def test_numbers_remember_how_they_were_written() -> None:
    node, _ = parse("[1.10, 12306]", "p.yaml")
    assert node is not None
    first, second = plain(node, written=True)
    assert (first, first.written) == (1.1, "1.10")
    assert (second, second.written) == (12306, "12306")


def test_merge_keys_take_over_what_is_not_said() -> None:
    content = "base: &b {x: 1, y: 2}\nmore: &m {z: 3, y: 9}\nuse: {<<: [*b, *m], x: 0}\n"
    assert value(content)["use"] == {"x": 0, "y": 2, "z": 3}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "P0104"),
        ("# nothing\n", "P0104"),
        ("---\n...\n# x", None),
        ("a: 1\n---\nb: 2", "P0106"),
        ("a: 1\na: 2", "P0108"),
        ("{a: 1, a: 2}", "P0108"),
        ("1: a", "P0109"),
        ("true: a", "P0109"),
        ("~: a", "P0109"),
        (": a", "P0105"),
        ("[a]: b", "P0109"),
        ("a: !!python/object:os.system x", "P0112"),
        ("a: !!set {b}", "P0112"),
        ("a: *nothing", "P0121"),
        ("a: &x [*x]", "P0111"),
        ("<<: 1", "P0121"),
        ("a: 'x", "P0105"),
        ('a: "\\q"', "P0105"),
        ("a: 'it's'", "P0105"),
        ("a: [1, 2", "P0105"),
        ("a: {b: 1", "P0105"),
        ("a: @b", "P0105"),
        ("a: `b`", "P0105"),
        ("a: %b", "P0105"),
        ("a: |x\n b", "P0105"),
        ("a: &", "P0105"),
        ("a: !<x\n", "P0105"),
        ("a: - b", "P0105"),
        ("a: ? b", "P0105"),
        ("a\nb: c", "P0105"),
        ('a: "\\UFFFFFFFF"', "P0105"),
        ('a: "\\x4"', "P0105"),
    ],
)
def test_each_fault_has_its_code(content: str, code: str | None) -> None:
    if code is None:
        assert value(content) is None
        return
    diagnostic = only(content)
    assert (diagnostic.code, diagnostic.severity) == (code, "error")
    assert diagnostic.span.line >= 1
    assert "not YAML" not in diagnostic.message, "a syntax error needs words of its own"


def test_duplicate_keys_name_both_places_and_reading_goes_on() -> None:
    node, diagnostics = parse("a: 1\nb: {c: 1, c: 2}\na: 3\n", "p.yaml")
    assert node is not None
    assert [d.span.line for d in diagnostics] == [2, 3]
    assert "first is on line 1" in diagnostics[1].message


def test_ten_thousand_brackets_are_refused_at_once() -> None:
    for content in ("[" * 10_000, "a: " + "{a: " * 10_000, "- " * 10_000, "? " * 10_000, "[" * 10_000 + "]" * 10_000):
        started = time.perf_counter()
        assert only(content).code == "P0110"
        assert time.perf_counter() - started < 5


def test_deep_aliases_count_as_deep() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [[[[[[[[[[*a{n - 1}]]]]]]]]]]" for n in range(1, 8)]
    assert only("\n".join(lines)).code == "P0110"


def test_a_billion_laughs_are_refused_at_once() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    started = time.perf_counter()
    diagnostic = only("\n".join(lines))
    assert diagnostic.code == "P0111"
    assert time.perf_counter() - started < 5


def test_merges_count_toward_the_limit() -> None:
    lines = ["a0: &a0 {k: " + "[" + "x, " * 1000 + "x]}"]
    lines += [f"a{n}: &a{n} {{<<: *a{n - 1}, k{n}: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    assert only("\n".join(lines)).code == "P0111"


def test_a_huge_text_is_read_in_seconds(tmp_path: Path) -> None:
    file = tmp_path / "persona.yaml"
    file.write_text(f"name: {'很长' * 300_000}\n", encoding="utf-8")
    started = time.perf_counter()
    node, diagnostics = read(file)
    assert diagnostics == []
    assert isinstance(node, Mapping)
    assert len(plain(node)["name"]) == 600_000
    assert time.perf_counter() - started < 10


def test_a_number_of_thousands_of_digits_stays_a_text() -> None:
    assert value("a: " + "9" * 5000) == {"a": "9" * 5000}
    assert value("a: 1e999") == {"a": "1e999"}


@pytest.mark.parametrize(
    ("content", "code", "place", "words"),
    [
        ("名字: 梅琳".encode("gbk"), "P0103", (1, 1), "GBK"),
        (b"name: Mei\nsummary: caf\xe9\n", "P0103", (2, 13), "0xE9"),
        ("name: Mei".encode("utf-16"), "P0103", (1, 1), "UTF-16"),
        (b"name: M\x00ei", "P0103", (1, 8), "U+0000"),
        (b"name: Mei\nface: \x1b[31m", "P0103", (2, 7), "U+001B"),
        (b"a: " + b"x" * 5_000_001, "P0102", (1, 1), "5 MB"),
    ],
)
def test_a_file_that_is_not_text_is_explained(
    tmp_path: Path, content: bytes, code: str, place: tuple[int, int], words: str
) -> None:
    file = tmp_path / "persona.yaml"
    file.write_bytes(content)
    node, (diagnostic,) = read(file)
    assert node is None
    assert diagnostic.code == code
    assert (diagnostic.span.line, diagnostic.span.column) == place
    assert words in diagnostic.message


def test_a_missing_file_and_a_folder_are_explained(tmp_path: Path) -> None:
    for path in (tmp_path / "persona.yaml", tmp_path):
        node, (diagnostic,) = read(path)
        assert node is None
        assert diagnostic.code == "P0101"


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "persona.yaml"
    file.write_bytes("\ufeffname: Mei\r\nage: 5\r\n".encode())
    node, diagnostics = read(file)
    assert diagnostics == []
    assert isinstance(node, Mapping)
    assert plain(node) == {"name": "Mei", "age": 5}
    assert str(node.keys["name"]).endswith(":1:1")
    assert str(node.keys["age"]).endswith(":2:1")


def test_variables_stay_as_written_and_are_resolved_when_run() -> None:
    settings = value("slack: {token: '${TOKEN}', url: 'https://${HOST}/x', list: ['${HOST}'], port: 80}")
    assert settings["slack"]["token"] == "${TOKEN}"
    environ = {"TOKEN": "t", "HOST": "h"}
    assert resolve_environment(settings, environ) == {
        "slack": {"token": "t", "url": "https://h/x", "list": ["h"], "port": 80}
    }


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(Unavailable, match="TELEGRAM_TOKEN"):
        resolve_environment({"token": "${TELEGRAM_TOKEN}"}, {"TELEGRAM_TOKEN": ""})


def test_a_scalar_alone_is_read() -> None:
    node, _ = parse("hello", "p.yaml")
    assert isinstance(node, Scalar)
    assert node.value == "hello"
