"""The web console: files that `make web` has built (web/), served by the API process. Called by `create_app`.

Invariant: only files that the build has listed are ever opened, whatever the address says; each page's content security
policy allows exactly the inline scripts that the build wrote into that page, by their hashes.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Route

from skyclust.entrypoints.setup_page import page

#: Where `make web` puts what it has built; not committed, but in the wheel.
BUILT = Path(__file__).with_name("console_files")
MANIFEST = "manifest.json"
HASHED = "/_next/static/"
FOR_EVER = "public, max-age=31536000, immutable"
POLICY = (
    "default-src 'none'; script-src 'self'{hashes}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NOT_BUILT = (
    "<p>The API is served here; the web console has not been built into this installation."
    "</p><p>Build it with Node.js 20 or newer: <code>make web</code>, then start SkyClust again. Without Node.js, all "
    'else works: the <a href="/docs">API</a> and the command line, <code>skyclust login</code>.</p>'
)
Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Built:
    """What a build consists of. `files`: address -> name in `folder`; `scripts`: address of a page -> its hashes."""

    folder: Path
    files: dict[str, str]
    scripts: dict[str, list[str]]

    def answer(self, request: Request, address: str, status: int = 200) -> Response:
        """One file; smaller where the browser can unpack it."""
        file = self.folder / self.files[address]
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = {"cache-control": FOR_EVER if address.startswith(HASHED) else "no-store", "vary": "accept-encoding"}
        if address in self.scripts:
            hashes = "".join(f" '{each}'" for each in self.scripts[address])
            headers["content-security-policy"] = POLICY.format(hashes=hashes)
        packed = file.with_name(file.name + ".gz")
        if packed.is_file() and "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            file = packed
        return FileResponse(file, status, headers, media_type=kind)


def read_build(folder: Path) -> Built | None:
    """The build in `folder`; None without one."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return None
    found = json.loads(manifest.read_text())
    return Built(folder, found["files"], found["scripts"])


def install(app: FastAPI, folder: Path) -> None:
    """Serve the build at /, or say there how to get one. Nothing of the API's own is ever hidden by it."""
    built = read_build(folder)
    if built is None:
        app.router.routes.append(Route("/", _not_built))
        return
    app.router.routes.extend(_routes(built))
    problem = app.exception_handlers[HTTPException]

    async def missing(request: Request, error: Exception) -> Response:
        """Whoever follows a wrong link in a browser gets a page; programs get the problem."""
        wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
        if isinstance(error, HTTPException) and error.status_code == 404 and request.method == "GET" and wants_page:
            return built.answer(request, "/404/", 404)
        answer: Response = await problem(request, error)  # type: ignore[misc]
        return answer

    app.add_exception_handler(HTTPException, missing)


def _routes(built: Built) -> Iterator[Route]:
    for address in built.files:
        if not address.startswith(HASHED):
            yield Route(address, _file(built, address))
        if address in built.scripts and address != "/":
            yield Route(address.rstrip("/"), _with_slash)
    yield Route(HASHED + "{path:path}", _hashed(built))


def _file(built: Built, address: str) -> Answer:
    async def answer(request: Request) -> Response:
        return built.answer(request, address)

    return answer


def _hashed(built: Built) -> Answer:
    async def answer(request: Request) -> Response:
        if request.url.path not in built.files:
            raise HTTPException(404)
        return built.answer(request, request.url.path)

    return answer


async def _with_slash(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{request.url.path}/{query}", 308)


async def _not_built(_request: Request) -> HTMLResponse:
    return page(NOT_BUILT)
