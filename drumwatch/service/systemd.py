"""The systemd user unit of Linux."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
from pathlib import Path

from drumwatch.service.manager import (
    HERE,
    ServiceTrouble,
    ask,
    environment,
    run_command,
    run_tool,
    write_if_changed,
)

UNIT = "drumwatch.service"
JOURNALD = Path("/run/systemd/journal/stdout")
USUAL_COMMAND = "%h/.local/bin/drumwatch run"
UNKNOWN_UNIT = re.compile(rf"{re.escape(UNIT)} (could )?not (be )?(found|loaded)", re.IGNORECASE)
# What systemctl says where the user's systemd cannot be reached: in a container, after su or sudo, or in a job of cron
BUS = re.compile(r"connect.*\bbus\b|\bbus\b.*connect|DBUS_SESSION_BUS_ADDRESS|XDG_RUNTIME_DIR", re.IGNORECASE)
NO_BUS = (
    "systemd cannot be reached from this session (it has no user bus), so nothing is known of the service and nothing"
    " can be done with it. Log in as yourself, at the machine or by ssh, not by su or sudo, and try again. `drumwatch status` says"
    " whether drumwatch runs; `drumwatch run` runs it without systemd."
)
VERBS = {
    "start": "started",
    "stop": "stopped",
    "restart": "restarted",
    "reload": "asked to read its configuration again",
}


class NotInstalled(ServiceTrouble):
    """systemd does not know the unit."""


class Systemd:
    """The unit in the user's configuration folder, controlled by `systemctl --user`."""

    def __init__(self) -> None:
        config_home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        self.path = Path(config_home) / "systemd" / "user" / UNIT

    def install(self, *, start: bool) -> list[str]:
        """Write the file that starts drumwatch at login, and start drumwatch if `start`; return what was done, for the user."""
        changed = write_if_changed(self.path, unit_text())
        lines = [f"{'Wrote' if changed else 'Up to date:'} {self.path}", *self._check()]
        if not start:
            return lines
        _systemctl("daemon-reload")
        _systemctl("enable", UNIT)
        _systemctl("restart" if changed else "start", UNIT)
        return [
            *lines,
            "drumwatch is running, and starts at every login.",
            "To keep it running while you are not logged in: loginctl enable-linger",
        ]

    def uninstall(self) -> list[str]:
        """Stop drumwatch and remove what `install` wrote; return what was done, for the user."""
        if not self.path.exists():
            return [f"There is no {self.path}: nothing to remove."]
        if shutil.which("systemctl"):
            ask("systemctl", "--user", "disable", "--now", UNIT, may_fail=True)
        self.path.unlink()
        # `disable` does this too, but not if no user manager is running.
        (self.path.parent / "default.target.wants" / UNIT).unlink(missing_ok=True)
        left = self._remove_drop_ins()
        for folder in (self.path.parent / "default.target.wants", self.path.parent):
            with contextlib.suppress(OSError):  # the folder holds other units
                folder.rmdir()
        if shutil.which("systemctl"):
            ask("systemctl", "--user", "daemon-reload", may_fail=True)
            ask("systemctl", "--user", "reset-failed", UNIT, may_fail=True)
        return [
            f"Stopped, and removed {self.path}.",
            *(f"Kept, as it is of your own making: {path}" for path in left),
        ]

    def _remove_drop_ins(self) -> list[Path]:
        """Remove the shipped hardening drop-in, commented out or not; return the drop-ins that the user wrote, which stay."""
        folder = self.path.with_name(f"{UNIT}.d")
        if not folder.is_dir():
            return []
        ours = _uncommented(HERE / "hardening.conf")
        for path in folder.iterdir():
            if path.is_file() and _uncommented(path) == ours:
                path.unlink()
        left = sorted(folder.iterdir())
        if not left:
            folder.rmdir()
        return left

    def control(self, verb: str) -> list[str]:
        """Start, stop, restart or reload drumwatch; return what was done, for the user."""
        _systemctl(verb, UNIT)
        return [f"drumwatch was {VERBS[verb]}."]

    def status(self) -> str:
        """Return the status that the service manager prints; raises ServiceTrouble if it cannot be asked."""
        try:
            return _systemctl("--no-pager", "--lines=0", "status", UNIT, may_fail=True)
        except NotInstalled as exc:
            return str(exc)

    def settings(self) -> dict[str, str]:
        """Return the environment variables in the installed file, which select configuration and state folder."""
        lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        assignments = [line.removeprefix("Environment=") for line in lines if line.startswith("Environment=")]
        pairs = (_unquoted(one).partition("=") for one in assignments)
        return {name: value for name, _, value in pairs}

    def log_command(self, *, follow: bool) -> list[str] | None:
        """Return the command that prints the system's own log of drumwatch, or None if there is none."""
        if not JOURNALD.exists() or shutil.which("journalctl") is None:
            return None
        end = "--follow" if follow else "--no-pager"
        return ["journalctl", "--user", f"--unit={UNIT}", "--output=cat", end]

    def _check(self) -> list[str]:
        """Return what `systemd-analyze` reports about the unit; empty if it is valid."""
        if shutil.which("systemd-analyze") is None or not os.environ.get("XDG_RUNTIME_DIR"):
            return []
        report = ask("systemd-analyze", "--user", "verify", str(self.path), may_fail=True)
        return [f"systemd says: {line}" for line in report.splitlines() if UNIT in line]


def _systemctl(*words: str, may_fail: bool = False) -> str:
    """Ask the user's systemd and return what it prints; raises ServiceTrouble if it cannot be reached, or fails and not `may_fail`."""
    command = ("systemctl", "--user", *words)
    result = run_tool(*command)
    if result.code and BUS.search(result.output):
        raise ServiceTrouble(NO_BUS)
    if result.code and UNKNOWN_UNIT.search(result.output):
        raise NotInstalled(
            "The service is not installed: `drumwatch service install` installs and starts it."
        )
    if result.code and not may_fail:
        raise ServiceTrouble(f"{' '.join(command)} failed: {result.output}")
    return result.output


def unit_text() -> str:
    """Return the shipped unit with this installation's command and the present environment variables."""
    text = (HERE / UNIT).read_text(encoding="utf-8")
    command = " ".join(_quoted(part) for part in run_command())
    settings = "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in environment().items())
    return text.replace(f"ExecStart={USUAL_COMMAND}\n", f"{settings}ExecStart={command}\n")


def _quoted(text: str) -> str:
    """Quote an argument as in systemd.syntax(7): % and $ are doubled, and spaces or quotes are put in quotes."""
    text = text.replace("%", "%%").replace("$", "$$")
    if any(char in text for char in " \t'\"\\"):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def _unquoted(text: str) -> str:
    return " ".join(shlex.split(text)).replace("%%", "%").replace("$$", "$")


def _uncommented(path: Path) -> list[str]:
    return [line.lstrip("#").strip() for line in path.read_text("utf-8", "replace").splitlines()]
