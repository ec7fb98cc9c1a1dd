"""Decide where a sound goes, carry that out on the disk, and undo it."""
