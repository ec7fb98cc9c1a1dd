"""Readers of single documents: which sounds they name, as they are written."""

from __future__ import annotations

import base64
import gzip
import zlib
from typing import TYPE_CHECKING

import pytest
from project_trees import put, sounds, zipped

from drumwatch.intake.projects import Surveyor
from drumwatch.intake.projects.references import NONE, read_references

if TYPE_CHECKING:
    from pathlib import Path


def gzipped(data: bytes) -> bytes:
    """Packed without the time, so that the tests have the same names in every process."""
    return gzip.compress(data, mtime=0)


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


# --- every format ---


def file_ref(inside: str) -> bytes:
    return gzipped(f"<Ableton><Name Value='x.wav'/><FileRef>{inside}</FileRef></Ableton>".encode())


def als_steps(*steps: str) -> str:
    return "".join(f'<RelativePathElement Dir="{step}" />' for step in steps)


LENGTH = b"\0\0\0\0"
FL_HEAD = b"FLhd\x06\0\0\0" + bytes(6) + b"FLdt" + LENGTH
MPC_HEAD = b"ACVS\n1\n2\n3\n4\n"
PLUG_IN = base64.b64encode(b"\0\0sampler\0C:\\kicks\\kick 1.wav\0").decode()


@pytest.mark.parametrize(
    ("name", "content", "names"),
    [
        # Ableton Live: the path from the project, else as Live 8 to 10 wrote it, else that of the disk
        (
            "a.als",
            file_ref('<RelativePath Value="Samples/a.wav"/><Name Value="b.wav"/><Path Value="/c.wav"/>'),
            ["Samples/a.wav"],
        ),
        (
            "a.als",
            file_ref(f'{als_steps("", "Samples")}<Name Value="b.wav"/><Path Value="/c.wav"/>'),
            ["../Samples/b.wav"],
        ),
        ("a.als", file_ref('<Path Value="/disk/c.wav"/>'), ["/disk/c.wav"]),
        # FL Studio: in 16 or in 8 bits a letter; what comes with the program is no file of anybody
        ("a.flp", FL_HEAD + b"\xc4\x06k.wav\0", ["k.wav"]),
        ("a.flp", FL_HEAD + b"\x15\x01\x40\x01\x00\x80\1\2\3\4\xc4\x0ck\0.\0w\0a\0v\0\0\0", ["k.wav"]),
        ("a.flp", FL_HEAD + b"\xc4\x1c%FLStudioFactoryData%/k.wav\0", []),
        ("a.flp", FL_HEAD + b"\xc4\x88\x01" + b"k" * 131 + b".wav\0", ["k" * 131 + ".wav"]),
        # Text
        (
            "a.rpp",
            '<REAPER_PROJECT 0.1\n  FILE "a b.wav"\n FILE \'c"d.wav\'\n FILE `e.wav` 1\n FILE f.wav 1\nNOFILE "g.wav"\n',
            ["a b.wav", 'c"d.wav', "e.wav", "f.wav"],
        ),
        (
            "a.rpp",
            f"<REAPER_PROJECT 0.1\n  {PLUG_IN}\n  AAAAAAAAAAAAAAAAAAAAAAAAA\n",
            ["C:/kicks/kick 1.wav"],
        ),
        ("a.m3u", "#EXTM3U\n\n  kick 1.wav \n#EXTINF:1,hat.wav\n", ["kick 1.wav"]),
        ("a.cue", 'file "a b.wav" WAVE\n  FILE c.wav WAVE\nREM FILE d.wav\n', ["a b.wav", "c.wav"]),
        ("project.work", "TYPE=FLEX\r\nPATH=../AUDIO/k.wav\r\nPATH=\r\n", ["../AUDIO/k.wav"]),
        ("a.pd", "#N canvas 0 0 1 1 12;\n#X msg read k\\ 1.wav a;\n", ["k 1.wav", "1.wav"]),
        (
            "a.maxpat",
            '{"patcher": {"text": "buffer~ \\"a b.wav\\"", "path": "x\\/c.wav"}}',
            ["a b.wav", "b.wav", "x/c.wav"],
        ),
        ("a.json", '\ufeff {"_base": "x", "bd": ["bd\\/a.wav"]}', ["bd/a.wav"]),
        # XML
        (
            "a.dspreset",
            '<DecentSampler><sample path="a &amp; b.wav"/><sample/></DecentSampler>',
            ["a & b.wav"],
        ),
        ("drumkit.xml", "<drumkit_info><filename> k.wav </filename></drumkit_info>", ["k.wav"]),
        ("a.h2song", "<song><filename>k.wav</filename></song>", ["k.wav"]),
        (
            "a.ardour",
            '<Session><Source name="a.wav" origin="/disk/b.wav"/><Source name="c.wav" type="midi"/></Session>',
            ["a.wav", "/disk/b.wav"],
        ),
        ("a.xml", '<kit><osc1 fileName="a.wav"/><fileName>b &lt;.wav</fileName></kit>', ["a.wav", "b <.wav"]),
        ("a.xml", '<document><cell filename=".\\k.wav"/></document>', ["./k.wav"]),
        ("a.xml", '<instrument><audiofile file="samples/k.wav"/></instrument>', ["samples/k.wav"]),
        (
            "a.mmp",
            '<lmms-project><a src="usersample:d/k.wav"/><a src="C:/h.wav"/><a src="factorysample:x.wav"/><a src="p.wav"/></lmms-project>',
            ["d/k.wav", "C:/h.wav", "p.wav"],
        ),
        (
            "a.xpm",
            "<MPCVObject><SampleName>Kick</SampleName><SampleFile>H.wav</SampleFile></MPCVObject>",
            ["Kick", "H.wav"],
        ),
        # Packed
        (
            "a.xpm",
            gzipped(
                MPC_HEAD + b'{"data": {"samples": [{"name": "Kick", "path": "a/Kick.wav"}, {"name": 7}, 8]}}'
            ),
            ["Kick", "a/Kick.wav"],
        ),
        ("a.xpm", gzipped(MPC_HEAD + b'{"data": {"samples": {"name": "Kick"}}}'), []),
        ("a.xpm", gzipped(MPC_HEAD + b'{"data": ["samples"]}'), []),
        (
            "a.dawproject",
            zipped(
                {
                    "project.xml": '<P><File external="true" path="a.wav"/><File external="false" path="b.wav"/></P>'
                }
            ),
            ["a.wav"],
        ),
    ],
)
def test_a_document_names_its_sounds(tmp_path, name, content, names):
    references = read_references(put(tmp_path / name, content))

    assert [*references.names] == names
    assert references.kind
    assert not references.opaque
    assert not references.is_self_contained


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.als", file_ref('<RelativePath Value="a.wav"/>')[:-12]),  # cut
        ("a.xpm", gzipped(b"ACVS\n1\n2\n3\n")),
        ("a.xpm", gzipped(MPC_HEAD + b'{"data": {"samples": []}}')[:-4]),
        ("a.xpm", gzipped(MPC_HEAD + b"no json")),
        ("a.xpm", gzipped(MPC_HEAD + b'{"data": {"samples": []}}')[:-12]),
        ("a.pd", "#N canvas 0 0 1 1 12;\n#X msg read $1.wav a;\n"),
        ("a.dspreset", "<DecentSampler>"[:-1] + ' a="1">\n<sample path="a.w'),
        ("a.mmpz", LENGTH + zlib.compress(b"<lmms-project>" + bytes(range(256)))[:-20]),
        ("a.mgrp", b"no names in it"),
        ("a.nki", b"a later version"),
        ("a.pgm", b"\x04\x2a\0\0MPC2500 PGM"),
        ("a.dwp", b"DwPr no names"),
        ("a.nbkt", b"no names"),
        ("a.sxt", b"FORM no names"),
    ],
)
def test_a_document_that_may_name_more_than_could_be_read_is_opaque(tmp_path, name, content):
    references = read_references(put(tmp_path / name, content))

    assert references.opaque
    assert references.kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.dawproject", zipped({"project.xml": '<P><File external="false" path="b.wav"/></P>'})),
        ("a.sf2", b"RIFF" + LENGTH + b"sfbk"),
        ("a.h2drumkit", b"whatever"),
    ],
)
def test_a_document_that_holds_its_sounds_itself_names_none(tmp_path, name, content):
    references = read_references(put(tmp_path / name, content))

    assert references.is_self_contained
    assert (references.names, references.opaque) == ((), False)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.als", "a.wav"),
        ("a.flp", "a.wav"),
        ("a.rpp", 'FILE "a.wav"'),
        ("a.cpr", b"RIFF\0\0\0\0WAVE a.wav"),
        ("a.cpr", b"\0\0\0\0 NUND a.wav"),
        ("a.ptx", "a.wav"),
        ("a.song", "a.wav"),
        ("a.song", zipped({"lyrics.txt": "a.wav"})),
        ("a.bwproject", "a.wav"),
        ("a.ardour", "a.wav"),
        ("a.aup3", "a.wav"),
        ("a.mmp", "a.wav"),
        ("a.mmpz", "a.wav of somebody"),
        ("a.tracktionedit", "a.wav"),
        ("a.dawproject", "a.wav"),
        ("a.xpm", "/* XPM */ a.wav"),
        ("a.xpm", gzipped(b"a.wav")),
        ("a.h2song", "a.wav"),
        ("a.dspreset", "a.wav"),
        ("drumkit.xml", "<map>a.wav</map>"),
        ("a.xml", "<kit>a.wav</kit>"),
        ("a.xml", "<html>a.wav</html>"),
        ("a.xml", "<drumkit>a.wav</drumkit>"),
        ("a.exs", 'IO.puts("a.wav")'),
        ("a.pgm", "P5 a.wav"),
        ("a.sf2", b"RIFF\0\0\0\0WAVE"),
        ("a.json", '{"sound": "a.wav"}'),
        ("a.json", '["_base", "a.wav"]'),
        ("a.pd", "%PDF a.wav"),
        ("a.maxpat", "a.wav"),
    ],
)
def test_a_file_that_only_has_the_ending_of_a_document_is_none(tmp_path, name, content):
    assert read_references(put(tmp_path / name, content)) == NONE


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Kicks\\kick 1.wav", "Kicks/kick 1.wav"),
        ("file:///Users/me/kick%201.wav", "/Users/me/kick 1.wav"),
        ("FILE:kick%201.wav", "/kick 1.wav"),
        ("kick%201.wav", "kick 1.wav"),
        ("100%.wav", "100%.wav"),
        ("50%25.wav", "50%25.wav"),  # nobody escapes but for the sake of spaces
        ("a%20%ff.wav", "a%20%ff.wav"),
        ("  kick.wav  ", "kick.wav"),
    ],
)
def test_a_path_is_turned_into_one_of_this_system(tmp_path, written, name):
    assert names_in(tmp_path / "a.m3u", written) == (name,)


@pytest.mark.parametrize(
    "written", ["http://example.org/kick.wav", "smb://nas/kick.wav", "x" * 4093 + ".wav"]
)
def test_what_can_be_no_path_of_this_system_is_not_looked_for(tmp_path, written):
    assert names_in(tmp_path / "a.m3u", written) == ()
