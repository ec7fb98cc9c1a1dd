"""A verdict becomes a place."""
