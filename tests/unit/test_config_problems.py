"""Mistakes are reported all at once, each with its line, the bad key and the nearest good one."""

from __future__ import annotations

from pathlib import Path

import pytest

from drumwatch.config import parse
from drumwatch.core.errors import ConfigError

HOME = Path("/home/ada")


def problems_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text, home=HOME)
    assert caught.value.exit_code == 78
    return list(caught.value.problems)


def test_five_mistakes_are_five_lines_in_the_order_of_the_file():
    text = """library = "Drums"
action = "mvoe"
max_wrnog = 0.05

[[watch]]
folder = "~/Downloads"
max_seconds = "20"
[labels]
clapp = "snare"
"""

    assert problems_of(text) == [
        'config.toml:1: library = "Drums" is not an absolute folder: begin with / or ~/, as in "~/Drums"',
        'config.toml:2: action must be one of move, copy, hardlink, symlink, tag, leave; got "mvoe"; did you mean move?',
        "config.toml:3: max_wrnog is not a key I know; did you mean max_wrong?",
        'config.toml:7: max_seconds must be a number of seconds, more than 0; got "20"',
        'config.toml:9: "clapp" is no label or type; did you mean clap?',
    ]


def test_the_file_is_named_as_it_was_given():
    with pytest.raises(ConfigError, match=r"^/etc/drums.toml:2: "):
        parse("\nx = 1", file="/etc/drums.toml")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("max_wrong = 1.5", "max_wrong must be a number from 0 to 1; got 1.5"),
        ("max_wrong = true", "max_wrong must be a number from 0 to 1; got true"),
        ("max_wrong = nan", "max_wrong must be a number from 0 to 1; got nan"),
        ("leave_link = 1", "leave_link must be true or false; got 1"),
        ('leave_link = "true"', 'leave_link must be true or false; got "true"'),
        ("library = 3", "library must be text in quotes; got 3"),
        ('names = "hints"', 'names must be one of hint, ignore; got "hints"; did you mean hint?'),
        ("quiet = 0", "quiet must be a number of seconds from 0.1 to 3600; got 0"),
        ("quiet = inf", "quiet must be a number of seconds from 0.1 to 3600; got inf"),
        ("rescan = 0.5", "rescan must be a number of seconds from 1 to 86400; got 0.5"),
        (
            "workers = 1.5",
            "workers must be a whole number from 0 (as many as fit this machine) to 256; got 1.5",
        ),
        ('min_free = "lots"', 'min_free = "lots" must be a size such as "1 GB" or "500 MB"'),
        ("min_free = -1", 'min_free = "-1" must be a size such as "1 GB" or "500 MB"'),
        ("recursive = true", "recursive does not belong here, but in a [[watch]]"),
        ('match = { name = "*" }', "match does not belong here, but in a [[rule]]"),
        ("[lables]", "lables is not a key I know; did you mean labels?"),
        ("xyzzy = 1", "xyzzy is not a key I know"),
        ("labels = 3", 'labels must be a table: [labels] and below it clap = "snare"; got 3'),
        ('watch = "~/Downloads"', "watch must be tables: begin each with [[watch]]"),
        ("rule = [1]", "rule must be tables: begin each with [[rule]]"),
    ],
)
def test_each_wrong_key_and_value_says_what_would_be_right(line, sentence):
    assert problems_of(line) == [f"config.toml:1: {sentence}"]


@pytest.mark.parametrize(
    ("watch", "sentence"),
    [
        ("recursive = true", "1: each [[watch]] needs folder"),
        (
            'folder = "~/in"\nquiet = 3',
            "3: quiet does not belong here, but at the top, above the first [[watch]]",
        ),
        (
            'folder = "~/in"\nmax_seconds = 0',
            "3: max_seconds must be a number of seconds, more than 0; got 0",
        ),
        (
            'folder = "~/in"\nexclude = "x"',
            '3: exclude must be a list of texts: ["a", "b"]; got "x"',
        ),
        (
            'folder = "~/in"\nexclude = [\n"a",\n"*/..",\n"/else/where"]',
            '6: exclude = "/else/where" lies not inside /home/ada/in',
        ),
        ('folder = "~/in"\nexclude = ["/"]', '3: exclude = "/" would leave out everything'),
        (
            'folder = "~/in"\npoll = "allways"',
            '3: poll must be one of auto, always, never; got "allways"; did you mean always?',
        ),
    ],
)
def test_mistakes_in_a_watch_are_reported_with_their_line(watch, sentence):
    assert problems_of(f"[[watch]]\n{watch}") == [f"config.toml:{sentence}"]


def test_a_single_bracket_is_reported_and_the_table_is_read_all_the_same():
    assert problems_of('[watch]\nfolder = "~/in"\nrecursiv = true') == [
        "config.toml:1: [watch] must be written [[watch]], with two brackets: there may be several",
        "config.toml:3: recursiv is not a key I know; did you mean recursive?",
    ]


