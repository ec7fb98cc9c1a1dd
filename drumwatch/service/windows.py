"""Windows: a Task Scheduler entry at log-on. Not yet run on a real Windows."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

from drumwatch import places
from drumwatch.service.manager import SETTINGS, ServiceTrouble, ask, run_command, write_if_changed

TASK = "drumwatch"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>drumwatch: hears new samples and files them</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
    <RestartOnFailure><Interval>PT1M</Interval><Count>5</Count></RestartOnFailure>
  </Settings>
  <Actions><Exec><Command>{command}</Command><Arguments>{arguments}</Arguments></Exec></Actions>
</Task>
"""
UNDO = {"start": "/Run", "stop": "/End"}


class TaskScheduler:
    """The task's description in the state folder, and `schtasks`."""

    def __init__(self) -> None:
        self.path = places.state_folder() / "task.xml"

    def install(self, *, start: bool) -> list[str]:
        changed = write_if_changed(self.path, task_text())
        told = [f"{'Wrote' if changed else 'Up to date:'} {self.path}"]
        if not start:
            return told
        ask("schtasks", "/Create", "/F", "/TN", TASK, "/XML", str(self.path))
        ask("schtasks", "/Run", "/TN", TASK)
        return [
            *told,
            "drumwatch is running, and starts at every log-on. (Not yet tried on many machines: please tell us.)",
        ]

    def uninstall(self) -> list[str]:
        ask("schtasks", "/End", "/TN", TASK, may_fail=True)
        ask("schtasks", "/Delete", "/F", "/TN", TASK, may_fail=True)
        self.path.unlink(missing_ok=True)
        return ["Stopped, and removed the task."]

    def control(self, verb: str) -> list[str]:
        if verb == "restart":
            return [*self.control("stop"), *self.control("start")]
        if verb not in UNDO:
            raise ServiceTrouble(
                "Windows cannot tell a program to read its configuration again: use restart."
            )
        ask("schtasks", UNDO[verb], "/TN", TASK)
        return [f"The task was asked to {verb}."]

    def status(self) -> str:
        return ask("schtasks", "/Query", "/TN", TASK, "/V", "/FO", "LIST", may_fail=True)

    def settings(self) -> dict[str, str]:
        """A task has no environment of its own."""
        return {name: os.environ[name] for name in SETTINGS if name in os.environ}

    def log_command(self, *, follow: bool) -> list[str] | None:  # noqa: ARG002
        """Windows keeps nothing that a program writes to its output."""
        return None


def task_text() -> str:
    """The task's XML; pythonw, where it is there, opens no window."""
    python, *arguments = run_command()
    quiet = Path(python).with_name("pythonw.exe")
    command = str(quiet) if quiet.exists() else python
    return XML.format(command=escape(command), arguments=escape(subprocess.list2cmdline(arguments)))
