"""What every namespace gets: the default service account and the cluster's certificate."""

from skyclust.sandbox.kubernetes import writing
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.pods import is_going


def reconcile(cluster: Cluster) -> None:
    for namespace in cluster.objects.all("namespaces"):
        name = namespace["metadata"]["name"]
        if is_going(namespace):
            continue
        if cluster.objects.get("serviceaccounts", name, "default") is None:
            account = {"metadata": {"name": "default", "namespace": name}}
            writing.add(cluster, cluster.resource("", "ServiceAccount"), account)
        if cluster.objects.get("configmaps", name, "kube-root-ca.crt") is None:
            metadata = {"name": "kube-root-ca.crt", "namespace": name}
            root = {"metadata": metadata, "data": {"ca.crt": cluster.ca_pem}}
            writing.add(cluster, cluster.resource("", "ConfigMap"), root)