@pytest.mark.parametrize(
    ("match", "sentence"),
    [
        (
            'note = "H"',
            'note must be a note such as "F#" or "Bb", without an octave; got "H"',
        ),
        (
            'note = ["F#", "A2"]',
            'note must be a note such as "F#" or "Bb", without an octave; got "A2"',
        ),
        ("min_bpm = 0", "min_bpm must be a number of beats per minute, more than 0; got 0"),
        (
            "min_bpm = 120, max_bpm = 90",
            "min_bpm = 120 is more than max_bpm = 90: no file is both",
        ),
    ],
)
def test_a_note_that_is_none_and_an_impossible_tempo_are_told(match, sentence):
    assert problems_of(f'[[rule]]\nmatch = {{ {match} }}\naction = "leave"') == [f"config.toml:2: {sentence}"]


@pytest.mark.parametrize(
    ("layout", "sentence"),
    [
        (
            "{lable}/{name}",
            "has no field {lable}; did you mean {label}?",
        ),
        (
            "{x}/{name}",
            "has no field {x}; there are {label} {type} {pack} {name} {confidence} {year} {original_folder} {note} {bpm}",
        ),
        ("/{label}/{name}", "must be inside the library: leave out the beginning"),
        ("~/{label}/{name}", "must be inside the library: leave out the beginning"),
        ("C:/{label}/{name}", "must be inside the library: leave out the beginning"),
        ("../{label}/{name}", 'has a part that is ".."'),
        ("{label}/./{name}", 'has a part that is "."'),
        ("{label}//{name}", "has an empty part between two /"),
        ("", 'must end with {name}, the file itself, as in "{label}/{name}"'),
        (".hidden/{name}", 'has a part that begins with a dot, ".hidden": it would be hidden'),
        ("{label}/{pack}", 'must end with {name}, the file itself, as in "{label}/{pack}/{name}"'),
        ("{label}/{pack}/", 'must end with {name}, the file itself, as in "{label}/{pack}/{name}"'),
        ("{label}/{name}.wav", 'must end with {name}, the file itself, as in "{label}/{name}"'),
        ("{name}/{name}", "has {name} more than once"),
        ("{label/{name}", "has a brace without its partner"),
        (
            "{}/{name}",
            "has no field {}; there are {label} {type} {pack} {name} {confidence} {year} {original_folder} {note} {bpm}",
        ),
    ],
)
def test_a_layout_that_would_lead_astray_is_refused(layout, sentence):
    (problem,) = problems_of(f"layout = '{layout}'")

    assert problem == f'config.toml:1: layout = "{layout}" {sentence}'


def test_a_layout_with_a_backslash_or_a_control_character_is_refused():
    assert problems_of(
        "layout = '{label}\\{name}'\n[[rule]]\nmatch = { name = '*' }\nto = \"a\\tb/{name}\""
    ) == [
        'config.toml:1: layout = "{label}\\{name}" must have / between folders, not \\',
        'config.toml:4: to = "a?b/{name}" has a control character in it',
    ]


@pytest.mark.parametrize(
    ("unsure", "sentence"),
    [
        ("a/b", "must be one folder's name, without / or \\"),
        ("..", 'has a part that is ".."'),
        ("{label}", "must be a plain name, without { or }"),
        ("Kick", "is a label's own folder: unsure files need another one, or leave"),
        ("later ", "must not begin or end with a space, or end with a dot"),
        ("", "is empty"),
    ],
)
def test_the_folder_for_unsure_files_must_be_one_plain_folder(unsure, sentence):
    assert problems_of(f'unsure = "{unsure}"') == [f'config.toml:1: unsure = "{unsure}" {sentence}']


def test_folders_that_differ_only_in_case_are_refused():
    assert problems_of('[labels]\nclap = "Snare"\ntom = "toms"\nrim = "Toms"') == [
        'config.toml:2: clap = "Snare" and the folder "snare" are one on many disks; did you mean snare?',
        'config.toml:3: tom = "toms" and the folder "Toms" are one on many disks; did you mean Toms?',
        'config.toml:4: rim = "Toms" and the folder "toms" are one on many disks; did you mean toms?',
    ]


def test_a_label_may_change_the_case_of_its_own_folder():
    config = parse('[labels]\nkick = "Kick"\nclap = "Kick"', home=HOME)

    assert config.labels == {"kick": "Kick", "clap": "Kick"}


