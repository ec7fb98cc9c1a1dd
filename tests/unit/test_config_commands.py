"""`init`, `config check` and `config show`, as plain functions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner, Result

from drumwatch.commands import config as command
from drumwatch.commands.init import example, init
from drumwatch.config import Config, read
from drumwatch.core.errors import ConfigError, DrumwatchError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of our own, as a desktop leaves it."""
    folder = tmp_path / "home/ada"
    folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    return folder


def asked(path: Path, answers: str) -> Result:
    """`init` with these lines at the prompt."""
    return CliRunner().invoke(click.command()(lambda: init(path)), input=answers)


def there(folder: Path) -> Path:
    """A folder that is there."""
    folder.mkdir(parents=True)
    return folder


def where(config: Config) -> tuple[str, str, str]:
    (watch,) = config.watches
    return str(watch.folder), watch.action, str(watch.library)


def test_the_question_about_moving_and_copying_says_what_each_means(tmp_path):
    printed = asked(tmp_path / "config.toml", f"{there(tmp_path / 'in')}\n{tmp_path}/out\ncopy\nn\n").output

    assert (
        "  move  it goes into the library and leaves its old place; `drumwatch undo` brings it back"
        in printed
    )
    assert (
        "  copy  the library gets a copy and the original is kept; on most disks both take space" in printed
    )
    assert "Move, copy or tag? (move, copy, tag) [move]: copy" in printed


@pytest.mark.parametrize(("answer", "tags"), [("y", True), ("", False)], ids=["yes", "no answer"])
def test_init_offers_tags_for_ableton_live(tmp_path, answer, tags):
    path = tmp_path / "config.toml"

    printed = asked(path, f"{there(tmp_path / 'in')}\n{tmp_path}/out\nmove\n{answer}\n").output

    assert "Should Ableton Live 12 show the labels" in printed
    assert read(path).ableton.tags is tags


def test_yes_writes_the_example_as_it_is_and_says_what_comes_next(tmp_path, capsys):
    path = tmp_path / "deep/config.toml"

    init(path, yes=True)

    assert path.read_text() == example()
    printed = capsys.readouterr().out
    assert printed.startswith(f"Wrote {path}\nNext: `drumwatch run` starts watching")


def test_the_default_is_good_on_a_machine_without_a_downloads_folder(tmp_path, home):
    path = tmp_path / "config.toml"

    init(path, yes=True)

    config = read(path)
    assert where(config) == (f"{home}/Downloads", "move", f"{home}/Music/Drum Library")
    assert config.notes == (f"{home}/Downloads is not there yet: it is watched as soon as it is",)


def test_downloads_are_where_the_desktop_says_in_the_users_language(tmp_path, home):
    (home / ".config").mkdir()
    (home / ".config/user-dirs.dirs").write_text(
        'XDG_DOWNLOAD_DIR="$HOME/Téléchargements"\nXDG_MUSIC_DIR="$HOME/Musique"\n'
    )
    path = tmp_path / "config.toml"

    init(path, yes=True)

    assert where(read(path)) == (f"{home}/Téléchargements", "move", f"{home}/Musique/Drum Library")
    assert 'folder = "~/Téléchargements"' in path.read_text(encoding="utf-8")


def test_a_desktop_that_downloads_into_the_home_folder_itself_is_not_followed(tmp_path, home):
    (home / ".config").mkdir()
    (home / ".config/user-dirs.dirs").write_text('XDG_DOWNLOAD_DIR="$HOME/"\n')
    path = tmp_path / "config.toml"

    init(path, yes=True)

    assert where(read(path))[0] == f"{home}/Downloads"


def test_three_answers_end_in_the_configuration(tmp_path):
    path = tmp_path / "config.toml"

    there(tmp_path / 'in "new"')
    result = asked(path, f'{tmp_path}/in "new"\n~/Drums\\\ncopy\nn\n')

    assert result.exit_code == 0
    assert where(read(path)) == (f'{tmp_path}/in "new"', "copy", f"{tmp_path}/home/ada/Drums\\")


def test_answers_that_do_not_go_together_are_asked_again(tmp_path):
    path = tmp_path / "config.toml"

    there(tmp_path / "home/ada/in")
    result = asked(path, "~\n~/Drums\nmove\n~/in\n\n\n\n")

    assert "That does not work yet" in result.output
    assert "is your home folder, or holds it" in result.output
    assert where(read(path)) == (f"{tmp_path}/home/ada/in", "move", f"{tmp_path}/home/ada/Drums")


def test_a_folder_that_is_not_there_is_asked_about_again(tmp_path, home):
    there(home / "Downloads")
    path = tmp_path / "config.toml"

    result = asked(path, "~/Donwloads\nn\n~/Downloads\n~/Drums\ntag\n")

    assert "There is no folder ~/Donwloads. Did you mean ~/Downloads?" in result.output
    assert result.output.count("Where do your downloads arrive?") == 2
    assert where(read(path))[0] == f"{home}/Downloads"


def test_a_folder_that_comes_later_is_taken_all_the_same(tmp_path, home):
    path = tmp_path / "config.toml"

    result = asked(path, "~/later\ny\n~/Drums\ntag\n")

    assert "Is it right all the same, because the folder comes later?" in result.output
    assert where(read(path))[0] == f"{home}/later"


