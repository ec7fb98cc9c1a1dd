"""What is installed is what lies in systemd/ and launchd/, with this installation's paths filled in."""

import plistlib
import sys
from pathlib import Path

import pytest

from drumwatch import places
from drumwatch.commands import service
from drumwatch.service import launchd, systemd
from drumwatch.service.windows import task_text
from drumwatch.words import home_short

TOP = Path(__file__).parents[2]
# launchd.plist(5)
LAUNCHD_KEYS = {
    "Label": str,
    "ProgramArguments": list,
    "EnvironmentVariables": dict,
    "RunAtLoad": bool,
    "KeepAlive": dict,
    "ThrottleInterval": int,
    "ProcessType": str,
    "LowPriorityIO": bool,
    "LowPriorityBackgroundIO": bool,
    "Nice": int,
    "ExitTimeOut": int,
    "StandardOutPath": str,
    "StandardErrorPath": str,
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "DRUMWATCH_CONFIG", "DRUMWATCH_STATE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("name", ["systemd/drumwatch.service", "launchd/org.drumwatch.drumwatch.plist"])
def test_the_file_to_read_is_the_file_that_ships(name):
    assert (TOP / name).read_text() == (TOP / "drumwatch/service" / Path(name).name).read_text()


def test_the_unit_starts_this_very_installation():
    lines = systemd.unit_text().splitlines()

    assert f"ExecStart={sys.executable} -m drumwatch run" in lines
    assert len(lines) == len((TOP / "systemd/drumwatch.service").read_text().splitlines())


def test_the_unit_keeps_the_configuration_that_was_in_force(monkeypatch):
    monkeypatch.setenv("DRUMWATCH_CONFIG", '/music/100% "mine"/c.toml')

    assert 'Environment="DRUMWATCH_CONFIG=/music/100%% \\"mine\\"/c.toml"' in systemd.unit_text().splitlines()


def test_the_agent_is_a_plist_with_keys_that_launchd_knows(home):
    agent = plistlib.loads(launchd.plist_text().encode())

    assert {key: type(value) for key, value in agent.items()} == {key: LAUNCHD_KEYS[key] for key in agent}
    assert agent["ProgramArguments"] == [sys.executable, "-m", "drumwatch", "run"]
    assert agent["StandardErrorPath"] == f"{home}/Library/Logs/drumwatch/drumwatch.log"


def test_the_agent_keeps_the_configuration_that_was_in_force(monkeypatch):
    monkeypatch.setenv("DRUMWATCH_CONFIG", "/music/R&B/c.toml")

    assert plistlib.loads(launchd.plist_text().encode())["EnvironmentVariables"] == {
        "DRUMWATCH_CONFIG": "/music/R&B/c.toml"
    }


def test_the_task_names_this_installation():
    assert f"<Command>{sys.executable}</Command><Arguments>-m drumwatch run</Arguments>" in task_text()


def test_installing_without_a_start_only_writes_the_file_and_twice_changes_nothing(home):
    manager = systemd.Systemd()

    assert manager.install(start=False)[0] == f"Wrote {home}/.config/systemd/user/drumwatch.service"
    assert manager.install(start=False)[0] == f"Up to date: {home}/.config/systemd/user/drumwatch.service"
    assert [path.name for path in manager.path.parent.iterdir()] == ["drumwatch.service"]


def test_removing_it_leaves_only_what_is_the_users_and_says_where_that_is(home, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local/state"))
    monkeypatch.setattr(service, "this_system", systemd.Systemd)
    monkeypatch.setattr(systemd.shutil, "which", lambda _: None)
    config, journal = places.config_file(), places.journal_file()
    for path in (config, journal):
        path.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'library = "{home}/drums"\n')
    journal.touch()
    (places.log_folder() / "drumwatch.jsonl").touch()
    (places.cache_folder() / "features").touch()
    manager = systemd.Systemd()
    manager.install(start=False)
    wants = manager.path.parent / "default.target.wants"
    wants.mkdir()
    (wants / "drumwatch.service").symlink_to(manager.path)

    service.uninstall()

    left = {path for path in home.rglob("*") if not path.is_dir()}
    assert left == {config, journal}
    assert capsys.readouterr().out.splitlines()[1:] == [
        "What stays, because it is yours:",
        f"  configuration  {home_short(config)}",
        f"  journal        {home_short(journal)}",
        "  library        ~/drums",
    ]
