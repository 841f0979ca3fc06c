"""/metrics and the API's description: what they show, and to whom (ASVS 13.4)."""

import re

import pytest

from building import on_site
from skyclust.entrypoints.metrics_page import ASKED
from skyclust.kit.metrics import MAX_SERIES, Counter, Histogram
from skyclust.provisioning.engine import Engine
from whole_app import whole

TOKEN = "a-long-random-token-for-prometheus"
SAMPLE = re.compile(r"^[a-z_]+(\{([a-z]+=\"[^\"]*\",?)*\})? [0-9.e+-]+$")


def at_root(site, token=None):
    client = site.client(token)
    client.base_url = "http://skyclust"
    return client


def samples(text):
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def test_metrics_tell_of_requests_operations_outbox_and_pool_and_name_no_tenant(postgres):
    async def story(site):
        ada = await site.person("ada@example.com")
        workspace = await site.workspace("secret-plans", admin=ada)
        await ada.client.get(f"/workspaces/{workspace}")
        await ada.client.get(f"/workspaces/{workspace}/members")
        await ada.client.get("/sim/kubernetes/clusters/secret-plans/node-pools")
        await ada.client.post("/workspaces", json={"name": "other-plans"})
        await site.anonymous.get("/nowhere/at-all/secret-plans")
        answer = await at_root(site, TOKEN).get("/metrics")
        return answer, str(workspace)

    answer, workspace = whole(postgres, story, settings={"metrics_token": TOKEN})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = samples(answer.text)
    requests = 'skyclust_http_request_seconds_count{method="GET",route="%s",status="%s"}'
    assert found[requests % ("/api/v1/workspaces/{workspace_id}", 200)] == "1"
    assert found[requests % ("/api/v1/{provider}/kubernetes/clusters/{cluster}/node-pools", 404)] == "1"
    assert found[requests % ("none", 404)] == "1"
    assert float(found["skyclust_outbox_waiting"]) >= 1
    assert 'skyclust_database_connections{state="used"}' in found
    assert all(f"# TYPE {name} gauge" in answer.text for name, *_ in ASKED)
    assert all(line.startswith("# ") or SAMPLE.match(line) for line in answer.text.splitlines())
    for word in ("plans", "ada@", workspace, "nowhere"):
        assert word not in answer.text


def test_the_engines_calls_are_counted_by_cloud_kind_and_outcome(postgres):
    counted = Counter("calls", "x", ("provider", "kind", "outcome"))

    async def story(site):
        from skyclust.providers.sim.faults import Fault, Mode

        engine: Engine = site.engine
        engine.on_call = lambda claim, outcome: counted.add(claim.stack.provider, claim.row.kind, outcome)
        site.faults.add("create.", Fault(Mode.THROTTLE, 0.01))
        await site.succeeded(await site.create_network())

    on_site(postgres, story)
    outcomes = {outcome for _, _, outcome in counted._values}
    assert {"ok", "Throttled"} <= outcomes
    assert {provider for provider, _, _ in counted._values} == {"sim"}


@pytest.mark.parametrize(
    ("settings", "given", "status"),
    [
        ({}, None, 404),
        ({}, "anything", 404),
        ({"metrics_token": TOKEN}, None, 401),
        ({"metrics_token": TOKEN}, "wrong", 401),
        ({"metrics_token": TOKEN}, TOKEN, 200),
        ({"metrics_token": TOKEN, "sandbox_control": "http://127.0.0.1:1"}, None, 401),
        ({"sandbox_control": "http://127.0.0.1:1"}, None, 200),
    ],
)
def test_metrics_are_for_who_has_the_token_and_for_the_sandbox(postgres, settings, given, status):
    async def story(site):
        signed_in = await site.person(admin=True)
        token = signed_in.client.headers["authorization"].removeprefix("Bearer ")
        return await at_root(site, given).get("/metrics"), await at_root(site, token).get("/metrics")

    answer, administrators = whole(postgres, story, settings=settings)
    assert answer.status_code == status
    if "metrics_token" in settings:
        assert administrators.status_code == 401  # a person's token is not the machine's


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({}, 200),
        ({"public_url": "https://clouds.example.com"}, 401),
        ({"host": "0.0.0.0"}, 401),
        ({"host": "0.0.0.0", "docs": "open"}, 200),
        ({"docs": "signed-in"}, 401),
        ({"host": "0.0.0.0", "sandbox_control": "http://127.0.0.1:1"}, 200),
    ],
)
def test_strangers_read_the_apis_description_only_where_nothing_else_can_reach_it(postgres, settings, status):
    async def story(site):
        person = await site.person()
        token = person.client.headers["authorization"].removeprefix("Bearer ")
        strangers = [(await at_root(site).get(path)).status_code for path in ("/docs", "/api/v1/openapi.json")]
        signed_in = [(await at_root(site, token).get(path)).status_code for path in ("/docs", "/api/v1/openapi.json")]
        return strangers, signed_in

    assert whole(postgres, story, settings=settings) == ([status, status], [200, 200])


def test_the_number_of_series_is_bounded_and_labels_cannot_break_a_line():
    counter, histogram = Counter("c", "x", ("a",)), Histogram("h", "x", ("a",))
    for number in range(MAX_SERIES + 50):
        counter.add(str(number))
        histogram.observe(0.1, str(number))
    assert counter._values["other",] == 50
    assert len(histogram._counts) == MAX_SERIES + 1
    counter.add("0")
    assert counter._values["0",] == 2
    odd = Counter("c", "x", ("a",))
    odd.add('a"} 1\nb{c="\\')
    assert list(odd.lines())[-1] == 'c{a="a\\"} 1\\nb{c=\\"\\\\"} 1'


def test_each_bucket_holds_those_below_it():
    histogram = Histogram("h", "x", (), (0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 3):
        histogram.observe(seconds)
    assert list(histogram.lines())[2:] == [
        'h_bucket{le="0.1"} 2', 'h_bucket{le="1.0"} 3', 'h_bucket{le="+Inf"} 4', "h_sum 3.65", "h_count 4",
    ]  # fmt: skip
