"""Changing `library` and `[labels]` in a configuration, with everything else as it was."""

from __future__ import annotations

from importlib.resources import files

import pytest

from drumwatch.config import folder_of, label_for, parse
from drumwatch.config.edit import CannotEditError, as_lines, with_labels
from drumwatch.core.errors import ConfigError
from drumwatch.filing.naming import place

EXAMPLE = files("drumwatch.config").joinpath("example.toml").read_text("utf-8")
LABELS = {"kick": "Drums/Kicks", "hat-closed": "Hats/Closed", "Foley hits": "FX/Foley hits"}


def test_in_the_example_only_the_lines_of_the_labels_are_added():
    changed = with_labels(EXAMPLE, LABELS, "~/Samples")

    added = changed.split("[labels]\n")[1].split("#clap")[0]
    assert added == 'kick = "Drums/Kicks"\nhat-closed = "Hats/Closed"\n"Foley hits" = "FX/Foley hits"\n'
    assert (
        changed.replace(added, "").replace('library = "~/Samples"', 'library = "~/Music/Drum Library"')
        == EXAMPLE
    )
    assert parse(changed).labels == LABELS


def test_a_label_that_is_there_gets_another_folder_and_its_comment_stays():
    text = "[labels]  # mine\nkick = 'Bass Drums'   # not Kicks\ntom=\"toms\"\n\n[ableton]\ntags = true\n"

    changed = with_labels(text, {"kick": "Kicks", "clap": "Claps"})

    assert changed == (
        '[labels]  # mine\nclap = "Claps"\nkick = "Kicks"   # not Kicks\ntom="toms"\n\n[ableton]\ntags = true\n'
    )


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", 'library = "/s"\n\n[labels]\nkick = "K"\n'),
        ("action = 'copy'", 'library = "/s"\naction = \'copy\'\n\n[labels]\nkick = "K"\n'),
        (
            "# Mine.\n# All of it.\n[[watch]]\nfolder = '/in'\n\n\n",
            'library = "/s"\n# Mine.\n# All of it.\n[[watch]]\nfolder = \'/in\'\n\n[labels]\nkick = "K"\n\n\n',
        ),
        (
            "library = '/t' # old\r\n[labels]\r\n",
            'library = "/s" # old\r\n[labels]\r\nkick = "K"\r\n',
        ),
    ],
)
def test_what_is_missing_is_added_where_it_belongs_with_the_line_ends_of_the_file(text, changed):
    assert with_labels(text, {"kick": "K"}, "/s") == changed


@pytest.mark.parametrize(
    "text",
    [
        'labels = { clap = "snare" }\n',
        'labels.clap = "snare"\n[[watch]]\nfolder = "/in"\n',
        '[labels]\nkick = """K"""\n',
    ],
)
def test_what_it_cannot_change_is_left_to_the_user_with_the_lines_to_write(text):
    with pytest.raises(CannotEditError, match=r'  \[labels\]\n  kick = "Kicks"\n  tom = "T"'):
        with_labels(text, {"kick": "Kicks", "tom": "T"})


def test_the_lines_for_a_person_are_those_of_the_file():
    assert as_lines({"kick": 'K"s'}, "~/S") == ['library = "~/S"', "[labels]", 'kick = "K\\"s"']


def test_a_label_may_have_a_folder_inside_another_and_a_sound_is_filed_there():
    labels = parse('[labels]\nkick = "Drums/Kicks"\ntom = "Drums/Toms"').labels

    folder = folder_of(label_for("tom", labels), labels)
    assert place("{label}/{pack}/{name}", {"label": folder, "pack": "A/B", "name": "t.wav"}).as_posix() == (
        "Drums/Toms/A_B/t.wav"
    )
    assert place("{label} {name}", {"label": folder, "name": "t.wav"}).as_posix() == "Toms t.wav"


def test_the_folder_of_a_class_of_your_own_ends_with_its_name_so_that_a_typing_error_is_none():
    assert parse('[labels]\n"Foley hits" = "FX/Foley hits"').labels == {"Foley hits": "FX/Foley hits"}
    assert folder_of("Foley hits", {"Foley hits": "FX/Foley hits"}) == "FX/Foley hits"
    for wrong in ('klap = "snare"', 'klap = "Drums/snare"', '"Foley hits" = "FX"'):
        with pytest.raises(ConfigError, match="is no label or type"):
            parse(f"[labels]\n{wrong}")


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("/Kicks", "must be inside the library"),
        ("Drums//Kicks", "has an empty part"),
        ("Drums/../Kicks", 'has a part that is ".."'),
        ("Drums/ Kicks", "must not begin or end with a space"),
        ("Drums/.Kicks", "it would be hidden"),
        ("Drums\\\\Kicks", "must have / between folders"),
    ],
)
def test_a_folder_that_would_lead_astray_is_refused(folder, sentence):
    with pytest.raises(ConfigError, match=sentence):
        parse(f'[labels]\nkick = "{folder}"')
