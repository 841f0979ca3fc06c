"""What a cluster's API answers is untrusted and bounded, and what keeps it from answering is told apart."""

import asyncio
import json
import ssl
from datetime import UTC, datetime

import httpx
import pytest

from skyclust.clusters import draining, inside, kube
from skyclust.clusters.kube_errors import KubeError, Trouble, as_provider_error, kube_problem
from skyclust.contract.errors import Blocked, Held
from skyclust.contract.provider import ClusterAccess, KubeToken

ACCESS = ClusterAccess("one", "https://127.0.0.1:6443", "")
TOKEN = KubeToken("t-1", datetime(2030, 1, 1, tzinfo=UTC))
NODE = {
    "metadata": {
        "name": "n-1",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": {
            "cloud.example/nodepool": "default",
            "node.kubernetes.io/instance-type": "small",
            "topology.kubernetes.io/zone": "z-a",
        },
    },
    "spec": {},
    "status": {
        "conditions": [{"type": "Ready", "status": "True"}],
        "nodeInfo": {"kubeletVersion": "v1.33.1"},
        "addresses": [{"type": "Hostname", "address": "h"}, {"type": "InternalIP", "address": "10.0.0.4"}],
    },
}


def with_api(answer, ask, access=ACCESS):
    async def scenario():
        async with kube.opened(access, TOKEN, httpx.MockTransport(answer)) as api:
            return await ask(api)

    return asyncio.run(scenario())


def trouble_of(answer, ask=lambda api: api.get("/x"), access=ACCESS):
    with pytest.raises(KubeError) as refused:
        with_api(answer, ask, access)
    return refused.value


def test_lists_are_read_page_by_page_with_the_short_lived_token_and_not_without_end():
    asked = []

    def answer(request):
        asked.append((request.headers["authorization"], request.url.params.get("continue", "")))
        more = {} if request.url.params.get("continue") == "b" else {"continue": "ab"[len(asked) - 1]}
        return httpx.Response(200, json={"items": [NODE, "no object"], "metadata": more})

    assert with_api(answer, lambda api: api.all("/api/v1/nodes", 10)) == [NODE] * 3
    assert asked == [("Bearer t-1", ""), ("Bearer t-1", "a"), ("Bearer t-1", "b")]
    endless = trouble_of(
        lambda _: httpx.Response(200, json={"items": [NODE] * 4, "metadata": {"continue": "x"}}),
        lambda api: api.all("/api/v1/nodes", 10),
    )
    assert endless.trouble is Trouble.TOO_MUCH


def test_a_node_is_told_in_our_words():
    node = inside.node_answer(NODE)
    assert (node.state, node.node_pool, node.machine_type, node.zone) == ("Ready", "default", "small", "z-a")
    assert (node.internal_ip, node.version, node.schedulable) == ("10.0.0.4", "v1.33.1", True)


NONSENSE = [None, [], "x", 7, {"metadata": None}, {"metadata": {"name": {"a": 1}, "labels": [1], "ownerReferences": 3}}]


@pytest.mark.parametrize("odd", NONSENSE)
def test_objects_of_any_shape_become_answers(odd):
    document = odd if isinstance(odd, dict) else {"metadata": odd, "spec": odd, "status": odd, "involvedObject": odd}
    inside.node_detail(document, [document])
    inside.pod_answer(document)
    inside.namespace_answer(document)
    inside.event_answer(document)
    for kind in inside.WORKLOADS:
        inside.workload_answer(kind, document)


