"""Scale, eviction, binding, finalize and token: the parts of objects with verbs of their own. Called by the front."""

from collections.abc import Callable
from typing import Any

from skyclust.sandbox.kubernetes import changing, deleting, writing
from skyclust.sandbox.kubernetes.changing import Outcome
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.budgets import allows_eviction
from skyclust.sandbox.kubernetes.controllers.scheduling import bind
from skyclust.sandbox.kubernetes.reading import get
from skyclust.sandbox.kubernetes.requests import Call, Options, Target
from skyclust.sandbox.kubernetes.selectors import labels_query
from skyclust.sandbox.kubernetes.statuses import conflict, method_not_allowed

Document = dict[str, Any]


def perform(cluster: Cluster, call: Call) -> Outcome:
    verb = VERBS.get((call.target.subresource, call.method))
    if verb is None:
        raise method_not_allowed()
    return verb(cluster, call)


def _scale_of(document: Document) -> Document:
    metadata = document["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    status: Document = {"replicas": document.get("status", {}).get("replicas", 0)}
    selector = document["spec"].get("selector")
    if selector:
        status["selector"] = labels_query(selector)
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"replicas": document["spec"].get("replicas", 0)},
        "status": status,
    }


def _get_scale(cluster: Cluster, call: Call) -> Outcome:
    return Outcome(_scale_of(get(cluster, call.target)))


def _put_scale(cluster: Cluster, call: Call) -> Outcome:
    return _rescale(cluster, call, get(cluster, call.target), call.body())


def _patch_scale(cluster: Cluster, call: Call) -> Outcome:
    before = get(cluster, call.target)
    change = changing.read_patch(call.media_type, call.raw)
    media_type = changing.MERGE_PATCH if call.media_type == changing.STRATEGIC_PATCH else call.media_type
    return _rescale(
        cluster, call, before, changing.patched(_scale_of(before), media_type, change, call.target.resource)
    )


def _rescale(cluster: Cluster, call: Call, before: Document, scale: Document) -> Outcome:
    changing.check_version(call.target.resource, call.target.name, before, scale)
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    after = {**before, "spec": {**before["spec"], "replicas": replicas}}
    whole = Target(call.target.resource, call.target.namespace, call.target.name)
    return Outcome(_scale_of(changing.replace_object(cluster, whole, before, after, call.options)))


def _evict(cluster: Cluster, call: Call) -> Outcome:
    """Deletes the pod unless a disruption budget forbids it (429)."""
    pod = get(cluster, call.target)
    wishes = call.body().get("deleteOptions") or {}
    options = Options(dry_run=call.options.dry_run or bool(wishes.get("dryRun")))
    allows_eviction(cluster, pod, record=not options.dry_run)
    whole = Target(call.target.resource, call.target.namespace, call.target.name)
    deleting.delete(cluster, whole, wishes, options)
    return Outcome({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)


def _bind(cluster: Cluster, call: Call) -> Outcome:
    pod = get(cluster, call.target)
    if pod["spec"].get("nodeName"):
        why = f'pod {call.target.name} is already assigned to node "{pod["spec"]["nodeName"]}"'
        raise conflict(call.target.resource, call.target.name, why)
    bind(cluster, pod, call.body()["target"]["name"])
    return Outcome({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)


def _finalize(cluster: Cluster, call: Call) -> Outcome:
    """Namespaces keep their finalizers in `spec`, and only this changes them."""
    before = get(cluster, call.target)
    after = {**before, "spec": call.body().get("spec") or {}}
    return Outcome(writing.change(cluster, call.target.resource, before, after))


VERBS: dict[tuple[str, str], Callable[[Cluster, Call], Outcome]] = {
    ("scale", "GET"): _get_scale,
    ("scale", "PUT"): _put_scale,
    ("scale", "PATCH"): _patch_scale,
    ("eviction", "POST"): _evict,
    ("binding", "POST"): _bind,
    ("finalize", "PUT"): _finalize,
}
