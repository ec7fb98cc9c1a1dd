"""The types of the values in the configuration file, each with its range and how a message describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from msgspec import Meta

Table = dict[str, Any]  # one table of the file: its values by key
TypeExpression = Any  # such as `str | None`; typing has no type for these


@dataclass(frozen=True, slots=True)
class WrittenAs:
    """The type of a value in the file, for a setting that has another type once it is read."""

    type: TypeExpression


Share = Annotated[float, Meta(ge=0, le=1, description="a number from 0 to 1")]
Seconds = Annotated[float, Meta(ge=0, description="a number of seconds, 0 or more")]
Tempo = Annotated[float, Meta(gt=0, description="a number of beats per minute, more than 0")]
Length = Annotated[float, Meta(gt=0, description="a number of seconds, more than 0")]
Quiet = Annotated[float, Meta(ge=0.1, le=3600, description="a number of seconds from 0.1 to 3600")]
Rescan = Annotated[float, Meta(ge=1, le=86400, description="a number of seconds from 1 to 86400")]
Workers = Annotated[
    int, Meta(ge=0, le=256, description="a whole number from 0 (as many as fit this machine) to 256")
]
Load = Annotated[float, Meta(ge=0, le=100, description="a number from 0 (never mind) to 100")]
Part = Annotated[float, Meta(ge=0.05, le=1, description="a number from 0.05 to 1")]
EntryCount = Annotated[int, Meta(ge=1, le=10_000_000, description="a whole number, 1 or more")]
Count = Annotated[int, Meta(ge=0, le=100_000, description="a whole number, 0 or more")]
NameLimit = Annotated[
    int, Meta(ge=0, le=255, description="a whole number from 12 to 255, or 0 for no limit of your own")
]
Words = Annotated[str | tuple[str, ...], Meta(description='text in quotes, or a list of texts: ["a", "b"]')]
Texts = Annotated[tuple[str, ...], Meta(description='a list of texts: ["a", "b"]')]
Event = Literal["filed", "unsure", "pack", "corrected"]
Events = Annotated[
    Event | tuple[Event, ...],
    Meta(description='filed, unsure, pack or corrected, or a list of them: ["filed", "corrected"]'),
]
HookSeconds = Annotated[float, Meta(ge=0.1, le=3600, description="a number of seconds from 0.1 to 3600")]
Shape = Literal["one-shot", "loop", "long"]
Shapes = Annotated[Shape | tuple[Shape, ...], Meta(description="one-shot, loop or long")]

SizeText = Annotated[str | int, Meta(description='a size such as "1 GB" or "500 MB"')]
Size = Annotated[int, WrittenAs(SizeText)]  # in bytes
