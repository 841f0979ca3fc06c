"""The OpenAPI document of the whole API: every answer is in it, none that cannot be, and generators can read it."""

import re
from typing import Annotated

import jsonschema_rs
import pytest
from fastapi import Depends
from fastapi.routing import iter_route_contexts

from documented import successes_of
from skyclust.entrypoints.api import PREFIX, ROUTERS, _operation_name, health
from skyclust.kit.documenting import TOLD, Answers, Documented, problems_of
from skyclust.kit.problems import MAX_ERRORS, FieldError, invalid, not_found
from tenancy_policy import POLICY, Who

WITH_A_BODY = {"408", "413", "415"}


@pytest.fixture(scope="module")
def app():
    """Every route of the product, without the parts that would serve them."""
    app = Documented(openapi_url=None, generate_unique_id_function=_operation_name)
    for router in (*ROUTERS, health):
        app.include_router(router, prefix=PREFIX)
    return app


@pytest.fixture(scope="module")
def operations(app):
    return {
        f"{method.upper()} {path}": operation
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    }


def test_what_an_operation_cannot_answer_is_not_in_the_document(operations):
    for name, operation in operations.items():
        told, takes = set(operation["responses"]), operation.get("parameters", [])
        assert told >= WITH_A_BODY if "requestBody" in operation else not WITH_A_BODY & told, name
        assert ("422" in told) is bool(takes or "requestBody" in operation), name
        assert ("400" in told) is any(each["in"] in ("path", "query") for each in takes), name
        assert "404" in told or not any(each["in"] == "path" for each in takes), name
        assert "401" in told or "security" not in operation, name
        assert "500" not in told, name


def test_403_is_told_where_somebody_signed_in_may_be_refused_and_nowhere_else(operations):
    for name, operation in operations.items():
        policy = POLICY[name]
        acts = {need for need in policy.needs if not need.value.endswith(".read")}
        if policy.who is Who.ADMINISTRATORS or (policy.who is Who.MEMBERS and acts):
            assert "403" in operation["responses"], name
        if policy.who is Who.SIGNED_IN:
            assert "403" not in operation["responses"], name


def test_every_problem_is_the_one_problem_and_nothing_of_the_frameworks_is_left(app, operations):
    components = app.openapi()["components"]
    assert not {"HTTPValidationError", "ValidationError"} & set(components["schemas"])
    for name, operation in operations.items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and status not in {str(s) for s in _own(app, name)}:
                assert answer == {"$ref": f"#/components/responses/{TOLD[int(status)][0]}"}, (name, status)
    for answer in components["responses"].values():
        assert answer["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _own(app, name):
    return _routes(app)[name].responses


def _routes(app):
    return {
        f"{method} {context.path_format}": context.original_route
        for context in iter_route_contexts(app.routes)
        for method in context.original_route.methods
    }


def test_a_problem_fits_the_schema_and_nearly_one_does_not(app):
    schema = jsonschema_rs.validator_for(app.openapi()["components"]["schemas"]["Problem"])
    many = invalid([FieldError("/" + "x" * 2000, "y" * 9000)] * (MAX_ERRORS + 1))
    for problem in (not_found("cluster"), many):
        schema.validate(problem.document("0" * 32))
    good = not_found("cluster").document("0" * 32)
    for change in ({"type": "https://skyclustXdev/problems/not-found"}, {"type": "not-found"}, {"status": 200}):
        assert not schema.is_valid(good | change), change
    assert not schema.is_valid({key: value for key, value in good.items() if key != "trace_id"})


def test_the_document_says_what_the_check_of_every_test_reads_from_the_routes(app, operations):
    routes = _routes(app)
    for name, operation in operations.items():
        assert {*map(int, operation["responses"])} == problems_of(routes[name]) | successes_of(routes[name]), name


def test_names_are_what_a_generator_needs(app, operations):
    names = [operation["operationId"] for operation in operations.values()]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_-]*", name)] == []
    schemas = app.openapi()["components"]["schemas"]
    doubled = [name for name in schemas if "__" in name or name.endswith(("-Input", "-Output"))]
    assert doubled == [], "two models of one name: a generator would call them by their modules"


def test_what_stands_nearer_to_the_route_has_the_last_word():
    app = Documented(openapi_url=None)

    @Answers(403, 409)
    def caller():
        return None

    @Answers(never={403})
    def reading(_: Annotated[None, Depends(caller)]):
        return None

    @app.get("/reads")
    def reads(_: Annotated[None, Depends(reading)]):
        return None

    @app.get("/acts")
    @Answers(403, never={409})
    def acts(_: Annotated[None, Depends(reading)]):
        return None

    told = {path: set(methods["get"]["responses"]) for path, methods in app.openapi()["paths"].items()}
    assert told == {"/reads": {"200", "409", "429"}, "/acts": {"200", "403", "429"}}
    with pytest.raises(AssertionError, match="TOLD"):
        Answers(418)


def test_every_answer_that_is_a_file_is_known(operations):
    """A new one answers kit/downloads.py's `attachment`, has a test for that, and comes into this list."""
    files = {
        name for name, operation in operations.items()
        if operation["responses"].get("200", {}).get("content", {}).keys() - {"application/json", "text/event-stream"}
    }  # fmt: skip
    assert files == {
        "GET /api/v1/audit-logs:export",
        "GET /api/v1/clusters:kubeconfig",
        "GET /api/v1/{provider}/kubernetes/clusters/{cluster}/kubeconfig",
    }
