"""What is looked at in a persona beyond the schema: one file for each concern."""
