from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path

import pytest
from personac.core.errors import ModelDamaged
from personac.core.models.voice import load_voice


@pytest.fixture(scope="module")
def vits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Coqui VITS model with small random weights: it speaks noise, through all of the real engine."""
    if importlib.util.find_spec("TTS") is None:
        pytest.skip("coqui-tts is not installed: pip install 'personac[coqui]'")
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from TTS.tts.configs.vits_config import VitsConfig
            from TTS.tts.models.vits import Vits, VitsArgs
        except (ImportError, OSError) as error:
            pytest.skip(f"coqui-tts does not import here: {error}")
        arguments = VitsArgs(
            hidden_channels=16, hidden_channels_ffn_text_encoder=16, num_heads_text_encoder=2,
            num_layers_text_encoder=1, num_layers_posterior_encoder=1, num_layers_flow=1,
            upsample_initial_channel_decoder=32, use_sdp=False,
        )  # fmt: skip
        config = VitsConfig(model_args=arguments, text_cleaner="basic_cleaners", use_phonemes=False)
        folder = tmp_path_factory.mktemp("vits")
        model = Vits.init_from_config(config)
        config.save_json(str(folder / "config.json"))
        torch.save({"model": model.state_dict(), "config": config.to_dict(), "step": 0}, folder / "model.pth")
    return folder


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::ResourceWarning")
async def test_a_coqui_voice_by_path_speaks(vits: Path) -> None:
    voices = load_voice("coqui", str(vits / "model.pth"), languages=["en"])
    voices.warm_up()
    sounds = [sound async for sound in voices.speak("Hello there. The museum opens at nine.", "en")]
    assert len(sounds) == 2
    assert all(sound.sample_rate == 22050 and sound.seconds > 0.05 for sound in sounds)
    assert voices.missing("fr") is None


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::ResourceWarning")
def test_a_damaged_coqui_voice_is_named(vits: Path, tmp_path: Path) -> None:
    (tmp_path / "model.pth").write_bytes(b"no weights")
    (tmp_path / "config.json").write_text((vits / "config.json").read_text("utf-8"), "utf-8")
    with pytest.raises(ModelDamaged, match=r"model\.pth"):
        load_voice("coqui", str(tmp_path / "model.pth")).warm_up()
