"""The service against a stand-in for `launchctl` that answers as the real one was seen to: 5, 37 and 113, and too early."""

import logging

import pytest

from drumwatch.service.launchd import LABEL, Launchd
from drumwatch.service.manager import ServiceTrouble
from drumwatch.system import launchd_log

# Its state is in files beside it: `loaded`; `ending` with the seconds until the job has ended; `refusals`; `disabled`.
LAUNCHCTL = """#!/bin/sh
cd "{folder}" || exit 1
echo "$@" >> calls
not_loaded() {{ echo "Could not find service in domain for user gui: 501" >&2; exit 113; }}
case "$1" in
  print) [ -e loaded ] || [ -e ending ] || not_loaded; echo "state = running" ;;
  print-disabled) [ -e disabled ] && printf '\\t"{label}" => disabled\\n'; exit 0 ;;
  bootout)
    [ -e loaded ] || {{ echo "Boot-out failed: 3: No such process" >&2; exit 3; }}
    mv loaded ending ;;
  bootstrap)
    if [ -e loaded ]; then echo "Bootstrap failed: 5: Input/output error" >&2; exit 5; fi
    if [ -e ending ]; then echo "Bootstrap failed: 37: Operation already in progress" >&2; exit 37; fi
    if [ -s refusals ]; then sed -i.old 1d refusals; echo "Bootstrap failed: 5: Input/output error" >&2; exit 5; fi
    echo 5 > loaded ;;
  kickstart) [ -e loaded ] || not_loaded ;;
  kill) [ -e loaded ] || not_loaded ;;
esac
"""


class Mac:
    """A Mac's launchd, and its time: nobody waits for real."""

    def __init__(self, folder):
        self.folder = folder
        self.now = 0.0

    def sleep(self, seconds):
        self.now += seconds
        ending = self.folder / "ending"
        if ending.exists() and self.now >= float(ending.read_text()):
            ending.unlink()

    def calls(self):
        asked = [line.split()[0] for line in (self.folder / "calls").read_text().splitlines()]
        (self.folder / "calls").unlink()
        return [verb for verb in asked if not verb.startswith("print")]

    def load(self, ends_in=5):
        (self.folder / "loaded").write_text(f"{self.now + ends_in}")

    @property
    def runs(self):
        return (self.folder / "loaded").exists()


@pytest.fixture
def mac(tmp_path, monkeypatch):
    folder = tmp_path / "launchd"
    folder.mkdir()
    (folder / "launchctl").write_text(LAUNCHCTL.format(folder=folder, label=LABEL))
    (folder / "launchctl").chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return Mac(folder)


@pytest.fixture
def service(mac):
    service = Launchd(lambda: mac.now, mac.sleep)
    service.install(start=False)
    return service


def test_installing_starts_it(mac, service):
    service.install(start=True)

    assert mac.runs
    assert mac.calls() == ["bootout", "bootstrap"]


def test_installing_over_a_running_one_waits_until_that_has_ended(mac, service):
    mac.load(ends_in=19)

    service.install(start=True)

    assert mac.runs
    assert mac.now >= 19
    assert mac.calls() == ["bootout", "bootstrap"]


def test_a_start_that_is_refused_at_first_is_tried_again(mac, service):
    (mac.folder / "refusals").write_text("5\n5\n")

    service.install(start=True)

    assert mac.runs
    assert mac.calls() == ["bootout", "bootstrap", "bootstrap", "bootstrap"]


def test_a_start_that_is_refused_for_good_says_that_it_is_not_running(mac, service):
    (mac.folder / "refusals").write_text("5\n" * 1000)

    with pytest.raises(ServiceTrouble, match=r"did not start drumwatch .*, so it is not running"):
        service.install(start=True)

    assert 15 <= mac.now < 20


def test_one_that_does_not_end_is_told_and_not_waited_for_without_end(mac, service):
    mac.load(ends_in=10_000)

    with pytest.raises(ServiceTrouble, match="has not stopped within 25 seconds"):
        service.install(start=True)


