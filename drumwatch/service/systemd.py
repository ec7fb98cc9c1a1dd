"""Linux: a systemd user unit."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from drumwatch.service.manager import HERE, ask, environment, run_command, write_if_changed

UNIT = "drumwatch.service"
USUAL_COMMAND = "%h/.local/bin/drumwatch run"
VERBS = {
    "start": "started",
    "stop": "stopped",
    "restart": "restarted",
    "reload": "told to read its configuration again",
}


class Systemd:
    """The unit in the user's own folder, and `systemctl --user`."""

    def __init__(self) -> None:
        config_home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        self.path = Path(config_home) / "systemd" / "user" / UNIT

    def install(self, *, start: bool) -> list[str]:
        changed = write_if_changed(self.path, unit_text())
        told = [f"{'Wrote' if changed else 'Up to date:'} {self.path}", *self._check()]
        if not start:
            return told
        ask("systemctl", "--user", "daemon-reload")
        ask("systemctl", "--user", "enable", UNIT)
        ask("systemctl", "--user", "restart" if changed else "start", UNIT)
        return [
            *told,
            "drumwatch is running, and starts at every login.",
            "To keep it running while you are not logged in: loginctl enable-linger",
        ]

    def uninstall(self) -> list[str]:
        if not self.path.exists():
            return [f"There is no {self.path}: nothing to remove."]
        if shutil.which("systemctl"):
            ask("systemctl", "--user", "disable", "--now", UNIT, may_fail=True)
        self.path.unlink()
        # `disable` does this too, but not where no user manager answers.
        (self.path.parent / "default.target.wants" / UNIT).unlink(missing_ok=True)
        if shutil.which("systemctl"):
            ask("systemctl", "--user", "daemon-reload", may_fail=True)
        return [f"Stopped, and removed {self.path}."]

    def control(self, verb: str) -> list[str]:
        ask("systemctl", "--user", verb, UNIT)
        return [f"drumwatch was {VERBS[verb]}."]

    def status(self) -> str:
        return ask("systemctl", "--user", "--no-pager", "--lines=0", "status", UNIT, may_fail=True)

    def logs(self, *, follow: bool) -> list[str]:
        return [
            "journalctl",
            "--user",
            f"--unit={UNIT}",
            "--output=cat",
            *(["--follow"] if follow else ["--no-pager"]),
        ]

    def _check(self) -> list[str]:
        """What systemd finds wrong with the file; a unit that is fine needs no words."""
        if shutil.which("systemd-analyze") is None or not os.environ.get("XDG_RUNTIME_DIR"):
            return []
        said = ask("systemd-analyze", "--user", "verify", str(self.path), may_fail=True)
        return [f"systemd says: {line}" for line in said.splitlines() if UNIT in line]


def unit_text() -> str:
    """The shipped unit with this installation's command, and the set-up that is in force now."""
    text = (HERE / UNIT).read_text(encoding="utf-8")
    command = " ".join(_quoted(word) for word in run_command())
    settings = "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in environment().items())
    return text.replace(f"ExecStart={USUAL_COMMAND}\n", f"{settings}ExecStart={command}\n")


def _quoted(word: str) -> str:
    """As systemd.syntax(7) wants it: % and $ are doubled, spaces and quotes put in quotes."""
    word = word.replace("%", "%%").replace("$", "$$")
    if any(char in word for char in " \t'\"\\"):
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return word
