"""The login item still starts drumwatch after it was upgraded in place, as pip and pipx do it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from drumwatch import __version__

ROOT = Path(__file__).parents[2]
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


def output_of(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=True, **more).stdout


@pytest.fixture
def install(tmp_path):
    """Puts drumwatch into an environment of its own, from a wheel, in place of what is there; returns its command."""
    place = tmp_path / ".local/share/pipx/venvs/drumwatch"
    venv.create(place, with_pip=False)
    (site,) = place.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))  # all but drumwatch itself
    wheel = tmp_path / output_of(sys.executable, "-c", BUILD, tmp_path, cwd=ROOT).split()[-1]

    def put():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            place / "bin/python",
            "install",
            "--quiet",
            "--no-index",
        ]
        output_of(*pip, "--no-deps", "--no-compile", "--force-reinstall", wheel)
        return place / "bin/drumwatch"

    return put


@pytest.mark.skipif(sys.platform != "linux", reason="reads a systemd unit")
def test_the_login_item_survives_an_upgrade_in_place(install, tmp_path):
    environ = {
        key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "XDG_CONFIG_HOME")
    }
    here = {"env": {**environ, "HOME": str(tmp_path)}, "cwd": tmp_path}
    unit = Path(output_of(install(), "service", "install", "--no-start", **here).strip())

    upgraded = install()

    (starts,) = [line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
    command = starts.removeprefix("ExecStart=").removesuffix(" run").split()
    assert command[0] == str(upgraded.with_name("python"))
    assert output_of(*command, "--version", **here).split()[-1] == __version__
    before = unit.read_text()
    output_of(upgraded, "service", "install", "--no-start", **here)
    assert unit.read_text() == before
