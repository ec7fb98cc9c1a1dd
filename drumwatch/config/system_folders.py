"""The table of folders that must not be sorted, by platform. Pure: it lists paths and reads no disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

COPY = "copy the sounds to a folder of your own, such as ~/Samples, and {do} that"


@dataclass(frozen=True, slots=True)
class Kind:
    """The clauses for a folder of this kind, for what is in it (empty: it may be sorted), and for what to do instead."""

    itself: str
    inside: str = ""
    instead: str = COPY


DISK = Kind("is the whole disk", instead="{do} the folder where sounds arrive")
HOME = Kind(
    "is your home folder, or holds it",
    instead="{do} the folder in it where sounds arrive, such as ~/Downloads",
)
HOMES = Kind("holds the home folders of this machine", instead="{do} a folder in your own home folder")
OTHERS = Kind("is another user's home folder", "another user's home folder")
SYSTEM = Kind("is a folder of the system", "a folder of the system")
MOUNTS = Kind("is where disks are mounted", instead="{do} a folder on one of them")
MOUNT_POINT = Kind(MOUNTS.itself, instead=MOUNTS.instead)  # may be sorted where a disk is mounted on it
TEMPORARY = Kind("holds the temporary files of all programs", instead="{do} the folder in it that is yours")
SERVED = Kind("holds the files of this machine's services", instead="{do} the folder in it that is yours")
CLOUDS = Kind("holds all your cloud folders", instead="{do} a folder in one of them")
SETTINGS = Kind("is a folder where programs keep their files", "where programs keep their files")
HIDDEN = Kind(
    "is a hidden folder, where programs keep their files", "a hidden folder, where programs keep their files"
)
PROGRAMS = Kind("is a folder of programs or packages", "a folder of programs or packages")
OWN = Kind(
    "is where drumwatch keeps its own files", "where drumwatch keeps its own files", "{do} a folder elsewhere"
)
AROUND_OWN = Kind(
    "holds drumwatch's own files", instead="{do} another folder, or move them with DRUMWATCH_STATE"
)
ALLOWED = Kind("")  # the folder may be sorted, and so may those in it

LINUX = (
    *("bin", "boot", "dev", "efi", "etc", "gnu", "lib", "lib32", "lib64", "libx32", "nix", "opt", "ostree"),
    *("proc", "run", "sbin", "snap", "sys", "sysroot", "usr", "var"),
)
DARWIN = (
    *("Applications", "Library", "System", "bin", "cores", "dev", "etc", "nix", "opt", "private", "sbin"),
    *("usr", "var"),
)
FOLDERS_WITH_HOMES = (
    "opt",
    "private",
    "run",
    "var",
)  # accounts of services, and systems whose /home is /var/home

# Names of folders, at any place, that contain programs or parts of them
PROGRAM_NAMES = (
    *("site-packages", "dist-packages", "node_modules", "lost+found"),
    *("*.app", "*.framework", "*.component", "*.vst", "*.vst3", "*.clap", "*.lv2", "*.aaxplugin"),
)
ENVIRONMENT_FILES = ("pyvenv.cfg", "conda-meta")  # in the top folder of a Python environment


class Place(NamedTuple):
    """A folder of a kind; with `names`, instead every folder in it whose name matches."""

    path: Path
    kind: Kind
    names: str = ""


def system_places(home: Path | None, platform: str) -> Iterator[Place]:
    """Yield the known folders; the first of two for the same path applies."""
    if home and is_real_home(home, platform):
        yield Place(home, ALLOWED)
        yield from _in_the_home(home, platform)
    yield from _darwin() if platform == "darwin" else _linux(home)


def is_real_home(home: Path, platform: str) -> bool:
    """Return whether a home folder is a real one: some accounts have / or /usr/sbin, which are system folders all the same."""
    _, *names = home.parts
    if not names:
        return False
    system = DARWIN if platform == "darwin" else LINUX
    return names[0] not in system or (names[0] in FOLDERS_WITH_HOMES and len(names) > 1)


def _in_the_home(home: Path, platform: str) -> Iterator[Place]:
    yield Place(home / "go/pkg", PROGRAMS)
    yield Place(home, HIDDEN, ".*")  # .cache, .config, .local, .cargo, .npm, .pyenv, .var, …
    if platform == "darwin":
        yield Place(home / "Library/Mobile Documents", CLOUDS)  # iCloud Drive
        yield Place(home / "Library/CloudStorage", CLOUDS)  # Dropbox, Google Drive, OneDrive
        yield Place(home / "Library", SETTINGS)
        yield Place(home / "Applications", PROGRAMS)
    else:
        yield Place(home / "snap", SETTINGS)


def _linux(home: Path | None) -> Iterator[Place]:
    yield from (Place(Path("/", name), SYSTEM) for name in LINUX)
    yield Place(Path("/root"), OTHERS)
    for homes in (Path("/home"), Path("/var/home")):
        yield Place(homes, HOMES)
        yield Place(homes, OTHERS, "*")
    yield from (Place(Path(path), MOUNTS) for path in ("/media", "/run/media", "/var/media"))
    yield Place(Path("/mnt"), MOUNT_POINT)
    yield Place(Path("/run/media"), MOUNTS, "*")  # of one user each
    if home and home.name:
        yield Place(Path("/media", home.name), MOUNTS)
    yield Place(Path("/run/user", str(os.getuid()), "gvfs"), MOUNTS)  # network drives of GNOME
    yield from (Place(Path(path), TEMPORARY) for path in ("/tmp", "/var/tmp", "/dev/shm"))  # noqa: S108
    yield Place(Path("/srv"), SERVED)


def _darwin() -> Iterator[Place]:
    yield from (Place(Path("/", name), SYSTEM) for name in DARWIN)
    yield Place(Path("/private/var/root"), OTHERS)
    yield Place(Path("/Users"), HOMES)
    yield Place(Path("/Users/Shared"), ALLOWED)
    yield Place(Path("/Users"), OTHERS, "*")
    yield Place(Path("/Volumes"), MOUNTS)
    for top in (Path("/"), Path("/private")):  # /tmp and /var are links to the latter
        yield from (Place(top / path, TEMPORARY) for path in ("tmp", "var/tmp", "var/folders"))
