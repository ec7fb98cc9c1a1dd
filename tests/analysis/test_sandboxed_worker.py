"""A worker that a hostile file has taken over: each test runs code inside a real, sandboxed one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from sounds import kick, write

from drumwatch.workers.jobs import answer
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import CheckSandbox, Digest, WriteTags

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these fences")
SYSTEM = {"linux": ("Landlock", "seccomp"), "darwin": ("Seatbelt",)}.get(sys.platform, ())
a_sandbox = pytest.mark.skipif(not SYSTEM, reason="a program can enter no sandbox by itself here")

SOCKETS = {  # macOS lets a sandboxed process make them, but not use them
    "a TCP socket": "import socket; socket.socket()",
    "a UDP socket": "import socket; socket.socket(type=socket.SOCK_DGRAM)",
    "a local socket": "import socket; socket.socket(socket.AF_UNIX)",
}
ATTEMPTS = {
    **(SOCKETS if sys.platform == "linux" else {}),
    "a TCP server": "import socket; socket.socket().bind(('127.0.0.1', 0))",
    "a datagram": "import socket; socket.socket(type=socket.SOCK_DGRAM).connect(('127.0.0.1', 9))",
    "a new file": "open(folder + '/new', 'w')",
    "writing into a file": "open(folder + '/kick.wav', 'r+b')",
    "cutting a file short": "os.truncate(folder + '/kick.wav', 0)",
    "removing a file": "os.unlink(folder + '/kick.wav')",
    "renaming a file": "os.rename(folder + '/kick.wav', folder + '/new')",
    "a link": "os.symlink('kick.wav', folder + '/new')",
    "a folder": "os.mkdir(folder + '/new')",
    "other permissions": "os.chmod(folder + '/kick.wav', 0o777)",
    "another time": "os.utime(folder + '/kick.wav')",
    "another program": "import subprocess; subprocess.run(['true'])",
    "a child": "os.fork() or os._exit(0)",
    "a signal to its parent": "os.kill(os.getppid(), 0)",
}
PROTOCOL = "from drumwatch.workers.protocol import Analyze, Digest, TagsWritten, WriteTags\n"
BEFORE = (
    "import json, os, sys\nfrom drumwatch.sandbox import kernel, limits\nfrom drumwatch.analysis import worker\n"
    + PROTOCOL
)
TRY = """
folder = sys.argv[1]
for attempt in json.loads(sys.argv[2]):
    try: exec(attempt)
    except OSError: print("refused")
    else: print("did it")
