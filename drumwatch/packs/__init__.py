"""Packs on their way through: archives are unpacked aside, folders are judged as a whole, and what belongs to them follows."""

from drumwatch.packs.opening import FOR_NOW, Pack, Packs
from drumwatch.packs.room import lack_of_room
from drumwatch.packs.staging import STAGING

__all__ = ["FOR_NOW", "STAGING", "Pack", "Packs", "lack_of_room"]
