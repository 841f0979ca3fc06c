"""From a URL to its route, without regard to case, as Resource Manager compares. Called by the dispatcher.

Invariant: a template with fixed words in a place wins over one with a parameter there.
"""

import re
from collections.abc import Iterable

from skyclust.sandbox.azure.cloud import Route

_PARAMETER = re.compile(r"\{(\w+)\}")


class Router:
    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_shape: dict[tuple[int, str], list[tuple[re.Pattern[str], Route]]] = {}
        for route in sorted(routes, key=lambda route: route.template.count("{")):
            pattern = re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", route.template), re.IGNORECASE)
            self._by_shape.setdefault((route.template.count("/"), route.method), []).append((pattern, route))

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        for pattern, route in self._by_shape.get((path.count("/"), method), []):
            found = pattern.fullmatch(path)
            if found is not None:
                return route, found.groupdict()
        return None

    def methods_of(self, path: str) -> list[str]:
        """The methods that the path has, for a refusal that tells them."""
        methods = sorted({method for _, method in self._by_shape})
        return [method for method in methods if self.match(method, path) is not None]
