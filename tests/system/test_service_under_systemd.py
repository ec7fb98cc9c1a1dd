"""The service under a real systemd user manager, in a mount namespace of its own. Needs root and systemd."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sounds

pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0, reason="a user manager of our own needs root on Linux"
    ),
    pytest.mark.skipif(
        not Path("/lib/systemd/systemd").exists() or not shutil.which("unshare"), reason="no systemd here"
    ),
    pytest.mark.timeout(180),
]

MANAGER = Path(__file__).with_name("user_manager.sh")

# What a person would do first. Each line that is checked begins with a name of its own.
SCRIPT = """
say() {{ echo "$1: $(eval "$2" 2>&1 | tail -n 1)"; }}
dw() {{ {python} -m drumwatch "$@"; }}
status() {{ systemctl --user show -p StatusText --value drumwatch; }}
active() {{ systemctl --user is-active drumwatch; }}
pid() {{ systemctl --user show -p MainPID --value drumwatch; }}
becomes() {{ for _ in $(seq 200); do eval "$1" && return 0; sleep 0.1; done; return 1; }}
mkdir -p "$XDG_RUNTIME_DIR/systemd/user/drumwatch.service.d"  # nobody here wants to wait for long
printf '[Service]\nRestartSec=0.5\n' > "$XDG_RUNTIME_DIR/systemd/user/drumwatch.service.d/soon.conf"
dw service install >&2 && say installed active
say enabled 'systemctl --user is-enabled drumwatch'
say status status
say alive 'dw status | head -n 1 | cut -d" " -f1-3'
cp "{sound}" "{intake}/boom.wav"
becomes '[ ! -e "{intake}/boom.wav" ]' && say filed 'find "{library}" -name boom.wav | wc -l'
cp "{config}" "{config}.good"; echo 'max_wrnog = 1' >> "{config}"
dw service reload >&2; becomes 'status | grep -q mistakes' && say bad active
cp "{config}.good" "{config}"; dw service reload >&2
becomes 'status | grep -q Watching' && say good active
old=$(pid); kill -9 $old
becomes '[ "$(pid)" != 0 ] && [ "$(pid)" != '$old' ] && [ "$(active)" = active ]'
say restarted 'systemctl --user show -p NRestarts --value drumwatch'
dw service stop >&2; say stopped active
echo 'nonsense =' > "{config}"; systemctl --user start drumwatch 2>/dev/null || true
sleep 2; say refused 'systemctl --user show -p ExecMainStatus,NRestarts --value drumwatch | sort | paste -sd" "'
dw service uninstall >&2; say gone 'ls "$HOME/.config/systemd/user" | wc -l'
"""


@pytest.fixture
def session(tmp_path):
    home, intake, library = tmp_path / "home", tmp_path / "intake", tmp_path / "library"
    for folder in (home, intake, tmp_path / "run"):
        folder.mkdir()
    config = tmp_path / "config.toml"
    config.write_text(
        f'library = "{library}"\nmax_wrong = 1.0\nquiet = 0.2\n\n[[watch]]\nfolder = "{intake}"\n'
    )
    sound = sounds.write(tmp_path / "boom.wav", sounds.kick())
    script = tmp_path / "session.sh"
    script.write_text(
        SCRIPT.format(python=sys.executable, sound=sound, intake=intake, library=library, config=config)
    )
    environ = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "DBUS_"))},
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "DRUMWATCH_CONFIG": str(config),
        "DRUMWATCH_STATE": str(tmp_path / "state"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    with open(tmp_path / "out", "w+") as out, open(tmp_path / "err", "w+") as err:
        # Into files: what systemd has started may outlive the shell for a moment, and would hold a pipe open.
        command = ["unshare", "--mount", "bash", MANAGER, "bash", script]
        subprocess.run(command, env=environ, cwd=tmp_path, stdout=out, stderr=err, timeout=90, check=False)
    out, err = (tmp_path / "out").read_text(), (tmp_path / "err").read_text()
    if "installed:" not in out:
        log = tmp_path / "run" / "systemd.log"
        pytest.skip(
            f"no user manager to be had here: {err[-500:]} {log.read_text()[-500:] if log.exists() else ''}"
        )
    print(out, err)
    return dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "") for line in out.splitlines())


def test_a_session_with_the_service(session):
    assert session == {
        "installed": "active",
        "enabled": "enabled",
        "status": "Watching 1 folder",
        "alive": "drumwatch is running",
        "filed": "1",
        "bad": "active",
        "good": "active",
        "restarted": "1",
        "stopped": "inactive",
        "refused": "0 78",
        "gone": "0",
    }


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    from drumwatch.service.systemd import unit_text  # noqa: PLC0415

    unit = tmp_path / "drumwatch.service"
    unit.write_text(unit_text())

    checked = subprocess.run(
        ["systemd-analyze", "--user", "verify", unit], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stderr) == (0, "")
