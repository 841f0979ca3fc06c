"""Requests that schemathesis makes from the OpenAPI document, of every operation: no defect, nothing undocumented.

Asked of the whole application on a real database by an administrator of everything, with real ids put in; see
tests/support/examples.py. SKYCLUST_SEED chooses others, SKYCLUST_EXAMPLES says how many of each operation.
"""

import asyncio
import json
import os
from collections import Counter, defaultdict

import pytest

from example_world import open_world
from examples import Campaign, Request, complaints, wrong_parts
from tenancy import server_logs

SEED = int(os.environ.get("SKYCLUST_SEED") or 1)
EXAMPLES = int(os.environ.get("SKYCLUST_EXAMPLES") or 2)
#: Operations that this world only refuses, and why. Their successes are tested elsewhere, with what they need.
ONLY_REFUSED = {
    "POST /auth/register": "there is a user already",
    "GET /auth/oidc/login": "no identity provider is configured",
    "GET /auth/oidc/callback": "no identity provider is configured",
    "POST /auth/oidc/tokens": "no identity provider is configured",
    "GET /workspaces/{workspace_id}/identity": "this installation is no issuer",
    "POST /orphans/{orphan_id}:adopt": "the orphan was made for no row",
}

pytestmark = [pytest.mark.xdist_group("openapi by examples"), pytest.mark.timeout(max(900, 150 * EXAMPLES))]


@pytest.fixture(scope="module")
def campaign(postgres_server):
    """Everything asked once, for all tests of this module."""
    database = postgres_server.another("examples")
    print(f"SKYCLUST_SEED={SEED} SKYCLUST_EXAMPLES={EXAMPLES} repeats these requests")
    with server_logs(), asyncio.Runner() as runner:
        world = runner.run(open_world(database))
        asked = Campaign(world, runner.run, SEED)
        asked.ask_all(right=EXAMPLES, wrong=max(1, EXAMPLES // 2))
        yield asked
        runner.run(world.house.close())


def told(campaign, word):
    """What was complained of, with the request that brings it about."""
    return [str(heard) for heard in campaign.heard if any(word in complaint for complaint in heard.complaints)]


def test_every_operation_of_the_document_is_asked_and_nearly_every_one_succeeds(campaign):
    by_operation = defaultdict(Counter)
    for heard in campaign.heard:
        by_operation[heard.request.operation][heard.status] += 1
    assert set(by_operation) == set(campaign.document.operations)
    refused = {name for name, found in by_operation.items() if min(found) >= 400}
    # the simulated cloud has no Kubernetes API: whatever asks a cluster's own is told so
    within = {heard.request.operation for heard in campaign.heard if heard.kind == "kubernetes-unreachable"}
    print(f"{len(campaign.heard)} requests; {len(by_operation)} operations, {len(refused)} of them only refused")
    assert refused & within <= {name for name in refused if "/clusters/{cluster}/" in name}
    surprising = {name: dict(by_operation[name]) for name in (refused - within) ^ set(ONLY_REFUSED)}
    assert surprising == {}, "only refused and not named in ONLY_REFUSED, or the other way round"


def test_no_request_finds_a_defect(campaign):
    assert told(campaign, "a defect") == []


def test_every_answer_has_a_documented_status_type_and_body(campaign):
    found = [str(heard) for heard in campaign.heard if heard.complaints]
    assert found == [], f"{len(found)} answers"


def test_data_that_the_document_excludes_is_never_taken(campaign):
    asked = {heard.request.operation for heard in campaign.heard if heard.request.wrong}
    takes = {
        name for name, operation in campaign.document.operations.items()
        if operation.get("requestBody", {}).get("required")
    }  # fmt: skip
    assert len(takes & asked) > len(takes) / 2, "too little was wrong: this would show nothing"
    assert told(campaign, "wrong data was taken") == []


# ---- the judge itself ----
PROBLEM = {
    "type": "https://skyclust.dev/problems/not-found",
    "title": "x",
    "status": 404,
    "detail": "x",
    "trace_id": "",
}
LISTED = "GET /workspaces"


@pytest.mark.parametrize(
    ("status", "content_type", "body", "expected"),
    [
        (200, "application/json", {"items": [], "next_cursor": None}, ""),
        (404, "application/problem+json", PROBLEM, "404 not-found is not documented"),
        (422, "application/json", PROBLEM, "application/json is not documented for 422"),
        (200, "application/json", {"next_cursor": None}, '"items" is a required property'),
        (200, "application/json", {"items": [{"id": "x"}]}, "is a required property"),
        (422, "application/problem+json", PROBLEM | {"type": "about:blank"}, "does not match"),
        (500, "application/problem+json", PROBLEM | {"type": "x/internal"}, "a defect: 500 internal"),
        (503, "application/problem+json", PROBLEM | {"type": "x/unavailable"}, "a defect: 503 unavailable"),
    ],
)
def test_what_the_document_does_not_know_is_complained_of(campaign, status, content_type, body, expected):
    request = Request(LISTED, "GET", "http://skyclust/api/v1/workspaces", {}, None)
    found = list(complaints(campaign.document, request, status, content_type, json.dumps(body).encode()))
    assert any(expected in complaint for complaint in found) if expected else found == [], found


@pytest.mark.parametrize(
    ("name", "path", "query", "body", "is_wrong"),
    [
        (LISTED, {}, "limit=5", None, False),
        (LISTED, {}, "limit=5&unheard=of", None, False),
        (LISTED, {}, "limit=0", None, True),
        (LISTED, {}, "limit=many", None, True),
        ("POST /workspaces", {}, "dry_run=yes", {"name": "w"}, False),
        ("POST /workspaces", {}, "dry_run=perhaps", {"name": "w"}, True),
        ("POST /workspaces", {}, "", {"name": "w", "owner": "me"}, True),
        ("POST /workspaces", {}, "", {"name": ""}, True),
        ("POST /workspaces", {}, "", None, True),
        ("GET /drift/{drift_id}", {"drift_id": "3"}, "", None, True),
        ("GET /{provider}/kubernetes/metadata/zones", {"provider": "sim"}, "", None, True),
    ],
)
def test_the_judge_knows_what_the_document_excludes(campaign, name, path, query, body, is_wrong):
    content = None if body is None else json.dumps(body).encode()
    found = wrong_parts(campaign.document, name, path, f"http://skyclust/?{query}", content)
    assert bool(found) is is_wrong, found


def test_wrong_data_that_is_taken_is_complained_of(campaign):
    wrong = Request(LISTED, "GET", "http://skyclust/", {}, None, wrong=("query limit='0'",))
    answer = b'{"items": [], "next_cursor": null}'
    assert list(complaints(campaign.document, wrong, 200, "application/json", answer)) == [
        "wrong data was taken: query limit='0'"
    ]
