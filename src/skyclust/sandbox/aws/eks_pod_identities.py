"""Pod identity associations of EKS: which IAM role a service account speaks as. Called by the EKS dispatcher.

Invariant: one association per namespace and service account of a cluster.
"""

from datetime import datetime

from skyclust.sandbox.aws.eks_clusters import check_role
from skyclust.sandbox.aws.eks_extras import page
from skyclust.sandbox.aws.eks_state import Document, Eks, arn, stable_uuid
from skyclust.sandbox.aws.replies import Refusal

SUMMARY = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId")


def create_pod_identity(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    cluster = eks.active_cluster(region, given["clusterName"])
    subject = (given["namespace"], given["serviceAccount"])
    for found in cluster.pod_identities.values():
        if (found["namespace"], found["serviceAccount"]) == subject:
            if given.get("clientRequestToken") and found["_request"] == given:
                return {"association": found}
            message = f"Association already exists: {found['associationId']}"
            raise Refusal("ResourceInUseException", message, 409, clusterName=cluster.name)
    check_role(eks, given["roleArn"], "roleArn")
    identity = "a-" + stable_uuid(cluster.key, *subject, str(at)).replace("-", "")[:17]
    association: Document = {
        "clusterName": cluster.name,
        "namespace": given["namespace"],
        "serviceAccount": given["serviceAccount"],
        "roleArn": given["roleArn"],
        "associationArn": arn(region, "podidentityassociation", cluster.name, identity),
        "associationId": identity,
        "tags": given.get("tags", {}),
        "createdAt": at,
        "modifiedAt": at,
        "disableSessionTags": given.get("disableSessionTags", False),
        "_request": given,
    }
    cluster.pod_identities[identity] = association
    return {"association": association}


def describe_pod_identity(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    association = eks.cluster(region, given["clusterName"]).pod_identities.get(given["associationId"])
    if association is None:
        message = f"The association cannot be found for the association ID: {given['associationId']}"
        raise Refusal("ResourceNotFoundException", message, 404)
    return {"association": association}


def update_pod_identity(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    answer = describe_pod_identity(eks, region, caller, given, at)
    if "roleArn" in given:
        check_role(eks, given["roleArn"], "roleArn")
    changes = {key: given[key] for key in ("roleArn", "disableSessionTags") if key in given}
    answer["association"].update(changes, modifiedAt=at)
    return answer


def delete_pod_identity(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    answer = describe_pod_identity(eks, region, caller, given, at)
    del eks.cluster(region, given["clusterName"]).pod_identities[given["associationId"]]
    return answer


def list_pod_identities(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    chosen = [
        {key: found[key] for key in SUMMARY}
        for found in eks.cluster(region, given["clusterName"]).pod_identities.values()
        if given.get("namespace") in (None, found["namespace"])
        and given.get("serviceAccount") in (None, found["serviceAccount"])
    ]
    return page(given, "associations", chosen)
