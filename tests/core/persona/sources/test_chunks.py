"""Texts as people write them, cut into what can be found and quoted."""

from __future__ import annotations

from personac.core.persona.sources.blocks import Block, Line, weight
from personac.core.persona.sources.chunks import LIMIT, SHORT, Piece, cut
from personac.core.persona.sources.markdown import read_markdown

SERVICE = """\
# Ferry service

The ferry runs every day between the old harbour and Hook Island, also in winter, and takes forty minutes for the
crossing. Mr. Holm, the harbour master, keeps the timetable. In a storm the boats stay in port; we say so on the
board at the pier and by text message to all who booked.

Bicycles travel free.

Dogs pay half.

## What you may bring

You may bring on board, without paying more than the fare:

- one bag of up to 20 kg
- one small bag, for example
  a handbag or a laptop case
- a pram, and with it:
  - a folding cot
  - a car seat
- a musical instrument

## Fares

| Who | Single | Return |
|---|---:|---:|
| Adults | 12 euros | 20 euros |
| Children under 14 | 6 euros | 10 euros |

> Groups of ten and more write to us a week before.
"""
GUIDE = """\
# 博物馆参观须知

## 开放时间

博物馆每周二至周日上午九点开门，下午五点停止入场，周一闭馆（法定节假日除外）。讲解员说：“提前十分钟到。别迟到。”然后才发耳机。

## 票价

票价如下：

1. 成人票60元
2. 学生票30元（凭学生证。外国学生证也可以）
3. 六岁以下儿童免票

| 服务 | 价格 |
|---|---|
| 语音导览 | 20元 |
| 寄存行李 | 免费 |
"""


def pieces(markdown: str) -> list[Piece]:
    return cut(read_markdown(markdown).blocks)


def shown(markdown: str) -> list[tuple[str, int, str]]:
    return [(piece.headings[-1] if piece.headings else "", piece.place, piece.text) for piece in pieces(markdown)]


def test_an_english_page_is_cut_by_its_structure() -> None:
    first, *rest = shown(SERVICE)
    assert first[:2] == ("Ferry service", 3)
    assert first[2].startswith("The ferry runs every day")
    assert first[2].endswith("to all who booked.")
    assert rest == [
        ("Ferry service", 7, "Bicycles travel free.\nDogs pay half."),
        (
            "What you may bring",
            13,
            "You may bring on board, without paying more than the fare:\n- one bag of up to 20 kg\n- one small bag, "
            "for example a handbag or a laptop case\n- a pram, and with it:\n  - a folding cot\n  - a car seat\n"
            "- a musical instrument",
        ),
        (
            "Fares",
            27,
            "Who: Adults; Single: 12 euros; Return: 20 euros\n"
            "Who: Children under 14; Single: 6 euros; Return: 10 euros",
        ),
        ("Fares", 30, "Groups of ten and more write to us a week before."),
    ]


def test_a_chinese_page_is_cut_by_its_structure() -> None:
    assert shown(GUIDE) == [
        (
            "开放时间",
            5,
            "博物馆每周二至周日上午九点开门，下午五点停止入场，周一闭馆（法定节假日除外）。"
            "讲解员说：“提前十分钟到。别迟到。”然后才发耳机。",
        ),
        (
            "票价",
            9,
            "票价如下：\n1. 成人票60元\n2. 学生票30元（凭学生证。外国学生证也可以）\n3. 六岁以下儿童免票",
        ),
        ("票价", 17, "服务：语音导览；价格：20元\n服务：寄存行李；价格：免费"),
    ]
    assert all(piece.headings[0] == "博物馆参观须知" for piece in pieces(GUIDE))


def test_a_long_paragraph_is_cut_between_sentences_into_parts_of_like_size() -> None:
    english = "\n".join(f"Sentence number {n} says something about the city." for n in range(40))
    chinese = "".join(f"这是关于北京的第{n}句话，说的是吃饭。" for n in range(80))
    for text, end in ((english, "."), (chinese, "。")):
        found = pieces(f"# T\n\n{text}\n")
        assert len(found) > 1
        assert all(weight(piece.text) <= LIMIT for piece in found)
        assert all(piece.text.endswith(end) for piece in found)
        assert min(weight(piece.text) for piece in found) > 0.7 * max(weight(piece.text) for piece in found)
        assert "".join(piece.text.replace(" ", "") for piece in found) == text.replace(" ", "").replace("\n", "")
    lines = english.split("\n")
    for piece in pieces(english):
        assert lines[piece.place - 1] == piece.text[: len(lines[piece.place - 1])]


