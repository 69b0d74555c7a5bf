"""News in files and in the archive: what is read, what is left out and told, what counts as the same."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

import pytest
from personac.core.plugin import Place
from personac.plugins.finance.archive import Archive
from personac.plugins.finance.news import Item, read_news
from personac.plugins.finance.newsroom import Newsroom
from personac.plugins.finance.settings import FinanceSettings, Topic

DAY = date(2026, 9, 30)
TOPICS = {"oil": Topic(name={"en": "oil", "zh": "石油"}), "cars": Topic(name={"en": "Car & Co."}, words=("vans",))}


def test_json_lines_are_read_and_what_is_none_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(
        '{"date": "2026-09-30T08:00:00Z", "title": "Oil <b>fell</b>\\u0007", "link": "https://example.org/1"}\n'
        '[1]\n{"date": "soon", "title": "x"}\n{"title": 3}\nnonsense\n{"date": "2026-09-30", "title": " "}\n',
        "utf-8",
    )
    with caplog.at_level(logging.WARNING):
        assert read_news(path, path.name) == [Item(DAY, "Oil fell", place="https://example.org/1")]
    assert "5 items" in caplog.text
    assert "line 2" in caplog.text


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"date,title\n"])
def test_files_without_news_give_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "news.csv"
    path.write_bytes(content)
    assert read_news(path, path.name) == []


def test_a_file_that_is_not_there_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert read_news(tmp_path / "none.csv", "none.csv") == []
    assert "none.csv" in caplog.text


def test_the_same_news_is_kept_once() -> None:
    archive = Archive(None, TOPICS)
    assert archive.add([Item(DAY, "Oil prices rose by 4 %"), Item(DAY, "Oil prices rose by 4%"),
                        Item(date(2026, 9, 29), "OIL PRICES ROSE BY 4 %")]) == 1  # fmt: skip
    assert archive.add([Item(DAY, "Oil prices rose by 5 %"), Item(date(2026, 9, 20), "Oil prices rose by 4 %")]) == 2


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("Oil's price", ["oil"]),
        ("boiling foil", []),
        ("石油和OIL", ["oil"]),
        ("vans, then oil", ["cars", "oil"]),
        ("Car & Co. grows", ["cars"]),
        ("", []),
    ],
)
def test_topics_are_found_by_whole_words(text: str, topics: list[str]) -> None:
    assert Archive(None, TOPICS).about(text) == topics


def test_a_file_keeps_the_news_and_is_judged_anew_when_topics_change(tmp_path: Path) -> None:
    path = tmp_path / "data" / "news.sqlite"
    archive = Archive(path, TOPICS)
    archive.add([Item(DAY, "Oil prices fell"), Item(DAY, "Gas prices fell")])
    archive.close()
    again = Archive(path, {**TOPICS, "gas": Topic(name={"en": "gas"})})
    assert again.mood("oil", DAY, DAY).bad == 1
    assert again.mood("gas", DAY, DAY).bad == 1
    again.close()


def test_a_store_that_cannot_be_opened_is_told_and_news_are_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        archive = Archive(tmp_path, TOPICS)
    assert str(tmp_path) in caplog.text
    assert archive.add([Item(DAY, "Oil")]) == 1


def test_a_file_that_has_changed_replaces_what_came_from_it(tmp_path: Path) -> None:
    news, settings = tmp_path / "news.csv", FinanceSettings(topics=TOPICS, news=("news.csv",), as_of=DAY)
    place = Place(tmp_path, tmp_path / "data")
    counts = []
    for content in ("2026-09-30,Oil prices fell,", "2026-09-30,Oil prices fell,", "2026-09-29,Oil prices rose by 2,"):
        news.write_text(f"date,title,source\n{content}\n", "utf-8")
        newsroom = Newsroom(settings, place)
        counts.append(newsroom.archive().mood("oil", date(2026, 9, 1), DAY))
        newsroom.close()
    assert [(mood.items, mood.bad) for mood in counts] == [(1, 1), (1, 1), (1, 0)]
    newsroom = Newsroom(settings.model_copy(update={"news": ()}), place)
    assert newsroom.archive().span() is None
    newsroom.close()


def test_news_is_forgotten_after_its_time(tmp_path: Path) -> None:
    (tmp_path / "news.csv").write_text("date,title\n2026-09-30,Oil\n2026-01-01,Oil before\n", "utf-8")
    settings = FinanceSettings(topics=TOPICS, news=("news.csv",), as_of=DAY, keep_days=30)
    for _ in range(2):
        newsroom = Newsroom(settings, Place(tmp_path, tmp_path / "data"))
        newsroom.archive()
        newsroom.close()
    archive = Archive(tmp_path / "data" / "news.sqlite", TOPICS)
    assert archive.span() == (DAY, DAY)
