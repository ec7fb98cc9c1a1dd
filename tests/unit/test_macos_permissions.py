import sys
from pathlib import Path

from drumwatch.system.macos_permissions import advice, needs_permission


def test_a_mac_guards_what_is_in_downloads_from_programs_that_start_at_login():
    home = Path.home()

    assert needs_permission(home / "Downloads/Packs", "darwin")
    assert not needs_permission(home / "Music", "darwin")
    assert not needs_permission(home / "Downloads", "linux")


def test_the_advice_for_a_mac_is_one_line_with_the_pane_and_the_program():
    line = advice(Path.home() / "Downloads", "darwin")

    assert "Privacy & Security > Full Disk Access" in line
    assert str(Path(sys.executable).resolve()) in line
    assert "\n" not in line
