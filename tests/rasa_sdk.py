"""rasa-sdk itself: in an environment of its own, installed once, as its pins and ours do not resolve together."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WANTED = "rasa-sdk==3.21.1"


def _home() -> Path:
    base = Path(os.environ.get("PERSONAC_CACHE") or Path.home() / ".cache/personac")
    return base / f"tests-{WANTED.replace('==', '-')}-py{sys.version_info.major}{sys.version_info.minor}"


@pytest.fixture(scope="session")
def rasa_python() -> Path:
    """Return an interpreter with rasa-sdk; skip, saying why, where it is not here and cannot be installed."""
    home = _home()
    home.parent.mkdir(parents=True, exist_ok=True)
    python = home / "bin/python"
    with open(home.parent / f"{home.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (home / "ready").exists():
            return python
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", WANTED]
        done = subprocess.run(install, capture_output=True, text=True)
        if done.returncode:
            assert "PERSONAC_TEST_RASA" not in os.environ, done.stderr
            pytest.skip(f"{WANTED} cannot be installed into {home}: {done.stderr[-300:]}")
        (home / "ready").touch()
    return python
