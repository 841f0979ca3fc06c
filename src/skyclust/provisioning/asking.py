"""What every mutation may carry besides its body: dry run, the plan it was shown, a key against repetition, a version.

A dependency of the routes of every slice that plans. Invariant: the digest covers method, path, query and body, so that
one key never stands for two different requests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import orjson
from fastapi import Depends, Header, Query, Request

from skyclust.contract.resources import digest
from skyclust.kit.documenting import Answers
from skyclust.kit.problems import Problem

#: Query parameters that change how a request is answered, not what it asks for.
_MANNERS = frozenset({"dry_run", "plan_digest"})


@dataclass(frozen=True, slots=True)
class Asked:
    """How the caller wants a mutation done."""

    dry_run: bool = False
    plan_digest: str | None = None
    idempotency_key: str | None = None
    if_match: str | None = None
    request_digest: str = ""

    def citing(self, body_digest: str | None) -> Asked:
        """The digest in the body counts as one in the header does; two different ones contradict each other."""
        if body_digest is None or body_digest == self.plan_digest:
            return self
        if self.plan_digest is not None:
            detail = "The body cites another plan_digest than the header or query. Cite one plan."
            raise Problem(422, "invalid", "The request is not valid", detail)
        return replace(self, plan_digest=body_digest)

    def check_version(self, etag: str) -> None:
        """412 when If-Match names another version than the present one."""
        if self.if_match is None or self.if_match.strip() == "*":
            return
        given = [part.strip().removeprefix("W/") for part in self.if_match.split(",")]
        if etag not in given:
            detail = f"It is at {etag} now, not at {self.if_match}. Read it again, then repeat the change."
            raise Problem(412, "changed-meanwhile", "Changed by somebody else meanwhile", detail, etag=etag)


@Answers(409)
async def asked(
    request: Request,
    *,
    dry_run: Annotated[bool, Query(description="answer the plan instead of doing it")] = False,
    plan_digest: Annotated[str | None, Query(max_length=64, description="refuse (409) if the plan differs")] = None,
    x_plan_digest: Annotated[str | None, Header(max_length=64)] = None,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
    if_match: Annotated[str | None, Header(max_length=255)] = None,
) -> Asked:
    """Read them from query and headers."""
    given = Asked(dry_run, plan_digest, idempotency_key, if_match, await _request_digest(request))
    return given.citing(x_plan_digest)


async def _request_digest(request: Request) -> str:
    body = await request.body()
    try:
        content = orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        content = body.decode("latin-1")
    query = sorted((name, value) for name, value in request.query_params.multi_items() if name not in _MANNERS)
    return digest([request.method, request.url.path, query, content])


AskedDep = Annotated[Asked, Depends(asked)]
