"""Readers of the files that a persona knows from, and how they are cut into passages."""
