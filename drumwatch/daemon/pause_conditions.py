"""Tells whether work should pause: for a running program, on battery, or while the machine is busy."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.system import app_paths, pause_note

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

    from drumwatch.config import Config

CHECK_SECONDS_PAUSED = (
    5.0  # between checks while paused: what has waited for a session can wait this much longer
)
CHECK_SECONDS_AT_WORK = 1.0  # between checks during work: a session that begins has the machine soon
POWER = Path("/sys/class/power_supply")


class PauseAdvice(NamedTuple):
    """`wait` tells why nothing new may be analyzed now, and is empty otherwise; `slow`: one sound at a time is enough."""

    wait: str = ""
    slow: bool = False


def any_configured(config: Config) -> bool:
    """Whether the settings name any condition to pause for."""
    return bool(config.pause_while or config.max_load) or config.on_battery != "go"


def advice(config: Config, *, own_load: int) -> PauseAdvice:
    """Return what the user and the settings ask for on this machine now; `own_load` is the number of our busy workers."""
    if reason := pause_note.reason(app_paths.state_path(), time.time()):
        return PauseAdvice(wait=reason)
    if program := first_running(config.pause_while):
        return PauseAdvice(wait=f"{program} is running")
    if config.on_battery != "go" and on_battery():
        return (
            PauseAdvice(slow=True)
            if config.on_battery == "slow"
            else PauseAdvice(wait="the machine runs on battery")
        )
    if config.max_load and (load := _load_of_others(own_load)) > config.max_load:
        return PauseAdvice(wait=f"the machine is busy (load {load:.1f} per core)")
    return PauseAdvice()


def first_running(wanted: tuple[str, ...]) -> str:
    """Return the first of these programs that runs, or ""; a part of the name is enough: "Bitwig Studio" is also BitwigStudio.exe."""
    if not wanted:
        return ""
    running = {_normalized(name) for name in _process_names()}
    return next((name for name in wanted if any(one.startswith(_normalized(name)) for one in running)), "")


def on_battery(power: Path = POWER) -> bool:
    """Whether the machine runs on battery; false where it has none or the system does not tell."""
    return _is_discharging(power) if sys.platform == "linux" else _is_unplugged()


def _is_discharging(power: Path) -> bool:
    """Read the kernel's own files, because psutil takes the battery of a wireless mouse for the machine's."""
    return any(_text(state) == "Discharging" for state in power.glob("BAT*/status"))


def _is_unplugged() -> bool:
    import psutil  # noqa: PLC0415  imported only where it is needed, to save memory

    battery = psutil.sensors_battery()
    return battery is not None and battery.power_plugged is False


def _process_names() -> Iterator[str]:
    """The names of the executable files of all running processes."""
    import psutil  # noqa: PLC0415  imported only where it is needed, to save memory

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # the process has ended meanwhile, or belongs to another user
            yield from names_in(_command(process))


def _command(process: psutil.Process) -> str:
    """The path of the executable as it was named when the process was started."""
    words = process.cmdline()
    if len(words) == 1:
        return str(words[0])
    name = process.name()
    # psutil splits a path with spaces that stands alone on its command line
    whole = " ".join(words)
    if names_in(whole)[0].startswith(name):
        return whole
    return str(words[0] if words else name)


def names_in(command: str) -> list[str]:
    """The names that a person may use for a program: its file, and on a Mac the application around it ("Live" is Ableton Live 12.app)."""
    *folders, file = command.replace("\\", "/").split("/")
    return [file, *(folder for folder in folders if folder.endswith(".app"))]


def _load_of_others(own_load: int) -> float:
    load = os.getloadavg()[0]
    return max(0.0, load - own_load) / app_paths.cores()


def _normalized(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _text(path: Path) -> str:
    """The text of a small file of the system; empty when the file has vanished meanwhile."""
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace").strip()
    return ""
