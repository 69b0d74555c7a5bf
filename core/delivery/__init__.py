"""One delivery core for all connectors: what came in is written down, answered in order, and sent once."""
