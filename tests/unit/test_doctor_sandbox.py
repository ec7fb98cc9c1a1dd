"""What `drumwatch doctor` reports of the sandbox of a worker."""

from __future__ import annotations

import pytest

from drumwatch.commands.doctor import _fenced
from drumwatch.workers.protocol import SandboxChecked


def test_sandbox_parts_that_work_are_named():
    found = _fenced(SandboxChecked(("Landlock", "seccomp"), ("network", "files", "programs")))

    assert (found.state, found.mend) == ("fine", "")
    assert (
        found.what == "what hears is shut in by Landlock and seccomp: no network, no program, no file written"
    )


@pytest.mark.parametrize(
    ("fences", "refused", "open_to_it"),
    [
        ((), (), "network, writing files, starting programs"),
        (("Landlock",), ("files", "programs"), "network"),
    ],
)
def test_a_missing_sandbox_is_a_note_with_a_remedy(fences, refused, open_to_it):
    found = _fenced(SandboxChecked(fences, refused))

    assert found.state == "note"
    assert found.what.endswith(f"nothing keeps it from {open_to_it}")
    assert found.mend
