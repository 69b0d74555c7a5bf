"""Personal data in text: found by form, check digit and the words around it, masked, and put back within the turn."""

from .checks import chinese_identity, iban, luhn
from .finding import PII_TYPES, find
from .masking import MARK, Masked, everywhere, mask
from .own import OwnNames
from .vault import Vault, known_only

__all__ = [
    "MARK", "PII_TYPES", "Masked", "OwnNames", "Vault", "chinese_identity", "everywhere", "find", "iban", "known_only",
    "luhn", "mask",
]  # fmt: skip
