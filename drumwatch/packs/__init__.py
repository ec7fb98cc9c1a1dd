"""Packs: archives are unpacked and folders are filed as a whole, with the documents that belong to the sounds."""

from drumwatch.packs.archives import FOR_NOW, Pack
from drumwatch.packs.lifecycle import Packs
from drumwatch.packs.space_needed import space_lacking
from drumwatch.packs.staging import STAGING, left_unpacked

__all__ = ["FOR_NOW", "STAGING", "Pack", "Packs", "left_unpacked", "space_lacking"]
