"""Holds the configuration in force, so that a reload replaces it in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drumwatch.config.settings import Config


class ConfigHolder:
    """Gives everybody who shares it the same configuration: the one that was set last."""

    def __init__(self, config: Config) -> None:
        self.current = config
