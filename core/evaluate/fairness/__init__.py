"""Fairness: the same sentences said by people of different groups, and what changes in the answers."""
