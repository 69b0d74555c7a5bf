"""Check the entries of `lints.allow`: a code of a warning, alone or with a pattern of files."""

from __future__ import annotations

import re

from ...diagnostics import CODES
from ..findings import Findings
from ..names import nearest
from ..nodes import Node, Scalar, get, items, part, text

ERRORS = frozenset({
    "P0101", "P0102", "P0103", "P0104", "P0105", "P0106", "P0107", "P0108", "P0109", "P0110", "P0111", "P0112",
    "P0113", "P0114", "P0115", "P0116", "P0117", "P0118", "P0119", "P0120", "P0121", "P0123", "P0201", "P0202",
    "P0203", "P0204", "P0205", "P0207", "P0208", "P0209", "P0230", "P0231", "P0232", "P0234", "P0301", "P0302",
    "P0303", "P0304", "P0307", "P0308", "P0309", "P0310", "P0311", "P0313", "P0315", "P0316", "P0327", "P0328",
    "P0329", "P0330", "P0331", "P0333", "P0338", "P0340", "P0341", "P0342", "P0343", "P0351", "P0370", "P0601",
    "P0602", "P0603",
})  # fmt: skip
"""The codes of errors: what they tell of must be put right, and cannot be silenced."""

_ENTRY = re.compile(r"(\S+)(?:\s+(.+))?")


def check_allowed(tree: Node, findings: Findings) -> None:
    """Report entries that silence nothing."""
    for node in items(get(tree, "lints", "allow")):
        entry = text(node)
        match = _ENTRY.fullmatch(entry.strip()) if entry else None
        if isinstance(node, Scalar) and match:
            _entry(node, match, findings)


def _entry(node: Scalar, match: re.Match[str], findings: Findings) -> None:
    code = match[1]
    at = part(node, node.written.index(code), node.written.index(code) + len(code))
    if code in ERRORS:
        message = f"{code} ({CODES[code]}) is an error, and errors cannot be silenced"
        findings.error("P0123", message, at, f"delete this line, and put right what `personac explain {code}` tells of")
    elif code not in CODES:
        tidy = code.strip(",;:，；：").upper()
        near = tidy if tidy in CODES else nearest(tidy, CODES)
        named = next((known for known, title in CODES.items() if code.casefold() in title.casefold()), None)
        advice = f"did you mean {near}? " if near else f"{named} is “{CODES[named]}”. " if named else ""
        message = f"`{code[:40]}` is not the code of a warning"
        findings.error(
            "P0123", message, at, f"{advice}write a code such as P0317, or P0317 and files: P0213 knowledge/*.csv"
        )
