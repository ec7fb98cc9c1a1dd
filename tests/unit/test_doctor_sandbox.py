"""What `drumwatch doctor` reports about the sandbox of a worker."""

from __future__ import annotations

import pytest

from drumwatch.commands.doctor import _sandbox
from drumwatch.workers.protocol import SandboxChecked


def test_sandbox_parts_that_work_are_named():
    found = _sandbox(SandboxChecked(("Landlock", "seccomp"), ("network", "files", "programs", "processes")))

    assert (found.state, found.remedy) == ("fine", "")
    assert found.what == (
        "analysis is sandboxed (Landlock, seccomp): no network, no program, no other process, no file written"
    )


@pytest.mark.parametrize(
    ("layers", "refused", "allowed"),
    [
        ((), (), "network, writing files, starting programs, sending signals to other processes"),
        (("Landlock",), ("files", "programs", "processes"), "network"),
    ],
)
def test_a_missing_sandbox_is_a_note_with_a_remedy(layers, refused, allowed):
    found = _sandbox(SandboxChecked(layers, refused))

    assert found.state == "note"
    assert found.what.endswith(f"nothing keeps it from {allowed}")
    assert found.remedy
