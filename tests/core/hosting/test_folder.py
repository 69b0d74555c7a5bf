"""A plugin in a folder that cannot be loaded tells where its code went wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from personac.core.errors import ExtensionInvalid
from personac.core.hosting.folder import load_folder


def test_code_that_fails_is_named_by_file_and_line(tmp_path: Path) -> None:
    points = '[project]\nname = "inn"\n[project.entry-points."personac.plugins"]\ninn = "inn_that_fails:Inn"\n'
    (tmp_path / "pyproject.toml").write_text(points, "utf-8")
    (tmp_path / "inn_that_fails.py").write_text('"""Fail."""\n\nimport no_such_package\n', "utf-8")
    where = re.escape(f"No module named 'no_such_package' ({tmp_path / 'inn_that_fails.py'}, line 3)")
    with pytest.raises(ExtensionInvalid, match=where):
        load_folder(tmp_path, "inn")
