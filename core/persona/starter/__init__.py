"""What `personac init` writes: a small persona that works, in the author's language."""
