"""What is read out of single documents: which sounds they name, as they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from project_trees import put, sounds, zipped

from drumwatch.intake.projects import Surveyor
from drumwatch.intake.projects.references import read_references

if TYPE_CHECKING:
    from pathlib import Path


def names_in(path: Path, content: str | bytes) -> tuple[str, ...]:
    return read_references(put(path, content)).names


# --- SFZ ---


def test_a_default_path_of_an_sfz_holds_for_what_follows_it(tmp_path):
    text = """
        <control> default_path=Kicks/
        <region> sample=1.wav
        <control> default_path=Hats\\
        <region> sample=1.wav
    """

    assert names_in(tmp_path / "kit.sfz", text) == ("Kicks/1.wav", "Hats/1.wav")


def test_a_default_path_of_an_sfz_ends_with_its_control_section_and_not_with_a_group(tmp_path):
    text = """
        <control> default_path=Kicks/
        <group>
        <region> sample=1.wav
        <control>
        <region> sample=2.wav
    """

    assert names_in(tmp_path / "kit.sfz", text) == ("Kicks/1.wav", "2.wav")


def test_an_sfz_takes_the_same_name_from_two_folders(tmp_path):
    """Without its default paths nobody could say which of the sounds are meant."""
    sounds(tmp_path / "Kit/Kicks", "1.wav", "2.wav")
    sounds(tmp_path / "Kit/Hats", "1.wav", "2.wav")
    put(
        tmp_path / "Kit/kit.sfz",
        "<control>default_path=Kicks/\n<region>sample=1.wav\n<control>default_path=Hats/\n<region>sample=2.wav\n",
    )

    (project,) = Surveyor().survey(tmp_path, root_is_unit=False).projects

    assert project.root == tmp_path / "Kit"


def test_an_sfz_needs_no_file_for_a_sound_that_the_player_makes(tmp_path):
    assert names_in(tmp_path / "kit.sfz", "<region> sample=*sine\n<region> sample=\n") == ()


def test_a_variable_of_an_sfz_may_be_followed_by_more_of_the_word(tmp_path):
    text = "#define $ART close\n<region> sample=$ART1.wav\n<region> sample=$OTHER 1.wav\n"

    assert names_in(tmp_path / "kit.sfz", text) == ("close1.wav", "$OTHER 1.wav")


def test_an_sfz_whose_included_file_is_missing_is_read_without_it(tmp_path):
    references = read_references(put(tmp_path / "kit.sfz", '#include "gone.sfz"\n<region> sample=kick.wav\n'))

    assert (references.names, references.opaque) == (("kick.wav",), False)


def test_an_sfz_that_includes_itself_reads_nothing_more_once_that_is_known(tmp_path):
    """What comes after a circle is not looked at any more: two such lines would double the work with each round."""
    put(tmp_path / "other.sfz", "<region> sample=other.wav\n")

    references = read_references(
        put(
            tmp_path / "kit.sfz",
            '<region> sample=kick.wav\n#include "kit.sfz"\n#include "other.sfz"\n',
        )
    )

    assert (references.names, references.opaque) == (("kick.wav",), True)


def test_includes_of_an_sfz_may_be_as_deep_as_sixteen(tmp_path):
    for number in range(17):
        put(tmp_path / f"{number}.sfz", f'#include "{number + 1}.sfz"\n<region> sample={number}.wav\n')

    references = read_references(tmp_path / "0.sfz")

    assert (len(references.names), references.opaque) == (17, False)


# --- what is packed ---


def test_a_sound_that_is_packed_in_a_studio_one_song_is_not_looked_for_outside(tmp_path):
    sounds(tmp_path / "Pack", "packed.wav", "meant.wav")
    urls = '<Url url="media:///packed.wav"/><Url url="file:///C:/x/Media/meant.wav"/>'
    song = put(
        tmp_path / "Demo.song",
        zipped({"Song/mediapool.xml": f"<MediaPool>{urls}</MediaPool>", "Song/song.xml": "<Song/>"}),
    )

    survey = Surveyor().survey(tmp_path, root_is_unit=False)

    assert survey.needed == {tmp_path / "Pack/meant.wav": song}
