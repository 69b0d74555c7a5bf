"""The command line: one small file for each command."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