@pytest.mark.parametrize(
    ("rule", "sentences"),
    [
        ('name = "a"', ["1: each [[rule]] needs match"]),
        ("match = 3", ["2: match must be a table; got 3"]),
        (
            "match = {}",
            ['2: match is empty, so the rule would take every file: say so with match = { name = "*" }'],
        ),
        ('match = { label = "kik" }', ['2: "kik" is no label; did you mean kick?']),
        (
            'match = { label = "blurb" }',
            ['2: "blurb" is no label; there are kick, snare, hat, percussion, other'],
        ),
        ('match = { type = ["clap", "hihat-open"] }', ['2: "hihat-open" is no type; did you mean hat-open?']),
        (
            'match = { shape = "lop" }',
            ['2: shape must be one-shot, loop or long; got "lop"; did you mean loop?'],
        ),
        (
            'match = { folder = "in" }',
            ['2: folder = "in" is not an absolute folder: begin with / or ~/, as in "~/in"'],
        ),
        (
            "match = { min_seconds = 2, max_seconds = 1 }",
            ["2: min_seconds = 2 is more than max_seconds = 1: no file is both"],
        ),
        (
            "[rule.match]\nmin_confidence = 0.9\nmax_confidence = 0.5\nnmae = 'x'",
            [
                "3: min_confidence = 0.9 is more than max_confidence = 0.5: no file is both",
                "5: nmae is not a key I know; did you mean name?",
            ],
        ),
        (
            'name = "unsure"\nmatch = { name = "*" }',
            ['2: a rule cannot be called "unsure": the journal uses that word itself'],
        ),
        (
            'match = { name = "*" }\naction = "tag"\nto = "x/{name}"',
            ['4: to says where to file, but action = "tag" files nothing'],
        ),
    ],
)
def test_mistakes_in_a_rule_are_reported_with_their_line(rule, sentences):
    assert problems_of(f"[[rule]]\n{rule}") == [f"config.toml:{sentence}" for sentence in sentences]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("action = move", '1:10: text needs quotes: action = "move"'),
        (
            "[[watch]]\n  folder = ~/Downloads",
            '2:12: text needs quotes: folder = "~/Downloads"',
        ),
        (
            'library = "C:\\Users\\ada"',
            "1:16: a \\ means something special between double quotes: write folders with /, or between 'single quotes'",
        ),
        (
            'names = "hint" "ignore"',
            "1:16: there is more after the value: begin a new line, or put the whole text in quotes",
        ),
        ("quiet = 1\nquiet = 2", "2:10: this key has been given before: remove one of the two"),
        (
            "[[watch\nfolder = 3",
            "1:8: this is not TOML: it must be a [table], or key = value with text in quotes",
        ),
        ("= 3\nb = 1", "1:1: this is not TOML: it must be a [table], or key = value with text in quotes"),
        ('a = "b\nc = 1', "1:7: a quote, a [ or a { is not closed, or a comma is missing"),
        ('a = """\nb = 1\n', "2:6: a quote, a [ or a { is not closed, or a comma is missing"),
        ("x = [\n1,\n", "2:3: a quote, a [ or a { is not closed, or a comma is missing"),
        ("a = '''\x01\nb = 1\n'''", "1:8: there is a control character here: remove it"),
    ],
)
def test_what_is_no_toml_is_reported_with_its_line_its_column_and_what_to_do(text, problem):
    assert problems_of(text) == [f"config.toml:{problem}"]


def test_reading_stops_at_the_first_place_that_is_no_toml():
    assert problems_of("quiet = 0\naction = move\nlibrary = ~/Drums") == [
        'config.toml:2:10: text needs quotes: action = "move"'
    ]


def test_numbers_and_brackets_without_end_are_problems_too():
    assert problems_of("workers = " + "9" * 5000 + "\na = 1") == ["config.toml:1:11: this number is too long"]
    assert problems_of("a = " + "[" * 100_000) == ["config.toml: brackets are nested too deeply"]
    assert problems_of("max_wrong = 1" + "0" * 400) == [
        "config.toml:1: max_wrong must be a number from 0 to 1; got 1" + "0" * 56 + "..."
    ]


def test_no_escape_sequence_of_the_file_reaches_the_screen():
    problems = problems_of('action = "\\u001b[31mred"\n"\\u001b[2J" = 1')

    assert not any("\x1b" in problem for problem in problems)


@pytest.mark.parametrize(
    "typed",
    ["max_wrong ", " max_wrong", "max_wr\u043eng", "max_wrong\u200b"],
    ids=["behind", "before", "Cyrillic", "no width"],
)
def test_a_key_that_looks_right_is_not_proposed_as_it_was_typed(typed):
    (problem,) = problems_of(f'"{typed}" = 0.05')

    assert "did you mean" not in problem
    assert problem.endswith(
        "; it has a space in it, or a character that looks like another: type max_wrong anew"
    )


def test_a_value_with_a_space_is_not_proposed_as_it_was_typed():
    assert problems_of('action = "move "') == [
        (
            'config.toml:1: action must be one of move, copy, hardlink, symlink, tag, leave; got "move "; it has a space in it,'
            " or a character that looks like another: type move anew"
        )
    ]
