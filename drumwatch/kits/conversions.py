"""What the workers are asked to convert for a device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.workers.protocol import ConvertSound

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.kits.devices import Device

CONVERTED_ENDING = ".wav"


@dataclass(frozen=True, slots=True)
class Conversion:
    """A sound as the device takes it; no bytes if it takes the file as it is."""

    content: bytes = b""

    def ending(self, path: Path) -> str:
        """Return the ending of the file in the kit."""
        return CONVERTED_ENDING if self.content else path.suffix.lower()


AS_IT_IS = Conversion()


def request_for(path: Path, device: Device) -> ConvertSound | None:
    """Return the request to convert a file for this device, or None if it takes every file."""
    if not device.converts:
        return None
    return ConvertSound(str(path), device.formats, device.rates, device.depths)
