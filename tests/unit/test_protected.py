"""Which folders are the user's to sort, as tables of paths for both systems."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drumwatch.config import why_around_library, why_file_protected, why_no_library, why_protected

a_mac_has_links_there = pytest.mark.skipif(sys.platform == "darwin", reason="there, /tmp and /var are links")

ADA, MAC_ADA = Path("/home/ada"), Path("/Users/ada")
DISK, HOME = "is the whole disk", "is your home folder, or holds it"
SYSTEM, OTHERS = "a folder of the system", "another user's home folder"
MOUNTS, TEMPORARY = "is where disks are mounted", "holds the temporary files of all programs"
PROGRAMS, HIDDEN = "a folder of programs or packages", "a hidden folder, where programs keep their files"
SETTINGS = "where programs keep their files"


@a_mac_has_links_there
@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("/", DISK),
        ("//", DISK),
        ("/home", HOME),
        ("/home/ada", HOME),
        ("/home/ada/Music/..", HOME),
        ("/home/bob", OTHERS),
        ("/home/bob/Samples", OTHERS),
        ("/var/home/bob/Samples", OTHERS),
        ("/root/Samples", OTHERS),
        ("/usr", SYSTEM),
        ("/usr/share/sounds", SYSTEM),
        ("/bin", SYSTEM),
        ("/lib64/x", SYSTEM),
        ("/etc/x", SYSTEM),
        ("/opt/samples", SYSTEM),
        ("/proc/1", SYSTEM),
        ("/run/user/0/x", SYSTEM),
        ("/var/lib/samples", SYSTEM),
        ("/dev", SYSTEM),
        ("/media", MOUNTS),
        ("/media/ada", MOUNTS),
        ("/run/media", MOUNTS),
        ("/run/media/ada", MOUNTS),
        ("/tmp", TEMPORARY),
        ("/var/tmp", TEMPORARY),
        ("/dev/shm", TEMPORARY),
        ("/srv", "holds the files of this machine's services"),
        ("/home/ada/.cache", HIDDEN),
        ("/home/ada/.local/share/samples", HIDDEN),
        ("/home/ada/.var/app/x", HIDDEN),
        ("/home/ada/.cargo/registry", HIDDEN),
        ("/home/ada/.pyenv/versions", HIDDEN),
        ("/home/ada/snap/x", SETTINGS),
        ("/home/ada/go/pkg/mod", PROGRAMS),
        ("/home/ada/game/node_modules/sfx", PROGRAMS),
        ("/home/ada/lib/Site-Packages", PROGRAMS),
        ("/data/lib/dist-packages/x", PROGRAMS),
        ("/mnt/stick/Live.app/Contents", PROGRAMS),
        ("/mnt/disk/lost+found", PROGRAMS),
        ("/home/ada/Music/../Samples", 'has ".." in it: write it as /home/ada/Samples'),
    ],
)
def test_on_linux_this_is_not_the_users_to_sort(folder, why):
    assert why in why_protected(Path(folder), ADA, platform="linux")


@a_mac_has_links_there
@pytest.mark.parametrize(
    "folder",
    [
        "/home/ada/Downloads",
        "/home/ada/Samples/.hidden/x",
        "/home/ada/Snap",
        "/home/ada/Library/Loops",
        "/home/ada/Music/usr/share",
        "/home/ada/apps",
        "/home/ada/go/src",
        "/media/ada/STICK",
        "/media/STICK",
        "/media/STICK/Samples",
        "/run/media/ada/STICK",
        "/mnt/nas",
        "/mnt/nas/Samples",
        "/srv/samples",
        "/tmp/samples",
        "/var/tmp/samples",
        "/dev/shm/samples",
        "/data",
        "/samples/kicks",
        "/library",
    ],
)
def test_on_linux_this_is_the_users_to_sort(folder):
    assert why_protected(Path(folder), ADA, platform="linux") == ""


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("/", DISK),
        ("/Users", HOME),
        ("/Users/ada", HOME),
        ("/users/Ada", HOME),
        ("/Users/bob", OTHERS),
        ("/users/bob/Music", OTHERS),
        ("/System/Library/Sounds", SYSTEM),
        ("/Library", SYSTEM),
        ("/Library/Audio/Apple Loops", SYSTEM),
        ("/LIBRARY/Audio", SYSTEM),
        ("/Applications", SYSTEM),
        ("/private", SYSTEM),
        ("/private/etc/x", SYSTEM),
        ("/private/var/db", SYSTEM),
        ("/cores", SYSTEM),
        ("/opt/homebrew/share", SYSTEM),
        ("/Volumes", MOUNTS),
        ("/private/tmp", TEMPORARY),
        ("/private/var/folders", TEMPORARY),
        ("/Users/ada/Library", SETTINGS),
        ("/Users/ada/library/Audio", SETTINGS),
        ("/Users/ada/Library/Mobile Documents", "holds all your cloud folders"),
        ("/Users/ada/Library/CloudStorage", "holds all your cloud folders"),
        ("/Users/ada/Applications", PROGRAMS),
        ("/Users/ada/Desktop/Live.App/Contents", PROGRAMS),
        ("/Users/ada/.npm", HIDDEN),
    ],
)
def test_on_macos_this_is_not_the_users_to_sort(folder, why):
    assert why in why_protected(Path(folder), MAC_ADA, platform="darwin")


@pytest.mark.parametrize(
    "folder",
    [
        "/Users/ada/Downloads",
        "/Users/ada/Music/Library",
        "/Users/ada/Library/Mobile Documents/com~apple~CloudDocs/Samples",
        "/Users/ada/Library/CloudStorage/Dropbox",
        "/Users/Shared",
        "/Users/shared/Samples",
        "/Volumes/SSD",
        "/Volumes/SSD/Samples",
        "/private/tmp/samples",
        "/private/var/folders/ab/cd/T",
    ],
)
def test_on_macos_this_is_the_users_to_sort(folder):
    assert why_protected(Path(folder), MAC_ADA, platform="darwin") == ""


@a_mac_has_links_there
@pytest.mark.parametrize("home", ["/root", "/var/home/ada", "/var/lib/ada", "/opt/ada", "/home/EXAMPLE/ada"])
def test_the_own_home_is_the_users_wherever_it_lies(home):
    assert why_protected(Path(home, "Downloads"), Path(home), platform="linux") == ""
    assert HOME in why_protected(Path(home), Path(home), platform="linux")
    assert HIDDEN in why_protected(Path(home, ".config"), Path(home), platform="linux")


@a_mac_has_links_there
@pytest.mark.parametrize("home", ["/", "/usr/sbin", "/var", "/bin"])
def test_an_account_that_lives_in_the_system_does_not_make_that_its_own(home):
    assert SYSTEM in why_protected(Path("/usr/sbin/x"), Path(home), platform="linux")
    assert SYSTEM in why_protected(Path("/var/x"), Path(home), platform="linux")


def test_a_link_is_what_it_leads_to(tmp_path):
    home = tmp_path / "home"
    (home / ".local/share").mkdir(parents=True)
    (home / "Samples").symlink_to(home / ".local/share")
    (tmp_path / "all").symlink_to(home)
    (tmp_path / "system").symlink_to("/usr")

    assert why_protected(home / "Samples", home).startswith("lies in ~/.local, a hidden folder")
    assert HOME in why_protected(tmp_path / "all", home)
    assert SYSTEM in why_protected(tmp_path / "system/share", home)


BOUND = """
mount --bind /usr "$1" || exit 77
exec "$2" -c 'import sys; from pathlib import Path; from drumwatch.config import why_protected
print(why_protected(Path(sys.argv[1], "share")))' "$1"
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a mount of its own")
def test_a_system_folder_that_is_mounted_elsewhere_is_one_there_too(tmp_path):
    tried = subprocess.run(
        ["unshare", "-rm", "sh", "-c", BOUND, "sh", str(tmp_path), sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )

    if tried.returncode == 77 or tried.stderr.startswith("unshare"):
        pytest.skip("this machine lets nobody mount")
    assert f"lies in {tmp_path}, a folder of the system" in tried.stdout


def test_a_python_environment_is_one_by_the_file_in_it(tmp_path):
    home = tmp_path / "home"
    (home / "env/share/sounds").mkdir(parents=True)
    (home / "pyvenv.cfg").touch()
    (home / "env/pyvenv.cfg").touch()

    assert why_protected(home / "env/share/sounds", home).startswith(f"lies in ~/env, {PROGRAMS}")
    assert why_protected(home / "env", home).startswith(f"is {PROGRAMS}")
    assert why_protected(home / "Samples", home) == ""


def test_our_own_folders_and_what_holds_them_are_not_sorted(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "disk/state"))
    home, disk = tmp_path / "home", tmp_path / "disk"

    assert "is where drumwatch keeps its own files" in why_protected(disk / "state", home)
    assert "lies in" in why_protected(disk / "state/tags", home)
    assert f"holds drumwatch's own files in {disk}/state" in why_protected(disk, home)
    assert why_protected(disk / "Samples", home) == ""
    assert not (disk / "state").exists()


