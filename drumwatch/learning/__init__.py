"""Corrections by the user, and what is learned from them: a confirmed label takes effect at once, and only confirmed labels train."""
