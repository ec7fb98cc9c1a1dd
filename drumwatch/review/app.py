"""The routes of the review page. All access to the journal is in the one thread of the event loop."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import printable
from drumwatch.journal import ViewQuery, order_named, view_named
from drumwatch.kits.kit_job import USUAL_SIZE
from drumwatch.learning.labels import UnknownLabel
from drumwatch.review.auth import LINKS, Auth, FileLinks
from drumwatch.review.file_manager import show_in_folder
from drumwatch.review.sound_previews import MEDIA_TYPES

if TYPE_CHECKING:
    from starlette.requests import Request

    from drumwatch.core.records import Entry
    from drumwatch.review.auth import OneTimeTokens
    from drumwatch.review.page_kits import PageKits
    from drumwatch.review.rows import Row
    from drumwatch.review.service import ReviewResult, ReviewService
    from drumwatch.review.sound_map import SoundMap
    from drumwatch.review.sound_previews import SoundPreviews

PAGE = Path(__file__).parent / "page"
MAX_ROWS = 200  # in one response
MAX_MAPPED = 20_000  # the newest sounds are on the map
MAX_BODY = 1_000_000  # bytes
MAX_DEPTH = 3  # of arrays and objects in a body; the page needs 2
MAX_IDS = 1_000  # in one request; the page sends 40
MAX_TEXT = 1_000  # characters of a search or a label
ANY_FILE = "application/octet-stream"  # the media type of what browsers do not play
MAX_NUMBER = 2**63 - 1  # the journal has no greater one


class Review:
    """The handlers of all requests of the page."""

    def __init__(
        self, service: ReviewService, previews: SoundPreviews, sound_map: SoundMap, kits: PageKits
    ) -> None:
        self._links = FileLinks()
        self._service = service
        self._kits = kits
        self._previews = previews
        self._map = sound_map

    def routes(self) -> list[Route | Mount]:
        """Return every route of the page."""
        return [
            Route("/", self.index),
            Route("/api/choices", self.choices),
            Route("/api/counts", self.counts),
            Route("/api/numbers", self.numbers),
            Route("/api/sounds", self.rows),
            Route("/api/packs", self.packs),
            Route("/api/groups", self.groups),
            Route("/api/projects", self.projects),
            Route("/api/map", self.map),
            Route("/api/sounds/{id}/alike", self.alike),
            Route("/api/sounds/{id}/picture", self.picture),
            Route("/api/sounds/{id}/why", self.why),
            Route("/api/sounds/{id}/audio", self.audio),
            Route("/api/sounds/{id}/note", self.note, methods=["POST"]),
            Route("/api/links", self.links, methods=["POST"]),
            Route(LINKS + "{secret}/{name}", self.linked_file),
            Route("/api/summary", self.summary, methods=["POST"]),
            Route("/api/star", self.star, methods=["POST"]),
            Route("/api/show-in-folder", self.show_in_folder, methods=["POST"]),
            Route("/api/confirm", self.confirm, methods=["POST"]),
            Route("/api/undo", self.undo, methods=["POST"]),
            Route("/api/kits", self.kit_choices),
            Route("/api/kits", self.make_kit, methods=["POST"]),
            Route("/api/kits/show", self.show_kit, methods=["POST"]),
            Mount("/page", StaticFiles(directory=PAGE)),
        ]

    async def index(self, _: Request) -> Response:
        """Return the page itself."""
        return FileResponse(PAGE / "index.html")

    # Reading

    async def choices(self, _: Request) -> Response:
        """Return the labels and types that can be given, and the packs and days to filter by."""
        found = self._service.packs(ViewQuery(view="recent"))
        packs = [{"batch": pack["batch"], "name": pack["name"], "time": pack["time"]} for pack in found]
        labels, types = self._service.labels(), self._service.types()
        return JSONResponse({"labels": labels, "types": types, "packs": packs, "days": self._service.days()})

    async def counts(self, request: Request) -> Response:
        """Return the number of sounds or projects in each view."""
        return JSONResponse(self._service.counts(_query(request.query_params)))

    async def numbers(self, request: Request) -> Response:
        """Return the ids of the sounds in a view; the page requests the rows that are visible."""
        return JSONResponse({"ids": self._service.ids(_query(request.query_params))})

    async def rows(self, request: Request) -> Response:
        """Return the rows of the entries with these ids."""
        ids = request.query_params.get("ids", "").split(",")[:MAX_ROWS]
        return JSONResponse({"rows": [self._service.row(self._known(entry_id)) for entry_id in ids]})

    async def packs(self, request: Request) -> Response:
        """Return the packs of the sounds in a view."""
        return JSONResponse({"packs": self._service.packs(_query(request.query_params))})

    async def groups(self, request: Request) -> Response:
        """Return the groups of sounds that wait and are named alike: a sentence, the ids of all, and of the three to hear."""
        groups = [
            {
                "name": printable(group.name),
                "sentence": printable(group.sentence),
                "ids": group.ids,
                "hear": group.hear,
            }
            for group in self._service.groups(_query(request.query_params))
        ]
        return JSONResponse({"groups": groups})

    async def projects(self, request: Request) -> Response:
        """Return the projects that were left whole (songs, instruments, code and programs), and the archives not wholly read."""
        found = self._service.projects(_query(request.query_params))
        return JSONResponse({"projects": [self._service.row(project) for project in found]})

    async def map(self, _: Request) -> Response:
        """Return the points of the map; while it is not `ready`, the page asks again for more."""
        found = self._map.points(self._service.entries(ViewQuery(view="map"), limit=MAX_MAPPED))
        points = [
            {
                "id": entry.id,
                "name": printable(entry.location.name),
                "label": entry.label,
                "x": round(x, 4),
                "y": round(y, 4),
                "unsure": entry.rule == "unsure",
            }
            for entry, x, y in found["points"]
        ]
        return JSONResponse({**found, "points": points})

    async def alike(self, request: Request) -> Response:
        """Return the sounds that are most similar to one, or how far the analysis is."""
        entries = self._service.entries(ViewQuery(view="map"), limit=MAX_MAPPED)
        progress = self._map.points(entries)
        found = self._map.similar(self._entry(request), entries)
        rows = [self._service.row(entry) for entry in found]
        return JSONResponse({"rows": rows, **{key: progress[key] for key in ("ready", "heard", "of")}})

    async def picture(self, request: Request) -> Response:
        """Return the thumbnail of a sound."""
        return Response(await self._previews.thumbnail(self._entry(request)), media_type="application/json")

    async def why(self, request: Request) -> Response:
        """Return the reasons for a sound's label, and the most similar known sounds."""
        return JSONResponse(await self._previews.explanation(self._entry(request)))

    async def note(self, request: Request) -> Response:
        """Look for the root note of a sound, and return its row."""
        await _json(request)
        entry = self._entry(request)
        if asked := self._service.ask_note(entry):
            await asyncio.wait({asyncio.wrap_future(asked)})
            entry = self._service.store_note(entry, asked)
        return JSONResponse({"row": self._service.row(entry)})

    async def audio(self, request: Request) -> Response:
        """Return a file of the sound that a browser can play."""
        path, kind = await self._previews.playable(self._entry(request))
        if not path.is_file():
            raise HTTPException(404, "The sound is not there any more.")
        return FileResponse(path, media_type=kind)

    async def links(self, request: Request) -> Response:
        """Return a link to the file of each of these sounds, for the program that they are dragged to."""
        body = await _json(request)
        sounds = [entry for entry in self._selected(body) if not entry.is_about_no_sound]
        links = {
            str(one.id): f"{LINKS}{self._links.issue(one.id)}/{_in_address(one.location)}" for one in sounds
        }
        return JSONResponse({"links": links})

    async def linked_file(self, request: Request) -> Response:
        """Return the file of a sound as it is, with its name, to whoever has a link to it."""
        entry_id = self._links.entry_of(request.path_params["secret"])
        if entry_id is None:
            raise HTTPException(403, "This link has expired: drag the sound again.")
        path = self._known(entry_id).location
        if not path.is_file():
            raise HTTPException(404, "The sound is not there any more.")
        return FileResponse(
            path, media_type=MEDIA_TYPES.get(path.suffix.lower(), ANY_FILE), filename=printable(path.name)
        )

    # Kits

    async def kit_choices(self, _: Request) -> Response:
        """Return the devices that a kit can be for."""
        return JSONResponse({"devices": self._kits.devices()})

    async def make_kit(self, request: Request) -> Response:
        """Make a kit around these sounds; without any, of the whole library."""
        body = await _json(request)
        ids = [entry.id for entry in self._selected(body)]
        size = _whole(body.get("size", USUAL_SIZE))
        return JSONResponse(await self._kits.make(_text(body, "name"), ids, size, _text(body, "device")))

    async def show_kit(self, request: Request) -> Response:
        """Open the folder of a kit in the file manager."""
        await self._kits.show(_whole((await _json(request)).get("batch")))
        return JSONResponse({})

    async def summary(self, request: Request) -> Response:
        """Return what many sounds have in common; it is sent as POST, because an address cannot hold so many ids."""
        ids = _ids(await _json(request))
        found = self._service.summary([_whole(entry_id) for entry_id in ids])
        packs = [[printable(pack), count] for pack, count in found.packs.items()]
        return JSONResponse({**found._asdict(), "packs": packs})

    # Acting

    async def star(self, request: Request) -> Response:
        """Star these sounds, or take their stars away."""
        body = await _json(request)
        starred = body.get("starred") is True
        return JSONResponse(
            {"ids": self._service.star(self._selected(body), starred=starred), "starred": starred}
        )

    async def show_in_folder(self, request: Request) -> Response:
        """Show the file of an entry in the file manager of this machine; the page names an entry, never a path."""
        path = self._known((await _json(request)).get("id")).location
        await run_in_threadpool(show_in_folder, path)
        return JSONResponse({"shown": printable(path.name)})

    async def confirm(self, request: Request) -> Response:
        """Give these sounds a label; without one, approve the label that each has.

        The response to an unknown label is a proposal; sent again as `new`, it becomes a label of the user's.
        """
        body = await _json(request)
        label, new = _text(body, "label"), body.get("new") is True
        results = self._service.confirm(self._selected(body), label, new=new)
        return JSONResponse({"results": [self._result(result) for result in results]})

    async def undo(self, request: Request) -> Response:
        """Undo what was done with these sounds, or with all of a pack."""
        body = await _json(request)
        service, pack = self._service, body.get("pack")
        results = service.undo(self._selected(body)) if pack is None else service.undo_pack(_whole(pack))
        return JSONResponse({"results": [self._result(result) for result in results]})

    def _selected(self, body: Mapping[str, Any]) -> list[Entry]:
        """Return the sounds with these ids, or the unconfirmed ones `above` a sound in its pack, or those `of` a pack."""
        shown = body.get("shown", {})
        if "above" in body:
            return self._service.unconfirmed_above(self._known(body["above"]), _query(shown))
        if "of" in body:
            return self._service.unconfirmed_in_pack(_whole(body["of"]), _query(shown))
        return [self._known(entry_id) for entry_id in _ids(body)]

    def _result(self, result: ReviewResult) -> Row:
        before, after = result.before, result.after
        if after is None:
            return {"was": before.id, "name": printable(before.source.name), "error": printable(result.error)}
        return {"was": before.id, "row": self._service.row(after)}

    def _entry(self, request: Request) -> Entry:
        """Return the sound of the request; a project has no sound of its own."""
        entry = self._known(request.path_params["id"])
        if entry.is_about_no_sound:
            what = "a project" if entry.is_project else "an archive"
            raise HTTPException(404, f"This is {what}, not a sound.")
        return entry

    def _known(self, entry_id: object) -> Entry:
        entry = self._service.entry(_whole(entry_id))
        if entry is None:
            raise HTTPException(404, "The journal has no such entry.")
        return entry


