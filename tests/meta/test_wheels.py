"""The versions of constraints.txt can be installed from wheels alone on every system that is promised.

pip judges markers such as `sys_platform` by the machine that it runs on, whatever `--platform` says, so it is given the facts of the
other machine.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
GLIBC = 35  # the release of Ubuntu 22.04 and later


def linux(machine: str) -> list[str]:
    return [*(f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC, 4, -1)), f"manylinux2014_{machine}"]


SYSTEMS = {
    "macOS x86_64": ("Darwin", "x86_64", ["macosx_13_0_x86_64"]),
    "macOS arm64": ("Darwin", "arm64", ["macosx_13_0_arm64"]),
    "Linux x86_64": ("Linux", "x86_64", linux("x86_64")),
    "Linux aarch64": ("Linux", "aarch64", linux("aarch64")),
}
ELSEWHERE = """
import json, sys
from pip._vendor.packaging import markers
facts = json.loads(sys.argv.pop(1))
markers.default_environment = lambda: dict(facts)
"""
RESOLVE = "from pip._internal.cli.main import main\nsys.exit(main(sys.argv[1:]))\n"
SELECT = (
    "from pip._vendor.packaging.requirements import Requirement\n"
    "wanted = map(Requirement, sys.argv[1:])\n"
    "print(json.dumps({one.name: str(one.specifier) for one in wanted if not one.marker or one.marker.evaluate()}))\n"
)
asks_the_registry = pytest.mark.skipif(
    "ASK_REGISTRY" not in os.environ,
    reason="asks the package registry for a minute per system: `make wheels` does",
)


def requirements(*extras: str) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [
        *project["dependencies"],
        *(one for extra in extras for one in project["optional-dependencies"][extra]),
    ]


def elsewhere(system: str, python: str, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code that takes this machine for another one."""
    name, machine, _ = SYSTEMS[system]
    facts = {
        "os_name": "posix",
        "sys_platform": name.lower(),
        "platform_system": name,
        "platform_machine": machine,
        "platform_release": "",
        "platform_version": "",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.1",
        "python_version": python,
        "python_full_version": f"{python}.1",
    }
    return subprocess.run(
        [sys.executable, "-c", ELSEWHERE + code, json.dumps(facts), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {normalized(name): version for name, _, version in (line.partition("==") for line in lines)}


@pytest.mark.parametrize(
    ("system", "has_librosa", "watchdog"),
    [
        ("macOS x86_64", False, "<8,>=7"),
        ("macOS arm64", True, "<8,>=7"),
        ("Linux x86_64", True, "<8,>=6"),
        ("Linux aarch64", True, "<8,>=6"),
    ],
)
def test_librosa_is_left_out_on_intel_macs_only_and_watchdog_6_on_all_macs(system, has_librosa, watchdog):
    wanted = json.loads(elsewhere(system, "3.13", SELECT, *requirements()).stdout)

    assert ("librosa" in wanted) is has_librosa
    assert wanted["watchdog"] == watchdog


@asks_the_registry
@pytest.mark.timeout(600)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_pinned_versions_are_all_there_as_wheels(system, python, tmp_path):
    platforms = [word for one in SYSTEMS[system][2] for word in ("--platform", one)]
    done = elsewhere(
        system,
        python,
        RESOLVE,
        *("install", "--dry-run", "--ignore-installed", "--only-binary=:all:", "--target", str(tmp_path)),
        *("--implementation", "cp", "--python-version", python, "-c", "constraints.txt"),
        *platforms,
        *requirements("archives", "dask", "dev"),
    )

    assert done.returncode == 0, done.stderr
    found = re.search(r"^Would install (.*)$", done.stdout, re.MULTILINE)
    chosen = dict(one.rsplit("-", 1) for one in found.group(1).split())
    assert {normalized(name): version for name, version in chosen.items()}.items() <= pins().items()
