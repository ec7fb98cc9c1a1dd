"""The system calls that a sandboxed process is refused, as rules for seccomp.

A refused call fails with EPERM. Processes that read untrusted files start no process and reach none: no signal, no limit, no lock
and no message gets from them to another one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import platform
import termios
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

NETWORK = (
    "socket socketpair connect bind listen accept accept4 sendto sendmsg sendmmsg io_uring_setup io_uring_enter"
    " io_uring_register"
)
PROGRAMS = "execve execveat uselib"
# A child in a session or process group of its own would outlive the worker
PROCESSES = "fork vfork setsid setpgid"
OTHERS = (
    "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp kill tkill rt_sigqueueinfo"
    " rt_tgsigqueueinfo pidfd_open pidfd_getfd pidfd_send_signal migrate_pages move_pages"
)
# Locks, leases and watches count for all processes of the user: with them a worker could stop the daemon
SHARED = (
    "flock inotify_init inotify_init1 inotify_add_watch fanotify_init fanotify_mark shmget shmat shmctl semget semop semtimedop"
    " semctl msgget msgsnd msgrcv msgctl mq_open mq_unlink io_setup"
)
MACHINE = (
    "mount umount umount2 pivot_root chroot move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick mount_setattr unshare"
    " setns bpf perf_event_open userfaultfd keyctl add_key request_key open_by_handle_at init_module finit_module delete_module"
    " kexec_load kexec_file_load reboot swapon swapoff acct quotactl quotactl_fd personality syslog vhangup iopl ioperm"
    " modify_ldt sethostname setdomainname settimeofday clock_settime clock_adjtime adjtimex stime lookup_dcookie"
)
ATTRIBUTES = (  # Landlock does not restrict them
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat chown32 fchown32 lchown32 setxattr lsetxattr fsetxattr setxattrat"
    " removexattr lremovexattr fremovexattr removexattrat utime utimes futimesat file_setattr"
)
TIMES = {
    "utimensat": 1,
    "utimensat_time64": 1,
}  # calls, with the index of the path: without one, an open file is meant
NAMES = (
    "creat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat mknod mknodat truncate"
    " truncate64 openat2"
)
OPENING = {"open": 1, "openat": 2}  # calls, with the index of the argument that holds the flags
WRITING = (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC)
UNKNOWN_CALL = -1  # a call that this libseccomp does not know, because the kernel is newer

CLONE_THREAD = 0x10000
FLAGS_OF_CLONE = {
    "s390": 1,
    "s390x": 1,
}  # by machine, the index of the argument with the flags; 0 on all others
# Calls that change this process only where the argument of this index is 0
ONLY_ITSELF = {
    "prlimit64": 0,
    "sched_setaffinity": 0,
    "sched_setscheduler": 0,
    "sched_setparam": 0,
    "sched_setattr": 0,
    "setpriority": 1,
    "ioprio_set": 1,
}
# Calls whose first argument says whether one process is meant, or all of the user
ONE_PROCESS = {"setpriority": 0, "ioprio_set": 1}
F_SETOWN_EX, FIOSETOWN, SIOCSPGRP = 15, 0x8901, 0x8902  # Python has no names for these
LOCKS = ("F_SETLK", "F_SETLKW", "F_OFD_SETLK", "F_OFD_SETLKW", "F_SETLEASE", "F_NOTIFY")
SIGNALS = ("F_SETOWN", "F_SETSIG")  # by them a file that becomes readable sends a signal to another process
WORD = 0xFFFFFFFF  # the kernel reads 32 bits of these arguments


class Argument(NamedTuple):
    """A condition on an argument of a call: masked, it equals the value; without a mask, it differs from it."""

    position: int
    value: int
    mask: int | None = None


class Refusal(NamedTuple):
    """A call that fails with this error, if its argument meets the condition."""

    call: str
    argument: Argument | None = None
    error: int = errno.EPERM


def refusals(*, writes_one: bool, writes_folder: bool) -> Iterator[Refusal]:
    """Yield the calls that are refused: fewer for a process that may write one file, or files in and below one folder.

    Where these may be, Landlock says: seccomp does not see paths.
    """
    lists = [NETWORK, PROGRAMS, PROCESSES, OTHERS, SHARED, MACHINE, ATTRIBUTES]
    if not writes_folder:
        lists.append(NAMES)
    for call in " ".join(lists).split():
        yield Refusal(call)
    for call, index in TIMES.items():
        yield Refusal(call, Argument(index, 0) if writes_folder else None)
    if not (writes_one or writes_folder):
        for call, index in OPENING.items():
            for flag in WRITING:
                yield Refusal(call, Argument(index, flag, flag))
    yield from _of_processes()
    yield from _of_descriptors()


def _of_processes() -> Iterator[Refusal]:
    """Threads may start, processes may not: clone3 hides its flags, and the C library falls back to clone if it is not there."""
    flags = FLAGS_OF_CLONE.get(platform.machine(), 0)
    yield Refusal("clone", Argument(flags, 0, CLONE_THREAD))
    yield Refusal("clone3", error=errno.ENOSYS)
    yield Refusal("tgkill", Argument(0, os.getpid()))  # `abort` sends a signal to its own process
    for call, index in ONLY_ITSELF.items():
        yield Refusal(call, Argument(index, 0))
    for call, one in ONE_PROCESS.items():
        yield Refusal(call, Argument(0, one))


def _of_descriptors() -> Iterator[Refusal]:
    commands = [getattr(fcntl, name) for name in (*LOCKS, *SIGNALS) if hasattr(fcntl, name)]
    for call in ("fcntl", "fcntl64"):
        for command in (*commands, F_SETOWN_EX):
            yield Refusal(call, Argument(1, command, WORD))
    typing = [getattr(termios, name) for name in ("TIOCSTI", "TIOCLINUX") if hasattr(termios, name)]
    for request in (FIOSETOWN, SIOCSPGRP, *typing):  # the last two type into a terminal
        yield Refusal("ioctl", Argument(1, request, WORD))


def load(seccomp: Any, *, writes_one: bool, writes_folder: bool) -> None:  # noqa: ANN401  the binding has no types
    """Put the filter in force for this process with its threads; raises OSError if the kernel has no seccomp."""
    calls = seccomp.SyscallFilter(seccomp.ALLOW)
    calls.set_attr(seccomp.Attr.CTL_TSYNC, 1)
    for refusal in refusals(writes_one=writes_one, writes_folder=writes_folder):
        if seccomp.resolve_syscall(seccomp.Arch.NATIVE, refusal.call) == UNKNOWN_CALL:
            continue
        conditions = [_condition(seccomp, refusal.argument)] if refusal.argument else []
        calls.add_rule(seccomp.ERRNO(refusal.error), refusal.call, *conditions)
    calls.load()


def _condition(seccomp: Any, argument: Argument) -> Any:  # noqa: ANN401
    if argument.mask is None:
        return seccomp.Arg(argument.position, seccomp.NE, argument.value)
    return seccomp.Arg(argument.position, seccomp.MASKED_EQ, argument.mask, argument.value)
