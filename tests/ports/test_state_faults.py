"""Whatever befalls the state folder, every command says in one sentence what happened to which file, and what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import sounds
from state_faults import FAULTS, Fault

from drumwatch import cli
from drumwatch.commands import doctor
from drumwatch.journal import Journal, Plan, database
from drumwatch.system import outage_note
from drumwatch.system.outage_note import OutageNote

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = (
    "log",
    "log --packs",
    "log --json",
    "undo 1",
    "undo --last 1 --dry-run",
    "why {sound}",
    "correct {sound} kick",
    "sort --yes {folder}",
    "sort --dry-run {folder}",
    "review --no-open",
    "corrections export",
    "train",
)


class Setup:
    """A state folder whose journal has an entry, a configuration and a sound; commands run in this process."""

    def __init__(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.root, self.state, self.folder = root, root / "state", root / "in"
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.folder.mkdir()
        self.sound = sounds.write(self.folder / "kick.wav", sounds.kick())
        config = root / "config.toml"
        config.write_text(f'library = "{root}/library"\n[[watch]]\nfolder = "{self.folder}"\n')
        monkeypatch.setenv("DRUMWATCH_STATE", str(self.state))
        monkeypatch.setenv("DRUMWATCH_CONFIG", str(config))
        monkeypatch.setenv("HOME", str(root))

    def begin_journal(self) -> None:
        self.state.mkdir(exist_ok=True)
        with Journal(self.state / "journal.db") as journal, journal.transaction():
            for number in range(300):  # more than one page
                batch = journal.batches.current(self.folder, "", float(number))
                plan = Plan(batch, self.folder / f"{number}.wav", None, "leave", "unsure", "", state="done")
                journal.entries.plan(plan, float(number))
            copied = self.folder / "copied.wav", self.root / "library/copied.wav"
            journal.entries.plan(Plan(batch, *copied, "copy", "default", "", state="done"), 1000.0)

    def run(self, command: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a command."""
        words = [word.format(sound=self.sound, folder=self.folder) for word in command.split()]
        self._monkeypatch.setattr(sys, "argv", ["drumwatch", *words])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return (int(ended.value.code or 0), *self._capsys.readouterr())

    def said(self, text: str) -> str:
        """The text, its line breaks and the short form of the home folder undone."""
        return " ".join(text.split()).replace("~", str(self.root))


