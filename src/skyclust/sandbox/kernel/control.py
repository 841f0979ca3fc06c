"""The control API under /_sandbox: the truth about all clouds, faults, the call log and acts of the outside world.

Called by tests and by the demo. Invariant: it never goes through a cloud's front, so faults do not touch it.
"""

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from skyclust.sandbox.kernel.faults import parse_rule, rule_document
from skyclust.sandbox.kernel.front import Kernel, World


def control_app(kernel: Kernel, worlds: dict[str, World]) -> Starlette:
    control = Control(kernel, worlds)
    return Starlette(
        routes=[
            Route("/_sandbox/resources", control.resources),
            Route("/_sandbox/faults", control.list_faults, methods=["GET"]),
            Route("/_sandbox/faults", control.add_fault, methods=["POST"]),
            Route("/_sandbox/faults", control.clear_faults, methods=["DELETE"]),
            Route("/_sandbox/faults/{rule_id}", control.remove_fault, methods=["DELETE"]),
            Route("/_sandbox/reset", control.reset, methods=["POST"]),
            Route("/_sandbox/calls", control.calls),
            Route("/_sandbox/clock", control.clock, methods=["GET"]),
            Route("/_sandbox/clock", control.advance, methods=["POST"]),
            Route("/_sandbox/actions/{provider}/{action}", control.act, methods=["POST"]),
        ]
    )


class Control:
    def __init__(self, kernel: Kernel, worlds: dict[str, World]) -> None:
        self.kernel = kernel
        self.worlds = worlds

    async def resources(self, request: Request) -> Response:
        wanted = request.query_params.get("provider")
        found: list[dict[str, Any]] = []
        for name, world in self.worlds.items():
            if wanted in (None, "", name):
                found.extend(world.resources())
        return JSONResponse({"resources": found})

    async def list_faults(self, _request: Request) -> Response:
        return JSONResponse({"faults": [rule_document(rule) for rule in self.kernel.faults.rules()]})

    async def add_fault(self, request: Request) -> Response:
        try:
            rule = self.kernel.faults.add(parse_rule(await _body(request)))
        except (ValueError, TypeError) as wrong:
            return _refuse(422, str(wrong))
        return JSONResponse(rule_document(rule), status_code=201)

    async def clear_faults(self, _request: Request) -> Response:
        self.kernel.faults.clear()
        return Response(status_code=204)

    async def remove_fault(self, request: Request) -> Response:
        removed = self.kernel.faults.remove(request.path_params["rule_id"])
        return Response(status_code=204) if removed else _refuse(404, "No such fault; list them with GET.")

    async def reset(self, request: Request) -> Response:
        """Forget faults, calls and everything in all clouds, or with `?provider=` in that one."""
        self.kernel.faults.clear()
        self.kernel.calls.clear()
        wanted = request.query_params.get("provider")
        for name, world in self.worlds.items():
            if wanted in (None, "", name):
                world.reset()
        return Response(status_code=204)

    async def calls(self, request: Request) -> Response:
        return JSONResponse({"calls": self.kernel.calls.list(request.query_params.get("provider"))})

    async def clock(self, _request: Request) -> Response:
        clock = self.kernel.clock
        return JSONResponse({"now": clock.now().isoformat(), "speed": clock.speed})

    async def advance(self, request: Request) -> Response:
        try:
            self.kernel.clock.advance(float((await _body(request))["advance_seconds"]))
        except (ValueError, KeyError, TypeError):
            return _refuse(422, 'Give {"advance_seconds": number}.')
        return await self.clock(request)

    async def act(self, request: Request) -> Response:
        world = self.worlds.get(request.path_params["provider"])
        if world is None:
            return _refuse(404, f"No such cloud here; there are {sorted(self.worlds)}.")
        try:
            return JSONResponse(world.act(request.path_params["action"], await _body(request)))
        except KeyError as unknown:
            return _refuse(404, f"No such action or resource: {unknown}.")
        except ValueError as wrong:
            return _refuse(422, str(wrong))


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError as wrong:
        raise ValueError(f"The body is not JSON: {wrong}.") from wrong
    if not isinstance(body, dict):
        raise ValueError("The body must be a JSON object.")  # noqa: TRY004 - the caller answers 422 to ValueError
    return body


def _refuse(status: int, message: str) -> JSONResponse:
    return JSONResponse({"message": message}, status_code=status)
