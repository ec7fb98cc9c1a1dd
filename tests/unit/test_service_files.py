"""What is installed is what lies in systemd/ and launchd/, with this installation's paths filled in."""

import plistlib
import sys
from pathlib import Path

import pytest

from drumwatch.commands import doctor, service
from drumwatch.service import launchd, systemd
from drumwatch.system import app_paths
from drumwatch.system.file_lock import Lock

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
    "LegacyTimers": bool,
    "MaterializeDatalessFiles": bool,
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


@pytest.mark.parametrize(
    "name",
    ["systemd/drumwatch.service", "systemd/hardening.conf", "launchd/org.drumwatch.drumwatch.plist"],
)
def test_the_file_to_read_is_the_file_that_ships(name):
    assert (TOP / name).read_text() == (TOP / "drumwatch/service" / Path(name).name).read_text()


def test_the_unit_starts_this_very_installation():
    lines = systemd.unit_text().splitlines()

    assert f"ExecStart={sys.executable} -P -m drumwatch run" in lines
    environment = [line for line in lines if line.startswith("Environment=")]
    assert len(lines) - len(environment) == len((TOP / "systemd/drumwatch.service").read_text().splitlines())


def test_the_unit_keeps_the_configuration_that_was_in_force(monkeypatch):
    monkeypatch.setenv("DRUMWATCH_CONFIG", '/music/100% "mine"/c.toml')

    assert 'Environment="DRUMWATCH_CONFIG=/music/100%% \\"mine\\"/c.toml"' in systemd.unit_text().splitlines()


def test_the_agent_is_a_plist_with_keys_that_launchd_knows(home):
    agent = plistlib.loads(launchd.plist_text().encode())

    assert {key: type(value) for key, value in agent.items()} == {key: LAUNCHD_KEYS[key] for key in agent}
    assert agent["ProgramArguments"] == [sys.executable, "-P", "-m", "drumwatch", "run"]
    assert agent["StandardErrorPath"] == f"{home}/Library/Logs/drumwatch/drumwatch.log"


def test_the_agent_keeps_the_configuration_that_was_in_force(monkeypatch):
    monkeypatch.setenv("DRUMWATCH_CONFIG", "/music/R&B/c.toml")
    monkeypatch.setenv("DRUMWATCH_STATE", "/music/state")

    assert plistlib.loads(launchd.plist_text().encode())["EnvironmentVariables"] == {
        "DRUMWATCH_CONFIG": "/music/R&B/c.toml",
        "DRUMWATCH_STATE": "/music/state",
    }


