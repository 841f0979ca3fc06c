"""Puts the routes of slices where the application serves them. Called once by each application.

FastAPI's `include_router` takes every endpoint and its dependencies apart a second time, for each application, while
its first request waits. Here a route is a copy of the declared one with another path: nothing is looked into again.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import compile_path


def placed(router: APIRouter, prefix: str, name: Callable[[APIRoute], str]) -> Iterator[APIRoute]:
    """Its routes behind `prefix`, with their ids by `name`. TypeError for what is no plain route of FastAPI's."""
    for declared in router.routes:
        if not isinstance(declared, APIRoute):
            raise TypeError(f"{declared!r} is no route that can be placed; extend the router's routes instead")
        route = copy.copy(declared)
        route.path = prefix + declared.path
        route.path_regex, route.path_format, route.param_convertors = compile_path(route.path)
        route.unique_id = route.operation_id or name(route)
        yield route
