"""The page's addresses. Everything that touches the journal happens in the one thread of the loop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import printable
from drumwatch.journal import ViewQuery, view_named
from drumwatch.learning.corrections import location
from drumwatch.learning.labels import UnknownLabel
from drumwatch.review.auth import Auth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from drumwatch.core.records import Entry
    from drumwatch.review.service import ReviewResult, ReviewService
    from drumwatch.review.sound_map import SoundMap
    from drumwatch.review.sound_previews import SoundPreviews

PAGE = Path(__file__).parent / "page"
AT_ONCE = 200  # rows in one answer
MAPPED = 20_000  # sounds on the map: the newest


class Review:
    """What the page can ask for."""

    def __init__(self, desk: ReviewService, sounds: SoundPreviews, atlas: SoundMap) -> None:
        self._desk = desk
        self._sounds = sounds
        self._atlas = atlas

    def routes(self) -> list[Route | Mount]:
        """Every address, in one place."""
        return [
            Route("/", self.index),
            Route("/api/choices", self.choices),
            Route("/api/counts", self.counts),
            Route("/api/numbers", self.numbers),
            Route("/api/sounds", self.rows),
            Route("/api/packs", self.packs),
            Route("/api/projects", self.projects),
            Route("/api/map", self.map),
            Route("/api/sounds/{id:int}/alike", self.alike),
            Route("/api/sounds/{id:int}/picture", self.picture),
            Route("/api/sounds/{id:int}/why", self.why),
            Route("/api/sounds/{id:int}/audio", self.audio),
            Route("/api/confirm", self.confirm, methods=["POST"]),
            Route("/api/undo", self.undo, methods=["POST"]),
            Mount("/page", StaticFiles(directory=PAGE)),
        ]

    async def index(self, _: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    # Looking

    async def choices(self, _: Request) -> Response:
        """What can be chosen: labels and types to say, packs and days to filter by."""
        found = self._desk.packs(ViewQuery(view="recent"))
        packs = [{"batch": pack["batch"], "name": pack["name"], "time": pack["time"]} for pack in found]
        labels, types = self._desk.labels(), self._desk.types()
        return JSONResponse({"labels": labels, "types": types, "packs": packs, "days": self._desk.days()})

    async def counts(self, request: Request) -> Response:
        return JSONResponse(self._desk.counts(_wanted(request.query_params)))

    async def numbers(self, request: Request) -> Response:
        """Which sounds a view has; what they are is asked for when they come in sight."""
        return JSONResponse({"ids": self._desk.numbers(_wanted(request.query_params))})

    async def rows(self, request: Request) -> Response:
        ids = [_whole(text) for text in request.query_params.get("ids", "").split(",")[:AT_ONCE]]
        return JSONResponse({"rows": [self._desk.row(self._known(one)) for one in ids]})

    async def packs(self, request: Request) -> Response:
        return JSONResponse({"packs": self._desk.packs(_wanted(request.query_params))})

    async def projects(self, request: Request) -> Response:
        """What was left whole: somebody's songs, instruments and programs."""
        found = self._desk.projects(_wanted(request.query_params))
        return JSONResponse({"projects": [self._desk.row(project) for project in found]})

    async def map(self, _: Request) -> Response:
        """Where the sounds lie; while it is not `ready`, there is more to come."""
        found = self._atlas.look(self._desk.entries(ViewQuery(view="map"), limit=MAPPED))
        points = [
            {
                "id": entry.id,
                "name": printable(location(entry).name),
                "label": entry.label,
                "x": round(x, 4),
                "y": round(y, 4),
            }
            for entry, x, y in found["points"]
        ]
        return JSONResponse({**found, "points": points})

    async def alike(self, request: Request) -> Response:
        entries = self._desk.entries(ViewQuery(view="map"), limit=MAPPED)
        progress = self._atlas.look(entries)
        found = self._atlas.alike(self._entry(request), entries)
        rows = [self._desk.row(entry) for entry in found]
        return JSONResponse({"rows": rows, **{key: progress[key] for key in ("ready", "heard", "of")}})

    async def picture(self, request: Request) -> Response:
        return Response(await self._sounds.picture(self._entry(request)), media_type="application/json")

    async def why(self, request: Request) -> Response:
        return JSONResponse(await self._sounds.explained(self._entry(request)))

    async def audio(self, request: Request) -> Response:
        path, kind = await self._sounds.playable(self._entry(request))
        if not path.is_file():
            raise HTTPException(404, "The sound is not there any more.")
        return FileResponse(path, media_type=kind)

    # Saying

    async def confirm(self, request: Request) -> Response:
        """A label for each of these sounds; without one, the label that they have is approved.

        A word that is no label yet is answered with a proposal, and becomes one where it is sent again as `new`.
        """
        asked = await _json(request)
        word, new = str(asked.get("label", "")), asked.get("new") is True
        said = self._desk.confirm(self._meant(asked), word, new=new)
        return JSONResponse({"results": [self._result(one) for one in said]})

    async def undo(self, request: Request) -> Response:
        """These sounds, or all of a pack, go back to where they were before."""
        asked = await _json(request)
        desk, pack = self._desk, asked.get("pack")
        said = desk.take_back(self._meant(asked)) if pack is None else desk.take_back_pack(_whole(pack))
        return JSONResponse({"results": [self._result(one) for one in said]})

    def _meant(self, asked: Mapping[str, Any]) -> list[Entry]:
        """The sounds with these numbers, those above one of them in its pack, or what is open of a pack (`of`)."""
        shown = asked.get("shown", {})
        if "above" in asked:
            return self._desk.above(self._known(asked["above"]), _wanted(shown))
        if "of" in asked:
            return self._desk.of_pack(_whole(asked["of"]), _wanted(shown))
        ids = asked.get("ids")
        if not isinstance(ids, list):
            raise HTTPException(400, "Which sounds? Send their numbers.")
        return [self._known(one) for one in ids]

    def _result(self, said: ReviewResult) -> dict[str, Any]:
        if said.now is None:
            return {
                "was": said.was.id,
                "name": printable(said.was.source.name),
                "error": printable(said.error),
            }
        return {"was": said.was.id, "row": self._desk.row(said.now)}

    def _entry(self, request: Request) -> Entry:
        """One sound; a project has nothing to see or hear."""
        entry = self._known(request.path_params["id"])
        if entry.is_project:
            raise HTTPException(404, "This is a project, not a sound.")
        return entry

    def _known(self, entry_id: object) -> Entry:
        entry = self._desk.entry(entry_id) if isinstance(entry_id, int) else None
        if entry is None:
            raise HTTPException(404, "The journal has no such entry.")
        return entry


