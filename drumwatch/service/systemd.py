"""Linux: a systemd user unit."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from pathlib import Path

from drumwatch.service.manager import HERE, ask, environment, run_command, write_if_changed

UNIT = "drumwatch.service"
JOURNALD = Path("/run/systemd/journal/stdout")
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
        left = self._remove_drop_ins()
        for folder in (self.path.parent / "default.target.wants", self.path.parent):
            with contextlib.suppress(OSError):  # somebody else's units are in it
                folder.rmdir()
        if shutil.which("systemctl"):
            ask("systemctl", "--user", "daemon-reload", may_fail=True)
            ask("systemctl", "--user", "reset-failed", UNIT, may_fail=True)
        return [
            f"Stopped, and removed {self.path}.",
            *(f"Left, as it is of your own making: {path}" for path in left),
        ]

    def _remove_drop_ins(self) -> list[Path]:
        """The walls that we ship go, with or without their #; what somebody wrote stays and is returned."""
        folder = self.path.with_name(f"{UNIT}.d")
        if not folder.is_dir():
            return []
        ours = _without_marks(HERE / "hardening.conf")
        for path in folder.iterdir():
            if path.is_file() and _without_marks(path) == ours:
                path.unlink()
        left = sorted(folder.iterdir())
        if not left:
            folder.rmdir()
        return left

    def control(self, verb: str) -> list[str]:
        ask("systemctl", "--user", verb, UNIT)
        return [f"drumwatch was {VERBS[verb]}."]

    def status(self) -> str:
        return ask("systemctl", "--user", "--no-pager", "--lines=0", "status", UNIT, may_fail=True)

    def settings(self) -> dict[str, str]:
        lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        said = [line.removeprefix("Environment=") for line in lines if line.startswith("Environment=")]
        pairs = (_unquoted(one).partition("=") for one in said)
        return {name: value for name, _, value in pairs}

    def log_command(self, *, follow: bool) -> list[str] | None:
        if not JOURNALD.exists() or shutil.which("journalctl") is None:
            return None
        end = "--follow" if follow else "--no-pager"
        return ["journalctl", "--user", f"--unit={UNIT}", "--output=cat", end]

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


def _unquoted(text: str) -> str:
    return " ".join(shlex.split(text)).replace("%%", "%").replace("$$", "$")


def _without_marks(path: Path) -> list[str]:
    return [line.lstrip("#").strip() for line in path.read_text("utf-8", "replace").splitlines()]