def test_a_single_file_is_judged_by_its_folder_and_may_lie_beside_what_is_protected(tmp_path):
    home = tmp_path / "home"

    assert why_file_protected(home / "kick.wav", home) == ""
    assert why_file_protected(Path("/kick.wav"), home) == ""
    assert HIDDEN in why_file_protected(home / ".cache/kick.wav", home)
    assert SYSTEM in why_file_protected(Path("/usr/share/kick.wav"), home)


@a_mac_has_links_there
@pytest.mark.parametrize(
    "library", ["/home/bob/Drums", "/home/ada/.local/share/drums", "/mnt/nas", "/srv/drums"]
)
def test_a_library_may_lie_where_nothing_is_sorted(library):
    assert why_no_library(Path(library), ADA, platform="linux") == ""


def test_a_disk_may_hold_both_library_and_state(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "disk/.state"))

    assert why_no_library(tmp_path / "disk", tmp_path / "home") == ""
    assert "keeps its own files: choose" in why_no_library(tmp_path / "disk/.state/x", tmp_path / "home")


@a_mac_has_links_there
@pytest.mark.parametrize("library", ["/", "/home", "/home/ada", "/usr/share/drums", "/var", "/media", "/tmp"])
def test_the_system_and_the_home_folder_are_no_library(library):
    reported = why_no_library(Path(library), ADA, platform="linux")

    assert reported.endswith(": choose a folder of its own, such as ~/Music/Drum Library")


def test_a_folder_around_a_library_is_reported_and_the_library_itself_is_not(tmp_path):
    library = tmp_path / "Music/Drums"

    assert why_around_library(tmp_path / "Music", [library], do="sort") == (
        f"holds the library {library}: sort the other folders in it, each by its name"
    )
    for fine in (library, library / "kick", tmp_path / "Samples"):
        assert why_around_library(fine, [library]) == ""


@pytest.mark.parametrize(
    "path", ["", ".", "x\0y", "/x\0y", "~", "/" + "a" * 5000, "/\udcff", "/a\nb", "/a/" * 2000]
)
def test_no_path_is_too_odd_to_be_judged(path, tmp_path):
    for judge in (why_protected, why_file_protected, why_no_library):
        assert isinstance(judge(Path(path), tmp_path), str)
        assert judge(Path("/usr/x/y"), Path(path))
    assert isinstance(why_around_library(Path(path), [Path(path), tmp_path]), str)


def test_no_current_folder_and_no_home_are_no_reason_to_fail(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    monkeypatch.setattr(os.path, "expanduser", str)

    assert why_protected(Path("x")).startswith("is not a path that can be looked at")
    assert DISK in why_protected(Path("/"))