def test_the_default_folder_is_not_asked_about(tmp_path):
    assert "There is no folder" not in asked(tmp_path / "config.toml", "\n\ntag\n").output


@pytest.mark.parametrize(
    "form", ['"{}"', "'{}'", "file://{}", "{}  "], ids=["double", "single", "address", "spaces"]
)
def test_an_answer_may_be_pasted(tmp_path, form):
    path = tmp_path / "config.toml"

    asked(path, f"{form.format(there(tmp_path / 'Oak Kit'))}\n{form.format(tmp_path / 'My Drums')}\ntag\n")

    assert where(read(path)) == (f"{tmp_path}/Oak Kit", "tag", f"{tmp_path}/My Drums")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("a\0b", "has a NUL character in it"),
        ("C:\\Music", "is a path of Windows"),
        ("https://a.b/c", "on the web"),
    ],
    ids=["NUL", "Windows", "web"],
)
def test_an_answer_that_can_be_no_path_is_explained_and_asked_again(tmp_path, home, answer, says):
    there(home / "in")
    path = tmp_path / "config.toml"

    result = asked(path, f"{answer}\n~/in\n~/Drums\ntag\n")

    assert says in result.output
    assert where(read(path))[0] == f"{home}/in"


def test_a_relative_answer_is_one_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    there(tmp_path / "in")

    asked(tmp_path / "config.toml", "in\n\ntag\n")

    assert where(read(tmp_path / "config.toml"))[:2] == (f"{tmp_path}/in", "tag")


@pytest.mark.parametrize("yes", [True, False])
def test_an_existing_configuration_stays_as_it_is(yes, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("mine")

    with pytest.raises(DrumwatchError, match="is there already, and was not changed") as caught:
        init(path, yes=yes)

    assert caught.value.exit_code == 1
    assert path.read_text() == "mine"


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path):
    path = tmp_path / "config.toml"
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(DrumwatchError, match="is there already"):
        init(path, yes=True)

    assert not (tmp_path / "elsewhere").exists()


def test_a_place_that_cannot_be_written_is_reported_with_a_way_out(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(
        DrumwatchError, match=r"could not be written, because .*; name another place with --config"
    ):
        init(tmp_path / "file/config.toml", yes=True)


FULL_DISK = """
import resource, sys
from pathlib import Path
from drumwatch.commands.init import init
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
init(Path(sys.argv[1]), yes=True)
"""


def test_a_full_disk_leaves_no_half_configuration_in_the_way(tmp_path):
    path = tmp_path / "config.toml"

    tried = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=False
    )

    assert f"{path} could not be written, because it is too large for the disk" in tried.stderr
    assert not path.exists()


def test_check_says_that_all_is_fine_and_what_it_means(tmp_path, home, capsys):
    (home / "Samples").mkdir()
    path = tmp_path / "config.toml"
    path.write_text('[[watch]]\nfolder = "~/Downloads"\n[[watch]]\nfolder = "~/Samples"\naction = "tag"\n')

    command.check(path)

    out, err = capsys.readouterr()
    assert (
        out
        == f"{path}: fine. Watches: {home}/Downloads (move to {home}/Music/Drum Library); {home}/Samples (tag)\n"
    )
    assert err == f"{path}: note: {home}/Downloads is not there yet: it is watched as soon as it is\n"


def test_check_says_when_nothing_is_watched(tmp_path, capsys):
    path = tmp_path / "config.toml"
    path.touch()

    command.check(path)

    assert capsys.readouterr().out == f"{path}: fine. It watches nothing, so only `sort` can be used.\n"


def test_check_raises_every_problem_at_once(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("actoin = 1\nquiet = -1\n")

    with pytest.raises(ConfigError) as caught:
        command.check(path)

    assert [problem.removeprefix(f"{path}:")[:2] for problem in caught.value.problems] == ["1:", "2:"]


SHOWN = """
[[watch]]
folder = "~/Downloads"
[labels]
hat-open = "open hats"
[[rule]]
name = 'say "808"\\'
match = { name = "*808*" }
action = "leave"
[[hook]]
on = "filed"
run = ["~/bin/to-nas", "{path}"]
"""


def test_show_prints_the_whole_configuration_with_the_defaults_filled_in(tmp_path, home, capsys):
    path = tmp_path / "config.toml"
    path.write_text(SHOWN)

    command.show(path)

    printed = capsys.readouterr().out
    table = tomllib.loads(printed)
    assert table["max_wrong"] == 0.05
    assert table["watch"][0]["folder"] == f"{home}/Downloads"
    assert table["watch"][0]["library"] == f"{home}/Music/Drum Library"
    assert table["labels"] == {"hat-open": "open hats"}
    assert table["rule"] == [{"name": 'say "808"\\', "match": {"name": ["*808*"]}, "action": "leave"}]
    run = [f"{home}/bin/to-nas", "{path}"]
    assert table["hook"] == [{"name": "to-nas", "on": ["filed"], "run": run, "time_limit": 30.0}]


def test_show_as_json_is_one_object_with_the_same_in_it(tmp_path, capsys):
    path = tmp_path / "config.toml"
    path.write_text(SHOWN)

    command.show(path)
    table = tomllib.loads(capsys.readouterr().out)
    command.show(path, as_json=True)
    (line,) = capsys.readouterr().out.splitlines()

    assert json.loads(line) == {**table, "rule": table["rule"]}
