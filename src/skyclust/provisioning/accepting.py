"""The two answers of a mutation: 200 with the plan of a dry run, 202 with the begun operation and its place."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse, Response

from skyclust.kit.schemas import Answer
from skyclust.provisioning.answers import ImportPlanAnswer, PlanAnswer
from skyclust.provisioning.schemas import OperationAnswer

#: For the `responses` of routes that answer either.
ACCEPTED: dict[int | str, dict[str, Any]] = {
    200: {"model": PlanAnswer, "description": "the plan, with ?dry_run=true"},
    202: {"model": OperationAnswer, "description": "begun; Location is the operation"},
}
#: For imports.
IMPORT_ACCEPTED: dict[int | str, dict[str, Any]] = ACCEPTED | {
    200: {"model": ImportPlanAnswer, "description": "the plan, with ?dry_run=true"},
}


def accepted(answer: Answer | dict[str, Any]) -> Response:
    """The response for what a flow answered: a plan, or what was changed without an operation, is 200."""
    if isinstance(answer, Answer):
        return JSONResponse(answer.model_dump(mode="json"))
    return JSONResponse(answer, 202, headers={"Location": f"/api/v1/operations/{answer['id']}"})
