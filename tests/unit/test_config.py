"""A good configuration: defaults, what a watch overrides, what is filled in."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path

import pytest

from drumwatch.config import Config, Match, Rule, Watch, needs_note, parse, read, require_watches, watch_for
from drumwatch.config.schema import TopTable, WatchTable
from drumwatch.config.settings import FolderSettings
from drumwatch.config.to_toml import as_plain, as_toml
from drumwatch.core.errors import ConfigError

HOME = Path("/home/ada")

DESIGN = """
library   = "~/Music/Drum Library"
action    = "move"
layout    = "{label}/{pack}/{name}"
max_wrong = 0.05
unsure    = "leave"
names     = "hint"
leave_link = false

[[watch]]
folder      = "~/Downloads"
recursive   = true
max_seconds = 20
archives    = "unpack"

[[watch]]
folder      = "~/Samples"
action      = "tag"

[labels]
clap = "percussion"

[[rule]]
name    = "808s stay together"
match   = { label = "kick", name = "*808*" }
action  = "move"
to      = "kick/808/{name}"

[[rule]]
name    = "loops are not for me"
match   = { shape = "loop" }
action  = "leave"
"""


def parsed(text: str) -> Config:
    return parse(text, home=HOME)


def test_an_empty_text_is_the_defaults():
    assert parsed("") == Config(library=Path("/home/ada/Music/Drum Library"))


def test_a_watch_with_only_a_folder_is_the_defaults():
    (watch,) = parsed('[[watch]]\nfolder = "~/Downloads"').watches

    assert watch == Watch(folder=HOME / "Downloads", library=HOME / "Music/Drum Library")


def test_the_example_of_the_design_is_read_whole():
    library = HOME / "Music/Drum Library"

    config = parsed(DESIGN)

    assert config.watches == (
        Watch(folder=HOME / "Downloads", library=library),
        Watch(folder=HOME / "Samples", library=library, action="tag"),
    )
    assert config.labels == {"clap": "percussion"}
    assert config.rules == (
        Rule("808s stay together", Match(label=("kick",), name=("*808*",)), "move", "kick/808/{name}"),
        Rule("loops are not for me", Match(shape=("loop",)), "leave"),
    )


def test_a_watch_inherits_the_top_level_and_overrides_it():
    config = parsed(
        """
        library = "/drums"
        action = "copy"
        layout = "{label}/{name}"
        max_wrong = 0.2
        unsure = "_unsure"
        names = "ignore"
        leave_link = true

        [[watch]]
        folder = "/in/inheriting"

        [[watch]]
        folder = "/in/overriding"
        library = "/other drums"
        action = "move"
        layout = "{type}/{name}"
        max_wrong = 0
        unsure = "leave"
        names = "hint"
        leave_link = false
        """
    )

    inheriting, overriding = config.watches
    assert inheriting == Watch(
        folder=Path("/in/inheriting"),
        library=Path("/drums"),
        action="copy",
        layout="{label}/{name}",
        max_wrong=0.2,
        unsure="_unsure",
        names="ignore",
        context=False,
        leave_link=True,
    )
    assert overriding == Watch(
        folder=Path("/in/overriding"),
        library=Path("/other drums"),
        layout="{type}/{name}",
        max_wrong=0.0,
    )


@pytest.mark.parametrize(
    ("top", "watch", "expected"),
    [
        ("", "", True),
        ('names = "ignore"', "", False),
        ('names = "ignore"\ncontext = true', "", True),
        ('names = "ignore"\ncontext = true', 'names = "ignore"', True),
        ('names = "ignore"', 'names = "hint"', True),
        ("", 'names = "ignore"', False),
        ("context = false", 'names = "hint"', False),
        ("context = false", "context = true", True),
    ],
)
def test_who_ignores_names_asks_them_for_neighbors_only_if_the_file_says_so(top, watch, expected):
    config = parsed(f'{top}\n[[watch]]\nfolder = "/in"\n{watch}\n')

    assert config.watches[0].context is expected


def test_each_folder_setting_is_a_key_at_the_top_and_in_a_watch_with_one_default():
    default = FolderSettings()
    shown = as_plain(parsed('[[watch]]\nfolder = "/in"'))

    for field in fields(FolderSettings):
        value = getattr(default, field.name)
        assert field.name in TopTable.__struct_fields__
        assert field.name in WatchTable.__struct_fields__
        assert (shown[field.name], shown["watch"][0][field.name]) == (value, value)


def test_every_kind_of_condition_is_read_one_word_or_a_list():
    config = parsed(
        """
        [[watch]]
        folder = "~/in"

        [[rule]]
        match = { label = ["kick", "snare"], type = "clap", shape = ["loop", "long"], name = "*808*", pack = ["A*", "B [24bit]"], \
folder = "~/in/new", format = [".WAV", "aiff"], min_confidence = 0.5, max_confidence = 1, min_seconds = 0, max_seconds = 2.5, \
note = ["Gb", "c"], min_bpm = 90, max_bpm = 99.5 }
        """.replace("\\\n", "")
    )

    assert config.rules == (
        Rule(
            "rule 1",
            Match(
                label=("kick", "snare"),
                type=("clap",),
                shape=("loop", "long"),
                name=("*808*",),
                pack=("A*", "B [24bit]"),
                folder=(HOME / "in/new",),
                format=("wav", "aif"),
                min_confidence=0.5,
                max_confidence=1.0,
                min_seconds=0.0,
                max_seconds=2.5,
                note=("F#", "C"),
                min_bpm=90.0,
                max_bpm=99.5,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", False),
        ('layout = "{label}/{note} {name}"', True),
        ('[[watch]]\nfolder = "~/in"\nlayout = "{note}/{name}"', True),
        ('[[watch]]\nfolder = "~/in"\nlayout = "{bpm}/{name}"', False),
        ('[[rule]]\nmatch = { note = "F#" }\naction = "leave"', True),
        ('[[rule]]\nmatch = { label = "kick" }\nto = "{note}/{name}"', True),
        ('[[rule]]\nmatch = { min_bpm = 90 }\nto = "{bpm}/{name}"', False),
        ("[ableton]\ntags = true\nkeys = true", False),
    ],
)
def test_a_sound_waits_for_its_note_only_where_its_place_may_depend_on_it(rest, expected):
    config = parsed(rest)
    watch = config.watches[0] if config.watches else watch_for(config, HOME / "in")

    assert needs_note(config, watch) is expected


def test_a_rule_may_name_a_folder_of_the_users_own():
    config = parsed('[labels]\ntom = "toms"\n[[rule]]\nmatch = { label = "toms" }\naction = "copy"')

    assert config.rules[0].match.label == ("toms",)


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ('"1 GB"', 1_000_000_000),
        ('"500MB"', 500_000_000),
        ('"1.5 GiB"', 1_610_612_736),
        ('"64 k"', 64_000),
        ("0", 0),
        ("4096", 4096),
    ],
)
def test_sizes_are_written_as_people_write_them(written, size):
    assert parsed(f"min_free = {written}").min_free == size


def test_whole_numbers_do_for_seconds_and_no_limit_is_inf():
    config = parsed('quiet = 3\nrescan = 120\n[[watch]]\nfolder = "~/in"\nmax_seconds = inf')

    assert (config.quiet, config.rescan, config.watches[0].max_seconds) == (3.0, 120.0, math.inf)


def test_a_watched_folder_that_is_not_there_yet_is_a_note_and_no_mistake(tmp_path):
    here = tmp_path / "here"
    here.mkdir()

    config = parsed(f'[[watch]]\nfolder = "{here}"\n[[watch]]\nfolder = "{tmp_path}/later"')

    assert config.notes == (f"{tmp_path}/later is not there yet: it is watched as soon as it is",)


def test_a_rule_for_a_folder_that_nobody_watches_is_noted():
    config = parsed('[[rule]]\nname = "old"\nmatch = { folder = "/old" }\naction = "copy"')

    assert config.notes == ('rule "old": /old is not watched, so only `drumwatch sort` can meet it',)


def test_a_whole_path_in_exclude_becomes_the_way_below_the_watch():
    config = parsed('[[watch]]\nfolder = "~/in"\nexclude = ["~/in/Old Mixes", "./Loops/", "*.bak"]')

    assert config.watches[0].exclude == ("Old Mixes", "Loops", "*.bak")


def test_only_run_needs_something_to_watch():
    with pytest.raises(ConfigError, match=r"nothing to watch: add a \[\[watch\]\]"):
        require_watches(parsed(""))

    watches = require_watches(parsed('[[watch]]\nfolder = "~/in"'))
    assert [watch.folder for watch in watches] == [HOME / "in"]


SORTING = """
library = "/drums"
max_wrong = 0.1
[[watch]]
folder = "/in"
recursive = false
[[watch]]
folder = "/in/deep"
layout = "{label}/{name}"
exclude = ["Old"]
"""


def test_sort_takes_the_settings_of_the_nearest_watch_around_the_folder():
    watch = watch_for(parsed(SORTING), Path("/in/deep/pack"))

    assert watch == Watch(
        folder=Path("/in/deep/pack"), library=Path("/drums"), max_wrong=0.1, layout="{label}/{name}"
    )


def test_sort_elsewhere_takes_the_top_level_and_the_options_that_were_given():
    watch = watch_for(parsed(SORTING), Path("/usb"), action="copy", library=Path("/there"))

    assert watch == Watch(folder=Path("/usb"), library=Path("/there"), action="copy", max_wrong=0.1)


def test_a_file_is_read_with_windows_line_ends_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b'\xef\xbb\xbfaction = "copy"\r\n[[watch]]\r\nfolder = "/in"\r\n')

    config = read(path)

    assert (config.action, config.watches[0].folder) == ("copy", Path("/in"))


def test_a_missing_file_is_a_config_error_that_says_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match="there is no such file; `drumwatch init` writes one") as caught:
        read(tmp_path / "config.toml")

    assert caught.value.exit_code == 78


def test_a_folder_in_place_of_the_file_is_a_config_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read, because a folder is where a file should be"):
        read(tmp_path)


def test_a_file_that_is_not_utf8_is_a_config_error_with_the_line(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes('action = "copy"\nlibrary = "/Töne"\n'.encode("latin-1"))

    with pytest.raises(ConfigError) as caught:
        read(path)

    assert caught.value.problems == (f"{path}:2: is not UTF-8 text: save it as UTF-8",)


def test_limits_for_a_device_hold_for_all_watches_unless_one_has_its_own():
    config = parse(
        'max_per_folder = 100\nportable_names = true\n[[watch]]\nfolder = "/a"\n[[watch]]\nfolder = "/b"\n'
        "max_per_folder = 0\nname_limit = 24\nportable_names = false\n"
    )

    first, second = config.watches
    assert (first.max_per_folder, first.name_limit, first.portable_names) == (100, 0, True)
    assert (second.max_per_folder, second.name_limit, second.portable_names) == (0, 24, False)


def test_a_rule_may_have_limits_of_its_own_and_they_are_written_down_again():
    config = parse('[[rule]]\nmatch = { label = "kick" }\nname_limit = 0\nmax_per_folder = 64\n')

    (rule,) = config.rules
    assert (rule.portable_names, rule.name_limit, rule.max_per_folder) == (None, 0, 64)
    assert parse(as_toml(config)) == config


@pytest.mark.parametrize("table", ["", '[[rule]]\nmatch = { label = "kick" }\n'], ids=["top", "rule"])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("name_limit = 8", 'name_limit = "8" is too short for a name with its ending and a number: say 12 or more'),
        ("name_limit = 256", "name_limit must be a whole number from 12 to 255, or 0 for no limit of your own; got 256"),
        ("max_per_folder = -1", "max_per_folder must be a whole number, 0 or more; got -1"),
    ],
)  # fmt: skip
def test_a_limit_that_no_device_has_is_refused(table, line, expected):
    with pytest.raises(ConfigError) as error:
        parse(f"{table}{line}")

    assert [problem.partition(": ")[2] for problem in error.value.problems] == [expected]
