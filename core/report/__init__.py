"""What there is to know about an artifact: as facts, as text, as pictures and as a page."""
