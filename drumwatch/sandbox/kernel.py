"""The kernel sandbox for processes that read untrusted files: no network, no other programs, no writing to files.

Linux has two mechanisms: Landlock restricts access to files, seccomp restricts system calls. The process cannot lift either, and each
works without the other.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def _binding(name: str) -> Any:  # noqa: ANN401  a module
    """Return the module, or None if it is not installed (it is for Linux only) or its library is missing or too old."""
    with contextlib.suppress(ImportError, RuntimeError, AttributeError):
        return importlib.import_module(name)
    return None


landlock, seccomp = _binding("landlockpy"), _binding("pyseccomp")

LANDLOCK, SECCOMP = "Landlock", "seccomp"

NETWORK = "socket socketpair connect bind listen accept accept4 sendto sendmsg sendmmsg io_uring_setup"
PROGRAMS = "execve execveat"
OTHERS = "ptrace process_vm_readv process_vm_writev kill tkill pidfd_open pidfd_getfd pidfd_send_signal"
MACHINE = (
    "mount umount2 pivot_root chroot move_mount open_tree fsopen unshare setns bpf perf_event_open userfaultfd keyctl add_key"
    " request_key open_by_handle_at init_module finit_module delete_module kexec_load reboot swapon swapoff acct quotactl"
)
ATTRIBUTES = (  # Landlock does not restrict them
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat setxattr lsetxattr fsetxattr setxattrat removexattr"
    " lremovexattr fremovexattr removexattrat"
)
NAMES = (
    "creat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat mknod mknodat"
    " truncate openat2 utime utimes futimesat utimensat"
)
OPENING = {"open": 1, "openat": 2}  # calls, with the index of the argument that holds the flags
WRITING = (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC)
UNKNOWN_CALL = -1  # a call that this libseccomp does not know, because the kernel is newer


def enter_sandbox(writable: Path | None = None) -> tuple[str, ...]:
    """Sandbox this process with its threads and children for good; return the names of the mechanisms that are in force.

    The process can still read files and use what is open. It can write nothing except the file `writable`, or the files in and below the
    folder `writable`.
    """
    return tuple(
        name
        for name, in_force in ((LANDLOCK, _landlock(writable)), (SECCOMP, _seccomp(writable)))
        if in_force
    )


def _landlock(writable: Path | None) -> bool:
    if landlock is None:
        return False
    may, scope = landlock.AccessFS, landlock.Scope
    file = may.WRITE_FILE | may.TRUNCATE
    folder = file | may.MAKE_REG | may.MAKE_DIR | may.REMOVE_FILE | may.REMOVE_DIR | may.REFER
    watched = ~(may.READ_FILE | may.READ_DIR)
    try:
        with landlock.Ruleset(handled_fs=watched, scoped=scope.ABSTRACT_UNIX_SOCKET | scope.SIGNAL) as rules:
            if writable is not None:
                rules.allow_path(writable, folder if writable.is_dir() else file)
            rules.restrict(landlock.RestrictFlag.TSYNC)
    except OSError:  # the kernel has no Landlock, or it is disabled
        return False
    return True


def _seccomp(writable: Path | None) -> bool:
    if seccomp is None:
        return False
    try:
        calls = seccomp.SyscallFilter(seccomp.ALLOW)
        calls.set_attr(seccomp.Attr.CTL_TSYNC, 1)
        _refuse(calls, writable)
        calls.load()
    except OSError:  # the kernel has no seccomp
        return False
    return True


def _refuse(calls: Any, writable: Path | None) -> None:  # noqa: ANN401  the binding has no types
    """Make each call on the lists fail with EPERM, if this system has it."""
    refused = seccomp.ERRNO(errno.EPERM)
    lists = [NETWORK, PROGRAMS, OTHERS, MACHINE]
    if writable is None or not writable.is_dir():
        lists += [ATTRIBUTES, NAMES]
    for call in " ".join(lists).split():
        if seccomp.resolve_syscall(seccomp.Arch.NATIVE, call) != UNKNOWN_CALL:
            calls.add_rule(refused, call)
    if writable is None:
        for call, index in OPENING.items():
            for flag in WRITING:
                calls.add_rule(refused, call, seccomp.Arg(index, seccomp.MASKED_EQ, flag, flag))


def lower_limits(which: int, most: int) -> None:
    """Lower a soft limit of this process, such as RLIMIT_AS; the hard limit stays, so that `may_write` can raise it for a moment."""
    import resource  # noqa: PLC0415  POSIX

    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
