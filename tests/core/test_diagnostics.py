from __future__ import annotations

import ast
import json
import re
import unicodedata
from pathlib import Path

import pytest
from personac.core import diagnostics
from personac.core.diagnostics import CODES, Diagnostic, Span, has_errors, in_order, render


def finding(path: Path, line: int, column: int, end: int, code: str = "P0107", help: str | None = None) -> Diagnostic:
    return Diagnostic(code, "error", "what is wrong", Span(str(path), line, column, line, end), help)


def cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@pytest.mark.parametrize(
    ("line", "marked"), [("name: x", "name"), ("名字: 梅琳", "梅琳"), ("a:\t{b: 你好, c: d}", "d"), ("e\u0301: x", "x")]
)
def test_carets_stand_below_what_they_mark(tmp_path: Path, line: str, marked: str) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(f"\n{line}\n", encoding="utf-8")
    column = line.index(marked) + 1
    shown = render([finding(file, 2, column, column + len(marked), help="do this")]).split("\n")
    assert shown[0] == f"{file}:2:{column}: error[P0107] what is wrong"
    source, carets = shown[2], shown[3]
    before = source.replace("e\u0301", "é")[: source.replace("e\u0301", "é").rindex(marked)]
    assert cells(carets.rstrip("^")) == cells(before)
    assert carets.count("^") == cells(marked)
    assert shown[4] == "help: do this"


def test_a_long_line_is_cut_around_the_place(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("x" * 100_000 + "HERE" + "y" * 100_000, encoding="utf-8")
    source, carets = render([finding(file, 1, 100_001, 100_005)]).split("\n")[2:4]
    assert len(source) < 160
    assert source[carets.index("^") :].startswith("HERE")
    assert carets.count("^") == 4


def test_signs_that_steer_a_terminal_are_not_passed_on(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("a: \x1b[31mred\n", encoding="utf-8")
    odd = Diagnostic("P0107", "error", "unknown key `\x1b[2J\n`", Span(str(file), 1, 1, 1, 2), "\x07")
    assert "\x1b" not in render([odd])
    assert "\x07" not in render([odd])
    assert len(render([odd], "concise").splitlines()) == 1


def test_secrets_are_not_shown_in_any_snippet(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("{token: hunter2, x: 1}\n", encoding="utf-8")
    shown = render([finding(file, 1, 2, 7), finding(file, 1, 9, 16, code="P0309")])
    assert "hunter2" not in shown
    assert "{token: *******, x: 1}" in shown


def test_a_file_that_is_gone_is_shown_without_a_snippet(tmp_path: Path) -> None:
    assert render([finding(tmp_path / "gone.yaml", 3, 1, 2)]).count("\n") == 0


def test_json_holds_everything(tmp_path: Path) -> None:
    shown = json.loads(render([finding(tmp_path / "p.yaml", 3, 1, 2, help="帮助")], "json"))
    assert shown == [
        {"code": "P0107", "severity": "error", "message": "what is wrong", "help": "帮助",
         "path": str(tmp_path / "p.yaml"), "line": 3, "column": 1, "end_line": 3, "end_column": 2}
    ]  # fmt: skip
    assert json.loads(render([], "json")) == []


def test_github_commands_are_one_line_each_and_escaped() -> None:
    odd = Diagnostic("P0107", "warning", "50% of\nit", Span("a,b:c.yaml", 1, 2, 3, 4), "help")
    assert render([odd], "github") == (
        "::warning file=a%2Cb%3Ac.yaml,line=1,endLine=3,col=2,endColumn=4,title=P0107::50%25 of%0Ait%0Ahelp: help"
    )


def test_sarif_names_the_rule_and_the_place_and_explains() -> None:
    log = json.loads(render([finding(Path("我 的/p.yaml"), 3, 1, 2)], "sarif", pages={"P0107": "# P0107: unknown key"}))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "P0107"
    assert rule["help"] == {"text": "# P0107: unknown key", "markdown": "# P0107: unknown key"}
    place = result["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 2}
    assert place["artifactLocation"]["uri"] == "%E6%88%91%20%E7%9A%84/p.yaml"
    bare = json.loads(render([finding(Path("p.yaml"), 3, 1, 2)], "sarif"))
    assert bare["runs"][0]["tool"]["driver"]["rules"][0]["help"] == {"text": "personac explain P0107"}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_file_in_another_encoding_is_shown_as_it_is_meant(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "faq.csv"
    file.write_bytes("question,answer\n几点开门？,九点\n".encode(encoding))
    assert "2 | 几点开门？,九点" in render([finding(file, 2, 1, 2, code="P0103")])


def test_a_stretch_holds_what_lies_within_it() -> None:
    outer = Span("p", 2, 3, 4, 1)
    assert outer.holds(outer)
    assert outer.holds(Span("p", 2, 9, 3, 1))
    assert not outer.holds(Span("p", 2, 2, 3, 1))
    assert not outer.holds(Span("p", 3, 1, 4, 2))
    assert not outer.holds(Span("q", 2, 9, 3, 1))


def test_findings_are_sorted_by_place_and_told_once(tmp_path: Path) -> None:
    first, second = finding(tmp_path, 1, 1, 2), finding(tmp_path, 2, 1, 2)
    assert in_order([second, first, second]) == [first, second]
    assert has_errors([first])
    assert not has_errors([])


def test_codes_are_well_formed_and_each_has_a_meaning_of_its_own() -> None:
    assert all(code[0] == "P" and code[1:].isdigit() and len(code) == 5 for code in CODES)
    assert len(set(CODES.values())) == len(CODES)


def named(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def test_every_code_is_in_use_and_no_other() -> None:
    core = Path(diagnostics.__file__).parent
    used = set()
    for file in core.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        lists = [n for n in tree.body if isinstance(n, ast.Assign | ast.AnnAssign) and named(n) & {"CODES", "ERRORS"}]
        inside = {id(n) for table in lists for n in ast.walk(table)}
        used |= {
            n.value
            for n in ast.walk(tree)
            if isinstance(n, ast.Constant)
            and isinstance(n.value, str)
            and re.fullmatch(r"P0\d{3}", n.value)
            and id(n) not in inside
        }
    assert used == set(CODES)


def test_the_lowest_layer_imports_nothing_of_ours() -> None:
    tree = ast.parse(Path(diagnostics.__file__).read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
