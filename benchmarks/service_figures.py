"""The service in figures: `python benchmarks/service_figures.py [SECONDS]`, Linux only.

The daemon is started as the unit starts it, with a notify socket of ours in systemd's place: time to READY, time to reload,
time to READY again after SIGKILL (without RestartSec), then SECONDS (60) of rest: processor time, wake-ups, memory.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable

WATCHDOG_SECONDS = 60


class Manager:
    """As much of systemd as a daemon notices."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(root / "notify"))
        self.socket.settimeout(60)
        (root / "intake").mkdir()
        (root / "config.toml").write_text(
            f'library = "{root}/library"\n[[watch]]\nfolder = "{root}/intake"\n', encoding="utf-8"
        )

    def start(self) -> None:
        environ = {
            **os.environ,
            "NOTIFY_SOCKET": str(self.root / "notify"),
            "WATCHDOG_USEC": str(WATCHDOG_SECONDS * 1_000_000),
            "DRUMWATCH_CONFIG": str(self.root / "config.toml"),
            "DRUMWATCH_STATE": str(self.root / "state"),
        }
        self.daemon = subprocess.Popen(
            [sys.executable, "-m", "drumwatch", "run"], env=environ, stderr=subprocess.DEVNULL
        )

    def wait_for(self, word: bytes) -> None:
        while not self.socket.recv(4096).startswith(word):
            pass


def until_ready(manager: Manager, what: str, begin: Callable[[], object]) -> None:
    begun = time.perf_counter()
    begin()
    manager.wait_for(b"READY=1")
    print(f"{what:32}{time.perf_counter() - begun:.2f} s")


def at_rest(daemon: psutil.Process, seconds: float) -> None:
    time.sleep(5)  # the start's last work
    cpu, woken = sum(daemon.cpu_times()[:2]), daemon.num_ctx_switches().voluntary
    time.sleep(seconds)
    cpu = sum(daemon.cpu_times()[:2]) - cpu
    woken = daemon.num_ctx_switches().voluntary - woken
    print(f"{f'processor in {seconds:g} s of rest':32}{cpu:.3f} s")
    print(f"{'wake-ups per minute':32}{woken * 60 / seconds:.1f}")
    print(f"{'resident memory':32}{daemon.memory_info().rss / 1e6:.1f} MB")


def main(seconds: float = 60.0) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manager = Manager(Path(folder))
        until_ready(manager, "first start to READY", manager.start)
        manager.daemon.kill()
        manager.daemon.wait()
        until_ready(manager, "start after SIGKILL to READY", manager.start)
        until_ready(manager, "reload, HUP to READY", lambda: manager.daemon.send_signal(signal.SIGHUP))
        at_rest(psutil.Process(manager.daemon.pid), seconds)
        manager.daemon.terminate()
        manager.daemon.wait()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
