"""Personal data in text: found by form, check digit and the words around it, masked, and put back within the turn."""

from .checks import chinese_identity, iban, luhn
from .finding import PII_TYPES, find
from .masking import Masked, everywhere, mask

__all__ = ["PII_TYPES", "Masked", "chinese_identity", "everywhere", "find", "iban", "luhn", "mask"]