def test_paths_that_come_from_variables_of_this_shell_are_written_out_for_unit_and_agent(home, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "dotfiles"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    expected = {
        "DRUMWATCH_CONFIG": str(app_paths.config_file()),
        "DRUMWATCH_STATE": str(app_paths.state_path()),
    }

    unit = systemd.unit_text().splitlines()
    agent = plistlib.loads(launchd.plist_text().encode())

    assert agent["EnvironmentVariables"] == expected
    assert [f"Environment={name}={path}" for name, path in expected.items()] == [
        line for line in unit if line.startswith("Environment=")
    ]


def test_where_no_variable_is_set_the_paths_are_written_out_as_well():
    expected = [f"Environment=DRUMWATCH_STATE={app_paths.state_path()}"]

    assert [line for line in systemd.unit_text().splitlines() if "_STATE=" in line] == expected


def test_the_timers_of_the_agent_are_not_put_off_and_nothing_is_fetched_for_it():
    agent = plistlib.loads(launchd.plist_text().encode())

    assert (agent["LegacyTimers"], agent["MaterializeDatalessFiles"]) == (True, False)


def test_installing_without_a_start_only_writes_the_file_and_twice_changes_nothing(home):
    manager = systemd.Systemd()

    assert manager.install(start=False)[0] == f"Wrote {home}/.config/systemd/user/drumwatch.service"
    assert manager.install(start=False)[0] == f"Up to date: {home}/.config/systemd/user/drumwatch.service"
    assert [path.name for path in manager.path.parent.iterdir()] == ["drumwatch.service"]


@pytest.fixture
def installed(home, monkeypatch):
    """The manager of a service that was installed with a set-up of its own, in a shell that has another one now."""
    monkeypatch.setattr(service, "this_system", systemd.Systemd)
    monkeypatch.setattr(systemd.shutil, "which", lambda _: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setenv("DRUMWATCH_CONFIG", str(home / 'music 100% "mine"/c.toml'))
    monkeypatch.setenv("DRUMWATCH_STATE", str(home / "state"))
    manager = systemd.Systemd()
    manager.install(start=False)
    app_paths.config_file().parent.mkdir()
    app_paths.config_file().write_text(f'library = "{home}/drums"\n')
    app_paths.journal_file().touch()
    (app_paths.log_folder() / "drumwatch.jsonl").write_text(
        '{"time": "2026-11-24T12:00:00.000Z", "level": "warning", "logger": "drumwatch", "message": "No room."}\n'
    )
    monkeypatch.setenv("DRUMWATCH_CONFIG", str(home / "another.toml"))
    monkeypatch.setenv("DRUMWATCH_STATE", str(home / "another"))
    return manager


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_removing_it_leaves_only_what_is_the_users_and_says_where_that_is(home, installed, capsys):
    for trace in (app_paths.cache_folder() / "features", home / "state/heard.db", home / "state/daemon.lock"):
        trace.touch()
    wants = installed.path.parent / "default.target.wants"
    wants.mkdir()
    (wants / "drumwatch.service").symlink_to(installed.path)

    service.uninstall()

    assert files_in(home) == ['music 100% "mine"/c.toml', "state/journal.db"]
    assert not installed.path.parent.exists()
    assert capsys.readouterr().out.splitlines()[1:] == [
        "What is kept, because it is yours:",
        '  configuration  ~/music 100% "mine"/c.toml',
        "  journal        ~/state/journal.db",
        "  library        ~/drums",
    ]


def test_our_walls_are_removed_and_what_the_user_wrote_stays_and_is_named(installed, capsys):
    folder = installed.path.with_name("drumwatch.service.d")
    folder.mkdir()
    ours, theirs = folder / "hardening.conf", folder / "mine.conf"
    ours.write_text((TOP / "systemd/hardening.conf").read_text().replace("#Private", "Private"))
    theirs.write_text("[Service]\nNice=19\n")

    service.uninstall()

    assert (ours.exists(), theirs.read_text()) == (False, "[Service]\nNice=19\n")
    assert f"Kept, as it is of your own making: {theirs}" in capsys.readouterr().out


@pytest.mark.usefixtures("installed")
def test_where_the_system_keeps_no_log_ours_is_shown(monkeypatch, capsys):
    monkeypatch.setattr(systemd, "JOURNALD", Path("/nowhere"))

    assert service.logs(follow=False) == 0

    assert capsys.readouterr().out.endswith("  warning: No room.\n")


@pytest.mark.usefixtures("installed")
def test_a_daemon_that_was_started_by_hand_keeps_its_log(home):
    lock = Lock(home / "state/daemon.lock")
    lock.take()

    service.uninstall()

    assert (home / "state/log/drumwatch.jsonl").exists()
    lock.release()


def test_the_doctor_names_a_service_that_uses_other_paths_than_this_shell(home, monkeypatch):
    monkeypatch.setattr(doctor, "this_system", systemd.Systemd)
    monkeypatch.setenv("DRUMWATCH_CONFIG", str(home / "c.toml"))
    systemd.Systemd().install(start=False)
    assert list(doctor._service()) == []

    monkeypatch.setenv("DRUMWATCH_CONFIG", str(home / "other.toml"))
    (finding,) = doctor._service()

    assert finding.what == "the service that starts at login uses ~/c.toml, and this shell ~/other.toml"
    assert "DRUMWATCH_CONFIG" in finding.remedy


def test_the_doctor_says_nothing_of_a_service_that_is_not_installed_or_of_an_earlier_version(monkeypatch):
    monkeypatch.setattr(doctor, "this_system", systemd.Systemd)
    assert list(doctor._service()) == []

    path = systemd.Systemd().path
    path.parent.mkdir(parents=True)
    path.write_text((TOP / "systemd/drumwatch.service").read_text())

    assert list(doctor._service()) == []