@pytest.fixture
def setup(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr("drumwatch.daemon.facts.READING_SECONDS", 0.05)
    monkeypatch.setattr("drumwatch.commands.doctor.READING_SECONDS", 0.05)
    monkeypatch.setattr(
        "tempfile.tempdir", str(tmp_path)
    )  # where the notes of outages are, without a runtime folder
    monkeypatch.setattr(doctor, "_analysis", lambda: iter(()))  # starts a worker, and needs no journal
    setup = Setup(tmp_path, monkeypatch, capsys)
    setup.begin_journal()
    return setup


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_every_command_says_what_happened_to_which_file_and_what_to_do(setup, fault: Fault):
    with fault.befall(setup.state):
        for command in COMMANDS:
            code, _, stderr = setup.run(command)

            assert code == 1, command
            (sentence,) = stderr.splitlines()
            assert fault.said in sentence
            assert fault.remedy.format(state=setup.state) in sentence
            assert str(setup.state) in sentence

    assert setup.sound.exists()


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_status_shows_what_it_knows_and_the_problem(setup, fault: Fault):
    with fault.befall(setup.state):
        code, stdout, stderr = setup.run("status")

    assert code == 1
    said = setup.said(stdout + stderr)
    assert fault.said in said
    assert fault.remedy.format(state=setup.state) in said


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_doctor_goes_on_with_its_other_checks_and_names_the_remedy(setup, fault: Fault):
    with fault.befall(setup.state):
        code, stdout, _ = setup.run("doctor")

    said = setup.said(stdout)
    assert code == 1
    if fault.said == "is damaged":  # doctor looks closer, as `journal check` does
        assert said.count("✗ The journal") == 1
        assert "`drumwatch journal repair`" in said
    else:
        assert said.count(fault.said) == 1
        assert fault.remedy.format(state=setup.state)[1:] in said
    assert f"watched folder {setup.folder}" in said
    assert (
        "the daemon is not running" in said
        or str(fault) == "file in place of the state folder"  # nobody knows then
    )


def test_what_keeps_the_daemon_from_acting_is_shown_while_it_lasts_whatever_became_of_the_state_folder(setup):
    note = OutageNote(setup.state)
    note.write("The journal was deleted.")
    shutil.rmtree(setup.state)
    code, status, _ = setup.run("status")
    _, found, _ = setup.run("doctor")
    note.clear()

    assert code == 0
    assert f"drumwatch is running (process {os.getpid()})" in status
    assert "problem     The journal was deleted." in status
    assert "✗ The journal was deleted." in found
    assert "deleted" not in setup.run("status")[1]
    assert setup.run("status")[0] == 1


def test_a_note_of_a_daemon_that_was_killed_counts_no_more(setup):
    note = OutageNote(setup.state)
    note.write("The journal was deleted.")
    note._lock.release()  # as the system does

    assert outage_note.read(setup.state) is None


# Permissions, and disks


WRITING = ("sort --yes {folder}", "undo --last 1")


@pytest.fixture
def plain_setup(folder_of_a_plain_user, monkeypatch, capsys):
    """The same for a user to whom permissions apply."""
    monkeypatch.setattr(doctor, "_analysis", lambda: iter(()))
    setup = Setup(folder_of_a_plain_user, monkeypatch, capsys)
    setup.begin_journal()
    return setup


def test_a_journal_that_this_user_may_not_open_is_told_by_every_command(plain_setup):
    journal = plain_setup.state / "journal.db"
    journal.chmod(0)

    for command in (*COMMANDS, "status", "doctor"):
        code, stdout, stderr = plain_setup.run(command)
        said = plain_setup.said(stdout + stderr)

        assert code == 1
        assert f"This user may not open the journal {journal}" in said, command
        assert f"ive yourself the permission: chmod u+rwX {journal}." in said


def test_a_state_folder_that_this_user_may_not_enter_is_told_by_every_command(plain_setup):
    plain_setup.state.chmod(0)

    for command in (*COMMANDS, "status", "doctor", "model list"):
        code, stdout, stderr = plain_setup.run(command)
        said = plain_setup.said(stdout + stderr)

        assert code == 1
        assert f"This user may not open the folder {plain_setup.state}" in said, command


def test_a_journal_that_can_only_be_read_is_read_and_whoever_would_write_is_told(plain_setup):
    (plain_setup.state / "journal.db").chmod(0o400)

    assert plain_setup.run("log --last 1")[0] == 0
    assert plain_setup.run("status")[0] == 1  # no daemon runs
    for command in (*WRITING, "doctor"):
        code, stdout, stderr = plain_setup.run(command)

        assert code == 1
        assert "can only be read" in plain_setup.said(stdout + stderr), command
    assert plain_setup.sound.exists()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of two megabytes."""
    (folder := tmp_path / "state").mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount")
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_under_the_journal_is_told_and_nothing_is_moved(small_disk, setup):
    fill(small_disk)

    for command in (*WRITING, "doctor"):
        code, stdout, stderr = setup.run(command)

        assert code == 1
        assert f"The disk of the journal {small_disk}/journal.db is full" in setup.said(stdout + stderr)
    assert setup.sound.exists()


def test_a_disk_under_the_journal_that_can_only_be_read_is_told(small_disk, setup):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    for command in (*WRITING, "log", "status", "doctor"):
        code, stdout, stderr = setup.run(command)

        assert code == 1
        assert f"he journal {small_disk}/journal.db can only be read" in setup.said(stdout + stderr), command
    assert setup.sound.exists()


def fill(folder: Path) -> None:
    """Leave no byte of a disk free."""
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return
