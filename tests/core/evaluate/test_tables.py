"""Files that evaluations read, and what is said of those that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from personac.core.errors import BadInput
from personac.core.evaluate.tables import read_table


def written(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rows.csv", "text,label\nhello,greet\n故宫几点开门？,hours\n"),
        ("rows.csv", b"\xef\xbb\xbf" + "text,label\r\nhello,greet\r\n\r\n故宫几点开门？,hours\r\n".encode()),
        ("rows.csv", "text,label\nhello,greet\n故宫几点开门？,hours\n".encode("utf-16")),
        ("rows.tsv", "text\tlabel\nhello\tgreet\n故宫几点开门？\thours\n"),
        ("rows.jsonl", '{"text": "hello", "label": "greet"}\n\n{"text": "故宫几点开门？", "label": "hours"}'),
        ("rows.json", '[{"text": "hello", "label": "greet"}, {"text": "故宫几点开门？", "label": "hours"}]'),
    ],
)
def test_every_kind_of_file_gives_the_same_rows(tmp_path: Path, name: str, data: str | bytes) -> None:
    table = read_table(written(tmp_path, name, data), ("text", "label"))
    assert table.texts("text") == ["hello", "故宫几点开门？"]
    assert table.texts("label") == ["greet", "hours"]


def test_a_text_over_two_lines_keeps_the_number_of_the_line_it_begins_on(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "rows.csv", 'text,label\n"two\nlines",a\nlast,b\n'))
    assert table.lines == [2, 4]
    assert str(table.fault(1, "is odd")).endswith("rows.csv:4: is odd")


@pytest.mark.parametrize(
    ("name", "data", "code", "said"),
    [
        ("rows.csv", "", "table_empty", "is empty"),
        ("rows.csv", "text,label\n", "table_empty", "has no rows"),
        ("rows.csv", "Text,labels\na,b\n", "table_columns", "no column 'text' (did you mean 'Text'?)"),
        ("rows.csv", "text,text\na,b\n", "table_columns", "two columns are named 'text'"),
        ("rows.csv", "text,label\nhello, world,greet\n", "table_row", ":2: 3 fields where the header has 2"),
        ("rows.csv", 'text,label\n"hello,greet\n', "table_row", "not valid CSV"),
        ("rows.csv", b"text,label\nfine,a\ncaf\xe9,b\n", "table_encoding", ":3: byte 21 is not UTF-8"),
        ("rows.jsonl", '{"text": "a", "label": "b"}\n{"text": \n', "table_row", ":2: not valid JSON"),
        ("rows.jsonl", '{"text": "a", "label": "b"}\n["a"]\n', "table_row", ":2: should be an object, not a list"),
        ("rows.jsonl", '{"text": "a", "label": "b"}\n{"text": "c"}\n', "table_columns", ":2: no column 'label'"),
        ("rows.json", '{"text": "a"}', "table_row", "should be a list of objects, not an object"),
        ("rows.json", '[{"text": "a",}]', "table_row", "rows.json:1: not valid JSON"),
        ("rows.xlsx", "text", "table_kind", "none of the kinds that are read"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_why(
    tmp_path: Path, name: str, data: str | bytes, code: str, said: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read_table(written(tmp_path, name, data), ("text", "label"))
    assert caught.value.code == code
    assert said in str(caught.value)


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    written(tmp_path, "train.csv", "text\na\n")
    with pytest.raises(BadInput, match=r"there is .*train\.csv"):
        read_table(tmp_path / "trian.csv")
    with pytest.raises(BadInput, match="is not there"):
        read_table(tmp_path / "nowhere" / "x.csv")


def test_a_folder_or_a_link_to_nothing_is_not_its_own_neighbour(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").mkdir()
    with pytest.raises(BadInput, match=r"rows\.csv is a folder$"):
        read_table(tmp_path / "rows.csv")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "nowhere")
    with pytest.raises(BadInput, match=r"link\.jsonl is not there$"):
        read_table(tmp_path / "link.jsonl")


def test_a_value_that_is_no_text_is_told_by_its_line(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "rows.jsonl", '{"text": "a"}\n{"text": 3}\n{"text": " "}\n'))
    with pytest.raises(BadInput, match=r"rows\.jsonl:2: text should be a text, not a number"):
        table.texts("text")
