"""A page about each kind of finding."""
