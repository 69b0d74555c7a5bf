"""The sample persona's news: written by its script, and with the surges that were planted and no others."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from personac.plugins.finance.archive import Archive
from personac.plugins.finance.news import read_news
from personac.plugins.finance.settings import Topic
from personac.plugins.finance.watch import Watch

PERSONA = Path(__file__).parents[3] / "personas/market_watch"
STREAM = PERSONA / "news/stream.csv"
PLANTED = {"orchard": date(2026, 8, 10), "kitewing": date(2026, 9, 13), "harbour": date(2026, 9, 25)}


def test_the_stream_is_what_its_script_writes() -> None:
    written = subprocess.run([sys.executable, PERSONA / "news/make_news.py"], capture_output=True, check=True)
    assert written.stdout.decode() == STREAM.read_text("utf-8")


def test_planted_surges_are_found_and_no_others() -> None:
    pytest.importorskip("ruptures", reason="the extra finance is not installed")
    settings = yaml.safe_load((PERSONA / "persona.yaml").read_text("utf-8"))["plugins"][0]["finance"]
    topics = {name: Topic.model_validate(topic) for name, topic in settings["topics"].items()}
    archive, watch = Archive(None, topics), Watch()
    archive.add(read_news(STREAM, "news/stream.csv"))
    found = {name: watch.alarms(archive, name, settings["as_of"], back=80) for name in topics}
    assert {name for name, alarms in found.items() if alarms} == set(PLANTED)
    for name, day in PLANTED.items():
        (alarm,) = found[name]
        assert abs(alarm.since - day) <= timedelta(2)
        assert alarm.lasts(settings["as_of"]) == (name == "harbour")
