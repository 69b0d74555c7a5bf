"""Run the command line: python -m personac."""

from .core.cli import main

main()
