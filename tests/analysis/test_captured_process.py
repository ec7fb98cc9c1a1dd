"""What a process that a hostile file has taken over could do to others: each test tries it inside a real sandbox."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sounds import kick, write

from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Digest, TagsWritten, WriteTags

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these fences")

# `call` is a system call, which raises only if it was refused: with any other error it has been let through
PROCESSES = {
    "fork": "os.fork() or os._exit(0)",
    "clone": "call('clone', 17, 0, 0, 0, 0)",
    "clone of a vfork": "call('clone', 0x4011, 0, 0, 0, 0)",
    "clone3, which hides its flags": "call('clone3', 0, 0)",
    "a process group of its own": "call('setpgid', 0, 0)",
    "a session of its own": "call('setsid')",
}
OTHERS = {
    "debugging its parent": "call('ptrace', 2, os.getppid(), 0, 0)",
    "its parent's memory": "call('process_vm_readv', os.getppid(), 0, 0, 0, 0, 0)",
    "writing its parent's memory": "call('process_vm_writev', os.getppid(), 0, 0, 0, 0, 0)",
    "a signal": "call('kill', os.getppid(), 0)",
    "a signal to all": "call('kill', -1, 0)",
    "a signal to a thread": "call('tkill', os.getppid(), 0)",
    "a signal to a thread of a group": "call('tgkill', os.getppid(), os.getppid(), 0)",
    "a queued signal": "call('rt_sigqueueinfo', os.getppid(), 0, 0)",
    "a handle of its parent": "call('pidfd_open', os.getppid(), 0)",
    "a signal by a file": "call('fcntl', 0, 8, os.getppid())",
    "a signal by a file, the long way": "call('fcntl', 0, 15, 0)",
    "which signal a file sends": "call('fcntl', 0, 10, 9)",
    "a limit of its parent": "call('prlimit64', os.getppid(), 7, 0, 0)",
    "a limit of its parent, with a number cut off": "call('prlimit64', (1 << 32) + os.getppid(), 7, 0, 0)",
    "its parent's priority": "call('setpriority', 0, os.getppid(), 0)",
    "the priority of a group": "call('setpriority', 1, 0, 0)",
    "the disk priority of a group": "call('ioprio_set', 2, 0, 0)",
    "its parent's processors": "call('sched_setaffinity', os.getppid(), 0, 0)",
    "its parent's scheduler": "call('sched_setscheduler', os.getppid(), -1, 0)",
}
SHARED = {
    "a lock": "call('flock', file, 5)",
    "a lock on bytes": "call('fcntl', file, 6, 0)",
    "a lock that waits": "call('fcntl', file, 7, 0)",
    "a lock of the open file": "call('fcntl', file, 37, 0)",
    "a lease": "call('fcntl', file, 1024, 0)",
    "a watch": "call('inotify_init1', 0)",
    "watching a whole disk": "call('fanotify_init', 0, 0)",
    "shared memory": "call('shmget', 77, 0, 0)",
    "a semaphore": "call('semget', 77, 0, 0)",
    "a message queue": "call('msgget', 77, 0)",
    "typing into a terminal": "call('ioctl', 0, termios.TIOCSTI, 0)",
    "typing, with a number cut off": "call('ioctl', 0, (1 << 32) + termios.TIOCSTI, 0)",
}
KERNEL = {
    "io_uring": "call('io_uring_setup', 1, 0)",
    "userfaultfd": "call('userfaultfd', 0xFFFF)",
    "keys": "call('keyctl', 0, 0)",
    "performance counters": "call('perf_event_open', 0, 0, 0, 0, 0)",
    "programs in the kernel": "call('bpf', 0, 0, 0)",
    "mounting": "call('mount', 0, 0, 0, 0, 0)",
    "mounting the new way": "call('fsopen', 0, 0)",
    "namespaces": "call('unshare', 0)",
    "another namespace": "call('setns', 0, 0)",
    "personality": "call('personality', 0xFFFFFFFF)",
    "a file by its handle": "call('open_by_handle_at', 0, 0, 0)",
    "a socket": "call('socket', 1, 1, 0)",
    "a pair of sockets": "call('socketpair', 9, 1, 0, 0)",
}
FILES = {
    "permissions": "os.chmod(folder + '/kick.wav', 0o777)",
    "permissions of an open file": "os.fchmod(file, 0o777)",
    "an attribute": "os.setxattr(folder + '/kick.wav', 'user.x', b'x')",
    "a time": "os.utime(folder + '/kick.wav')",
}
NAMES = {
    "removing a file": "os.unlink(folder + '/kick.wav')",
    "renaming a file": "os.rename(folder + '/kick.wav', folder + '/new')",
    "a new file": "open(folder + '/new', 'w')",
}
SANDBOXED = """
import ctypes, fcntl, json, os, sys, termios
import pyseccomp
from pathlib import Path
from drumwatch.sandbox import kernel, limits
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    ctypes.set_errno(0)
    found = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    if name == "clone" and found == 0: os._exit(0)
    if found == -1 and ctypes.get_errno() in (1, 38): raise OSError
folder = sys.argv[1]
file = os.open(folder + "/kick.wav", os.O_RDONLY)
process = limits.Confinement(ours=True)
"""
TRY = """
for attempt in json.loads(sys.argv[2]):
    try: exec(attempt)
    except OSError: print("refused", flush=True)
    else: print("did it", flush=True)
