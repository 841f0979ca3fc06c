"""Settings that GKE shows in two places of a cluster, an older and a newer one, whichever of them was set. Pure.

Called at creation and after updates. Invariant: the two places never disagree once `mirrored` has run.
"""

from typing import Any

from skyclust.sandbox.gcp.errors import Json

Place = tuple[str, ...]
_NEGATED = True
#: (older place, newer place, whether the newer one says the opposite)
_PAIRS: tuple[tuple[Place, Place, bool], ...] = (
    (
        ("masterAuthorizedNetworksConfig",),
        ("controlPlaneEndpointsConfig", "ipEndpointsConfig", "authorizedNetworksConfig"),
        not _NEGATED,
    ),
    (("privateClusterConfig", "enablePrivateNodes"), ("networkConfig", "defaultEnablePrivateNodes"), not _NEGATED),
    (
        ("privateClusterConfig", "enablePrivateEndpoint"),
        ("controlPlaneEndpointsConfig", "ipEndpointsConfig", "enablePublicEndpoint"),
        _NEGATED,
    ),
)


def mirrored(cluster: Json, changed: Json) -> Json:
    """`cluster` with what `changed` sets in one place repeated in the other; the older place wins if both are set."""
    for older, newer, negated in _PAIRS:
        told, other = (older, newer) if _at(changed, older) is not None else (newer, older)
        value = _at(changed, told)
        if value is not None:
            cluster = _with(cluster, other, (not value) if negated else value)
    return cluster


def _at(document: Json, place: Place) -> Any:
    value: Any = document
    for step in place:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _with(document: Json, place: Place, value: Any) -> Json:
    first, *rest = place
    inner = _with(document.get(first, {}), tuple(rest), value) if rest else value
    return {**document, first: inner}
