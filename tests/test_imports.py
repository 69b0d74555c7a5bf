"""The direction of imports is the architecture; these tests hold it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LAYERS = [  # lowest first; a part may import its own layer and those below
    {"core.message", "core.chinese", "core.diagnostics", "core.errors", "core.spans"},
    {"core.turn", "core.contracts", "core.plugin", "core.evidence", "core.explain", "core.rasa_wire"},
    {"core.persona", "core.models", "core.mind", "core.store"},
    {
        "core.compile",
        "core.guarding",
        "core.senses",
        "core.skills",
        "core.parts",
        "core.services",
        "core.judging",
        "core.intake",
        "core.runtime",
        "core.registry",
        "core.speaking",
        "core.talking",
        "core.perception",
        "core.uncovered",
        "core.hosting",
        "core.rights",
        "core.notes",
    },
    {"core.assemble", "core.plugin_process", "core.reload", "core.report", "core.delivery", "core.monitor"},
    {"core.testing", "core.evaluate"},
    {"core.cli"},
]
BELOW_CONNECTORS = {
    "core.message",
    "core.chinese",
    "core.turn",
    "core.contracts",
    "core.plugin",
    "core.errors",
    "core.evidence",
    "core.rasa_wire",
}
LIGHT = ("torch", "transformers", "whisper", "sentence_transformers", "TTS", "scipy", "numba")


def imports() -> Iterator[tuple[str, str]]:
    """Yield (importing module, imported module) within personac, without the package's own name."""
    for folder in ("core", "connectors", "plugins"):
        for path in (ROOT / folder).rglob("*.py"):
            module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
            package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.level:
                    base = package[: len(package) - node.level + 1]
                    target = ".".join([*base, *([node.module] if node.module else [])])
                    names = [f"{target}.{alias.name}" for alias in node.names] if not node.module else [target]
                    yield from ((module, name) for name in names)
                elif isinstance(node, ast.ImportFrom | ast.Import):
                    name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                    assert not (name or "").startswith("personac"), f"{path}: import personac's own modules relatively"


def part(module: str) -> str:
    """Return the part of the design that a module belongs to."""
    return ".".join(module.split(".")[:2])


def test_imports_within_core_go_down_only() -> None:
    level = {name: number for number, layer in enumerate(LAYERS) for name in layer}
    wrong = []
    for importer, imported in imports():
        if not importer.startswith("core.") or not imported.startswith("core."):
            continue
        source, target = part(importer), part(imported)
        assert source in level, f"{source} has no layer; give it one in this test and in ARCHITECTURE.md"
        if source != target and level[source] < level[target]:
            wrong.append(f"{importer} → {imported}")
    assert not wrong


def test_parts_of_core_do_not_import_each_other_in_a_circle() -> None:
    edges: dict[str, set[str]] = {}
    for importer, imported in imports():
        if importer.startswith("core.") and imported.startswith("core.") and part(importer) != part(imported):
            edges.setdefault(part(importer), set()).add(part(imported))

    def reaches(start: str, goal: str, seen: frozenset[str] = frozenset()) -> bool:
        return any(n == goal or (n not in seen and reaches(n, goal, seen | {n})) for n in edges.get(start, ()))

    assert not [name for name in edges if name != "core.diagnostics" and reaches(name, name)]


def test_core_imports_no_connector_and_no_plugin() -> None:
    assert not [(a, b) for a, b in imports() if a.startswith("core") and b.startswith(("connectors", "plugins"))]


def test_connectors_and_plugins_import_only_the_contracts() -> None:
    wrong = []
    for importer, imported in imports():
        outside = importer.startswith(("connectors", "plugins"))
        own = importer.split(".")[:2] == imported.split(".")[:2]
        if outside and not own and part(imported) not in BELOW_CONNECTORS:
            wrong.append(f"{importer} → {imported}")
    assert not wrong


def test_the_persona_language_knows_no_models() -> None:
    assert not [(a, b) for a, b in imports() if a.startswith("core.persona") and b.startswith("core.models")]


def test_importing_the_runtime_imports_nothing_heavy() -> None:
    code = (
        "import sys, personac.core.assemble, personac.core.cli.serve, personac.connectors.web\n"
        f"print([name for name in {LIGHT!r} if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