"""


def inside(code: str, folder: Path, attempts: dict[str, str]) -> dict[str, str]:
    """What became of each attempt in a process that has run `code` before."""
    done = subprocess.run(
        [sys.executable, "-c", SANDBOXED + code + TRY, str(folder), json.dumps(list(attempts.values()))],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return dict(zip(attempts, done.stdout.split("\n")[:-1], strict=True))


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write(tmp_path / "kick.wav", kick())


@pytest.mark.parametrize("attempts", [PROCESSES, OTHERS, SHARED, KERNEL, {**FILES, **NAMES}])
def test_a_captured_worker_starts_no_process_and_reaches_none(sound, attempts):
    assert inside("process.confine()\n", sound.parent, attempts) == dict.fromkeys(attempts, "refused")


@pytest.mark.parametrize("attempts", [PROCESSES, OTHERS, SHARED, KERNEL, {**FILES, **NAMES}])
def test_a_captured_tagger_starts_no_process_and_reaches_none(sound, attempts):
    copy = write(sound.with_name("copy.wav"), kick())

    found = inside(f"process.confine(Path({str(copy)!r}))\n", sound.parent, attempts)

    assert found == dict.fromkeys(attempts, "refused")


@pytest.mark.parametrize("attempts", [PROCESSES, OTHERS, SHARED, KERNEL, {**FILES, **NAMES}])
def test_a_captured_unpacker_starts_no_process_and_reaches_none(sound, attempts):
    place = sound.with_name("unpacked")
    place.mkdir()

    found = inside(f"kernel.enter_sandbox(Path({str(place)!r}))\n", sound.parent, attempts)

    assert found == dict.fromkeys(attempts, "refused")


def test_landlock_alone_keeps_signals_from_other_processes(sound):
    signals = {name: attempt for name, attempt in OTHERS.items() if name.startswith("a signal to a thread")}

    found = inside("kernel.seccomp = None\nprocess.confine()\n", sound.parent, signals)

    assert found == dict.fromkeys(signals, "refused")


def test_a_worker_still_starts_threads_and_sets_its_own_limits_and_priority(sound):
    own = {
        "a thread": "import threading; t = threading.Thread(target=print, args=('ran',), kwargs={'end': ', '}); t.start(); t.join()",
        "priority": "os.nice(1)",
        "limit": "import resource; resource.setrlimit(resource.RLIMIT_CPU, resource.getrlimit(resource.RLIMIT_CPU))",
    }

    found = inside("process.confine()\n", sound.parent, own)

    assert found == {"a thread": "ran, did it", "priority": "did it", "limit": "did it"}


def test_a_worker_that_aborts_still_ends_by_its_own_signal(sound):
    with pytest.raises(subprocess.CalledProcessError) as ended:
        inside("process.confine()\nos.abort()\n", sound.parent, {})

    assert ended.value.returncode == -signal.SIGABRT


LIMITS = (
    "import resource\n"
    "names = ('CORE', 'NOFILE', 'AS', 'FSIZE')\n"
    "print(*(resource.getrlimit(getattr(resource, 'RLIMIT_' + name)) for name in names), file=sys.stderr)\n"
    "print(resource.getrlimit(resource.RLIMIT_CPU)[1] < 1e6, file=sys.stderr)\n"
)


def limits_after(code: str, folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SANDBOXED + code + LIMITS, str(folder), "[]"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stderr.splitlines()


def test_the_limits_of_a_worker_cannot_be_raised_again(sound):
    assert limits_after("process.confine()\n", sound.parent) == [
        "(0, 0) (64, 64) (2147483648, 2147483648) (0, 0)",
        "True",
    ]


def test_a_tagger_can_make_its_file_only_a_little_longer(sound):
    size = sound.stat().st_size

    found = limits_after(f"process.confine(Path({str(sound)!r}))\n", sound.parent)

    assert found[0].endswith(f"(0, {size + (1 << 21)})")


def test_a_tagger_has_neither_the_requests_nor_the_answers_of_its_worker(sound):
    code = (
        "from drumwatch.sandbox.run_in_child import run_in_child\n"
        "links = lambda: [Path('/proc/self/fd', name) for name in os.listdir('/proc/self/fd')]\n"
        "opened = lambda: [os.readlink(link) for link in links() if os.path.lexists(link)]\n"
        "print(*json.loads(run_in_child(lambda: json.dumps(sorted(opened())).encode())), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", SANDBOXED + code, str(sound.parent), "[]"],
        stdin=subprocess.PIPE, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    inherited = [name.split(":")[0] for name in done.stderr.split()]

    assert inherited == ["/dev/null", "pipe", "pipe", "pipe"]  # the answer; stderr, which is stdout too


def test_an_endless_answer_of_a_tagger_is_not_taken_into_memory(sound):
    code = (
        "from drumwatch.sandbox.run_in_child import run_in_child\n"
        "try: run_in_child(lambda: bytes(5000), most=1000)\n"
        "except SystemExit: print('ended', file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", SANDBOXED + code, str(sound.parent), "[]"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert done.stderr.split() == ["ended"]


def test_what_is_hardened_still_hears_and_tags(sound):
    copy = sound.with_name("copy.wav")
    copy.write_bytes(sound.read_bytes())
    with LocalWorkers(limit=1) as tagging, LocalWorkers(limit=1) as workers:
        tagged = tagging.submit(answer, WriteTags(str(sound), str(copy), "kick", "v1")).result(30)
        first, second = (workers.submit(answer, Digest(str(path))).result(30) for path in (sound, copy))

    assert expect(tagged, TagsWritten).written["genre"] == "Kick"
    assert first == second
