"""How the judge of risks learns: sentences written for it, its training, and what it came to."""
