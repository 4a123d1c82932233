"""Readers of the structured Compose values, one file a concern."""
