"""The disk refuses one call, or every call from one on: the sound stays whole, and the journal is told the truth."""

from __future__ import annotations

import contextlib
import errno
import itertools
from typing import TYPE_CHECKING

import pytest

from drumwatch.core.errors import ActionFailed, CannotUndo

if TYPE_CHECKING:
    from action_scenarios import Scene
    from faulty_disk import Power

# The first is one that the ladder of renames takes for "no such call here".
CODES = [errno.EPERM, errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES]
FOR_GOOD = [errno.EIO, errno.ENOSPC, errno.EROFS, errno.ESTALE]  # the last: a mount that has vanished


def acts(power: Power, scene: Scene, call: int, code: int, *, for_good: bool = False) -> bool:
    """Whether the disk was well up to the end."""
    power.fail_at(call, code, for_good=for_good)
    with contextlib.suppress(ActionFailed):
        scene.act()
    return power.restore() < call


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
def test_one_refused_call_fails_cleanly_or_does_not_matter(scenes, code, power, desk):
    for call in itertools.count(1):
        scene = next(scenes)
        if acts(power, scene, call, code):
            break
        scene.check_safe()
        scene.check_tidy()
        if desk.entry.state == "failed":
            scene.check_original()


@pytest.mark.parametrize("code", FOR_GOOD, ids=errno.errorcode.get)
def test_a_disk_that_dies_takes_no_sound_along(scenes, code, power):
    for call in itertools.count(1):
        scene = next(scenes)
        if acts(power, scene, call, code, for_good=True):
            break
        scene.check_safe()


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
def test_one_refused_call_never_leaves_an_undo_halfway(scenes, code, power, desk):
    for call in itertools.count(1):
        scene = next(scenes)
        scene.act()
        power.fail_at(call, code)
        try:
            desk.undo()
        except CannotUndo:
            assert power.restore() >= call
            scene.check_tidy()
            desk.undo()
        ended = power.restore() < call
        scene.check_safe()
        if ended:
            break
