"""Cluster templates: parts of a body for creating clusters, and how a request is laid over one. Pure.

The rule is JSON merge patch (RFC 7396): what the request gives wins, objects are merged field by field, lists are taken
whole, null takes a field away. Invariant: what comes out is checked like a body that somebody wrote by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from skyclust.clusters.parsing import parse_flat
from skyclust.clusters.schemas import ClusterBody, UnifiedClusterBody
from skyclust.contract.provider import Provider
from skyclust.kit.problems import FieldError, Problem, body_errors, invalid

Json = dict[str, Any]
#: What each request says for itself.
NEVER = ("name", "credential_id", "workspace_id", "plan_digest", "template")
_ANY = {"name": "any", "credential_id": str(UUID(int=0))}


def merged(base: Any, patch: Any) -> Any:
    """RFC 7396, section 2."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(base) if isinstance(base, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def check_template(provider: Provider, known: Sequence[str], body: Json) -> None:
    """422 with everything that no cluster of this provider could be made with, where it stands in the template."""
    errors = [
        FieldError(f"/body/{name}", "This is for each request to say. Remove it from the template.")
        for name in NEVER
        if name in body
    ]
    if errors:
        raise invalid(errors)
    try:
        parse_flat(provider, known, parsed({**body, **_ANY}))
    except Problem as problem:
        raise invalid([replace(error, pointer=f"/body{error.pointer}") for error in problem.errors]) from None


def laid_over(template: Json, given: Json) -> ClusterBody:
    """The whole body; 422 where the two do not fit together."""
    return parsed(merged(template, {name: value for name, value in given.items() if name != "template"}))


def given_flat(body: ClusterBody) -> Json:
    """What a client wrote, and nothing that was filled in."""
    return body.model_dump(mode="json", exclude_unset=True)


def given_unified(body: UnifiedClusterBody) -> Json:
    """The same of a unified body, as a flat one."""
    written = body.model_dump(mode="json", exclude_unset=True)
    inside = written.pop("cluster")
    written.pop("provider")
    return {**written, **inside}


def parsed(body: Json) -> ClusterBody:
    """Checked like one that a client sent."""
    try:
        return ClusterBody.model_validate(body)
    except ValidationError as error:
        raise invalid(body_errors(error.errors())) from None
