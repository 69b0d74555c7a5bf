"""What is built is what stands in the repository."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_the_list_of_packages_is_the_list_of_folders() -> None:
    folders = {"personac"}
    for top in ("core", "connectors", "plugins"):
        for init in (ROOT / top).rglob("__init__.py"):
            folders.add("personac." + init.parent.relative_to(ROOT).as_posix().replace("/", "."))
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == folders


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build wheel and sdist from a clean copy of what git tracks."""
    folder = tmp_path_factory.mktemp("dist")
    source = folder / "source"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "out"), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder / "out"


def test_the_wheel_holds_the_package_and_nothing_beside_it(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    version = PROJECT["project"]["version"]
    assert tops == {"personac", f"personac-{version}.dist-info"}
    for needed in (
        "personac/core/runtime.py",
        "personac/core/mind/emotion.csv",
        "personac/core/mind/rights.csv",
        "personac/core/models/imagenet.txt",
        "personac/connectors/web/static/index.html",
        "personac/connectors/web/static/main.js",
        "personac/py.typed",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("personac/tests", "personac/benchmarks"))]


def test_the_sdist_builds_the_same_package(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"pyproject.toml", "LICENSE", "README.md", "core/runtime.py", "core/mind/emotion.csv"} <= names


def test_the_wheel_runs_where_it_is_unpacked(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "import personac, personac.core.cli as c; print(personac.__file__, len(c.COMMANDS))"
    out = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str(tmp_path) in out.stdout
