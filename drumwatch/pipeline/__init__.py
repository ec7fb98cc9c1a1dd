"""What happens to one arrival: heard, decided, written down, acted on. And what a crash left half-done."""

from drumwatch.pipeline.analysis_results import analyzed_sound, filing_request
from drumwatch.pipeline.empty_folders import EMPTIED, remove_emptied
from drumwatch.pipeline.filing import FILED_AT_ONCE, Pipeline
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
    "Pipeline",
    "analyzed_sound",
    "filing_request",
    "make_libraries",
    "origin_of",
    "recover",
    "remember",
    "remove_emptied",
    "take_back",
]
