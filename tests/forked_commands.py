"""Commands in processes forked from one that has imported the program, which costs each of them a third of a second otherwise.

Run as a program, it is the process that forks: a request comes by a socket, with its arguments, environment and folder, and with the files
to read and write. What it answers is the id of the new process, and then the exit code.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[1]
AT_START = ("PYTHON", "LC_", "LANG")  # how the names of variables begin that a Python reads when it starts
LARGEST = 1 << 20  # bytes, of a request


class CommandForker:
    """The process that forks, started for the first command and ended with this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._environment = {
            name: text for name, text in os.environ.items() if not name.startswith("DRUMWATCH_")
        } | {"PYTHONPATH": str(ROOT)}

    def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        timeout: float,
        typed: str | None = None,
    ) -> subprocess.CompletedProcess[str] | None:
        """What `python -m drumwatch` does with these arguments; None where it has to be started on its own.

        That is so where the environment would change its start, where another thread's command runs, and on macOS, where a fork may not
        go on as a program of its own.
        """
        if sys.platform != "linux" or _at_start(environment) != _at_start(self._environment):
            return None
        if not self._lock.acquire(blocking=False):
            return None
        try:
            with (
                tempfile.TemporaryFile() as read,
                tempfile.TemporaryFile() as out,
                tempfile.TemporaryFile() as err,
            ):
                read.write((typed or "").encode())
                read.seek(0)
                code = self._ended((read, out, err), arguments, environment, folder, timeout)
                return subprocess.CompletedProcess(list(arguments), code, _text_of(out), _text_of(err))
        finally:
            self._lock.release()

    def _ended(
        self,
        files: Sequence[IO[bytes]],
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        timeout: float,
    ) -> int:
        """The exit code of the command, whose standard streams are these files."""
        connection = self._connected()
        request = json.dumps([list(arguments), dict(environment), str(folder)])
        socket.send_fds(connection, [request.encode()], [file.fileno() for file in files])
        pid = _number(connection)
        connection.settimeout(timeout)
        try:
            return _number(connection)
        except TimeoutError:
            os.kill(pid, 9)
            connection.settimeout(None)
            _number(connection)
            raise subprocess.TimeoutExpired(list(arguments), timeout) from None
        finally:
            connection.settimeout(None)

    def _connected(self) -> socket.socket:
        if self._connection is None:
            self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                env=self._environment,
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            theirs.close()
            atexit.register(process.wait)
            atexit.register(self._connection.close)  # runs first, and is what ends it
        return self._connection


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in environment.items() if name.startswith(AT_START)}


def _number(connection: socket.socket) -> int:
    answer = connection.recv(LARGEST)
    assert answer, "the process that forks has ended"
    return int(answer)


def _text_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


# The process that forks


def serve(connection: socket.socket) -> None:
    """Answer requests until nobody is there to send one; returns in the child, too, with its command in force."""
    import_the_program()
    while True:
        request, files, _, _ = socket.recv_fds(connection, LARGEST, 3)
        if not request:
            return
        child = os.fork()
        if child == 0:
            connection.close()
            become(files, *json.loads(request))
        for file in files:
            os.close(file)
        connection.send(str(child).encode())
        connection.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())


def import_the_program() -> None:
    """Import what a command imports, but nothing that starts a thread."""
    commands = importlib.import_module("drumwatch.commands")
    importlib.import_module("drumwatch.cli")
    for module in pkgutil.iter_modules(commands.__path__):
        importlib.import_module(f"{commands.__name__}.{module.name}")
    assert threading.active_count() == 1
    gc.freeze()


def become(
    files: Sequence[int], arguments: Sequence[str], environment: dict[str, str], folder: str
) -> NoReturn:
    """Be `python -m drumwatch` with these arguments, to the end of this process."""
    for stream, file in enumerate(files):
        os.dup2(file, stream)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.argv[1:] = arguments
    runpy.run_module("drumwatch", run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    serve(socket.socket(fileno=int(sys.argv[1])))
