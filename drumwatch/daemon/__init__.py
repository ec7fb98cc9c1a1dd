"""The daemon: one inbox, one thread that decides and acts; a room for each of the things that it does."""

from drumwatch.daemon.loop import Daemon

__all__ = ["Daemon"]
