"""Authorization: only a browser that opened the printed address has access, and only from the page itself."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TOKEN_SECONDS = 60
LINK_SECONDS = 300  # a drag may take a while, and the program at its end may ask the user something first
LINKS = "/out/"  # paths of links to single files, which hold a secret of their own
NO_ACCESS = (
    "Open the address that `drumwatch review` printed. It is good for one browser and for a minute:"
    " after that, end `drumwatch review` with Ctrl-C and start it again.\n"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class OneTimeTokens:
    """Tokens that are each good for one use within a minute: other users may read the browser's command line."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._issued: dict[str, float] = {}

    def issue(self) -> str:
        """Return a new token."""
        token = secrets.token_urlsafe(32)
        self._issued[token] = self._clock()
        return token

    def redeem(self, token: str) -> bool:
        """Return whether the token is valid, and use it up."""
        given = token.encode()
        known = next((one for one in self._issued if secrets.compare_digest(one.encode(), given)), None)
        return known is not None and self._clock() - self._issued.pop(known) <= TOKEN_SECONDS


class FileLinks:
    """Links to the file of one entry each, for programs that have no cookie: the targets of a drag. They expire."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._issued: dict[str, tuple[float, int]] = {}

    def issue(self, entry_id: int) -> str:
        """Return the secret of a new link to the file of this entry."""
        now = self._clock()
        self._issued = {key: one for key, one in self._issued.items() if now - one[0] <= LINK_SECONDS}
        secret = secrets.token_urlsafe(32)
        self._issued[secret] = (now, entry_id)
        return secret

    def entry_of(self, secret: str) -> int | None:
        """Return the entry that a link leads to, or None if there is no such link any more."""
        given = secret.encode()
        found = (one for key, one in self._issued.items() if secrets.compare_digest(key.encode(), given))
        issued, entry_id = next(found, (0.0, None))
        return entry_id if entry_id is not None and self._clock() - issued <= LINK_SECONDS else None


class Auth:
    """Middleware that passes a request to `app`, or responds with 403 if its browser used no token or it is from another site."""

    def __init__(self, app: ASGIApp, *, tokens: OneTimeTokens, port: int) -> None:
        self._app = app
        self._tokens = tokens
        self._session = secrets.token_urlsafe(32)  # never in an address
        self._cookie = f"drumwatch_{port}"  # cookies are not bound to a port, and there may be two pages
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        response = self._refusal(scope) or self._login(scope)
        await (response or self._app)(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        """Return a 403 response for another host name (DNS rebinding) or another origin, else None."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self._hosts:
            return PlainTextResponse("This page answers only to its own address.", 403)
        writes = scope["method"] not in ("GET", "HEAD")
        foreign = origin != f"http://{host}" if writes else origin not in (None, f"http://{host}")
        if foreign or (writes and headers.get("sec-fetch-site", "same-origin") != "same-origin"):
            return PlainTextResponse("Only the review page itself may ask for this.", 403)
        return None

    def _login(self, scope: Scope) -> Response | None:
        """Return None for a request with the cookie, a response that sets the cookie for one with a token, else a 403 response.

        A link to a file passes without a cookie: its handler checks the secret in it.
        """
        cookie = cookie_parser(Headers(scope=scope).get("cookie", "")).get(self._cookie, "")
        known = secrets.compare_digest(cookie.encode(), self._session.encode())
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if (
            token
            and scope["path"] == "/"
            and scope["method"] == "GET"
            and (self._tokens.redeem(token) or known)
        ):
            response = RedirectResponse("/", 303)
            response.set_cookie(self._cookie, self._session, httponly=True, samesite="strict")
            return response
        is_link = scope["path"].startswith(LINKS) and scope["method"] in ("GET", "HEAD")
        return None if known or is_link else PlainTextResponse(NO_ACCESS, 403)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return sending
