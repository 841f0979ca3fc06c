"""Access entries of EKS: which IAM principal may do what in a cluster. Called by the EKS dispatcher.

Invariant: the Kubernetes API lets in exactly the principals that have an entry.
"""

from datetime import datetime

from skyclust.sandbox.aws.eks_catalog import ACCESS_POLICIES, policy_arn
from skyclust.sandbox.aws.eks_extras import page
from skyclust.sandbox.aws.eks_state import Document, Eks, arn, stable_uuid
from skyclust.sandbox.aws.replies import Refusal


def _entry(eks: Eks, region: str, given: Document) -> Document:
    entry = eks.cluster(region, given["clusterName"]).access_entries.get(given["principalArn"])
    if entry is None:
        message = f"The specified principalArn could not be found: {given['principalArn']}"
        raise Refusal("ResourceNotFoundException", message, 404)
    return entry


def create_access_entry(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    cluster = eks.active_cluster(region, given["clusterName"])
    if cluster.document["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
        message = (
            "The cluster's authentication mode must be set to one of "
            "[API, API_AND_CONFIG_MAP] to perform this operation."
        )
        raise Refusal("InvalidRequestException", message, 400)
    principal = given["principalArn"]
    if principal in cluster.access_entries:
        message = "The specified access entry resource is already in use on this cluster."
        raise Refusal("ResourceInUseException", message, 409)
    kind, _, name = principal.rpartition(":")[2].partition("/")
    entry: Document = {
        "clusterName": cluster.name,
        "principalArn": principal,
        "kubernetesGroups": given.get("kubernetesGroups", []),
        "accessEntryArn": arn(region, "access-entry", cluster.name, kind, name, stable_uuid(cluster.key, principal)),
        "createdAt": at,
        "modifiedAt": at,
        "tags": given.get("tags", {}),
        "username": given.get("username", principal),
        "type": given.get("type", "STANDARD"),
        "_policies": {},
    }
    cluster.access_entries[principal] = entry
    return {"accessEntry": entry}


def describe_access_entry(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    return {"accessEntry": _entry(eks, region, given)}


def update_access_entry(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    entry = _entry(eks, region, given)
    entry |= {key: given[key] for key in ("kubernetesGroups", "username") if key in given}
    entry["modifiedAt"] = at
    return {"accessEntry": entry}


def delete_access_entry(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    _entry(eks, region, given)
    del eks.cluster(region, given["clusterName"]).access_entries[given["principalArn"]]
    return {}


def list_access_entries(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    return page(given, "accessEntries", sorted(eks.cluster(region, given["clusterName"]).access_entries))


def associate_access_policy(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    entry = _entry(eks, region, given)
    policy = given["policyArn"]
    if policy not in {policy_arn(name) for name in ACCESS_POLICIES}:
        raise Refusal("InvalidParameterException", f"The policyArn {policy} is not a valid access policy.", 400)
    entry["_policies"][policy] = {
        "policyArn": policy, "accessScope": given["accessScope"], "associatedAt": at, "modifiedAt": at,
    }  # fmt: skip
    return {
        "clusterName": given["clusterName"],
        "principalArn": given["principalArn"],
        "associatedAccessPolicy": entry["_policies"][policy],
    }


def disassociate_access_policy(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    entry = _entry(eks, region, given)
    if entry["_policies"].pop(given["policyArn"], None) is None:
        raise Refusal("ResourceNotFoundException", "The access policy is not associated with this entry.", 404)
    return {}


def list_associated_access_policies(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    answer = page(given, "associatedAccessPolicies", list(_entry(eks, region, given)["_policies"].values()))
    return {"clusterName": given["clusterName"], "principalArn": given["principalArn"], **answer}
