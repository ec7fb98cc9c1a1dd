"""The launchd agent of macOS. It is tested, but has not run on a real Mac yet: see launchd/README.md."""

from __future__ import annotations

import os
import plistlib
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

from drumwatch.service.launchctl import Job
from drumwatch.service.manager import (
    HERE,
    ServiceTrouble,
    ask,
    environment,
    run_command,
    write_if_changed,
)
from drumwatch.system import launchd_log as own_log

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = "org.drumwatch.drumwatch"
FILE = f"{LABEL}.plist"
USUAL_COMMAND = "    <string>/usr/local/bin/drumwatch</string>\n    <string>run</string>\n"
USUAL_HOME = "/Users/you/"
DONE = {
    "start": "drumwatch was started.",
    "stop": "drumwatch was stopped.",
    "restart": "drumwatch was restarted.",
    "reload": "drumwatch was asked to read its configuration again.",
}


class Launchd:
    """The agent in the user's LaunchAgents folder, controlled by `launchctl`."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self.path = Path.home() / "Library" / "LaunchAgents" / FILE

    def install(self, *, start: bool) -> list[str]:
        """Write the file that starts drumwatch at login, and start drumwatch if `start`; return what was done, for the user."""
        changed = write_if_changed(self.path, plist_text())
        lines = [f"{'Wrote' if changed else 'Up to date:'} {self.path}"]
        if shutil.which("plutil"):
            ask("plutil", "-lint", str(self.path))
        own_log.path().parent.mkdir(parents=True, exist_ok=True)
        if not start:
            return lines
        self._job().load_again()
        return [
            *lines,
            "drumwatch is running, and starts at every login.",
            "If macOS keeps it out of your folders, `drumwatch doctor` says what to allow.",
        ]

    def uninstall(self) -> list[str]:
        """Stop drumwatch and remove what `install` wrote; return what was done, for the user."""
        if not self.path.exists():
            return [f"There is no {self.path}: nothing to remove."]
        self._job().unload()
        self.path.unlink()
        shutil.rmtree(own_log.path().parent, ignore_errors=True)
        return [f"Stopped, and removed {self.path}."]

    def control(self, verb: str) -> list[str]:
        """Start, stop, restart or reload drumwatch; return what was done, for the user."""
        if not self.path.exists():
            raise ServiceTrouble(
                "The service is not installed: `drumwatch service install` installs and starts it."
            )
        job = self._job()
        if verb == "start":
            job.start()
        elif verb == "restart":
            job.restart()
        elif verb == "stop" and not job.unload():
            return ["drumwatch was not running."]
        elif verb == "reload" and not job.signal("HUP"):
            raise ServiceTrouble("drumwatch is not running: `drumwatch service start` starts it.")
        return [DONE[verb]]

    def _job(self) -> Job:
        return Job(f"gui/{os.getuid()}", LABEL, self.path, self._clock, self._sleep)

    def status(self) -> str:
        """Return the status that the service manager prints."""
        job = self._job()
        if job.is_loaded():
            return ask("launchctl", "print", job.target, may_fail=True)
        if job.is_disabled():
            return f"drumwatch is switched off in macOS: `launchctl enable {job.target}` switches it on."
        if self.path.exists():
            return "drumwatch is installed and not running: `drumwatch service start` starts it."
        return "The service is not installed: `drumwatch service install` installs and starts it."

    def settings(self) -> dict[str, str]:
        """Return the environment variables in the installed file, which select configuration and state folder."""
        try:
            agent = plistlib.loads(self.path.read_bytes()) if self.path.exists() else {}
        except (ValueError, ExpatError):  # it was edited, and is no plist any more
            agent = {}
        return dict(agent.get("EnvironmentVariables", {}))

    def log_command(self, *, follow: bool) -> list[str] | None:
        """Return the command that prints the system's own log of drumwatch, or None if there is none."""
        log = own_log.path()
        return ["tail", "-n", "200", *(["-F"] if follow else []), str(log)] if log.exists() else None


def plist_text() -> str:
    """Return the shipped agent with this installation's command and this user's paths; the result is a valid plist."""
    command = "".join(f"    <string>{escape(part)}</string>\n" for part in run_command())
    text = (HERE / FILE).read_text(encoding="utf-8").replace(USUAL_COMMAND, command)
    text = text.replace(USUAL_HOME, escape(f"{Path.home()}/"))
    if settings := environment():
        pairs = "".join(
            f"    <key>{name}</key>\n    <string>{escape(value)}</string>\n"
            for name, value in settings.items()
        )
        text = text.replace(
            "  <key>RunAtLoad</key>",
            f"  <key>EnvironmentVariables</key>\n  <dict>\n{pairs}  </dict>\n  <key>RunAtLoad</key>",
        )
    plistlib.loads(text.encode())
    return text
