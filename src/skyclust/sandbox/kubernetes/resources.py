"""The kinds this API server serves, as data. Read by routing, discovery, OpenAPI and the verbs.

Invariant: a kind is fully described by its row; no code elsewhere lists kinds to decide whether a verb exists.
"""

from dataclasses import dataclass

STORED = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
READ = ("get", "list")
CREATE = ("create",)


@dataclass(frozen=True)
class Resource:
    """One row; what kind a subresource speaks is in `SUBRESOURCE_KINDS`."""

    group: str
    version: str
    plural: str
    kind: str
    singular: str
    namespaced: bool
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = STORED
    subresources: tuple[str, ...] = ()
    columns: tuple[tuple[str, str, str, int], ...] = ()  # of custom kinds: name, type, JSON path, priority
    custom: bool = False

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def storable(self) -> bool:
        return "delete" in self.verbs

    @property
    def qualified(self) -> str:
        """`pods` or `deployments.apps`, as kubectl and error messages write it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def collection(self) -> str:
        """Where its objects are kept."""
        return self.qualified


SUBRESOURCE_KINDS = {
    "scale": ("autoscaling", "v1", "Scale", ("get", "patch", "update")),
    "status": ("", "", "", ("get", "patch", "update")),
    "log": ("", "", "", ("get",)),
    "eviction": ("policy", "v1", "Eviction", ("create",)),
    "binding": ("", "v1", "Binding", ("create",)),
    "finalize": ("", "v1", "Namespace", ("update",)),
}

# group/version: rows of "plural Kind scope short,names category subresource,subresource"; "-" means none
_TABLE: dict[tuple[str, str], str] = {
    ("", "v1"): """
        configmaps ConfigMap ns cm - -
        endpoints Endpoints ns ep - -
        events Event ns ev - -
        namespaces Namespace - ns - finalize,status
        nodes Node - no - status
        persistentvolumeclaims PersistentVolumeClaim ns pvc - status
        persistentvolumes PersistentVolume - pv - status
        pods Pod ns po all binding,eviction,log,status
        podtemplates PodTemplate ns - - -
        replicationcontrollers ReplicationController ns rc all scale,status
        secrets Secret ns - - -
        serviceaccounts ServiceAccount ns sa - -
        services Service ns svc all status
    """,
    ("apiextensions.k8s.io", "v1"): """
        customresourcedefinitions CustomResourceDefinition - crd,crds api-extensions status
    """,
    ("apps", "v1"): """
        controllerrevisions ControllerRevision ns - - -
        daemonsets DaemonSet ns ds all status
        deployments Deployment ns deploy all scale,status
        replicasets ReplicaSet ns rs all scale,status
        statefulsets StatefulSet ns sts all scale,status
    """,
    ("autoscaling", "v2"): "horizontalpodautoscalers HorizontalPodAutoscaler ns hpa all status",
    ("batch", "v1"): """
        cronjobs CronJob ns cj all status
        jobs Job ns - all status
    """,
    ("coordination.k8s.io", "v1"): "leases Lease ns - - -",
    ("discovery.k8s.io", "v1"): "endpointslices EndpointSlice ns - - -",
    ("networking.k8s.io", "v1"): """
        ingressclasses IngressClass - - - -
        ingresses Ingress ns ing - status
        networkpolicies NetworkPolicy ns netpol - -
    """,
    ("policy", "v1"): "poddisruptionbudgets PodDisruptionBudget ns pdb - status",
    ("rbac.authorization.k8s.io", "v1"): """
        clusterrolebindings ClusterRoleBinding - - - -
        clusterroles ClusterRole - - - -
        rolebindings RoleBinding ns - - -
        roles Role ns - - -
    """,
    ("scheduling.k8s.io", "v1"): "priorityclasses PriorityClass - pc - -",
    ("storage.k8s.io", "v1"): """
        csidrivers CSIDriver - - - -
        csinodes CSINode - - - -
        storageclasses StorageClass - sc - -
        volumeattachments VolumeAttachment - - - status
    """,
}

_SINGULARS = {"endpoints": "endpoints", "ingresses": "ingress", "ingressclasses": "ingressclass"}
_SINGULARS |= {"networkpolicies": "networkpolicy", "storageclasses": "storageclass", "priorityclasses": "priorityclass"}


def _words(cell: str) -> tuple[str, ...]:
    return () if cell == "-" else tuple(cell.split(","))


def _rows() -> list[Resource]:
    found = []
    for (group, version), table in _TABLE.items():
        for line in filter(str.strip, table.splitlines()):
            plural, kind, scope, short, category, subresources = line.split()
            singular = _SINGULARS.get(plural, plural.removesuffix("s"))
            found.append(
                Resource(
                    group, version, plural, kind, singular, scope == "ns", _words(short), _words(category),
                    subresources=_words(subresources),
                )
            )  # fmt: skip
    return found


def _virtual(group: str, kind: str, namespaced: bool = False) -> Resource:
    singular = kind.lower()
    return Resource(group, "v1", singular + "s", kind, singular, namespaced, verbs=CREATE)


RESOURCES: tuple[Resource, ...] = (
    *_rows(),
    _virtual("authentication.k8s.io", "TokenReview"),
    _virtual("authentication.k8s.io", "SelfSubjectReview"),
    _virtual("authorization.k8s.io", "SelfSubjectAccessReview"),
    _virtual("authorization.k8s.io", "SelfSubjectRulesReview"),
    _virtual("authorization.k8s.io", "SubjectAccessReview"),
    _virtual("authorization.k8s.io", "LocalSubjectAccessReview", namespaced=True),
    Resource("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", "", False, verbs=READ),
    Resource("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", "", True, verbs=READ),
)

BY_PATH = {(r.group, r.version, r.plural): r for r in RESOURCES}
BY_KIND = {(r.group, r.kind): r for r in RESOURCES}