def application(review: Review, *, tokens: OneTimeTokens, port: int) -> Starlette:
    """Return the web application, to which only a browser that used one of the tokens has access."""
    return Starlette(
        routes=review.routes(),
        middleware=[Middleware(Auth, tokens=tokens, port=port)],
        exception_handlers={DrumwatchError: _error_response},
    )


async def _error_response(_: Request, exc: Exception) -> Response:
    proposal = {"unknown": exc.given, "near": exc.suggestion} if isinstance(exc, UnknownLabel) else {}
    return JSONResponse({"error": printable(str(exc)), **proposal}, 409)


def _in_address(path: Path) -> str:
    """Return the name of a file for the end of an address, from which programs take the name of what they download."""
    return quote(printable(path.name), safe="")


def _ids(body: Mapping[str, Any]) -> list[object]:
    """Return the ids in a body, which must be a list that is not too long."""
    ids = body.get("ids")
    if not isinstance(ids, list):
        raise HTTPException(400, "Which sounds? Send their numbers.")
    if len(ids) > MAX_IDS:
        raise HTTPException(400, f"These are too many sounds for one request: send at most {MAX_IDS:,}.")
    return ids


async def _json(request: Request) -> Row:
    """Return the body, which must be a JSON object of that content type; a form of another site cannot send that type."""
    if request.headers.get("content-type") != "application/json":
        raise HTTPException(415, "JSON, please.")
    raw = await _body(request)
    try:
        body = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise HTTPException(400, "An object, please.")
    if not _nested_at_most(MAX_DEPTH, body):
        raise HTTPException(400, "The object is nested too deeply.")
    return body


