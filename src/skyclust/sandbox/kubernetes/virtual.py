"""Kinds that are answered, not stored: access reviews and metrics. Called by the front.

Everyone a cloud lets in is an administrator here, as the creator of a cluster is on the real ones.
"""

from collections.abc import Callable
from typing import Any

from skyclust.sandbox.kubernetes import metrics, reading
from skyclust.sandbox.kubernetes.changing import Outcome
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.requests import Call
from skyclust.sandbox.kubernetes.statuses import method_not_allowed, not_found

Document = dict[str, Any]

GROUPS = ["system:masters", "system:authenticated"]


def perform(cluster: Cluster, call: Call) -> Outcome:
    if call.target.resource.group == "metrics.k8s.io":
        return _metrics(cluster, call)
    review = REVIEWS.get(call.target.resource.kind)
    if review is None or call.method != "POST" or call.target.name:
        raise method_not_allowed()
    body = call.body()
    resource = call.target.resource
    head = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": body.get("metadata") or {}}
    spec = {"spec": body["spec"]} if "spec" in body else {}
    return Outcome({**head, **spec, "status": review(cluster, call, body.get("spec") or {})}, 201)


def _user_info(name: str) -> Document:
    return {"username": name, "groups": GROUPS}


def _token_review(cluster: Cluster, _call: Call, spec: Document) -> Document:
    user = cluster.authenticate(spec.get("token", ""))
    if user is None:
        return {"user": {}, "error": "the token belongs to nobody this cluster knows"}
    return {"authenticated": True, "user": _user_info(user)}


def _self_review(_cluster: Cluster, call: Call, _spec: Document) -> Document:
    return {"userInfo": _user_info(call.user)}


def _access_review(_cluster: Cluster, _call: Call, _spec: Document) -> Document:
    return {"allowed": True, "reason": "every user of this cluster is an administrator"}


def _subject_review(_cluster: Cluster, call: Call, spec: Document) -> Document:
    """Of somebody else only the administrators can be vouched for."""
    allowed = spec.get("user") == call.user or "system:masters" in (spec.get("groups") or ())
    return {"allowed": allowed} | ({} if allowed else {"reason": "no rule names this user"})


def _rules_review(_cluster: Cluster, _call: Call, _spec: Document) -> Document:
    return {
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }


REVIEWS: dict[str, Callable[[Cluster, Call, Document], Document]] = {
    "TokenReview": _token_review,
    "SelfSubjectReview": _self_review,
    "SelfSubjectAccessReview": _access_review,
    "SelfSubjectRulesReview": _rules_review,
    "SubjectAccessReview": _subject_review,
    "LocalSubjectAccessReview": _subject_review,
}


def _metrics(cluster: Cluster, call: Call) -> Outcome:
    if call.method != "GET":
        raise method_not_allowed()
    target, options = call.target, call.options
    source = cluster.resource("", "Node" if target.resource.plural == "nodes" else "Pod")
    measure = metrics.of_node if source.kind == "Node" else metrics.of_pod
    if target.name:
        found = cluster.objects.get(source.collection, target.namespace, target.name)
        measured = measure(cluster, found) if found else None
        if measured is None:
            raise not_found(target.resource, target.name)
        return Outcome(measured)
    match = reading.selection(source, options)
    listed = cluster.objects.all(source.collection, target.namespace or None)
    found_metrics = (measure(cluster, document) for document in listed if match(document))
    kind, version = f"{target.resource.kind}List", target.resource.api_version
    return Outcome(
        {"kind": kind, "apiVersion": version, "metadata": {}, "items": [m for m in found_metrics if m is not None]}
    )
