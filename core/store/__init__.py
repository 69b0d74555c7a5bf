"""Stores: what is kept of conversations."""
