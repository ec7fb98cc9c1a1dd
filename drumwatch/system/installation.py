"""How this drumwatch was installed, and thus the command that adds one of its extras."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAME = "drumwatch"


def command_for(extra: str) -> str:
    """Return the command that adds an extra to this installation, as in "pip install 'drumwatch[formats]'"."""
    source, editable = _source_folder()
    return command(
        extra,
        prefix=Path(sys.prefix),
        python=Path(sys.executable),
        pip=shutil.which("pip"),
        source=source,
        editable=editable,
    )


def command(
    extra: str, *, prefix: Path, python: Path, pip: str | None, source: str = "", editable: bool = False
) -> str:
    """Return the command for an installation whose environment is `prefix`.

    `pip` is the pip that a terminal finds; `source` is the folder that drumwatch was installed from, if it was one.
    """
    with_extra = f"'{source or NAME}[{extra}]'"
    if prefix.parts[-3:-1] == ("pipx", "venvs"):
        return f"pipx install --force {with_extra}"
    if prefix.parts[-3:-1] == ("uv", "tools"):
        return f"uv tool install --force {with_extra}"
    is_found = pip is not None and os.path.dirname(pip) == os.fspath(python.parent)
    run = "pip" if is_found else f"{shlex.quote(os.fspath(python))} -m pip"
    return f"{run} install {'-e ' if editable else ''}{with_extra}"


def _source_folder() -> tuple[str, bool]:
    """Return the folder that drumwatch was installed from, if it is one that is still there, and whether it runs from there."""
    from importlib import metadata  # noqa: PLC0415  rarely needed

    try:
        found = json.loads(metadata.distribution(NAME).read_text("direct_url.json") or "{}")
        folder = unquote(urlsplit(found["url"]).path)
        if "dir_info" in found and os.path.isdir(folder) and "'" not in folder:
            return folder, bool(found["dir_info"].get("editable"))
    except (metadata.PackageNotFoundError, OSError, ValueError, KeyError, AttributeError):
        pass
    return "", False
