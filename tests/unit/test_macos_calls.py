"""The calls of macOS against stand-ins for its functions: sizes and values as in Apple's headers."""

import ctypes
import os

import pytest

from drumwatch.system import macos_calls
from drumwatch.system.macos_calls import FileSystem

UUID = bytes(range(1, 17))


@pytest.fixture
def library(monkeypatch):
    """The functions that the C library has, by name."""
    functions: dict[str, object] = {}
    monkeypatch.setattr(
        macos_calls,
        "_function",
        lambda *names: next((functions[one] for one in names if one in functions), None),
    )
    return functions


def test_the_records_have_the_sizes_that_the_system_writes():
    records = (macos_calls._StatFs, macos_calls._AttributeList, macos_calls._VolumeUuid)

    assert [ctypes.sizeof(record) for record in records] == [2168, 24, 20]


@pytest.mark.parametrize("name", ["statfs", "statfs$INODE64"])
def test_a_file_system_is_told_by_its_mount_point_and_its_free_blocks(library, name):
    def statfs(path, found):
        assert path.value == "/Volumes/Musik/é".encode()
        found._obj.f_mntonname = b"/Volumes/Musik"
        found._obj.f_bsize, found._obj.f_bavail = 4096, 2**33
        return 0

    library[name] = statfs

    assert macos_calls.file_system("/Volumes/Musik/é") == FileSystem("/Volumes/Musik", 4096, 2**33)


def test_what_cannot_be_asked_is_not_known(library):
    assert macos_calls.file_system("/") is None
    library["fstatfs"] = lambda *_: -1
    assert macos_calls.file_system(0) is None


@pytest.mark.parametrize(
    ("raw", "length", "named"), [(UUID, 20, UUID.hex()), (bytes(16), 20, ""), (UUID, 4, "")]
)
def test_a_volume_is_told_by_its_uuid_if_it_has_one(library, raw, length, named):
    def getattrlist(path, wanted, answer, size, options):
        assert (path.value, wanted._obj.bitmapcount, size.value, options) == (b"/Volumes/SSD", 5, 20, 0)
        assert wanted._obj.volattr == 0x80040000
        answer._obj.length = length
        answer._obj.uuid[:] = raw
        return 0

    library["getattrlist"] = getattrlist

    assert macos_calls.volume_uuid("/Volumes/SSD") == named


def test_the_running_program_is_asked_by_its_number(library):
    def proc_pidpath(number, path, size):
        assert (number, size) == (os.getpid(), 4096)
        path.value = b"/Applications/Python.app/Contents/MacOS/Python"
        return len(path.value)

    library["proc_pidpath"] = proc_pidpath

    assert macos_calls.program_path() == "/Applications/Python.app/Contents/MacOS/Python"


def test_nothing_is_fetched_by_this_process(library):
    asked = []
    library["setiopolicy_np"] = lambda *policy: asked.append(policy)

    macos_calls.never_fetch_files()

    assert asked == [(3, 0, 1)]
