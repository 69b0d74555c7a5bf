"""Importers and exporters of other persona formats live here."""
