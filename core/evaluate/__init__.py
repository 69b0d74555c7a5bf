"""Evaluations: how well personac does on files that anyone has."""