def test_names_and_messages_lose_control_characters_and_what_is_too_long():
    event = {"message": "\x1b[31mred\x1b[0m\r\nand \u202eback" + "x" * 9000, "reason": "a\tb\x00", "count": -4}
    answer = inside.event_answer(event)
    assert answer.message.startswith("[31mred[0m and back")
    assert (len(answer.message), answer.reason, answer.count) == (4096, "a b", 1)
    assert inside.clean_text("one\r\ntwo\x07\n\tthree") == "one\ntwo\n\tthree"


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (401, Trouble.UNAUTHENTICATED), (403, Trouble.FORBIDDEN), (404, Trouble.NOT_FOUND), (410, Trouble.EXPIRED),
        (429, Trouble.BUSY), (503, Trouble.BUSY), (500, Trouble.REFUSED),
    ],
)  # fmt: skip
def test_refusals_are_told_apart(status, trouble):
    error = trouble_of(lambda _: httpx.Response(status, json={"message": "said why"}))
    assert (error.trouble, error.message, error.status) == (trouble, "said why", status)
    problem = kube_problem(error)
    assert problem.status == {Trouble.EXPIRED: 422, Trouble.BUSY: 503}.get(trouble, 502)
    assert "said why" in problem.detail or trouble is Trouble.EXPIRED
    assert "said why" in as_provider_error(error, mutating=False).message


def test_redirects_are_not_followed():
    away = trouble_of(lambda _: httpx.Response(302, headers={"location": "http://169.254.169.254/"}))
    assert (away.trouble, away.status) == (Trouble.REFUSED, 302)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b"[" * 100_000])
def test_what_is_no_json_object_is_not_taken_for_one(body):
    assert trouble_of(lambda _: httpx.Response(200, content=body)).trouble is Trouble.GARBAGE


def test_an_answer_without_end_is_cut():
    async def endless():
        while True:
            yield b"x" * 65_536

    error = trouble_of(lambda _: httpx.Response(200, content=endless()))
    assert error.trouble is Trouble.TOO_MUCH
    text, whole = with_api(
        lambda _: httpx.Response(200, content=endless()), lambda api: api.text("/log", 100_000)
    )  # fmt: skip
    assert (len(text), whole) == (100_000, False)


def raising(error):
    def answer(request):
        raise error

    return answer


def distrusted():
    error = httpx.ConnectError("no")
    error.__cause__ = ssl.SSLCertVerificationError(1, "certificate verify failed: unable to get local issuer")
    return error


@pytest.mark.parametrize(
    ("error", "host", "trouble", "private"),
    [
        (httpx.ConnectTimeout("late"), "10.1.2.3", Trouble.TIMED_OUT, True),
        (httpx.ConnectTimeout("late"), "127.0.0.1", Trouble.TIMED_OUT, False),
        (httpx.ReadTimeout("late"), "8.8.8.8", Trouble.TIMED_OUT, False),
        (httpx.ConnectError("refused"), "192.168.0.9", Trouble.UNREACHABLE, True),
        (httpx.ConnectError("refused"), "one.invalid", Trouble.NO_ADDRESS, False),
        (distrusted(), "8.8.8.8", Trouble.TLS, False),
    ],
)
def test_what_keeps_it_from_answering_is_told_apart(error, host, trouble, private):
    found = trouble_of(raising(error), access=ClusterAccess("one", f"https://{host}", ""))
    assert (found.trouble, found.private) == (trouble, private)
    problem = kube_problem(found)
    assert (problem.status, problem.kind, problem.extra["reason"]) == (502, "kubernetes-unreachable", trouble.value)
    assert ("endpoint is private" in problem.detail) == private
    assert problem.detail.endswith("Everything else of the cluster works.")


@pytest.mark.parametrize("endpoint", ["http://10.0.0.1", "https://u:p@10.0.0.1", "https://169.254.169.254", "https://"])
def test_an_endpoint_that_is_no_kubernetes_api_is_not_spoken_to(endpoint):
    asked = []
    found = trouble_of(asked.append, access=ClusterAccess("one", endpoint, ""))
    assert (found.trouble, asked) == (Trouble.UNREACHABLE, [])


def test_who_gets_no_turn_in_time_is_told(monkeypatch):
    monkeypatch.setattr(kube, "TURN_SECONDS", 0.01)

    async def scenario():
        release = asyncio.Event()

        async def slow(request):
            await release.wait()
            return httpx.Response(200, json=NODE)

        async with kube.opened(ACCESS, TOKEN, httpx.MockTransport(slow)) as api:
            first = [asyncio.create_task(api.get("/x")) for _ in range(kube.LANES)]
            await asyncio.sleep(0)
            with pytest.raises(KubeError) as late:
                await api.get("/x")
            release.set()
            await asyncio.gather(*first)
            assert await api.get("/x") == NODE, "the turn is given back"
        return late.value.trouble

    assert asyncio.run(scenario()) is Trouble.BUSY


