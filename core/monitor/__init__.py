"""The monitor: how often something goes wrong, counted by time, and people told when it does."""
