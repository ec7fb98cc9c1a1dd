"""Report the daemon's state to systemd by the protocol of sd_notify(3); without systemd, nothing is sent."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class SdNotifier:
    """Sends state messages to systemd; `beat_every` is the interval of watchdog messages in seconds, or None without a watchdog."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        timeout = int(environ.get("WATCHDOG_USEC", 0)) / 1e6
        is_for_us = int(environ.get("WATCHDOG_PID", os.getpid())) == os.getpid()
        self.beat_every = timeout / 2 if self._address and timeout and is_for_us else None

    def ready(self, status: str) -> None:
        """Report that the daemon is ready."""
        self._send(f"READY=1\nSTATUS={status}\nMAINPID={os.getpid()}")

    def reloading(self) -> None:
        """Report that the daemon reads its configuration again."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Report that the daemon is stopping."""
        self._send("STOPPING=1\nSTATUS=Stopping")

    def status(self, text: str) -> None:
        """Set the status text that `systemctl status` shows."""
        self._send(f"STATUS={text}")

    def beat(self) -> None:
        """Send a watchdog message."""
        self._send("WATCHDOG=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(message.encode("utf-8", "replace"), address)
