"""`make install`: drumwatch as a command of every terminal, by the script that the Makefile calls."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program in a checkout, with a space in its path."""
    file = tmp_path / "a checkout" / "bin" / "drumwatch"
    file.parent.mkdir(parents=True)
    file.write_text("#!/bin/sh\necho started with: $*\n")
    file.chmod(0o755)
    return file


def install(program: Path, home: Path, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    environment: Mapping[str, str] = {"HOME": str(home), "PATH": path}
    command = ["/bin/sh", str(ROOT / "scripts/install.sh"), str(program), str(program.parents[1])]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.skipif(os.path.exists("/usr/bin/pipx"), reason="pipx of the system would be used")
class TestWithoutPipx:
    def test_a_link_leads_to_the_checkout(self, program: Path, tmp_path: Path) -> None:
        answer = install(program, tmp_path)
        link = tmp_path / ".local/bin/drumwatch"
        assert answer.returncode == 0
        assert link.resolve() == program
        started = subprocess.run([link, "status"], capture_output=True, text=True, check=True, timeout=60)
        assert started.stdout == "started with: status\n"

    def test_it_says_what_to_add_when_the_folder_is_not_searched(self, program: Path, tmp_path: Path) -> None:
        assert 'export PATH="$HOME/.local/bin:$PATH"' in install(program, tmp_path).stdout

    def test_it_says_so_when_the_folder_is_searched(self, program: Path, tmp_path: Path) -> None:
        answer = install(program, tmp_path, path=f"/usr/bin:/bin:{tmp_path}/.local/bin")
        assert answer.stdout.startswith("drumwatch is a command now")

    def test_a_second_time_changes_nothing(self, program: Path, tmp_path: Path) -> None:
        install(program, tmp_path)
        assert install(program, tmp_path).returncode == 0

    def test_a_program_that_is_not_ours_stays(self, program: Path, tmp_path: Path) -> None:
        other = tmp_path / ".local/bin/drumwatch"
        other.parent.mkdir(parents=True)
        other.write_text("something else")
        answer = install(program, tmp_path)
        assert answer.returncode == 1
        assert "Nothing was changed" in answer.stderr
        assert other.read_text() == "something else"


def test_pipx_installs_the_checkout_with_the_versions_that_were_tested(program: Path, tmp_path: Path) -> None:
    pipx = tmp_path / "tools/pipx"
    pipx.parent.mkdir()
    pipx.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    pipx.chmod(0o755)
    answer = install(program, tmp_path, path=f"{pipx.parent}:/usr/bin:/bin")
    checkout = program.parents[1]
    assert answer.stdout.splitlines() == [
        *("install", "--force", f"--pip-args=-c '{checkout}/constraints.txt'", str(checkout)),
    ]
    assert not (tmp_path / ".local").exists()
