"""Rules at run time: what they look at, whether their conditions hold and why, and what they do to a text."""