def test_a_chinese_piece_says_as_much_as_an_english_one() -> None:
    english = pieces("The museum opens at nine and closes at five every day. " * 60)
    chinese = pieces("博物馆每天早上九点开门，下午五点关门。" * 60)
    longest = max(len(piece.text) for piece in chinese)
    assert 200 <= longest <= 250
    assert max(len(piece.text) for piece in english) / longest > 2


def test_each_part_of_a_long_list_keeps_the_sentence_that_leads_to_it() -> None:
    items = "\n".join(f"- Item number {n} of the list, with a few words about what it is good for" for n in range(30))
    found = pieces(f"Thank you for coming. These things may be borrowed at the desk:\n\n{items}\n")
    assert len(found) > 2
    assert all("These things may be borrowed at the desk:\n- Item" in piece.text for piece in found)
    assert [piece.place for piece in found][:2] == [1, 3 + found[0].text.count("- Item")]
    assert sum(piece.text.count("- Item") for piece in found) == 30


def test_a_part_of_a_nested_list_keeps_the_item_above_it() -> None:
    inner = "\n".join(
        f"  - Platform {n}: trains to somewhere far away, every hour and half hour of the day" for n in range(30)
    )
    found = pieces(f"- Central station\n{inner}\n- North station\n")
    assert len(found) > 2
    assert all(piece.text.startswith("- Central station\n  - Platform") for piece in found[:-1])


def test_each_row_of_a_long_table_keeps_its_header_cells() -> None:
    rows = "\n".join(
        f"| Stop {n} | 10:{n:02} | from pier {n} by the old lighthouse and on past the mole |" for n in range(40)
    )
    found = pieces(f"## Boats\n\n| Stop | Time | Note |\n|---|---|---|\n{rows}\n")
    assert len(found) > 4
    for piece in found:
        assert all(row.startswith("Stop: Stop ") and "; Time: 10:" in row for row in piece.text.split("\n"))
        assert piece.text.startswith(f"Stop: Stop {piece.place - 5};")


def test_a_caption_leads_every_part_of_its_table() -> None:
    rows = tuple(Line(f"row {n} " + "x" * 90, 7 + n) for n in range(12))
    found = cut([Block("table", ("H",), rows, lead="Opening hours in winter")])
    assert len(found) == 6
    assert all(piece.text.startswith("Opening hours in winter\nrow ") for piece in found)


def test_very_short_paragraphs_are_joined_under_one_heading_only() -> None:
    found = pieces("# A\n\nOne.\n\nTwo.\n\n# B\n\nThree.\n")
    assert [piece.text for piece in found] == ["One.\nTwo.", "Three."]
    long = "A paragraph that is long enough to be found, and to be quoted, by itself and on its own."
    assert weight(long) > SHORT
    assert [piece.text for piece in pieces(f"{long}\n\n{long}\n")] == [long, long]


def test_texts_of_two_languages_are_not_joined() -> None:
    assert [piece.text for piece in pieces("Nine.\n\n九点。\n")] == ["Nine.", "九点。"]


def test_code_keeps_its_lines() -> None:
    (piece,) = pieces("```\nif x:\n    open()\n```\n")
    assert piece.text == "if x:\n    open()"
    assert piece.place == 2


def test_nothing_is_lost_whatever_the_shape() -> None:
    words = [f"w{n}" for n in range(2000)]
    text = (
        "# H\n\n- " + " ".join(words[:900]) + "\n\n| a | b |\n|---|---|\n| x | " + " ".join(words[900:1500]) + " |\n\n"
    )
    text += "```\n" + " ".join(words[1500:]) + "\n```\n"
    said = " ".join(piece.text for piece in pieces(text)).split()
    assert [word for word in said if word.startswith("w")] == words
    assert all(weight(piece.text) <= LIMIT * 1.1 for piece in pieces(text))
