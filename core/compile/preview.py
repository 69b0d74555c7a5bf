"""A persona as it was just saved, around the network of an earlier artifact: ready while the new one is being trained.

All but what the network has learnt is new: words, knowledge, index, rules.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from ..errors import PersonaInvalid
from ..mind.understanding.fusion import SENSES, FusionConfig
from .artifact import aside, disk, link, locked, publish, read_manifest
from .build import Build
from .compiler import Installed, compiler_version, output_folder, slug_of
from .examples import Row
from .passes import Passes
from .tuning import TUNED_FILES
from .vectors import Progress, Token

FOLDER = ".preview"  # in a persona's output folder
NETWORK = ("fusion.onnx", "fusion.safetensors", "fusion.json", "neighbours.safetensors", "report/training.json")


class _Preview(Build):
    """Take the network from an artifact in the place of training one."""

    network: Path

    def _map(self, rows: list[Row]) -> None:
        """Leave the report's map out."""

    def _train(self, rows: list[Row], features: list[Token]) -> None:
        from safetensors.numpy import save_file

        texts = [
            text
            for intent in self.persona.intents
            for said in (intent.responses or {}).values()
            for text in said
        ]  # fmt: skip
        vectors = self.vectors.of(self.vectors.encoders[0], texts, "encode answers", self.progress)
        save_file({"responses": vectors}, str(self.folder / "responses.safetensors"))
        for name in NETWORK:
            if (self.network / name).is_file():
                link(self.network / name, self.folder / name)
        for data in self.network.glob("encoders/*/tuned.data"):
            for file in (data.with_name(name) for name in TUNED_FILES):
                target = self.folder / file.relative_to(self.network)
                target.unlink(missing_ok=True)
                link(file, target)
                self.hashes.pop(target, None)
        report: dict[str, Any] = read_manifest(self.network)["report"]
        kept = ("tokens", "out_of_scope_threshold", "training", "tuning")
        self.report |= {name: report[name] for name in kept if name in report}


def preview(path: Path, out: Path | None, installed: Installed, network: Path, progress: Progress) -> Path | None:
    """Build an artifact around the network of another one of the same persona, without training.

    It is not published: `latest` stays as it is. Return None when the network reads with other encoders; raise
    PersonaInvalid, or another PersonacError.
    """
    source = path / "persona.yaml" if path.is_dir() else path
    folder = output_folder(path, out) / FOLDER
    with locked(folder), Passes() as passes, aside(folder) as building, disk(folder):
        begun = time.time_ns()
        loaded = installed.check(source, conversations=False)
        if loaded.persona is None or loaded.knowledge is None:
            raise PersonaInvalid(loaded.diagnostics)
        build = _Preview(loaded.persona, loaded.knowledge, source, building, passes, progress, begun)
        build.network = network
        facts = {"persona": slug_of(path), "compiler": compiler_version(), **build.run()}
        read = {name for name, _ in FusionConfig.read(network / "fusion.json").tokens} - set(SENSES)
        if read != set(facts["models"]):
            return None
        return publish(building, folder, facts, build.hashes)


def forget_previews(path: Path, out: Path | None) -> None:
    """Delete the previews of a persona."""
    shutil.rmtree(output_folder(path, out) / FOLDER, ignore_errors=True)
