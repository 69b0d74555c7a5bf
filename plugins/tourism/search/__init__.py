"""Search over a persona's records: what fits wishes, and what is asked about one of them."""

from .skills import Search

__all__ = ["Search"]
