"""Room that stays free, and temporary files that a failing disk did not let go of."""

from __future__ import annotations

import errno

import pytest
from faulty_disk import Power
from folder_trees import a_wav, read_files
from pipeline_harness import House

KICK = a_wav()
MORE_THAN_THERE_IS = "min_free = 1000000000000000"
COPY, TAG = 'action = "copy"', 'action = "tag"'


@pytest.fixture
def power(monkeypatch):
    """Unlike the one for a desk, it does not count what the journal writes."""
    return Power(monkeypatch)


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.close()


@pytest.fixture
def house_with_two_disks(tmp_path, other_disk):
    house = House(tmp_path, other_disk / "Library")
    yield house
    house.close()


@pytest.mark.parametrize("action", [COPY, TAG], ids=str)
def test_nothing_is_written_where_room_is_scarce(house, action):
    house.start(f"{MORE_THAN_THERE_IS}\n{action}")
    kick = house.arrive("kick.wav", KICK)

    (filed,) = house.file(kick)

    assert "would have less than 1000 TB left (min_free): kick.wav stays in" in filed.again
    assert read_files(house.intake) == {"kick.wav": KICK}
    assert read_files(house.library) == {}


def test_a_move_to_another_disk_needs_room_there(house_with_two_disks):
    house = house_with_two_disks
    house.start(MORE_THAN_THERE_IS)
    kick = house.arrive("kick.wav", KICK)

    (filed,) = house.file(kick)

    assert f"The disk of {house.library / 'kick'} would have less than" in filed.again
    assert (read_files(house.intake), read_files(house.library)) == ({"kick.wav": KICK}, {})


def test_a_rename_needs_no_room(house):
    house.start(MORE_THAN_THERE_IS)
    kick = house.arrive("kick.wav", KICK)

    house.file(kick)

    assert read_files(house.library) == {"kick": {"kick.wav": KICK}}


def test_the_want_of_room_is_told_once_and_ends_with_it(house):
    house.start(f"{MORE_THAN_THERE_IS}\n{COPY}")
    kick = house.arrive("kick.wav", KICK)

    first, again = house.file(kick), house.file(kick)
    house.start(f"min_free = 0\n{COPY}")
    at_last = house.file(kick)

    assert [len(filed.entries) for (filed,) in (first, again)] == [1, 0]
    assert at_last[0].entries[0].state == "done"
    assert read_files(house.library) == {"kick": {"kick.wav": KICK}}


@pytest.mark.parametrize("action", [COPY, TAG], ids=str)
def test_what_a_failing_disk_kept_is_removed_at_the_next_start(house, power, action):
    house.start(f"min_free = 0\n{action}")
    kick = house.arrive("kick.wav", KICK)
    power.restore()
    house.file(kick)  # to know the calls
    first_write = power.log.index("copy_bytes") + 1
    snare = house.arrive("snare.wav", a_wav(b"\x05\x06" * 100))
    made = 1 if action == COPY else 0  # the folder of kicks is there this time
    power.fail_at(first_write - made, errno.EROFS, for_good=True)
    house.file(snare)
    left = house.temps()
    power.restore()

    house.start()

    assert len(left) == 1
    assert house.temps() == []
    assert house.journal.state.leftovers() == []
    assert (house.intake / "snare.wav").read_bytes() == a_wav(b"\x05\x06" * 100)


def test_a_leftover_on_a_disk_that_is_away_waits_for_it(house):
    house.journal.state.note_leftovers([house.library / "kick/.drumwatch-1-aa.tmp"])
    house.start()
    away = house.journal.state.leftovers()
    (house.library / "kick").mkdir()
    (house.library / "kick/.drumwatch-1-aa.tmp").touch()

    house.start()

    assert away == [house.library / "kick/.drumwatch-1-aa.tmp"]
    assert (house.temps(), house.journal.state.leftovers()) == ([], [])
