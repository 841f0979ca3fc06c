"""A drain empties a node without losing anything, names what holds it, and goes on wherever it was left."""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import pytest

import engine_values
from reached import HERE, inside, lead_to
from skyclust.clusters import draining
from skyclust.clusters.service import watch_pools
from skyclust.provisioning.engine import Crash
from skyclust.provisioning.operating import get_operation, holdings_of
from tenancy import problem_kind

NODE = "node-c"
DRAIN = f"{HERE}/nodes/{NODE}/drain"


def pod_spec(**more):
    containers = [{"name": "main", "image": "nginx:1.27"}]
    return {"nodeSelector": {"kubernetes.io/hostname": NODE}, "containers": containers} | more


def workload(kind, name, spec=None, **more):
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": spec or pod_spec()}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": labels}, "template": template} | more,
    }


def budget(name, least):
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": f"{name}-pdb"},
        "spec": {"minAvailable": least, "selector": {"matchLabels": {"app": name}}},
    }


def lone_pod(name, **more):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": pod_spec(**more)}


@pytest.fixture
def on_node(kubectl):
    """Put things onto the node; it is empty and uncordoned again in the end."""

    def put(*manifests):
        for manifest in manifests:
            kubectl.run("apply", "-f", "-", stdin=json.dumps(manifest))
        wanted = sum(manifest["spec"].get("replicas", 1) for manifest in manifests if manifest["kind"] != budget_kind)
        running = ("get", "pods", "--field-selector=status.phase=Running", "-o", "name")
        kubectl.until(lambda said: len(said.split()) == wanted, *running)
        for manifest in manifests:
            if manifest["kind"] == budget_kind:
                seen = ("get", "pdb", manifest["metadata"]["name"], "-o", "jsonpath={.status.expectedPods}")
                kubectl.until(lambda said: said not in ("", "0"), *seen)
        return kubectl

    budget_kind = "PodDisruptionBudget"
    yield put
    kubectl.run("delete", "deployments,daemonsets,pods", "--all", "--timeout=30s")
    kubectl.run("uncordon", NODE)


@pytest.fixture(autouse=True)
def budgets_are_asked_often(monkeypatch):
    """As often as the engine looks at everything else here."""
    monkeypatch.setattr(draining, "RETRY_SECONDS", 0.3)


def titles(view, state):
    return sorted(step.title for step in view.steps if step.state == state)


def names(pods):
    return {pod["name"].split("-")[0] for pod in pods}


async def view_of(site, operation):
    async with site.house.database.session(visible="*") as session:
        return await get_operation(session, UUID(operation["id"]))


async def run_until(site, operation, holds, within_seconds=30.0):
    """Run the engine until the operation is as wanted, then stop it as if its worker ended."""
    stop, deadline = asyncio.Event(), time.monotonic() + within_seconds
    running = asyncio.create_task(site.engine.run(stop, sweep_seconds=0.05))
    try:
        while not holds(view := await view_of(site, operation)):
            assert time.monotonic() < deadline, (view.state, view.message, [(s.title, s.state) for s in view.steps])
            await asyncio.sleep(0.05)
        return view
    finally:
        stop.set()
        await running


