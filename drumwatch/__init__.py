"""The daemon that hears, admits doubt, can be reversed, and learns from where you put things."""

__version__ = "0.2.0"
