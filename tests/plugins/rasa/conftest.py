"""The actions of a bistro's bot, and the ways to run them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from personac.core.testing.skills import SkillClient
from personac.plugins.rasa import Rasa

PACKAGES = Path(__file__).parent / "packages"
FORMS = {"table_form": ("action_submit", "utter_thanks"), "restaurant_form": ("utter_submit", "utter_values")}
COMMON: dict[str, Any] = {
    "domain": str(PACKAGES / "domain.yml"),
    "forms": FORMS,
    "reminders": {"hungry": "action_tell_tracker"},
}


@pytest.fixture(scope="session")
def rasa_path(rasa_python: Path) -> Iterator[None]:
    """Let this process import rasa-sdk, behind all that is installed here."""
    folder = str(next((rasa_python.parents[1] / "lib").glob("python3*")) / "site-packages")
    sys.path.append(folder)
    yield
    sys.path.remove(folder)


@contextmanager
def action_server(python: Path, *more: str, package: str = "bistro") -> Iterator[int]:
    """Run rasa-sdk's server as its users do; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [python, "-m", "rasa_sdk", "--actions", package, "--port", str(port), *more]
    environment = {**os.environ, "SANIC_HOST": "127.0.0.1"}
    environment.pop("PYTHONPATH", None)
    process = subprocess.Popen(
        command, cwd=PACKAGES, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, "rasa-sdk's server has ended"
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def webhook(rasa_python: Path) -> Iterator[str]:
    """Return the address of rasa-sdk's server with the bistro's actions."""
    with action_server(rasa_python) as port:
        httpx.get(f"http://127.0.0.1:{port}/health").raise_for_status()
        yield f"http://127.0.0.1:{port}/webhook"


@pytest.fixture(scope="session")
def grpc_address(rasa_python: Path) -> Iterator[str]:
    """Return the address of rasa-sdk's gRPC server with the bistro's actions."""
    with action_server(rasa_python, "--grpc") as port:
        yield f"grpc://127.0.0.1:{port}"


@pytest.fixture(params=["here", "http", "deflate", "grpc"])
def way(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the settings for each way to run actions."""
    match request.param:
        case "here":
            request.getfixturevalue("rasa_path")
            return {"actions": "bistro", "path": str(PACKAGES)}
        case "grpc":
            return {"url": request.getfixturevalue("grpc_address"), "domain_when_asked": True}
        case kind:
            url = request.getfixturevalue("webhook")
            return {"url": url, "deflate": kind == "deflate", "domain_when_asked": True}


@pytest.fixture
async def client(way: dict[str, Any]) -> AsyncIterator[SkillClient]:
    """Yield what calls the bistro's actions."""
    async with SkillClient(Rasa, **COMMON, **way) as made:
        yield made
