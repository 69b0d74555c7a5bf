"""Artifact and registry in, a running persona out."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .compile.artifact import FILES, read_manifest
from .contracts import LanguageModel, Store
from .errors import ArtifactInvalid, ModelMissing
from .guarding import Guards
from .hosting.host import Host
from .hosting.slots import with_slots, with_tools
from .message import Profile
from .mind.disclosure import PATH as DISCLOSURE
from .mind.disclosure import Disclosure
from .mind.ethics import Ethics, read_topics
from .mind.memory.changes import changes_of
from .mind.memory.pictured import Pictured
from .mind.memory.retrieval import Memory
from .mind.phrases import PHRASES, choose, duration, phrase
from .mind.responses import Responses
from .mind.rights import RightsReader
from .mind.risk.hidden import Hidden
from .mind.rules.wording import Wording
from .mind.slots.entities import finders_of
from .mind.slots.found import Finders
from .mind.slots.tagger import Tagger
from .mind.understanding.fusion import Fusion
from .models.guard import GuardModel
from .models.language import LanguageDetector
from .models.text import load_text_encoder
from .notes import Notes
from .parts import Parts
from .persona.schema import Persona, Rule
from .registry import load_host
from .rights import Rights
from .runtime import Runtime
from .senses import WORKERS, Lazy, SharedEncoders, spare_cores
from .turn import TUNED

if TYPE_CHECKING:
    from .contracts import Encoder, PictureReader, Recognizer, Voice

FACE_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
              ".webp": "image/webp", ".gif": "image/gif"}  # fmt: skip


def assemble(artifact: Path, store: Store, encoders: SharedEncoders | None = None, data: Path | None = None) -> Runtime:
    """Load an artifact, its text models included; the heavy models load when first needed.

    `encoders` are those of a runtime whose artifact has the same; then none are loaded.
    `data` is where plugins may keep files; without it they keep none.
    Raise ArtifactInvalid, ModelMissing, ExtensionInvalid, SettingsInvalid or Unavailable.
    """
    manifest = read_manifest(artifact)
    spare_cores()
    try:
        persona = Persona.model_validate(json.loads((artifact / "persona.json").read_text("utf-8")))
        plugins = load_host(persona.plugin_uses, os.environ, artifact / FILES, data)
        persona = with_slots(with_tools(persona, plugins), plugins)
        records = json.loads((artifact / "records.json").read_text("utf-8"))
        if encoders is None:
            encoders = SharedEncoders([_encoder(artifact, name) for name in manifest["models"]])
            encoders.warm_up()
        guards = _guards(persona)
        ethics, disclosure = _ethics(persona, artifact)
        parts = Parts(
            persona=persona,
            profile=_profile(persona, artifact, str(manifest["persona"])),
            encoders=encoders,
            fusion=Fusion(artifact),
            memory=_memory(persona, artifact, manifest, encoders, guards),
            ethics=ethics,
            disclosure=disclosure,
            finders=_finders(persona, records, artifact, plugins),
            responses=Responses(persona.intents, persona.language, artifact / "responses.safetensors"),
            plugins=plugins,
            records={str(record["id"]): record for file in records.values() for record in file if "id" in record},
            store=store,
            rights=Rights(persona, str(manifest["persona"]), RightsReader.of(artifact), store),
            notes=Notes(store, str(manifest["persona"])),
            detect=LanguageDetector(persona.languages).detect,
            hearing=_hearing(persona),
            sight=_sight(persona),
            pictured=Pictured.read(artifact),
            voice=_voice(persona, artifact),
            model=_model(persona),
            models=contents(manifest),
            guards=guards,
            data=data,
        )
    except (KeyError, ValueError, OSError) as error:
        raise ArtifactInvalid(f"{artifact} is damaged ({error}); compile the persona again") from error
    return Runtime(parts)


def contents(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what names the content of an artifact's text models, of what they have learnt too."""
    learnt = manifest["report"].get("tuning")
    return {**manifest["models"], **({TUNED: learnt["content"]} if learnt else {})}


def _memory(
    persona: Persona, artifact: Path, manifest: Mapping[str, Any], encoders: SharedEncoders, guards: Guards
) -> Memory:
    memory = Memory(artifact, manifest["models"], changes_of(artifact))
    memory.show = partial(guards.shown, encode=encoders.encode_now)
    memory.compare_aspects(encoders.encode_now)
    if persona.retrieval.rerank:
        from .models.reranker import CrossEncoderReranker

        memory.rerank = CrossEncoderReranker(persona.retrieval.rerank)
    return memory


