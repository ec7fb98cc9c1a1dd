"""The service in figures, under a real systemd user manager: `python benchmarks/service_figures.py [--minutes 10]`, root on Linux.

The unit is installed as a user does it. From its start to READY; from HUP to READY; from SIGKILL to READY again, with and
without RestartSec; then so many minutes of rest: processor time, wake-ups, memory; and what systemd thinks of its walls.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psutil

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
MANAGER = ROOT / "tests/system/user_manager.sh"
UNIT = "drumwatch.service"
RESTART_SECONDS = 5  # RestartSec in the unit


def systemctl(*arguments: str) -> str:
    ran = subprocess.run(["systemctl", "--user", *arguments], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def shown(what: str) -> str:
    return systemctl("show", "-p", what, "--value", UNIT)


def drumwatch(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "drumwatch", *arguments], check=True, stdout=sys.stderr)


def report(what: str, figure: str) -> None:
    print(f"{what:48}{figure}", flush=True)


def seconds_to_ready() -> float:
    """From the start of the unit, as systemd has it."""
    begun, ready = (int(shown(f"{what}TimestampMonotonic")) for what in ("InactiveExit", "ActiveEnter"))
    return (ready - begun) / 1e6


def seconds_until(reached: Callable[[], bool], begin: Callable[[], object]) -> float:
    begun = time.perf_counter()
    begin()
    while not reached():
        time.sleep(0.002)
    return time.perf_counter() - begun


def daemon() -> psutil.Process:
    return psutil.Process(int(shown("MainPID")))


def times_ready(log: Path) -> int:
    return log.read_text("utf-8").count('"message": "Ready."')


def at_rest(minutes: float) -> None:
    time.sleep(15)  # the start's last work
    process = daemon()
    cpu, woken = sum(process.cpu_times()[:2]), process.num_ctx_switches().voluntary
    time.sleep(60 * minutes)
    cpu = sum(process.cpu_times()[:2]) - cpu
    woken = process.num_ctx_switches().voluntary - woken
    report(f"processor time in {minutes:g} minutes of rest", f"{cpu:.2f} s")
    report("wake-ups per minute", f"{woken / minutes:.1f}")
    report("resident memory, and what is its own of that", _memory(process))


def _memory(process: psutil.Process) -> str:
    memory = process.memory_full_info()
    return f"{memory.rss / 1e6:.1f} MB, {memory.uss / 1e6:.1f} MB"


def inside(minutes: float) -> None:
    """Beside the manager."""
    log = Path(os.environ["DRUMWATCH_STATE"]) / "log/drumwatch.jsonl"
    drumwatch("service", "install")
    report("start of the unit to READY, the first time", f"{seconds_to_ready():.2f} s")
    systemctl("restart", UNIT)
    report("start of the unit to READY", f"{seconds_to_ready():.2f} s")
    report("processor time until READY", f"{sum(daemon().cpu_times()[:2]):.2f} s")
    before = times_ready(log)
    took = seconds_until(
        lambda: times_ready(log) > before, lambda: os.kill(int(shown("MainPID")), signal.SIGHUP)
    )
    report("reload, HUP to READY", f"{took:.3f} s")
    old = daemon()
    took = seconds_until(
        lambda: shown("MainPID") not in ("0", str(old.pid)) and shown("ActiveState") == "active", old.kill
    )
    report("SIGKILL to READY again", f"{took:.1f} s, of which RestartSec={RESTART_SECONDS}")
    at_rest(minutes)
    result = subprocess.run(
        ["systemd-analyze", "security", "--user", "--offline=true", "--no-pager", ROOT / "systemd" / UNIT],
        capture_output=True,
        text=True,
        check=False,
    )
    report("systemd-analyze security --user", re.findall(r"level for .*: (.*)", result.stdout)[0])
    drumwatch("service", "uninstall")


@click.command(help=__doc__)
@click.option("--minutes", default=10.0, show_default=True, help="How long to look at a daemon at rest.")
@click.option("--inside", "is_inside", is_flag=True, hidden=True)
def main(minutes: float, **asked: bool) -> None:
    if asked["is_inside"]:
        inside(minutes)
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("home", "intake", "run"):
            (root / name).mkdir()
        (root / "config.toml").write_text(
            f'library = "{root}/library"\n[[watch]]\nfolder = "{root}/intake"\n', "utf-8"
        )
        environ = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "DBUS_"))},
            "HOME": str(root / "home"),
            "XDG_RUNTIME_DIR": str(root / "run"),
            "DRUMWATCH_CONFIG": str(root / "config.toml"),
            "DRUMWATCH_STATE": str(root / "state"),
            "PYTHONPATH": str(ROOT),
        }
        me = [sys.executable, __file__, "--inside", "--minutes", str(minutes)]
        subprocess.run(["unshare", "--mount", "bash", MANAGER, *me], env=environ, cwd=root, check=True)


if __name__ == "__main__":
    main()