def application(review: Review, *, token: str, port: int) -> Starlette:
    """The page behind its guard."""
    return Starlette(
        routes=review.routes(),
        middleware=[Middleware(Auth, token=token, port=port)],
        exception_handlers={DrumwatchError: _told},
    )


async def _told(_: Request, exc: Exception) -> Response:
    proposal = {"unknown": exc.word, "near": exc.near} if isinstance(exc, UnknownLabel) else {}
    return JSONResponse({"error": printable(str(exc)), **proposal}, 409)


async def _json(request: Request) -> dict[str, Any]:
    """What was sent: an object, and said to be JSON, which no form of another site can say."""
    if request.headers.get("content-type") != "application/json":
        raise HTTPException(415, "JSON, please.")
    try:
        sent = await request.json()
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise HTTPException(400, "An object, please.")
    return sent


def _wanted(asked: Mapping[str, Any]) -> ViewQuery:
    """The view and the filters that are asked for."""
    return ViewQuery(
        view=view_named(str(asked.get("view", "unsure"))),
        text=str(asked.get("q", "")),
        label=str(asked.get("label", "")),
        type=str(asked.get("type", "")),
        day=str(asked.get("day", "")),
        batch=_whole(asked["batch"]) if asked.get("batch") else None,
        below=_share(asked["below"]) if asked.get("below") else None,
        at_least=_share(asked["from"]) if asked.get("from") else None,
    )


def _whole(text: object) -> int:
    try:
        return max(0, int(str(text)))
    except ValueError:
        raise HTTPException(400, "A number, please.") from None


def _share(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        raise HTTPException(400, "A number, please.") from None
