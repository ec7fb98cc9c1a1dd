"""Windows: a Task Scheduler entry at log-on. Not yet run on a real Windows."""

from __future__ import annotations

import getpass
import os
import re
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape, unescape

from drumwatch import places
from drumwatch.service.manager import (
    SETTINGS,
    ServiceTrouble,
    ask,
    environment,
    run_command,
    write_if_changed,
)

TASK = "drumwatch"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>drumwatch: hears new samples and files them</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled><UserId>{user}</UserId></LogonTrigger></Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId><LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
    <RestartOnFailure><Interval>PT1M</Interval><Count>5</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author"><Exec><Command>{command}</Command><Arguments>{arguments}</Arguments></Exec></Actions>
</Task>
"""
ARGUMENTS = re.compile("<Arguments>(.*)</Arguments>")
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
        """A task has no environment of its own: its configuration is named in the command."""
        ours = {name: os.environ[name] for name in SETTINGS[1:] if name in os.environ}
        task = self.path.read_text("utf-8") if self.path.exists() else ""
        arguments = "".join(ARGUMENTS.findall(task))
        _, named, config = unescape(arguments).partition(" --config ")
        return {SETTINGS[0]: config.strip('"'), **ours} if named else ours

    def log_command(self, *, follow: bool) -> list[str] | None:  # noqa: ARG002
        """Windows keeps nothing that a program writes to its output."""
        return None


def task_text() -> str:
    """The task's XML; pythonw, where it is there, opens no window."""
    python, *arguments = run_command()
    arguments += [
        word for name, value in environment().items() if name == SETTINGS[0] for word in ("--config", value)
    ]
    quiet = Path(python).with_name("pythonw.exe")
    command = str(quiet) if quiet.exists() else python
    return XML.format(
        user=escape(_user()),
        command=escape(command),
        arguments=escape(subprocess.list2cmdline(arguments)),
    )


def _user() -> str:
    """Without a name the task would start at everybody's log-on, which only an administrator may ask for."""
    domain, name = os.environ.get("USERDOMAIN", ""), getpass.getuser()
    return f"{domain}\\{name}" if domain else name