"""


def inside_a_worker(code: str, folder, *attempts: str) -> list[str]:
    """What became of the attempts in a worker that has run `code`."""
    done = subprocess.run(
        [sys.executable, "-c", BEFORE + code + TRY, str(folder), json.dumps(attempts)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.split("\n")[:-1]


@pytest.fixture
def sound(tmp_path):
    return write(tmp_path / "kick.wav", kick())


@a_sandbox
def test_a_worker_that_has_opened_a_file_reaches_no_network_no_program_and_no_other_file(sound):
    before = sound.read_bytes(), sound.stat().st_mtime_ns, sound.stat().st_mode
    code = (
        "process = limits.Confinement(ours=True)\nworker.answer(Digest(sys.argv[1] + '/kick.wav'), process)\n"
    )

    output = dict(zip(ATTEMPTS, inside_a_worker(code, sound.parent, *ATTEMPTS.values()), strict=True))

    assert output == dict.fromkeys(ATTEMPTS, "refused")
    assert [path.name for path in sound.parent.iterdir()] == ["kick.wav"]
    assert (sound.read_bytes(), sound.stat().st_mtime_ns, sound.stat().st_mode) == before


@linux
@pytest.mark.parametrize("missing", ["landlock", "seccomp"])
def test_landlock_and_seccomp_each_keep_the_files_safe_without_the_other(sound, missing):
    code = f"kernel.{missing} = None\nprocess = limits.Confinement(ours=True)\nassert len(process.confine()) == 1\n"
    names = [
        "a new file",
        "writing into a file",
        "cutting a file short",
        "removing a file",
        "another program",
    ]

    assert inside_a_worker(code, sound.parent, *(ATTEMPTS[name] for name in names)) == ["refused"] * 5


def test_a_worker_without_any_sandbox_analyzes_all_the_same(sound):
    code = (
        "kernel.landlock = kernel.seccomp = None\nkernel.seatbelt.enter = lambda _: False\nprocess = limits.Confinement(ours=True)\n"
        "print(worker.answer(Analyze(sys.argv[1] + '/kick.wav'), process).verdict.label)\n"
    )
    assert inside_a_worker(code, sound.parent) == ["kick"]


@a_sandbox
def test_while_a_tag_is_written_nothing_but_the_copy_can_be_written(sound):
    copy = sound.with_name("copy.wav")
    copy.write_bytes(sound.read_bytes())
    code = (
        "process = limits.Confinement(ours=True)\n"
        "folder, attempts = sys.argv[1], json.loads(sys.argv[2])\n"
        "def work(job):\n"
        "    said = []\n"
        "    for attempt in attempts:\n"
        "        try: exec(attempt, {'os': os, 'folder': folder})\n"
        "        except OSError: said.append('refused')\n"
        "        else: said.append('did it')\n"
        "    return TagsWritten({str(at): what for at, what in enumerate(said)}, {})\n"
        "worker.OPERATIONS[WriteTags] = lambda: work\n"
        "done = worker.answer(WriteTags(folder + '/kick.wav', folder + '/copy.wav', 'kick', 'v1'), process)\n"
        "print(*done.written.values(), sep='\\n')\n"
        "sys.argv[2] = '[]'\n"
    )
    attempts = {**ATTEMPTS, "the copy": "open(folder + '/copy.wav', 'r+b')"}

    output = dict(zip(attempts, inside_a_worker(code, sound.parent, *attempts.values()), strict=True))

    assert output == {**dict.fromkeys(ATTEMPTS, "refused"), "the copy": "did it"}


def test_one_tag_after_the_other_each_into_its_own_copy(sound):
    copies = [sound.with_name(f"{n}.wav") for n in range(3)]
    with LocalWorkers(limit=1) as workers:
        for copy in copies:
            copy.write_bytes(sound.read_bytes())
            request = WriteTags(str(sound), str(copy), "kick", "v1")
            assert workers.submit(answer, request).result(30).written["genre"] == "Kick"

    assert all(b"Kick" in copy.read_bytes() for copy in copies)


@a_sandbox
def test_where_libraries_do_not_survive_a_fork_only_the_child_imports_them(sound):
    sound.with_name("copy.wav").write_bytes(sound.read_bytes())
    code = (
        "worker.IMPORTS_BEFORE_FORK = False\nprocess = limits.Confinement(ours=True)\n"
        "done = worker.answer(WriteTags(sys.argv[1] + '/kick.wav', sys.argv[1] + '/copy.wav', 'kick', 'v1'), process)\n"
        "print(done.written['genre'], sorted({'numpy', 'mutagen'} & set(sys.modules)))\n"
    )

    assert inside_a_worker(code, sound.parent) == ["Kick []"]


@a_sandbox
def test_a_worker_that_has_analyzed_writes_no_tag(sound):
    with LocalWorkers(limit=1) as workers:
        workers.submit(answer, Digest(str(sound))).result(30)
        refused = workers.submit(answer, WriteTags(str(sound), str(sound), "kick", "v1")).result(30)

    assert refused.cause.endswith("tags need another worker")


def test_a_tag_that_ends_its_process_ends_the_worker_with_it(sound):
    code = (
        "process = limits.Confinement(ours=True)\n"
        "worker.OPERATIONS[WriteTags] = lambda: lambda job: os.abort()\n"
        "try: worker.answer(WriteTags('kick.wav', sys.argv[1] + '/kick.wav', 'kick', 'v1'), process)\n"
        "except SystemExit as end: print('ended', end.code)\n"
    )
    assert inside_a_worker(code, sound.parent) == ["ended -6"]


@linux
def test_a_worker_takes_no_more_memory_than_allowed(sound):
    code = "process = limits.Confinement(ours=True)\nprocess.confine()\nimport numpy\n"

    with pytest.raises(subprocess.CalledProcessError) as ended:
        inside_a_worker(code + "numpy.ones(3 << 30, dtype='u1')\n", sound.parent)
    assert "MemoryError" in ended.value.stderr


def test_a_worker_dumps_no_core_and_opens_few_files(sound):
    code = (
        "import resource\nprocess = limits.Confinement(ours=True)\nprocess.confine()\n"
        "print(*(resource.getrlimit(which)[0] for which in (resource.RLIMIT_CORE, resource.RLIMIT_NOFILE)))\n"
    )
    assert inside_a_worker(code, sound.parent) == ["0 64"]


def test_a_worker_that_nobody_ends_ends_by_itself(sound):
    code = "limits.CPU_SECONDS = 1\nprocess = limits.Confinement(ours=True)\nprocess.confine()\nwhile True: pass\n"

    with pytest.raises(subprocess.CalledProcessError) as ended:
        inside_a_worker(code, sound.parent)
    assert ended.value.returncode < 0


@a_sandbox
def test_the_sandbox_is_reported_after_trying_it(tmp_path):
    with LocalWorkers(limit=1) as workers:
        reported = workers.submit(answer, CheckSandbox(str(tmp_path))).result(30)

    assert reported.methods == SYSTEM
    assert reported.refused == ("network", "files", "programs", "processes")
    assert list(tmp_path.iterdir()) == []