def test_one_slow_cluster_gets_so_many_requests_and_no_other_waits_for_it():
    async def scenario():
        release, full, seen, most = asyncio.Event(), asyncio.Event(), 0, 0

        async def slow(request):
            nonlocal seen, most
            seen += 1
            most = max(most, seen)
            if seen == kube.LANES:
                full.set()
            await release.wait()
            seen -= 1
            return httpx.Response(200, json=NODE)

        async def ask(transport, endpoint):
            async with kube.opened(ClusterAccess("x", endpoint, ""), TOKEN, transport) as api:
                return await api.get("/x")

        slowly = httpx.MockTransport(slow)
        room = kube.LANES + kube.MAX_WAITING
        waiting = [asyncio.create_task(ask(slowly, "https://slow.example")) for _ in range(room)]
        await full.wait()
        with pytest.raises(KubeError) as busy:
            await ask(slowly, "https://slow.example")
        quick = httpx.MockTransport(lambda _: httpx.Response(200, json=NODE))
        assert await ask(quick, "https://quick.example") == NODE
        release.set()
        assert await asyncio.gather(*waiting) == [NODE] * room
        return most, busy.value.trouble

    assert asyncio.run(scenario()) == (kube.LANES, Trouble.BUSY)


POD = {"metadata": {"namespace": "web", "name": "a", "labels": {"app": "a"}}, "status": {"phase": "Running"}}
BUDGET = {
    "metadata": {"namespace": "web", "name": "tight"},
    "spec": {"selector": {"matchLabels": {"app": "a"}}},
    "status": {"disruptionsAllowed": 0, "desiredHealthy": 1, "currentHealthy": 1},
}
TWO = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."


def evicting(status, budgets=(), pod=POD, message="no"):
    sent = []

    def answer(request):
        if request.method == "POST":
            sent.append(json.loads(request.content))
            return httpx.Response(status, json={"message": message})
        if request.url.path.endswith("poddisruptionbudgets"):
            return httpx.Response(200, json={"items": list(budgets), "metadata": {}})
        return httpx.Response(200 if pod else 404, json=pod or {"message": "gone"})

    with_api(answer, lambda api: draining.evict(api, "web", "a", "uid-1", 5))
    return sent


@pytest.mark.parametrize("status", [200, 201, 404, 409])
def test_exactly_the_pod_that_was_seen_is_evicted_and_silence_is_what_follows(status):
    (eviction,) = evicting(status)
    assert eviction["deleteOptions"] == {"preconditions": {"uid": "uid-1"}, "gracePeriodSeconds": 5}
    assert (eviction["apiVersion"], eviction["kind"]) == ("policy/v1", "Eviction")


def test_a_refused_eviction_names_the_budget_or_says_what_else_was_wrong():
    with pytest.raises(Held) as held:
        evicting(429, [BUDGET])
    assert (held.value.blockers, "web/tight needs 1 healthy pods" in held.value.message) == (("web/tight",), True)
    open_again = BUDGET | {"status": {"disruptionsAllowed": 1}}
    with pytest.raises(Held) as meanwhile:  # it allows one more since, but refused a moment ago: ask again
        evicting(429, [open_again], message="Too many requests")
    assert "web/tight" in meanwhile.value.message
    second = BUDGET | {"metadata": {"namespace": "web", "name": "other"}}
    with pytest.raises(Blocked) as both:
        evicting(500, [BUDGET, second], message=TWO)
    assert "web/tight, web/other" in both.value.message
    for status, trouble in ((429, Trouble.BUSY), (500, Trouble.REFUSED), (403, Trouble.FORBIDDEN)):
        with pytest.raises(KubeError) as other:
            evicting(status)
        assert other.value.trouble is trouble
