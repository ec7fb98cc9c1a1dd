"""A file or folder that the Finder shows as locked (macOS) is called that; stat results are stand-ins."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from drumwatch.filing import os_errors

SOUND, PLACE = Path("/in/kick.wav"), Path("/library/kick/kick.wav")
UNLOCK = "Take the lock off in the Finder (Get Info, Locked), and it can be tried again."


@pytest.fixture
def lock(monkeypatch):
    """Takes what is locked."""

    def of(*locked):
        flags = dict.fromkeys(locked, stat.UF_IMMUTABLE)
        monkeypatch.setattr(os, "lstat", lambda path: SimpleNamespace(st_flags=flags.get(path, 0)))

    return of


@pytest.mark.parametrize("locked", [SOUND, SOUND.parent, PLACE.parent])
@pytest.mark.parametrize("code", [errno.EPERM, errno.EACCES])
def test_what_is_locked_is_named_with_the_way_to_unlock_it(lock, locked, code):
    lock(locked)

    said = os_errors.sentence(OSError(code, "no"), SOUND, PLACE)

    assert said == f"{locked} is locked: kick.wav is still in /in. {UNLOCK}"


def test_without_a_lock_the_permissions_are_to_blame(lock):
    lock()
    assert "Change the folder's permissions" in os_errors.sentence(OSError(errno.EPERM, "no"), SOUND, PLACE)


def test_another_error_of_a_locked_file_is_told_as_itself(lock):
    lock(SOUND)
    assert "is full" in os_errors.sentence(OSError(errno.ENOSPC, "no"), SOUND, PLACE)
