"""`service install` notes what is old before the service starts, because the terminal may read what the service may not yet."""

from __future__ import annotations

import errno
import os
from types import SimpleNamespace

import pytest
import sounds

from drumwatch.commands import service
from drumwatch.config import read
from drumwatch.intake.arrivals import Arrivals, Refused
from drumwatch.journal import Journal
from drumwatch.system import app_paths


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A watched folder with an old sound, and a configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("DRUMWATCH_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "in").mkdir()
    app_paths.config_file().write_text(f'library = "{tmp_path}/lib"\n[[watch]]\nfolder = "{tmp_path}/in"\n')
    sounds.write(tmp_path / "in/old.wav", sounds.noise_burst())
    return tmp_path / "in"


def install(monkeypatch, *, start: bool = True) -> list[str]:
    """Install with a service manager that only notes what the journal knows when it starts the service."""
    known: list[str] = []

    def start_service(**_: object) -> list[str]:
        with Journal(app_paths.journal_file()) as journal:
            known.extend(path.name for path, _ in journal.seen.baseline())
        return ["started"]

    manager = SimpleNamespace(path="unit", install=start_service)
    monkeypatch.setattr(service, "this_system", lambda: manager)
    service.install(start=start)
    return known


def refuse(monkeypatch, folder) -> None:
    def scandir(path):
        if os.fspath(path) == str(folder):
            raise OSError(errno.EPERM, "Operation not permitted")
        return real(path)

    real = os.scandir
    monkeypatch.setattr(os, "scandir", scandir)


@pytest.mark.usefixtures("folder")
def test_the_baseline_is_there_before_the_service_starts(monkeypatch, capsys):
    assert install(monkeypatch) == ["old.wav"]
    assert capsys.readouterr().out.splitlines() == [
        "~/in: 1 sound is there already and is left alone.",
        "started",
    ]


def test_what_came_before_the_service_may_read_the_folder_is_new(folder, monkeypatch):
    install(monkeypatch)
    with monkeypatch.context() as refusing, Journal(app_paths.journal_file()) as journal:
        refuse(refusing, folder)
        arrivals = Arrivals(read(app_paths.config_file()), journal)
        arrivals.begin(0.0, 4e9)
        refusing.undo()
        sounds.write(folder / "new.wav", sounds.noise_burst(seed=1))
        arrivals.rescan(1.0, 4e9)

        stable = [one for one in arrivals.stable(100.0, 4e9) if not isinstance(one, Refused)]
        assert [arrival.path.name for arrival, _ in stable] == ["new.wav"]


def test_a_folder_that_the_terminal_may_not_read_either_is_named(folder, monkeypatch, capsys):
    refuse(monkeypatch, folder)

    assert install(monkeypatch) == []
    assert "~/in cannot be read: what is in it is left alone" in capsys.readouterr().out


def test_installing_again_notes_nothing_anew(folder, monkeypatch, capsys):
    install(monkeypatch)
    sounds.write(folder / "new.wav", sounds.noise_burst(seed=1))
    capsys.readouterr()

    assert install(monkeypatch) == ["old.wav"]
    assert capsys.readouterr().out == "started\n"


@pytest.mark.usefixtures("folder")
def test_without_a_start_nothing_is_noted(monkeypatch):
    assert install(monkeypatch, start=False) == []
