"""Start drumwatch at login: one class for each service manager."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drumwatch.service.manager import Manager


def this_system() -> Manager:
    """Return the service manager of this operating system."""
    if sys.platform == "darwin":
        from drumwatch.service.launchd import Launchd  # noqa: PLC0415

        manager: Manager = Launchd()
    else:
        from drumwatch.service.systemd import Systemd  # noqa: PLC0415

        manager = Systemd()
    return manager
