import os
import subprocess

import pytest

from drumwatch.daemon import facts


def test_the_memory_of_a_process_is_known():
    assert facts._memory(os.getpid()) > 1_000_000
    assert facts._memory(None) is None


@pytest.mark.parametrize(("printed", "memory"), [(b" 30720\n", 30720 * 1024), (b"", None)])
def test_without_proc_ps_is_asked(monkeypatch, printed, memory):
    asked = []

    def ps(command, **_):
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, printed)

    monkeypatch.setattr(facts.Path, "read_text", lambda _: (_ for _ in ()).throw(FileNotFoundError))
    monkeypatch.setattr(subprocess, "run", ps)

    assert facts._memory(4711) == memory
    assert asked == [["ps", "-o", "rss=", "-p", "4711"]]
