"""What to use instead of API versions that Kubernetes has stopped serving: data. Read by the checks before an upgrade.

Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/ (read 2026-11-30), the releases from 1.25 on;
it names none after 1.32. What a cluster itself says of a removal goes before this table.
"""

from __future__ import annotations

GUIDE = "https://kubernetes.io/docs/reference/using-api/deprecation-guide/"

_FLOW = "flowcontrol.apiserver.k8s.io"
#: (group, version, resource) -> what to use instead, and since which release there is that.
INSTEAD: dict[tuple[str, str, str], str] = {
    # removed in 1.32
    (_FLOW, "v1beta3", "flowschemas"): f"{_FLOW}/v1 (since 1.29)",
    (_FLOW, "v1beta3", "prioritylevelconfigurations"): f"{_FLOW}/v1 (since 1.29)",
    # removed in 1.29
    (_FLOW, "v1beta2", "flowschemas"): f"{_FLOW}/v1 (since 1.29)",
    (_FLOW, "v1beta2", "prioritylevelconfigurations"): f"{_FLOW}/v1 (since 1.29)",
    # removed in 1.27
    ("storage.k8s.io", "v1beta1", "csistoragecapacities"): "storage.k8s.io/v1 (since 1.24)",
    # removed in 1.26
    (_FLOW, "v1beta1", "flowschemas"): f"{_FLOW}/v1beta2 (since 1.23)",
    (_FLOW, "v1beta1", "prioritylevelconfigurations"): f"{_FLOW}/v1beta2 (since 1.23)",
    ("autoscaling", "v2beta2", "horizontalpodautoscalers"): "autoscaling/v2 (since 1.23)",
    # removed in 1.25
    ("batch", "v1beta1", "cronjobs"): "batch/v1 (since 1.21)",
    ("discovery.k8s.io", "v1beta1", "endpointslices"): "discovery.k8s.io/v1 (since 1.21)",
    ("events.k8s.io", "v1beta1", "events"): "events.k8s.io/v1 (since 1.19)",
    ("autoscaling", "v2beta1", "horizontalpodautoscalers"): "autoscaling/v2 (since 1.23)",
    ("policy", "v1beta1", "poddisruptionbudgets"): "policy/v1 (since 1.21)",
    ("policy", "v1beta1", "podsecuritypolicies"): "Pod Security Admission, or an admission webhook of another project",
    ("node.k8s.io", "v1beta1", "runtimeclasses"): "node.k8s.io/v1 (since 1.20)",
}


def instead_of(group: str, version: str, resource: str) -> str:
    """What clients should use, in a sentence."""
    known = INSTEAD.get((group, version, resource))
    if known is not None:
        return f"Change clients and manifests to {known}; see {GUIDE}"
    return f"The guide tells what to use instead: {GUIDE}"