def test_a_budget_holds_a_drain_is_named_and_lets_it_end(postgres, on_node):
    kubectl = on_node(
        workload("Deployment", "web", replicas=2), budget("web", 2), workload("DaemonSet", "agent", pod_spec())
    )

    async def scenario(site):
        uma, whole = site.uma.client, f"{kubectl.namespace}/web-pdb"
        plan = (await uma.post(DRAIN, params={"dry_run": True})).json()
        assert plan["ok"], plan["findings"]
        mine = [pod for pod in plan["evicts"] if pod["namespace"] == kubectl.namespace]
        assert (len(mine), names(mine)) == (2, {"web"})
        assert "agent" in names(pod for pod in plan["kept"] if "DaemonSet" in pod["message"])
        blocked = [pod for pod in plan["blocked"] if pod["namespace"] == kubectl.namespace]
        assert [pod["budgets"] for pod in blocked] == [[whole]] * 2
        assert f"{whole} needs 2 healthy pods and has 2 now" in blocked[0]["message"]
        assert kubectl.run("get", "node", NODE, "-o", "jsonpath={.spec.unschedulable}") == ""

        begun = await uma.post(DRAIN, json={"timeout_seconds": 600, "plan_digest": plan["digest"]})
        assert (begun.status_code, problem_kind(begun)) == (409, "plan-changed"), "the time-out is part of the plan"
        begun = await uma.post(DRAIN, json={}, headers={"idempotency-key": "k"})
        assert begun.status_code == 202, begun.text
        drain = begun.json()
        assert (await uma.post(DRAIN, json={}, headers={"idempotency-key": "k"})).json()["id"] == drain["id"]
        again = await uma.post(DRAIN)
        assert (again.status_code, again.json()["operation_id"]) == (409, drain["id"])
        other = await uma.put(f"{HERE}/node-pools/default/scale", json={"node_count": 3}, params={"dry_run": True})
        assert other.status_code == 200, "a drain keeps nobody from changing its cluster"

        held = await run_until(
            site, drain, lambda view: any(whole in step.message for step in view.steps if step.state == "running")
        )
        assert f"cordon of {NODE}" in titles(held, "succeeded")
        assert f"rest of {NODE}" in titles(held, "pending")
        assert kubectl.run("get", "node", NODE, "-o", "jsonpath={.spec.unschedulable}") == "true"
        assert len(kubectl.names("pods", "-l", "app=web")) == 2, "nothing was evicted past the budget"

        kubectl.run("patch", "pdb", "web-pdb", "--type=merge", "-p", '{"spec":{"minAvailable":0}}')
        done = await site.succeeded(drain)  # by another run of the engine: nothing was kept in the first
        assert all(step.state == "succeeded" for step in done.steps)
        assert any(line.text.startswith(f"pod {kubectl.namespace}/web-") for line in done.timeline)
        left = kubectl.run("get", "pods", "-o", "wide", f"--field-selector=spec.nodeName={NODE}")
        assert "agent-" in left
        assert "web-" not in left
        answer = (await uma.get(f"/operations/{drain['id']}")).json()
        assert (answer["kind"], answer["target"]["name"], answer["actions"]) == ("node.drain", "one", [])
        told = "SELECT data->>'node' FROM audit_entries WHERE action = 'cluster.node_drain_requested'"
        assert await site.house.scalar(told) == NODE
        assert (await uma.get(HERE)).json()["state"] == "ready"

    inside(postgres, kubectl, scenario)


def test_a_drain_out_of_time_names_the_budget_and_is_resumed_or_cancelled(postgres, on_node):
    kubectl = on_node(workload("Deployment", "db", replicas=1), budget("db", 1))

    async def scenario(site):
        uma, whole = site.uma.client, f"{kubectl.namespace}/db-pdb"
        drain = (await uma.post(DRAIN, json={"timeout_seconds": 1})).json()
        view = await site.ended(drain)
        assert view.state == "needs_attention", view.message
        answer = (await uma.get(f"/operations/{drain['id']}")).json()
        (waiting,) = [item for item in answer["attention"] if kubectl.namespace in item["title"]]
        assert waiting["blockers"] == [whole]
        assert (waiting["reason"], whole in waiting["message"], "Waited 1.0 s" in waiting["message"]) == (
            "Held", True, True,
        )  # fmt: skip
        assert (answer["actions"], answer["leftovers"]) == (["resume"], [])
        assert "Still in the cloud" not in answer["timeline"][-1]["text"]
        shown = (await uma.post(f"/operations/{drain['id']}:resume", params={"dry_run": True})).json()
        assert {change["verb"] for change in shown["changes"]} == {"drain"}

        assert (await uma.post(f"/operations/{drain['id']}:resume")).status_code == 202
        await run_until(site, drain, lambda view: any(whole in step.message for step in view.steps))
        cancelled = await uma.post(f"/operations/{drain['id']}:cancel")
        assert cancelled.status_code == 202, cancelled.text
        assert (await site.ended(drain)).state == "cancelled"
        assert len(kubectl.names("pods")) == 1

        kubectl.run("delete", "pdb", "db-pdb")
        assert (await uma.post(f"/operations/{drain['id']}:resume")).status_code == 202
        await site.succeeded(drain)

    inside(postgres, kubectl, scenario)


def test_what_would_be_lost_is_refused_by_name_and_goes_with_its_flag(postgres, on_node):
    scratch = pod_spec(volumes=[{"name": "scratch", "emptyDir": {}}])
    kubectl = on_node(lone_pod("alone"), workload("Deployment", "cache", scratch, replicas=1))

    async def scenario(site):
        uma, vic = site.uma.client, site.vic.client
        denied = await vic.post(DRAIN, params={"dry_run": True})
        assert (denied.status_code, denied.json()["missing_permission"]) == (403, "clusters.update")
        assert (await site.eve.client.post(DRAIN)).status_code == 404
        assert (await uma.post(f"{HERE}/nodes/none/drain")).status_code == 404
        refused = await uma.post(DRAIN)
        assert (refused.status_code, problem_kind(refused)) == (409, "drain-refused")
        mine = {
            p["name"].split("-")[0]: p["message"] for p in refused.json()["pods"] if p["namespace"] == kubectl.namespace
        }
        assert mine.keys() == {"alone", "cache"}
        assert "force" in mine["alone"]
        assert "scratch" in mine["cache"]
        assert "delete_emptydir_data" in mine["cache"]
        assert kubectl.run("get", "node", NODE, "-o", "jsonpath={.spec.unschedulable}") == ""
        plan = (await uma.post(DRAIN, params={"dry_run": True}, json={"force": True})).json()
        assert (plan["ok"], "alone" in names(plan["evicts"]), "cache" in names(plan["refused"])) == (False, True, True)

        flags = {"force": True, "delete_emptydir_data": True}
        drain = (await uma.post(DRAIN, json=flags)).json()
        await run_until(site, drain, lambda view: view.state != "pending")
        await site.succeeded(drain)
        assert f"{kubectl.namespace}/alone" not in kubectl.run("get", "pods", "-o", "name")

    inside(postgres, kubectl, scenario)


