"""Before an upgrade the cluster is asked what would go, block or be lost; each is named, and what could not be asked."""

import asyncio
import json

import pytest

from building import on_site
from kubernetes_fixtures import DEPRECATED
from reached import HERE, lead_to
from skyclust.clusters import kube
from skyclust.clusters.service import checking
from skyclust.clusters.upgrade_checks import (
    MOST_NAMED,
    budget_findings,
    deprecated_uses,
    node_findings,
    pod_findings,
    removed_findings,
)
from skyclust.contract.errors import PermissionDenied

METRICS = """
# TYPE apiserver_requested_deprecated_apis gauge
apiserver_requested_deprecated_apis{group="",removed_release="",resource="componentstatuses",subresource="",version="v1"} 1
apiserver_requested_deprecated_apis{group="flowcontrol.apiserver.k8s.io",removed_release="1.32",resource="flowschemas",subresource="",version="v1beta3"} 1
apiserver_requested_deprecated_apis{group="flowcontrol.apiserver.k8s.io",removed_release="1.32",resource="flowschemas",subresource="status",version="v1beta3"} 1
apiserver_requested_deprecated_apis{group="example.com",removed_release="1.33",resource="things",subresource="",version="v1beta1"} 1
apiserver_requested_deprecated_apis{group="example.com",removed_release="1.40",resource="others",subresource="",version="v1beta1"} 1
apiserver_requested_deprecated_apis{group="example.com",removed_release="1.33",resource="unused",subresource="",version="v1"} 0
apiserver_requested_total{group="example.com",removed_release="1.33",resource="no",version="v1"} 1
"""


def messages(found):
    return [item.message for item in found]


def test_only_what_goes_by_the_target_is_told_with_what_to_use_instead():
    uses = deprecated_uses(METRICS)
    assert [(use.name, use.removed) for use in uses] == [
        ("flowschemas in flowcontrol.apiserver.k8s.io/v1beta3", (1, 32)),
        ("things in example.com/v1beta1", (1, 33)),
        ("others in example.com/v1beta1", (1, 40)),
    ]
    assert messages(removed_findings(uses, "1.31")) == []
    (flow,) = messages(removed_findings(uses, "1.32.4"))
    assert "flowcontrol.apiserver.k8s.io/v1 (since 1.29)" in flow
    assert "https://kubernetes.io/docs/reference/using-api/deprecation-guide" in flow
    assert len(messages(removed_findings(uses, "1.39"))) == 2
    assert deprecated_uses('apiserver_requested_deprecated_apis{removed_release="soon"} 1\nnonsense{') == ()


def pod(name, *, owner=None, labels=None):
    owners = [{"kind": owner, "name": "x", "controller": True}] if owner else []
    return {"metadata": {"namespace": "shop", "name": name, "labels": labels or {}, "ownerReferences": owners}}


def budget(name, allowed, **status):
    return {
        "metadata": {"namespace": "shop", "name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}},
        "status": {"disruptionsAllowed": allowed, "desiredHealthy": 2, "currentHealthy": 2, **status},
    }


def test_a_budget_that_lets_no_pod_go_is_named_with_the_pods_it_holds():
    pods = [pod("web-1", owner="ReplicaSet", labels={"app": "web"}), pod("db-1", labels={"app": "db"})]
    budgets = [
        budget("web", 0),
        budget("db", 1),
        budget("idle", 0, expectedPods=0),
        budget("unseen", 0, expectedPods=3),
    ]
    web, unseen = messages(budget_findings(budgets, pods))
    assert "shop/web needs 2 healthy pods and has 2 now" in web
    assert "holds shop/web-1." in web
    assert "shop/unseen" in unseen


def test_what_nothing_makes_anew_and_nodes_that_are_not_ready_are_named():
    mirror = pod("kube-proxy")
    mirror["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    pods = [pod("a"), pod("b", owner="ReplicaSet"), pod("c", owner="DaemonSet"), mirror]
    (lone,) = messages(pod_findings(pods))
    assert "shop/a" in lone
    assert not any(name in lone for name in ("shop/b", "shop/c", "kube-proxy"))
    assert messages(pod_findings(pods[1:])) == []
    ready = {"metadata": {"name": "n1"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    broken = {
        "metadata": {"name": "n2"},
        "status": {"conditions": [{"type": "Ready", "status": "Unknown", "message": "kubelet is silent."}]},
    }
    (unready,) = messages(node_findings([ready, broken]))
    assert "node n2 is not ready (kubelet is silent)" in unready


def test_of_very_many_the_number_is_told():
    found = messages(node_findings([{"metadata": {"name": f"n{index}"}} for index in range(MOST_NAMED + 5)]))
    assert (len(found), found[-1]) == (MOST_NAMED + 1, "There are 5 more nodes that are not ready.")
    (lone,) = messages(pod_findings([pod(f"p{index}") for index in range(30)]))
    assert "and 20 more" in lone


def test_a_cluster_full_of_nonsense_breaks_nothing():
    odd = [{}, {"metadata": None, "status": "x", "spec": []}]
    assert len(list(node_findings(odd))) == 2
    assert len(list(pod_findings(odd))) == 1
    assert list(budget_findings(odd, odd)) == []


async def planned(site, version="1.34"):
    answer = await site.ada.client.patch(f"{HERE}?dry_run=true", json={"version": version})
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(plan, code):
    return [item["message"] for item in plan["findings"] if item["code"] == code]


def selected(name):
    return {"selector": {"matchLabels": {"app": name}}}


def deployment(name, replicas):
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]},
    }
    spec = selected(name) | {"replicas": replicas, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def upgradable(postgres, kubectl, scenario):
    """`inside`, with a cluster that has somewhere to go."""

    async def run(site):
        await site.succeeded(await site.create(version="1.33"))
        lead_to(site.sim, kubectl)
        await scenario(site)

    on_site(postgres, run)


def test_a_plan_names_what_blocks_and_what_would_be_lost(postgres, kubectl):
    """Against both: the real control plane with simulated kubelets, and the sandbox."""
    lone = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "lone"}}
    lone["spec"] = {"containers": [{"name": "main", "image": "nginx:1.27"}]}
    guard = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web-pdb"}}
    guard["spec"] = selected("web") | {"minAvailable": 2}
    for manifest in (deployment("web", 2), guard, lone):
        kubectl.run("apply", "-f", "-", stdin=json.dumps(manifest))
    running = ("get", "pods", "--field-selector=status.phase=Running", "-o", "name")
    kubectl.until(lambda said: len(said.split()) == 3, *running)
    kubectl.until(lambda said: said == "2", "get", "pdb", "web-pdb", "-o", "jsonpath={.status.currentHealthy}")
    webs = kubectl.names("pods", "-l", "app=web")

    async def scenario(site):
        plan = await planned(site)
        (held,) = [said for said in told(plan, "disruption-budget") if kubectl.namespace in said]
        assert f"{kubectl.namespace}/web-pdb needs 2 healthy pods and has 2 now" in held
        assert all(f"{kubectl.namespace}/{name.removeprefix('pod/')}" in held for name in webs)
        assert f"{kubectl.namespace}/lone" in told(plan, "pod-without-controller")[0]
        assert told(plan, "node-not-ready") == told(plan, "not-checked") == []
        assert plan["ok"] is True
        kubectl.run("delete", "pdb/web-pdb", "pod/lone", "--timeout=30s")
        after = await planned(site)
        assert not any(kubectl.namespace in item["message"] for item in after["findings"])

    upgradable(postgres, kubectl, scenario)


