"""What a running persona is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .contracts import LanguageModel, Store
from .guarding import Guards
from .hosting.host import Host
from .message import Profile
from .mind.disclosure import Disclosure
from .mind.ethics import Ethics
from .mind.memory.pictured import Pictured
from .mind.memory.retrieval import Memory
from .mind.responses import Responses
from .mind.slots.found import Finders
from .mind.understanding.fusion import Fusion
from .notes import Notes
from .persona.schema import Persona
from .rights import Rights
from .senses import Lazy, SharedEncoders

if TYPE_CHECKING:
    from .contracts import Encoder, PictureReader, Recognizer, Voice
    from .perception import Detect


@dataclass(slots=True)
class Parts:
    """Hold what a runtime is made of."""

    persona: Persona
    profile: Profile
    encoders: SharedEncoders
    fusion: Fusion
    memory: Memory
    ethics: Ethics
    disclosure: Disclosure
    finders: Finders
    responses: Responses
    plugins: Host
    records: Mapping[str, Mapping[str, Any]]
    store: Store
    rights: Rights
    notes: Notes
    detect: Detect
    hearing: Lazy[Recognizer] | None = None
    sight: Lazy[tuple[Encoder, PictureReader]] | None = None
    voice: Lazy[Voice] | None = None
    model: LanguageModel | None = None
    guards: Guards = field(default_factory=Guards)
    data: Path | None = None  # where plugins keep files
    pictured: Pictured | None = None  # the pictures of records
    models: Mapping[str, str] = field(default_factory=dict)  # the text encoders with the hash of their weights
