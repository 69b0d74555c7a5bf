"""What tests share: sample personas compiled once, small personas made in the test, and quiet surroundings."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("PERSONAC_OFFLINE", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from personac.core.cli.building import build, open_persona
from personac.core.message import Message, Reply
from personac.core.runtime import Runtime

from .rasa_sdk import rasa_python

__all__ = ["rasa_python"]

signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background shells ignore it, for children too

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def _no_data_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["PERSONAC_DATA"] = str(tmp_path_factory.mktemp("data"))


def compiled(name: str, folder: Path) -> Path:
    """Compile a copy of a sample persona and return its artifact."""
    source = folder / name
    shutil.copytree(ROOT / "personas" / name, source, ignore=shutil.ignore_patterns("build"))
    return build(source, None, quiet=True).artifact


@pytest.fixture(scope="session")
def guide_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return tour_guide, compiled."""
    return compiled("tour_guide", tmp_path_factory.mktemp("personas"))


@pytest.fixture(scope="session")
def bank_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return bank_service, compiled."""
    return compiled("bank_service", tmp_path_factory.mktemp("personas"))


@pytest.fixture(scope="session")
def market_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return market_watch, compiled."""
    return compiled("market_watch", tmp_path_factory.mktemp("personas"))


@pytest.fixture(scope="session")
def guide(guide_artifact: Path) -> Iterator[Runtime]:
    """Return tour_guide, running; it keeps nothing beyond the tests."""
    runtime = open_persona(guide_artifact, None)
    yield runtime
    runtime.close()


@pytest.fixture(scope="session")
def bank(bank_artifact: Path) -> Iterator[Runtime]:
    """Return bank_service, running."""
    runtime = open_persona(bank_artifact, None)
    yield runtime
    runtime.close()


@pytest.fixture
def write_persona(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a persona's folder: its YAML, and other files by name."""

    def write(yaml: str, **files: str) -> Path:
        folder = tmp_path / "persona"
        folder.mkdir(exist_ok=True)
        (folder / "persona.yaml").write_text(yaml, "utf-8")
        for name, text in files.items():
            target = folder / name.replace("__", "/").replace("_dot_", ".")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        return folder

    return write


async def reply_to(runtime: Runtime, text: str = "", **options: object) -> Reply:
    """Return the reply to one message."""
    events: AsyncIterator[object] = runtime.answer(Message(text, **options))  # type: ignore[arg-type]
    async for event in events:
        if isinstance(event, Reply):
            return event
    raise AssertionError("no reply")


@pytest.fixture
def ask() -> Callable[..., object]:
    """Return `reply_to`."""
    return reply_to