def _encoder(artifact: Path, name: str) -> Any:
    threads = max(1, (os.cpu_count() or 1) // WORKERS)
    folder = artifact / "encoders" / name.replace("/", "--")
    return load_text_encoder(name, folder=folder if folder.is_dir() else None, threads=threads)


def _ethics(persona: Persona, artifact: Path) -> tuple[Ethics, Disclosure]:
    rules = [Rule.model_validate(rule) for rule in json.loads((artifact / "rules.json").read_text("utf-8"))]
    topics = read_topics(artifact)
    return Ethics(rules, topics, persona.language, Wording(persona)), Disclosure(persona.name, topics.get(DISCLOSURE))


def _finders(persona: Persona, records: Mapping[str, list[dict[str, Any]]], artifact: Path, plugins: Host) -> Finders:
    tagger = Tagger(artifact) if (artifact / "tagger.json").is_file() else None
    return Finders(finders_of(persona, records), tagger, recognise=plugins.recognise, refused=plugins.refused)


def _profile(persona: Persona, artifact: Path, slug: str) -> Profile:
    greeting: dict[str, str] = {}
    for language in persona.languages:
        own = (persona.tone.greeting or {}).get(language)
        is_bot = phrase("bot", language, name=persona.name)
        if persona.ethics.disclosure == "when_asked":
            greeting[language] = own or persona.name
        else:
            greeting[language] = is_bot if own is None else (own if _discloses(own) else f"{own}\n{is_bot}")
    asking = "consent_forever" if persona.privacy.seconds is None else "consent"
    kept = persona.privacy.seconds or 0
    consent = {code: phrase(asking, code, name=persona.name, time=duration(kept, code)) for code in PHRASES[asking]}
    asked = () if persona.privacy.seconds == 0 else (*persona.languages, "en")  # nobody, where nothing is ever kept
    face = artifact / "media" / persona.face.image if persona.face.image else None
    face = face if face is not None and face.is_file() else None
    return Profile(
        name=persona.name,
        slug=slug,
        summary=persona.summary,
        languages=persona.languages,
        greeting=greeting,
        consent=persona.privacy.consent,
        consent_text={code: choose(consent, code, persona.language) or "" for code in asked},
        has_voice=persona.voice.engine != "none",
        face=face.read_bytes() if face else None,
        face_type=FACE_TYPES.get(face.suffix.lower(), "application/octet-stream") if face else "",
    )


def _discloses(greeting: str) -> bool:
    lower = greeting.lower()
    return any(
        word in lower
        for word in (" bot", "chatbot", "robot", "virtual", " ai ", "digital assistant", "机器人", "虚拟", "人工智能")
    )


def _hearing(persona: Persona) -> Lazy[Recognizer] | None:
    if persona.encoders.speech == "none":
        return None

    def load() -> Recognizer:
        from .models import choose as models

        recognizer = models.recognizer(persona.encoders.speech, persona.languages)
        recognizer.warm_up()
        return recognizer

    return Lazy(load)


def _sight(persona: Persona) -> Lazy[tuple[Encoder, PictureReader]] | None:
    if persona.encoders.image == "none":
        return None

    def load() -> tuple[Encoder, PictureReader]:
        from .models import choose as models
        from .models.ocr import RapidOcrReader

        encoder, reader = models.image_encoder(persona.encoders.image), RapidOcrReader()
        encoder.warm_up()
        reader.warm_up()
        return encoder, reader

    return Lazy(load)


def _voice(persona: Persona, artifact: Path) -> Lazy[Voice] | None:
    settings = persona.voice
    if settings.engine == "none":
        return None

    def load() -> Voice:
        from .models.voice import load_voice

        voice = load_voice(
            settings.engine,
            model=settings.model,
            speaker=settings.speaker,
            speed=float(settings.speed),
            languages=persona.languages,
            reference=artifact / "media" / settings.reference if settings.reference else None,
            imitates=settings.consent_by is not None,
        )
        voice.warm_up()
        return voice

    return Lazy(load)


def _guards(persona: Persona) -> Guards:
    from .persona.source import resolve_environment

    settings, hidden = persona.ethics.guard, Hidden(persona.tone.instructions)
    if settings is None:
        return Guards(hidden=hidden)
    key = resolve_environment(settings.api_key, os.environ) if settings.api_key else None
    model = GuardModel(settings.model, settings.base_url, key, float(settings.seconds))
    return Guards(model=model, closed=settings.when_down == "refuse", hidden=hidden)


def _model(persona: Persona) -> LanguageModel | None:
    if persona.model is None:
        return None
    from .models.chat import load_language_model
    from .persona.source import resolve_environment

    settings = persona.model
    key = resolve_environment(settings.api_key, os.environ) if settings.api_key else None
    if settings.provider == "openai" and not settings.base_url:
        raise ModelMissing(f"the address of the model {settings.name}", "base_url under model: in the persona")
    return load_language_model(settings.provider, settings.name, settings.base_url, key)
