import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumwatch.intake.archives.names import BadName, decoded, is_junk, parts


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"Kicks/kick.wav", "Kicks/kick.wav"),
        ("Kicks/Grüße.wav".encode(), "Kicks/Grüße.wav"),
        ("ドラム/キック.wav".encode("cp932"), "ドラム/キック.wav"),
        ("Trémolo/Bäss.wav".encode("cp437"), "Trémolo/Bäss.wav"),
    ],
)
def test_a_name_without_the_utf8_flag_reads_as_its_maker_wrote_it(raw, name):
    assert decoded(raw) == name


def test_a_backslash_separates_folders_too():
    assert parts("Kicks\\808\\kick.wav") == ("Kicks", "808", "kick.wav")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../evil.wav", "leads out"),
        ("a/..\\..\\evil.wav", "leads out"),
        ("/abs.wav", "absolute"),
        ("\\\\server\\share\\x.wav", "absolute"),
        ("C:\\win.wav", "drive"),
        ("c:/win.wav", "drive"),
        ("./", "empty"),
        ("/".join("d" * 40) + "/x.wav", "deep"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name, why):
    with pytest.raises(BadName, match=why):
        parts(name)


@pytest.mark.parametrize("name", ["Aux/CON.wav", "lpt1", "C: hard.wav", "What?.wav"])
def test_a_name_that_only_windows_refuses_is_a_name(name):
    assert "/".join(parts(name)) == name


def test_what_systems_leave_is_junk():
    junk = ["__MACOSX/._kick.wav", "Kicks/._kick.wav", ".DS_Store", "Art/Thumbs.db"]

    assert [is_junk(parts(name)) for name in [*junk, "Kicks/kick.wav"]] == [True] * 4 + [False]


def test_a_long_name_is_shortened_and_keeps_its_ending():
    (name,) = parts("é" * 300 + ".wav")

    assert len(name.encode()) <= 200
    assert name.endswith("é.wav")


@given(st.text(max_size=80))
def test_no_name_whatever_leads_outside(name):
    try:
        steps = parts(name)
    except BadName:
        return
    assert all(step not in ("", ".", "..") and "/" not in step and "\\" not in step for step in steps)


@given(st.binary(max_size=80))
def test_any_bytes_are_some_name(raw):
    assert isinstance(decoded(raw), str)
