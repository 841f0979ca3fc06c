"""/metrics and the API's description: what they show, and to whom (ASVS 13.4)."""

import re

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_metrics

from building import on_site
from skyclust.entrypoints.metrics_page import ASKED
from skyclust.entrypoints.wiring import build_engine
from skyclust.entrypoints.worker_page import create_worker_page, listen, page_socket
from skyclust.kit.metrics import MAX_SERIES, Metrics, rendered
from skyclust.kit.settings import Settings
from skyclust.provisioning.engine import Engine
from whole_app import kind_of, whole

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
    assert found[requests % ("/api/v1/workspaces/{workspace_id}", 200)] == "1.0"
    assert found[requests % ("/api/v1/{provider}/kubernetes/clusters/{cluster}/node-pools", 404)] == "1.0"
    assert found[requests % ("none", 404)] == "1.0"
    assert float(found["skyclust_outbox_waiting"]) >= 1
    assert 'skyclust_database_connections{state="used"}' in found
    assert all(f"# TYPE {name} gauge" in answer.text for name, *_ in ASKED)
    assert all(line.startswith("# ") or SAMPLE.match(line) for line in answer.text.splitlines())
    for word in ("plans", "ada@", workspace, "nowhere"):
        assert word not in answer.text


def test_the_engines_calls_are_counted_by_cloud_kind_and_outcome(postgres):
    counted = []

    async def story(site):
        from skyclust.providers.sim.faults import Fault, Mode

        engine: Engine = site.engine
        engine.on_call = lambda claim, outcome: counted.append((claim.stack.provider, claim.row.kind, outcome))
        site.faults.add("create.", Fault(Mode.THROTTLE, 0.01))
        await site.succeeded(await site.create_network())

    on_site(postgres, story)
    outcomes = {outcome for _, _, outcome in counted}
    assert {"ok", "Throttled"} <= outcomes
    assert {provider for provider, _, _ in counted} == {"sim"}


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
    metrics = Metrics()
    for number in range(MAX_SERIES + 50):
        metrics.faults.of(str(number)).inc()
        metrics.requests.of("GET", str(number), "200").observe(0.1)
    metrics.faults.of("0").inc()
    text = rendered(metrics.registry, "")[0].decode()
    found = samples(text)
    assert found['skyclust_faults_total{where="other"}'] == "50.0"
    assert found['skyclust_faults_total{where="0"}'] == "2.0"
    assert len(re.findall("^skyclust_faults_total{", text, re.MULTILINE)) == MAX_SERIES + 1
    assert found['skyclust_http_request_seconds_count{method="other",route="other",status="other"}'] == "50.0"
    odd = Metrics()
    odd.faults.of('a"} 1\nb{c="\\').inc()
    assert 'skyclust_faults_total{where="a\\"} 1\\nb{c=\\"\\\\"} 1.0\n' in rendered(odd.registry, "")[0].decode()


def test_two_applications_of_one_process_count_apart():
    one, other = Metrics(), Metrics()
    one.faults.of("engine").inc()
    assert b'where="engine"' in rendered(one.registry, "")[0]
    assert b'where="engine"' not in rendered(other.registry, "")[0]


FORMATS = (
    ("", "text/plain; version=0.0.4; charset=utf-8", plain_metrics),
    ("text/html", "text/plain; version=0.0.4; charset=utf-8", plain_metrics),
    ("text/plain; version=abc", "text/plain; version=0.0.4; charset=utf-8", plain_metrics),
    ("application/openmetrics-text; version=1.0.0; q=0.5,text/plain", "application/openmetrics-text", open_metrics),
)


def test_metrics_are_text_or_open_metrics_as_asked_for(postgres):
    async def story(site):
        await site.anonymous.get("/health/live")
        client = at_root(site, TOKEN)
        return [await client.get("/metrics", headers={"accept": accept}) for accept, *_ in FORMATS]

    answers = whole(postgres, story, settings={"metrics_token": TOKEN})
    for answer, (_, media_type, parse) in zip(answers, FORMATS, strict=True):
        assert answer.headers["content-type"].startswith(media_type)
        families = {family.name: family for family in parse(answer.text)}
        assert {"skyclust_http_request_seconds", "skyclust_outbox_waiting", "skyclust_cloud_calls"} <= families.keys()
        requests = [s for s in families["skyclust_http_request_seconds"].samples if "live" in s.labels["route"]]
        assert [s.value for s in requests if s.name.endswith("_count")] == [1.0]
        bounds = [s.labels["le"] for s in requests if s.name.endswith("_bucket")]
        assert (bounds[0], bounds[-1]) == ("0.005", "+Inf")


def of_worker(site, token=None):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(create_worker_page(site.parts))
    return httpx.AsyncClient(transport=transport, base_url="http://worker", headers=headers)


def test_a_worker_alone_shows_its_counts_and_its_health_and_nothing_else(postgres):
    async def story(site):
        build_engine(site.parts, "worker")
        site.parts.metrics.calls.of("cumulus", "network", "ok").inc(3)
        async with of_worker(site, TOKEN) as client, of_worker(site) as stranger, of_worker(site, "wrong") as guessing:
            paths = ("/metrics", "/health/live", "/health/ready", "/api/v1/workspaces")
            refused = [await stranger.get("/metrics"), await guessing.get("/metrics")]
            return [await client.get(path) for path in paths], refused, await client.post("/metrics")

    (page, live, ready, other), refused, posted = whole(postgres, story, settings={"metrics_token": TOKEN})
    found = samples(page.text)
    assert found['skyclust_cloud_calls_total{kind="network",outcome="ok",provider="cumulus"}'] == "3.0"
    assert (found["skyclust_engine_in_flight"], found["skyclust_engine_slots"]) == ("0.0", "200.0")
    assert {f'skyclust_leases{{of="{of}"}}' for of in ("resource", "sweep", "check", "relay")} <= found.keys()
    assert float(found["skyclust_outbox_waiting"]) >= 0
    assert [answer.status_code for answer in (page, live, ready, other)] == [200, 200, 200, 404]
    assert ready.json()["checks"] == {"database": "ok", "keys": "ok"}
    assert kind_of(other) == "not-found"
    assert [answer.status_code for answer in refused] == [401, 401]
    assert posted.status_code == 405
    assert all(answer.headers["x-content-type-options"] == "nosniff" for answer in (page, live, other, *refused))


def test_without_a_token_a_worker_shows_metrics_in_the_sandbox_only(postgres):
    async def story(site):
        async with of_worker(site) as client:
            return (await client.get("/metrics")).status_code, (await client.get("/health/live")).status_code

    assert whole(postgres, story) == (404, 200)
    assert whole(postgres, story, settings={"sandbox_control": "http://127.0.0.1:1"}) == (200, 200)


def test_a_worker_works_without_its_page_when_the_port_that_nobody_chose_is_taken():
    with listen("127.0.0.1", 0, "") as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="SKYCLUST_WORKER_METRICS_PORT"):
            page_socket(Settings(worker_metrics_port=port))
        assert page_socket(Settings.model_construct(set(), worker_metrics_port=port)) is None
        port = taken.getsockname()[1]
    unchosen = Settings.model_construct(set(), worker_metrics_port=port)
    with page_socket(unchosen):  # both could bind, had the first not listened at once
        assert page_socket(unchosen) is None
    assert page_socket(Settings(worker_metrics_port=0)) is None
    assert Settings().worker_metrics_host == "127.0.0.1"
