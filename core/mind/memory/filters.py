"""Which passages may be found: by language, source, record, field and intent. Knows no scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from ...turn import Passage

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Name what passages must be: of one of the languages, and of one of the sources, and so on; nothing is no limit.

    `source` is a file's path, or a pattern such as knowledge/*.md; `field` is a record's.
    """

    language: Names = ()
    source: Names = ()
    record: Names = ()
    field: Names = ()
    intent: Names = ()

    @property
    def empty(self) -> bool:
        """Tell whether everything fits."""
        return not any(getattr(self, each.name) for each in fields(self))

    def fits(self, passage: Passage) -> bool:
        """Tell whether a passage may be found."""
        exact = ((self.record, passage.record), (self.field, passage.field), (self.intent, passage.intent))
        if any(names and value not in names for names, value in exact):
            return False
        if self.language and passage.language not in self.language:
            return False
        file = passage.source.rpartition(":")[0] or passage.source
        return not self.source or any(fnmatchcase(file, name) for name in self.source)


def allowed(passages: Sequence[Passage], only: Filter) -> NDArray[np.bool_]:
    """Return for each passage whether it fits."""
    return np.fromiter((only.fits(passage) for passage in passages), np.bool_, len(passages))
