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

from drumwatch.errors import DrumwatchError
from drumwatch.journal import CURRENT
from drumwatch.records import LABELS, TYPES
from drumwatch.review.guard import Guard
from drumwatch.review.rows import AT_ONCE, Wanted, page, row
from drumwatch.review.sounds import MAPPED, Sounds

if TYPE_CHECKING:
    from starlette.requests import Request

    from drumwatch.config import Config
    from drumwatch.journal import Journal
    from drumwatch.learning.teach import Teacher
    from drumwatch.records import Entry

PAGE = Path(__file__).parent / "page"


class Review:
    """What the page can ask for."""

    def __init__(self, config: Config, journal: Journal, teacher: Teacher, sounds: Sounds) -> None:
        self._config = config
        self._journal = journal
        self._teacher = teacher
        self._sounds = sounds

    def routes(self) -> list[Route | Mount]:
        """Every address, in one place."""
        return [
            Route("/", self.index),
            Route("/api/labels", self.labels),
            Route("/api/sounds", self.list_sounds),
            Route("/api/map", self.map),
            Route("/api/sounds/{id:int}/picture", self.picture),
            Route("/api/sounds/{id:int}/why", self.why),
            Route("/api/sounds/{id:int}/audio", self.audio),
            Route("/api/confirm", self.confirm, methods=["POST"]),
            Route("/api/undo", self.undo, methods=["POST"]),
            Mount("/page", StaticFiles(directory=PAGE)),
        ]

    async def index(self, _: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    async def labels(self, _: Request) -> Response:
        types = [kind for kinds in TYPES.values() for kind in kinds if kind not in LABELS]
        own = sorted(set(self._config.labels.values()) - set(LABELS) - set(types))
        return JSONResponse({"labels": [*LABELS, *own], "types": types})

    async def list_sounds(self, request: Request) -> Response:
        asked = request.query_params
        offset, limit = _number(asked.get("offset", "0")), _number(asked.get("limit", str(AT_ONCE)))
        return JSONResponse(page(self._journal, _wanted(dict(asked)), offset, limit))

    async def map(self, _: Request) -> Response:
        entries = list(self._journal.page(CURRENT, [], offset=0, limit=MAPPED))
        placed = await self._sounds.map(entries)
        known = {entry.id: entry for entry in entries}
        return JSONResponse(
            {"points": [{**row(known[int(id_)], self._journal), "x": x, "y": y} for id_, x, y in placed]}
        )

    async def picture(self, request: Request) -> Response:
        return Response(await self._sounds.picture(self._entry(request)), media_type="application/json")

    async def why(self, request: Request) -> Response:
        return JSONResponse(await self._sounds.explained(self._entry(request)))

    async def audio(self, request: Request) -> Response:
        path, kind = await self._sounds.playable(self._entry(request))
        if not path.is_file():
            raise HTTPException(404, "The sound is not there any more.")
        return FileResponse(path, media_type=kind)

    async def confirm(self, request: Request) -> Response:
        """A label for each of these sounds; without one, the label that they have is approved."""
        asked = await _json(request)
        entries = self._above(asked) if "above" in asked else [self._known(one) for one in asked["ids"]]
        return JSONResponse({"results": [self._confirm(one, str(asked.get("label", ""))) for one in entries]})

    async def undo(self, request: Request) -> Response:
        entry = self._known((await _json(request))["id"])
        before = self._teacher.before(entry)
        self._teacher.unteach(entry)
        return JSONResponse({"row": row(self._journal.get(before.id), self._journal)})

    def _above(self, asked: dict[str, Any]) -> list[Entry]:
        """What stands above this sound in its pack, itself included, and was not confirmed yet."""
        this = self._known(asked["above"])
        where, values = _wanted({**asked, "batch": this.batch, "least": this.id}).where()
        found = self._journal.page(where, values, offset=0, limit=-1)
        return [entry for entry in found if not self._journal.confirmed_label(entry.content_hash)]

    def _confirm(self, entry: Entry, label: str) -> dict[str, Any]:
        try:
            done = self._teacher.confirm(entry, label or entry.label, "review")
        except DrumwatchError as exc:
            return {"was": entry.id, "error": str(exc)}
        return {"was": entry.id, "row": row(done, self._journal)}

    def _entry(self, request: Request) -> Entry:
        return self._known(request.path_params["id"])

    def _known(self, entry_id: object) -> Entry:
        entry = self._journal.entry(entry_id) if isinstance(entry_id, int) else None
        if entry is None:
            raise HTTPException(404, "The journal has no such entry.")
        return entry


def application(review: Review, *, token: str, port: int) -> Starlette:
    """The page behind its guard."""
    return Starlette(
        routes=review.routes(),
        middleware=[Middleware(Guard, token=token, port=port)],
        exception_handlers={DrumwatchError: _told},
    )


async def _told(_: Request, exc: Exception) -> Response:
    return JSONResponse({"error": str(exc)}, 409)


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


def _wanted(asked: dict[str, Any]) -> Wanted:
    return Wanted(
        view=str(asked.get("view", "unsure")),
        text=str(asked.get("q", "")),
        label=str(asked.get("label_filter", "")),
        batch=asked.get("batch"),
        least=asked.get("least"),
    )


def _number(text: str) -> int:
    try:
        return max(0, int(text))
    except ValueError:
        raise HTTPException(400, "A number, please.") from None
