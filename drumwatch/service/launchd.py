"""The launchd agent of macOS. It is tested, but has not run on a real Mac yet: see launchd/README.md."""

from __future__ import annotations

import os
import plistlib
import shutil
from pathlib import Path
from xml.sax.saxutils import escape

from drumwatch.service.manager import HERE, ask, environment, run_command, write_if_changed

LABEL = "org.drumwatch.drumwatch"
FILE = f"{LABEL}.plist"
USUAL_COMMAND = "    <string>/usr/local/bin/drumwatch</string>\n    <string>run</string>\n"
USUAL_HOME = "/Users/you/"
LOG = "Library/Logs/drumwatch/drumwatch.log"


class Launchd:
    """The agent in the user's LaunchAgents folder, controlled by `launchctl`."""

    def __init__(self) -> None:
        self.path = Path.home() / "Library" / "LaunchAgents" / FILE

    def install(self, *, start: bool) -> list[str]:
        """Write the file that starts drumwatch at login, and start drumwatch if `start`; return what was done, for the user."""
        changed = write_if_changed(self.path, plist_text())
        lines = [f"{'Wrote' if changed else 'Up to date:'} {self.path}"]
        if shutil.which("plutil"):
            ask("plutil", "-lint", str(self.path))
        if not start:
            return lines
        (Path.home() / LOG).parent.mkdir(parents=True, exist_ok=True)
        ask("launchctl", "bootout", f"{_domain()}/{LABEL}", may_fail=True)
        ask("launchctl", "bootstrap", _domain(), str(self.path))
        return [
            *lines,
            "drumwatch is running, and starts at every login.",
            "If macOS keeps it out of your folders, `drumwatch doctor` says what to allow.",
        ]

    def uninstall(self) -> list[str]:
        """Stop drumwatch and remove what `install` wrote; return what was done, for the user."""
        if not self.path.exists():
            return [f"There is no {self.path}: nothing to remove."]
        ask("launchctl", "bootout", f"{_domain()}/{LABEL}", may_fail=True)
        self.path.unlink()
        shutil.rmtree((Path.home() / LOG).parent, ignore_errors=True)
        return [f"Stopped, and removed {self.path}."]

    def control(self, verb: str) -> list[str]:
        """Start, stop, restart or reload drumwatch; return what was done, for the user."""
        service = f"{_domain()}/{LABEL}"
        steps: dict[str, list[tuple[str, ...]]] = {
            "start": [("bootstrap", _domain(), str(self.path))],
            "stop": [("bootout", service)],
            "restart": [("kickstart", "-k", service)],
            "reload": [("kill", "HUP", service)],
        }
        for step in steps[verb]:
            ask("launchctl", *step)
        return [f"launchd was asked to {verb} drumwatch."]

    def status(self) -> str:
        """Return the status that the service manager prints."""
        return ask("launchctl", "print", f"{_domain()}/{LABEL}", may_fail=True)

    def settings(self) -> dict[str, str]:
        """Return the environment variables in the installed file, which select configuration and state folder."""
        agent = plistlib.loads(self.path.read_bytes()) if self.path.exists() else {}
        return dict(agent.get("EnvironmentVariables", {}))

    def log_command(self, *, follow: bool) -> list[str] | None:
        """Return the command that prints the system's own log of drumwatch, or None if there is none."""
        log = Path.home() / LOG
        return ["tail", "-n", "200", *(["-f"] if follow else []), str(log)] if log.exists() else None


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


def _domain() -> str:
    return f"gui/{os.getuid()}"