def test_a_real_server_tells_which_removed_apis_are_in_use(postgres, real_cluster):
    real_cluster.raw(f"/apis/{DEPRECATED}/ipaddresses")

    async def scenario(site):
        assert told(await planned(site), "removed-api") == []  # 1.34 serves it still
        token = await site.sim.kube_token(None, {})
        async with kube.opened(site.sim.cluster_access({}), token) as api:
            found = await checking.look_inside(api, "1.37")
        (used,) = [item.message for item in found if item.code == "removed-api"]
        assert "ipaddresses in networking.k8s.io/v1beta1, which Kubernetes 1.37 no longer serves" in used

    upgradable(postgres, real_cluster, scenario)


def test_a_plan_comes_all_the_same_when_the_cluster_cannot_be_asked(postgres, monkeypatch):
    """What was not checked is named once, with why: no such place, no time, no token."""

    async def scenario(site):
        await site.succeeded(await site.create(version="1.33"))
        everything = ", ".join(checking.CHECKS)
        plan = await planned(site)
        assert (plan["ok"], [hop["version"] for hop in plan["hops"]]) == (True, ["1.34"])
        (silent,) = told(plan, "not-checked")
        assert f"Not checked: {everything}. The cluster's Kubernetes API " in silent
        with monkeypatch.context() as short:
            short.setattr(checking, "CHECK_SECONDS", 0)
            assert f"{everything}. The cluster took longer than" in told(await planned(site), "not-checked")[0]

        async def no_token(session, outputs):
            raise PermissionDenied("the role may not", operation="sts:AssumeRole")

        site.sim.kube_token = no_token
        assert "the role may not" in told(await planned(site), "not-checked")[0]

    on_site(postgres, scenario)


class Refusing:
    """An API that forbids one path, and one that fails on another."""

    def __init__(self, **troubles):
        self.troubles = troubles

    async def text(self, path, most_bytes):
        self._maybe("metrics")
        return "", True

    async def all(self, path, most):
        self._maybe(path.rpartition("/")[2])
        return []

    async def all_metadata(self, path, most, **query):
        return await self.all(path, most)

    def _maybe(self, name):
        if name in self.troubles:
            raise self.troubles[name]


@pytest.mark.parametrize(
    ("troubles", "unchecked"),
    [
        ({}, []),
        ({"metrics": kube.KubeError.refused(403, "no metrics")}, [[checking.APIS]]),
        ({"nodes": kube.KubeError(kube.Trouble.TOO_MUCH, "many")}, [[checking.NODES]]),
        ({"nodes": kube.KubeError(kube.Trouble.UNREACHABLE)}, [[checking.NODES, checking.PODS]]),
        ({"metrics": kube.KubeError.refused(401, "who")}, [list(checking.CHECKS)]),
    ],
)
def test_a_check_that_is_refused_does_not_keep_the_others_from_being_made(troubles, unchecked):
    found = asyncio.run(checking.look_inside(Refusing(**troubles), "1.34"))
    assert [item.message.partition(". ")[0].removeprefix("Not checked: ") for item in found] == [
        ", ".join(names) for names in unchecked
    ]