def test_a_cluster_that_cannot_be_reached_stops_a_drain_with_the_reason_and_no_other_work(postgres, on_node, cluster):
    kubectl = on_node(workload("Deployment", "web", replicas=1))

    async def scenario(site):
        uma = site.uma.client
        drain = (await uma.post(DRAIN, json={"timeout_seconds": 2})).json()
        lead_to(site.sim, cluster, token="somebody-else")
        view = await site.ended(drain)
        assert view.state == "needs_attention"
        assert view.attention[0].reason == "AuthenticationFailed"
        assert "does not accept the identity" in view.attention[0].message
        assert (await uma.get(HERE)).json()["state"] == "ready"
        lead_to(site.sim, cluster)
        assert (await uma.post(f"/operations/{drain['id']}:resume")).status_code == 202
        await site.succeeded(drain)

    inside(postgres, kubectl, scenario)


def test_a_worker_that_dies_in_the_middle_leaves_a_drain_that_another_one_ends(postgres, on_node, cluster):
    kubectl = on_node(workload("Deployment", "web", replicas=1))
    calls = []

    async def die(where):
        if where == "after delete":
            calls.append(where)
            raise Crash

    async def scenario(site):
        drain = (await site.uma.client.post(DRAIN)).json()
        engine = site.engine
        for _ in ("cordon", "pods"):
            engine.crash_point = die
            for claim in await engine.store.claim("w", 50):
                with suppress(Crash):
                    await engine.reconcile(claim)
            await engine.store.release("w")  # what was leased by the dead is free, its calls are not written down
            engine.crash_point = alive
            await run_until(site, drain, lambda view: f"cordon of {NODE}" in titles(view, "succeeded"))
        assert len(calls) >= 1
        done = await site.succeeded(drain)
        assert {step.state for step in done.steps} == {"succeeded"}
        assert kubectl.run("get", "node", NODE, "-o", "jsonpath={.spec.unschedulable}") == "true"

    inside(postgres, kubectl, scenario)


async def alive(where):
    return None


def test_a_drain_that_was_given_up_keeps_nobody_from_deleting_anything(postgres, on_node):
    kubectl = on_node(workload("Deployment", "db", replicas=1), budget("db", 1))

    async def scenario(site):
        ada = site.ada.client
        quotas = f"/workspaces/{site.workspace}/quotas"
        before = (await ada.get(quotas)).json()["quotas"]
        drain = (await ada.post(DRAIN, json={"timeout_seconds": 1})).json()
        assert (await site.ended(drain)).state == "needs_attention"
        await site.sweep(2)
        assert (await ada.get("/drift")).json()["items"] == []
        assert (await ada.get(quotas)).json()["quotas"] == before
        await site.succeeded((await ada.delete(HERE)).json())
        gone = await ada.delete(f"/credentials/{site.credential}")
        assert gone.status_code == 204, gone.text
        assert site.faulted == []

    inside(postgres, kubectl, scenario)


def test_a_pool_that_is_upgraded_tells_which_pod_a_budget_holds_on_which_of_its_nodes(postgres, on_node):
    """The upgrade itself is the cloud's; here its node is cordoned as the cloud would, and the cluster is asked."""
    kubectl = on_node(workload("Deployment", "web", replicas=2), budget("web", 2))
    kubectl.run("label", "node", NODE, "example.com/nodepool=rolled", "--overwrite")
    kubectl.run("cordon", NODE)

    async def scenario(site):
        async with site.house.database.session(visible="*") as session:
            ((stack, rows),) = (await holdings_of(session, site.workspace)).items()
        plane = next(row for row in rows if row.key == "cluster")
        pool = replace(plane, key="node-pool/rolled", spec={"name": "rolled", "version": "1.99"})
        said = await watch_pools(site.house.app.state.clouds)(replace(engine_values.claim(pool, plane), stack=stack))
        assert said.startswith(f"0 of 1 nodes on v1.99; draining {NODE}; the pod {kubectl.namespace}/web-")
        assert f"on {NODE} is held: The PodDisruptionBudget {kubectl.namespace}/web-pdb needs 2 healthy pods" in said

    try:
        inside(postgres, kubectl, scenario)
    finally:
        kubectl.run("label", "node", NODE, "example.com/nodepool-")
