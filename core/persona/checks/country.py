"""Check the country whose help line is named to people in need."""

from __future__ import annotations

import re

from ..countries import COUNTRIES, country_meant
from ..findings import Findings
from ..nodes import Node, get, text
from ..schema import COUNTRY_PATTERN


def check_country(tree: Node, findings: Findings) -> None:
    """Report a code that no country has."""
    node = get(tree, "ethics", "country")
    code = text(node)
    if node is None or not code or code in COUNTRIES or not re.match(COUNTRY_PATTERN, code):
        return  # what has another form is an error already
    meant = country_meant(code)
    advice = f"did you mean `{meant}`?" if meant else "write its code of ISO 3166-1, such as US, GB or CN"
    findings.error("P0115", f"there is no country `{code}`", node.span, advice)
