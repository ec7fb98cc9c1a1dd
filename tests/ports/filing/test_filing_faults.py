"""The disk refuses one call, or every call from one on: the sound stays whole, and the journal is right."""

from __future__ import annotations

import contextlib
import errno
import itertools
from typing import TYPE_CHECKING

import pytest

from drumwatch.core.errors import ActionFailed, CannotUndo

if TYPE_CHECKING:
    from action_scenarios import Scenario
    from faulty_disk import FaultyDisk

# The first is one that the ladder of renames takes for "no such call here".
CODES = [errno.EPERM, errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES]
FOR_GOOD = [errno.EIO, errno.ENOSPC, errno.EROFS, errno.ESTALE]  # the last: a mount that has vanished


def acts(
    faulty_disk: FaultyDisk, scenario: Scenario, call: int, code: int, *, for_good: bool = False
) -> bool:
    """Whether the disk was well up to the end."""
    faulty_disk.fail_at(call, code, for_good=for_good)
    with contextlib.suppress(ActionFailed):
        scenario.act()
    return faulty_disk.restore() < call


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
def test_one_refused_call_fails_cleanly_or_does_not_matter(scenarios, code, faulty_disk, runner):
    for call in itertools.count(1):
        scenario = next(scenarios)
        if acts(faulty_disk, scenario, call, code):
            break
        scenario.check_safe()
        scenario.check_tidy()
        if runner.entry.state == "failed":
            scenario.check_original()


@pytest.mark.parametrize("code", FOR_GOOD, ids=errno.errorcode.get)
def test_a_disk_that_dies_takes_no_sound_along(scenarios, code, faulty_disk):
    for call in itertools.count(1):
        scenario = next(scenarios)
        if acts(faulty_disk, scenario, call, code, for_good=True):
            break
        scenario.check_safe()


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
def test_one_refused_call_never_leaves_an_undo_halfway(scenarios, code, faulty_disk, runner):
    for call in itertools.count(1):
        scenario = next(scenarios)
        scenario.act()
        faulty_disk.fail_at(call, code)
        try:
            runner.undo()
        except CannotUndo:
            assert faulty_disk.restore() >= call
            scenario.check_tidy()
            runner.undo()
        ended = faulty_disk.restore() < call
        scenario.check_safe()
        if ended:
            break
