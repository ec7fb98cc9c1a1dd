"""Files one arrival: decide, plan in the journal, act, record. Also recovery after a crash, and undo."""

from drumwatch.pipeline.empty_folders import EMPTIED, remove_emptied
from drumwatch.pipeline.filing import FILED_AT_ONCE, Pipeline
from drumwatch.pipeline.known_neighbors import KnownNeighbors, place_of
from drumwatch.pipeline.records import TOO_MANY, WITH_PACK, FilingRequest, FilingResult
from drumwatch.pipeline.recovery import make_libraries, recover
from drumwatch.pipeline.seen import HANDLED, origin_of, remember
from drumwatch.pipeline.undo import take_back

__all__ = [
    "EMPTIED",
    "FILED_AT_ONCE",
    "HANDLED",
    "TOO_MANY",
    "WITH_PACK",
    "FilingRequest",
    "FilingResult",
    "KnownNeighbors",
    "Pipeline",
    "make_libraries",
    "origin_of",
    "place_of",
    "recover",
    "remember",
    "remove_emptied",
    "take_back",
]
