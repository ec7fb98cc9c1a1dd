"""Does an installed drumwatch work without a checkout? Run by the interpreter of that environment: python tests/wheel_smoke.py

Needs nothing but the installed package: a sound is computed, judged, sorted and put back, all in a temporary folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import exact_sounds

CONFIG = """\
library = "{folder}/library"
min_free = "1 MB"
[[watch]]
folder = "{folder}/intake"
"""


def drumwatch(folder: Path, *arguments: str) -> str:
    """What the installed command prints; an exit code other than 0 ends this script with its message."""
    ran = subprocess.run(
        [Path(sys.executable).with_name("drumwatch"), *arguments],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "HOME": str(folder),
            "DRUMWATCH_STATE": str(folder / "state"),
            "DRUMWATCH_CONFIG": str(folder / "config.toml"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        sys.exit(f"drumwatch {' '.join(arguments)} ended with {ran.returncode}:\n{ran.stdout}\n{ran.stderr}")
    return ran.stdout


def main(folder: Path) -> None:
    kick = exact_sounds.write(folder / "intake/kick.wav", exact_sounds.kick())
    (folder / "config.toml").write_text(CONFIG.format(folder=folder), "utf-8")

    print(drumwatch(folder, "--version").strip())
    drumwatch(folder, "config", "check")
    assert json.loads(drumwatch(folder, "classify", str(kick), "--json"))["label"] == "kick"
    drumwatch(folder, "sort", "--yes", str(folder / "intake"))
    assert (folder / "library/kick/kick.wav").exists()
    drumwatch(folder, "undo", "--last", "1")
    assert kick.exists()
    print("It classifies, sorts and undoes.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(Path(name).resolve())
