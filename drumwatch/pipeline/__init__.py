"""What happens to one arrival: heard, decided, written down, acted on. And what a crash left half-done."""

from drumwatch.pipeline.answers import filing_request, heard
from drumwatch.pipeline.cases import TOO_MANY, WITH_PACK, Filed, Incoming
from drumwatch.pipeline.empty_folders import EMPTIED, remove_emptied
from drumwatch.pipeline.filing import FILED_AT_ONCE, Pipeline
from drumwatch.pipeline.known import HANDLED, origin_of, remember
from drumwatch.pipeline.recovery import make_libraries, recover
from drumwatch.pipeline.undoing import take_back

__all__ = [
    "EMPTIED",
    "FILED_AT_ONCE",
    "HANDLED",
    "TOO_MANY",
    "WITH_PACK",
    "Filed",
    "Incoming",
    "Pipeline",
    "filing_request",
    "heard",
    "make_libraries",
    "origin_of",
    "recover",
    "remember",
    "remove_emptied",
    "take_back",
]