def test_one_that_is_switched_off_is_told_with_the_way_to_switch_it_on_and_goes_on(mac, service):
    (mac.folder / "disabled").touch()
    mac.load()

    with pytest.raises(ServiceTrouble, match=f"Login Items, or with `launchctl enable gui/[0-9]+/{LABEL}`"):
        service.install(start=True)

    assert mac.runs


@pytest.mark.parametrize(
    ("verb", "loaded", "asked"),
    [
        ("start", True, ["kickstart"]),
        ("start", False, ["kickstart", "bootstrap"]),
        ("restart", True, ["kickstart"]),
        ("restart", False, ["kickstart", "bootstrap"]),
    ],
)
def test_starting_is_right_for_a_job_that_is_loaded_and_for_one_that_is_not(
    mac, service, verb, loaded, asked
):
    if loaded:
        mac.load()

    assert service.control(verb) == [f"drumwatch was {verb}ed."]

    assert mac.runs
    assert mac.calls() == asked


def test_restarting_after_a_stop_starts_it(mac, service):
    mac.load()

    assert service.control("stop") == ["drumwatch was stopped."]
    assert not mac.runs
    assert service.control("stop") == ["drumwatch was not running."]
    service.control("restart")

    assert mac.runs


def test_a_reload_without_a_running_job_says_how_to_start_it(mac, service):
    with pytest.raises(ServiceTrouble, match="is not running: `drumwatch service start` starts it"):
        service.control("reload")
    mac.load()
    assert service.control("reload") == ["drumwatch was asked to read its configuration again."]


def test_a_service_that_is_not_installed_says_so(mac, service):
    service.path.unlink()

    with pytest.raises(ServiceTrouble, match="`drumwatch service install` installs and starts it"):
        service.control("start")
    assert "is not installed" in service.status()
    assert not mac.runs


def test_a_file_that_was_edited_until_it_is_no_plist_selects_nothing(service):
    assert set(service.settings()) == {"DRUMWATCH_CONFIG", "DRUMWATCH_STATE"}

    service.path.write_text("<plist><dict>")

    assert service.settings() == {}


def test_its_status_says_that_it_is_not_running_or_switched_off(mac, service):
    assert service.status().startswith("drumwatch is installed and not running")
    (mac.folder / "disabled").touch()
    assert service.status().startswith("drumwatch is switched off in macOS")
    mac.load()
    assert service.status() == "state = running"


def test_removing_it_waits_until_it_has_ended(mac, service):
    mac.load(ends_in=10)

    service.uninstall()

    assert not mac.runs
    assert not service.path.exists()
    assert not launchd_log.path().parent.exists()


def test_the_folder_of_its_log_is_there_before_launchd_needs_it(service):
    assert service.path.exists()
    assert launchd_log.path().parent.is_dir()


def test_the_log_of_the_service_never_grows_beyond_two_files(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    log = launchd_log.path()
    log.parent.mkdir(parents=True)
    with log.open("a") as stream:
        handler = launchd_log.LimitedLog(stream, largest=1000)
        for number in range(200):
            handler.emit(a_record(f"line {number}"))
            stream.flush()

    assert sorted(path.name for path in log.parent.iterdir()) == ["drumwatch.log", "drumwatch.log.1"]
    assert max(path.stat().st_size for path in log.parent.iterdir()) < 1100
    assert log.read_text().splitlines()[-1:] == ["line 199"]


def test_a_file_of_the_users_own_is_never_limited(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with (tmp_path / "mine.log").open("a") as stream:
        handler = launchd_log.LimitedLog(stream, largest=10)
        for number in range(20):
            handler.emit(a_record(f"line {number}"))

    assert len((tmp_path / "mine.log").read_text().splitlines()) == 20
    assert [path.name for path in tmp_path.iterdir()] == ["mine.log"]


def a_record(text):
    return logging.LogRecord("drumwatch", logging.INFO, "", 0, text, None, None)
