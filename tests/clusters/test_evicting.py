"""Which pods go, which must not, and which budget holds one: judged as Kubernetes judges."""

import pytest

from skyclust.clusters.evicting import Wishes, budgets_of, held_now, sort_pods


def pod(name, *, owner="ReplicaSet", phase="Running", labels=None, volumes=(), **metadata):
    owners = [{"kind": owner, "name": "x", "controller": True}] if owner else []
    return {
        "metadata": {"namespace": "web", "name": name, "labels": labels or {}, "ownerReferences": owners} | metadata,
        "spec": {"volumes": list(volumes)},
        "status": {"phase": phase},
    }


def budget(name, selector, *, allowed=0, namespace="web"):
    return {
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"selector": selector},
        "status": {"disruptionsAllowed": allowed, "desiredHealthy": 2, "currentHealthy": 2},
    }


SCRATCH = {"name": "scratch", "emptyDir": {}}
PODS = [
    pod("free"),
    pod("agent", owner="DaemonSet", volumes=[SCRATCH]),
    pod("kubelet", owner=None, annotations={"kubernetes.io/config.mirror": "x"}),
    pod("done", owner=None, phase="Succeeded"),
    pod("crashed", owner="Job", phase="Failed"),
    pod("alone", owner=None),
    pod("cache", volumes=[SCRATCH]),
    pod("owned", owner=None, ownerReferences=[{"kind": "Node", "name": "n", "controller": False}]),
]


@pytest.mark.parametrize(
    ("wishes", "going", "refused"),
    [
        (Wishes(), ["free"], ["alone", "cache", "owned"]),
        (Wishes(force=True), ["free", "alone", "owned"], ["cache"]),
        (Wishes(delete_emptydir_data=True), ["free", "cache"], ["alone", "owned"]),
        (Wishes(force=True, delete_emptydir_data=True), ["free", "alone", "cache", "owned"], []),
    ],
)
def test_pods_go_stay_or_are_refused_for_a_reason(wishes, going, refused):
    found = sort_pods(PODS, wishes)
    assert [item["metadata"]["name"] for item in found.going] == going
    assert [item["metadata"]["name"] for item, _ in found.refused] == refused
    assert [item["metadata"]["name"] for item, _ in found.kept] == ["agent", "kubelet", "done", "crashed"]
    assert all(why for _, why in (*found.refused, *found.kept))


@pytest.mark.parametrize(
    ("selector", "covers"),
    [
        ({"matchLabels": {"app": "shop"}}, True),
        ({"matchLabels": {"app": "shop", "tier": "back"}}, False),
        ({}, True),
        (None, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["shop", "till"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["shop"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["back"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Guess"}]}, False),
        ({"matchLabels": {"app": "shop"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]}, False),
    ],
)
def test_a_selector_covers_what_kubernetes_lets_it_cover(selector, covers):
    shop = pod("a", labels={"app": "shop"})
    assert bool(budgets_of(shop, [budget("b", selector)])) == covers
    assert not budgets_of(shop, [budget("b", selector, namespace="other")])


def test_what_holds_a_pod_is_named():
    shop, everything = pod("a", labels={"app": "shop"}), {}
    held, why = held_now(shop, [budget("tight", everything), budget("loose", {"matchLabels": {"x": "y"}})])
    assert [item["metadata"]["name"] for item in held] == ["tight"]
    assert why.startswith("The PodDisruptionBudget web/tight needs 2 healthy pods and has 2 now.")
    assert held_now(shop, [budget("loose", everything, allowed=1)]) == ([], "")
    assert held_now(pod("new", phase="Pending"), [budget("tight", everything)]) == ([], "")
    both, why = held_now(shop, [budget("one", everything, allowed=1), budget("two", everything, allowed=1)])
    assert (len(both), "web/one, web/two" in why) == (2, True)
