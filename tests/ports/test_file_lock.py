import os
import subprocess
import sys

from drumwatch.system.file_lock import Lock

HOLD = """
import sys
from pathlib import Path
from drumwatch.system.file_lock import Lock
lock = Lock(Path(sys.argv[1]))
print(lock.take(), flush=True)
sys.stdin.read()
"""


def test_only_one_can_have_it(tmp_path):
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")

    assert first.take()
    assert not second.take()

    first.release()
    assert second.take()
    second.release()


def test_others_see_whose_it_is(tmp_path):
    lock = Lock(tmp_path / "lock")
    assert lock.holder() is None

    lock.take()

    assert Lock(tmp_path / "lock").holder() == os.getpid()
    lock.release()
    assert Lock(tmp_path / "lock").holder() is None


def test_looking_takes_nothing(tmp_path):
    lock = Lock(tmp_path / "lock")
    (tmp_path / "lock").touch()
    lock.holder()

    assert lock.take()
    lock.release()


def test_a_holder_that_was_killed_holds_no_more(tmp_path):
    program = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "True\n"
        assert Lock(tmp_path / "lock").holder() == other.pid
        other.kill()
        other.wait()

    lock = Lock(tmp_path / "lock")
    assert lock.take()
    lock.release()