async def _body(request: Request) -> bytes:
    """Return the body of a request; one that is too large is not read to its end."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise HTTPException(413, f"The request is too large: send at most {MAX_BODY:,} bytes.")
    except ClientDisconnect:
        raise HTTPException(400, "The request ended too early.") from None
    return bytes(body)


def _no_number(_: str) -> None:
    raise ValueError  # NaN and Infinity are not JSON


def _nested_at_most(depth: int, value: object) -> bool:
    """Return whether no more than this many arrays and objects are inside each other."""
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_nested_at_most(depth - 1, one) for one in inner)


def _query(parameters: object) -> ViewQuery:
    """Return the view and the filters in the parameters of a request."""
    if not isinstance(parameters, Mapping):
        raise HTTPException(400, "The filters are not an object.")
    return ViewQuery(
        view=view_named(_text(parameters, "view") or "unsure"),
        text=_text(parameters, "q"),
        label=_text(parameters, "label"),
        type=_text(parameters, "type"),
        day=_text(parameters, "day"),
        batch=_whole(parameters["batch"]) if parameters.get("batch") else None,
        below=_share(parameters["below"]) if parameters.get("below") else None,
        at_least=_share(parameters["from"]) if parameters.get("from") else None,
        starred=_text(parameters, "starred") != "",
        note=_text(parameters, "note"),
        min_bpm=_share(parameters["min_bpm"]) if parameters.get("min_bpm") else None,
        max_bpm=_share(parameters["max_bpm"]) if parameters.get("max_bpm") else None,
        order=order_named(_text(parameters, "sort")),
    )


def _text(parameters: Mapping[str, Any], name: str) -> str:
    """Return a parameter, which must be text that the journal can store; it is empty if it was not sent."""
    text = parameters.get(name, "")
    if (
        not isinstance(text, str)
        or len(text) > MAX_TEXT
        or any("\ud800" <= char <= "\udfff" for char in text)
    ):
        raise HTTPException(400, f"`{name}` must be text of at most {MAX_TEXT:,} characters.")
    return text


def _whole(value: object) -> int:
    """Return the whole number that was sent as a number or as text; one below 0 counts as 0."""
    try:
        number = int(str(value)) if isinstance(value, int | str) else None
    except ValueError:
        number = None
    if number is None or number > MAX_NUMBER:
        raise HTTPException(400, "A whole number of at most 63 bits, please.")
    return max(0, number)


def _share(value: object) -> float:
    """Return the number that was sent as a number or as text."""
    try:
        number = float(str(value)) if isinstance(value, int | float | str) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise HTTPException(400, "A number, please.")
    return number
