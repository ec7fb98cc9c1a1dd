"""What is not the user's to sort is refused by every command that takes a folder.

All of it is tried behind a fence: only the folder of the test can be written, so that a check that is broken moves nothing.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
import sounds
from daemon_harness import ROOT, TIMEOUT
from sandboxed_commands import NO_SANDBOX

if TYPE_CHECKING:
    from pathlib import Path

ACTIONS = ("move", "copy", "hardlink", "symlink", "tag")
PLACES = ("/", "~", "/usr", "~/Music", "~/Library", "~/.local", "~/state")
FACTS = {
    "/": "is the whole disk: ",
    "~": "is your home folder, or holds it: ",
    "/usr": "is a folder of the system: ",
    "~/Music": "holds the library ",
    "~/Library": "is a folder where programs keep their files: ",
    "~/.local": "is a hidden folder, where programs keep their files: ",
    "~/state": "is where drumwatch keeps its own files: ",
}
AROUND_LIBRARY = "lies inside the watched folder"


class CommandResult(NamedTuple):
    code: int
    out: str
    err: str


class SandboxedHome:
    """A home folder with a sound in every folder that may be asked for, and drumwatch in a sandbox that ends at it."""

    def __init__(self, root: Path) -> None:
        self.root, self.home = root, root / "home"
        self.library, self.config = self.home / "Music/Drums", root / "config.toml"
        for place in ("", "Downloads", "Music", "Library/kick", ".local/kick", "state/kick", "Music/kick"):
            (self.home / place).mkdir(parents=True, exist_ok=True)
            sounds.write(self.home / place / "kick.wav", sounds.kick())
        self.library.mkdir()
        self.configure()

    def configure(self, folder: str = "~/Downloads", config: Path | None = None) -> Path:
        """The configuration, here or in another file, that watches this folder."""
        config = config or self.config
        settings = f'library = "{self.library}"\nmax_wrong = 1.0\nmin_free = "1 MB"\n'
        config.write_text(f'{settings}[[watch]]\nfolder = "{folder}"\n')
        return config

    def path(self, place: str, *, linked: bool = False) -> str:
        path = place.replace("~", str(self.home), 1)
        if linked:
            link = self.root / "link"
            link.symlink_to(path)
            return str(link)
        return path

    def run(self, *commands: list[str], typed: str = "", place: str = "") -> list[CommandResult]:
        """What becomes of the commands; on the platform on which this place is protected."""
        platform = "darwin" if place == "~/Library" else "linux"
        environment = {name: text for name, text in os.environ.items() if not name.startswith("XDG_")}
        environment |= {"HOME": str(self.home), "DRUMWATCH_CONFIG": str(self.config)}
        environment |= {"DRUMWATCH_STATE": str(self.home / "state"), "PYTHONPATH": str(ROOT)}
        ran = subprocess.Popen(
            [sys.executable, str(ROOT / "tests/sandboxed_commands.py"), str(self.root), platform],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            out, err = ran.communicate(json.dumps([(command, typed) for command in commands]), TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(ran.pid, signal.SIGKILL)  # it is sorting this machine, and so do its children
            ran.communicate()
            raise
        if ran.returncode == NO_SANDBOX:
            pytest.skip("needs Landlock: without it, a check that is broken would move this machine's files")
        assert ran.returncode == 0, err
        return [CommandResult(*one) for one in json.loads(out)]

    def sounds(self) -> list[str]:
        return sorted(str(path.relative_to(self.home)) for path in self.home.rglob("*.wav"))


@pytest.fixture
def sandboxed_home(tmp_path: Path) -> SandboxedHome:
    return SandboxedHome(tmp_path)


def commands_with(folder: str) -> list[list[str]]:
    """Every command that takes a folder, with this one."""
    sort = ["sort", folder]
    return [
        sort,
        *([*sort, "--action", action] for action in ACTIONS),
        *([*sort, "--action", action, "--dry-run"] for action in ACTIONS),
        ["train", folder],
        ["evaluate", folder],
        ["classify", folder],
    ]


def test_in_the_sandbox_sounds_are_sorted_and_nothing_else_can_be_written(sandboxed_home, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    sounds.write(outside / "kick.wav", sounds.kick())

    sorted_, elsewhere = sandboxed_home.run(
        ["sort", sandboxed_home.path("~/Downloads")], ["sort", str(outside), "--to", str(outside / "library")]
    )

    assert sorted_.code == 0, sorted_.err
    assert (sandboxed_home.library / "kick/kick.wav").exists()
    assert elsewhere.code != 0
    assert [path.name for path in outside.iterdir()] == ["kick.wav"]


@pytest.mark.parametrize("place", PLACES)
def test_every_command_that_takes_a_folder_refuses_it_and_says_why(place, sandboxed_home):
    before = sandboxed_home.sounds()
    ways = (sandboxed_home.path(place), sandboxed_home.path(place, linked=True))
    commands = [command for way in ways for command in commands_with(way)]

    results = dict(zip(map(tuple, commands), sandboxed_home.run(*commands, place=place), strict=True))

    assert len(results) == 2 * len(commands_with(""))
    assert {command: one.code for command, one in results.items()} == dict.fromkeys(results, 2)
    assert [
        one.err for one in results.values() if FACTS[place] not in one.err or len(one.err.splitlines()) != 1
    ] == []
    assert [one.out for one in results.values() if one.out] == []
    assert sandboxed_home.sounds() == before


@pytest.mark.parametrize("place", PLACES)
def test_a_configuration_that_watches_it_is_refused_with_its_line(place, sandboxed_home):
    ways = {"itself.toml": sandboxed_home.path(place), "link.toml": sandboxed_home.path(place, linked=True)}
    configs = [sandboxed_home.configure(way, sandboxed_home.root / name) for name, way in ways.items()]
    before = sandboxed_home.sounds()
    commands = [
        [*words, "--config", str(config)]
        for config in configs
        for words in (["config", "check"], ["run", "--once"])
    ]

    results = sandboxed_home.run(*commands, place=place)

    assert [one.code for one in results] == [78] * 4
    fact = AROUND_LIBRARY if place == "~/Music" else FACTS[place]
    assert [
        f"{command[-1]}:5: " in one.err and fact in one.err
        for command, one in zip(commands, results, strict=True)
    ] == [True] * 4
    assert sandboxed_home.sounds() == before


@pytest.mark.parametrize("linked", [False, True], ids=["itself", "by a link"])
@pytest.mark.parametrize("place", PLACES)
def test_init_does_not_take_it_for_an_answer_and_asks_again(place, linked, sandboxed_home):
    config, folder = sandboxed_home.root / "new.toml", sandboxed_home.path(place, linked=linked)
    typed = f"{folder}\n{sandboxed_home.library}\nmove\n~/Downloads\n{sandboxed_home.library}\nmove\nn\n"

    (result,) = sandboxed_home.run(["init", "--config", str(config)], typed=typed, place=place)

    assert result.code == 0
    assert "That does not work yet" in result.err
    assert (AROUND_LIBRARY if place == "~/Music" else FACTS[place]) in result.err
    assert 'folder = "~/Downloads"\n' in config.read_text()


@pytest.mark.parametrize(
    "place", ["/", "~", "/usr", "/usr/share/drums", "~/Library/Drums", "~/state", "~/state/x"]
)
def test_it_is_no_library_either(place, sandboxed_home):
    before, library = sandboxed_home.sounds(), sandboxed_home.path(place)
    sandboxed_home.config.write_text(f'library = "{library}"\n')

    place = "~/Library" if place.startswith("~/Library") else place
    config, to = sandboxed_home.run(
        ["config", "check"], ["sort", sandboxed_home.path("~/Downloads"), "--to", library], place=place
    )

    assert (config.code, to.code) == (78, 2)
    assert config.err.startswith(f'{sandboxed_home.config}:1: library = "')
    assert to.err.startswith("--to ")
    assert [one.err.strip(".\n").endswith("such as ~/Music/Drum Library") for one in (config, to)] == [
        True,
        True,
    ]
    assert sandboxed_home.sounds() == before


def test_a_single_file_is_judged_by_where_it_lies(sandboxed_home):
    beside, program = sandboxed_home.home / "kick.wav", sandboxed_home.home / ".local/kick/kick.wav"

    taken, refused, analyzed = sandboxed_home.run(
        ["sort", str(beside)], ["sort", str(program)], ["classify", str(program)]
    )

    assert (taken.code, refused.code, analyzed.code) == (0, 2, 0)
    assert "lies in ~/.local, a hidden folder, where programs keep their files" in refused.err
    assert (beside.exists(), program.exists()) == (False, True)


def test_the_library_and_a_folder_in_it_can_still_be_sorted(sandboxed_home):
    (sandboxed_home.library / "snare").mkdir()
    sounds.write(sandboxed_home.library / "snare/kick.wav", sounds.kick())

    results = sandboxed_home.run(
        ["sort", str(sandboxed_home.library)], ["sort", str(sandboxed_home.library / "snare")]
    )

    assert [one.code for one in results] == [0, 0]


def test_one_protected_folder_among_several_keeps_all_from_being_sorted(sandboxed_home):
    before = sandboxed_home.sounds()

    (result,) = sandboxed_home.run(["sort", sandboxed_home.path("~/Downloads"), "/usr", "/"])

    assert result.code == 2
    assert result.err.splitlines() == [
        "/usr is a folder of the system: copy the sounds to a folder of your own, such as ~/Samples, and sort that.",
        "/ is the whole disk: sort the folder where sounds arrive.",
    ]
    assert sandboxed_home.sounds() == before


def test_a_way_with_dots_is_followed_and_then_judged(sandboxed_home):
    fine, refused = sandboxed_home.run(
        ["sort", f"{sandboxed_home.home}/Music/../Downloads"], ["sort", f"{sandboxed_home.home}/Music/.."]
    )

    assert (fine.code, refused.code) == (0, 2)
    assert (sandboxed_home.library / "kick/kick.wav").exists()
    assert FACTS["~"] in refused.err
