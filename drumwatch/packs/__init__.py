"""Packs on their way through: archives are unpacked aside, folders are judged as a whole, and what belongs to them follows."""

from drumwatch.packs.lifecycle import FOR_NOW, Pack, Packs
from drumwatch.packs.space_needed import space_lacking
from drumwatch.packs.staging import STAGING

__all__ = ["FOR_NOW", "STAGING", "Pack", "Packs", "space_lacking"]
