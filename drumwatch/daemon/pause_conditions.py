"""Good company for whatever makes music: reasons to let arrivals wait. Looked for only while something waits."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.system import app_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

    from drumwatch.config import Config

LOOK_EVERY = 5.0  # seconds, while it pauses: what has waited for a session can wait so much longer
LOOK_EVERY_AT_WORK = 1.0  # seconds, while there is work: a session that begins has the machine soon
POWER = Path("/sys/class/power_supply")


class PauseAdvice(NamedTuple):
    """`wait` says in words why nothing new should be heard now; `slow`: one sound at a time is enough."""

    wait: str = ""
    slow: bool = False


def is_asked_for(config: Config) -> bool:
    """Whether there is anything that drumwatch would wait for."""
    return bool(config.pause_while or config.max_load) or config.on_battery != "go"


def advice(config: Config, *, own_load: int) -> PauseAdvice:
    """What the settings ask for on this machine, now; `own_load` is the number of our workers that are busy."""
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
    """The first of these programs that runs: a name is enough, "Bitwig Studio" is also BitwigStudio.exe."""
    if not wanted:
        return ""
    running = {_squeezed(name) for name in _process_names()}
    return next((name for name in wanted if any(one.startswith(_squeezed(name)) for one in running)), "")


def on_battery(power: Path = POWER) -> bool:
    """A battery is being emptied; false where there is none or nobody can tell."""
    return _a_battery_discharges(power) if sys.platform == "linux" else _mains_are_off()


def _a_battery_discharges(power: Path) -> bool:
    """By the kernel's own files: psutil takes the battery of a wireless mouse for the machine's."""
    return any(_text(state) == "Discharging" for state in power.glob("BAT*/status"))


def _mains_are_off() -> bool:
    import psutil  # noqa: PLC0415  takes less memory when all else is loaded

    battery = psutil.sensors_battery()
    return battery is not None and battery.power_plugged is False


def _process_names() -> Iterator[str]:
    """What runs on this machine, by the name of its file."""
    import psutil  # noqa: PLC0415  takes less memory when all else is loaded

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has ended meanwhile, or is another user's
            yield from names_in(_command(process))


def _command(process: psutil.Process) -> str:
    """The file that this process runs, as it was named when it was started."""
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
    """What a person may call a program: its file, and on a Mac the application around it ("Live" is Ableton Live 12.app)."""
    *folders, file = command.replace("\\", "/").split("/")
    return [file, *(folder for folder in folders if folder.endswith(".app"))]


def _load_of_others(own_load: int) -> float:
    load = os.getloadavg()[0]
    return max(0.0, load - own_load) / app_paths.cores()


def _squeezed(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _text(path: Path) -> str:
    """The text of a small file of the system's; empty when it has vanished meanwhile."""
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace").strip()
    return ""
