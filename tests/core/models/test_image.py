from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from personac.core.contracts import Encoder, PictureLabeller
from personac.core.errors import ModelDamaged, ModelMissing
from personac.core.models.image import ImageEncoder, TransformersImageEncoder, load_image_encoder, prepare
from personac.core.models.picture import decode_picture

from .conftest import SHARED


@pytest.fixture(scope="module")
def encoder() -> ImageEncoder:
    loaded = ImageEncoder()
    loaded.warm_up()
    return loaded


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height).integers(0, 255, (height, width, 3)).astype(np.uint8)


def test_an_encoder_fits_both_contracts(encoder: ImageEncoder) -> None:
    assert isinstance(encoder, Encoder)
    assert isinstance(encoder, PictureLabeller)
    assert encoder.modality == "image"


def test_pictures_of_any_shape_have_vectors_of_length_one(encoder: ImageEncoder) -> None:
    pictures = [noise(300, 200), noise(1, 1600), noise(1600, 1), noise(1, 1), np.zeros((5, 5, 3), np.uint8)]
    vectors = encoder.encode(pictures)
    assert vectors.shape == (5, 1280)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert encoder.encode([]).shape == (0, 1280)


def test_a_picture_has_the_same_vector_alone_and_in_a_batch(encoder: ImageEncoder) -> None:
    pictures = [noise(60 + i, 80) for i in range(18)]
    alone = np.concatenate([encoder.encode([picture]) for picture in pictures])
    assert np.abs(encoder.encode(pictures) - alone).max() < 1e-4


@pytest.mark.parametrize(
    ("file", "label"), [("chelsea.png", "cat"), ("coffee.png", "espresso"), ("rocket.png", "missile")]
)
def test_a_picture_is_named(encoder: ImageEncoder, file: str, label: str) -> None:
    path = SHARED / "images_open_small" / "img" / file
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    (labels,) = encoder.label(encoder.encode([decode_picture(path.read_bytes())]))
    assert label in labels[0][0]
    assert labels == sorted(labels, key=lambda item: -item[1])
    assert 0 < sum(chance for _, chance in labels) <= 1


def test_the_thousand_names_are_in_the_networks_order(encoder: ImageEncoder) -> None:
    names = encoder._names
    assert len(names) == len(set(names)) == 1000
    assert (names[0], names[281], names[504], names[657], names[999]) == (
        "tench", "tabby", "coffee mug", "missile", "toilet tissue",
    )  # fmt: skip


def test_what_the_network_sees_is_centred_and_scaled() -> None:
    inputs = prepare(np.full((100, 300, 3), 255, np.uint8))
    assert inputs.shape == (3, 224, 224)
    assert np.allclose(inputs, 1.0)


def test_a_served_picture_never_imports_torch(encoder: ImageEncoder) -> None:
    program = (
        "import sys, numpy as np; from personac.core.models.image import load_image_encoder\n"
        "e = load_image_encoder(); e.label(e.encode([np.zeros((9, 9, 3), np.uint8)]))\n"
        "assert 'torch' not in sys.modules and 'onnx' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_an_artifacts_folder_that_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"classifier\.safetensors"):
        load_image_encoder(folder=tmp_path).warm_up()
    (tmp_path / "classifier.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelDamaged):
        load_image_encoder(folder=tmp_path).warm_up()


def test_a_model_of_another_kind_sees_nothing() -> None:
    with pytest.raises(ModelMissing, match="picture encoder"):
        load_image_encoder("whisper-base")


SMALL: dict[str, Any] = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
}  # fmt: skip


def vit(folder: Path) -> int:
    from transformers import ViTConfig, ViTModel
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    ViTModel(ViTConfig(**SMALL, image_size=32, patch_size=16)).save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return 16


def clip(folder: Path) -> int:
    from transformers import CLIPConfig, CLIPModel
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    text = {**SMALL, "vocab_size": 50, "bos_token_id": 0, "eos_token_id": 1}
    config = CLIPConfig(text_config=text, vision_config={**SMALL, "image_size": 32, "patch_size": 16}, projection_dim=8)
    CLIPModel(config).save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=32).save_pretrained(folder)
    return 8


@pytest.mark.parametrize("make", [vit, clip])
def test_any_vision_model_of_transformers_encodes(tmp_path: Path, make: Any) -> None:
    dimension = make(tmp_path)
    encoder = load_image_encoder(str(tmp_path))
    assert isinstance(encoder, Encoder)
    vectors = encoder.encode([noise(50, 70), noise(50, 70), noise(9, 9)])
    assert vectors.shape == (3, dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert np.allclose(vectors[0], vectors[1], atol=1e-5)
    assert encoder.encode([]).shape == (0, dimension)


def test_a_folder_that_is_no_vision_model_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match="does not load"):
        TransformersImageEncoder(str(tmp_path)).warm_up()
