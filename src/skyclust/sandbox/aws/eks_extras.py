"""What hangs below a cluster besides node groups: Fargate profiles, updates, tags, lists.

Called by the EKS dispatcher. Invariant: every list pages with maxResults and nextToken.
"""

from datetime import datetime
from typing import Any

from skyclust.sandbox.aws.eks_catalog import ACCESS_POLICIES, describe_versions, policy_arn
from skyclust.sandbox.aws.eks_clusters import check_subnets
from skyclust.sandbox.aws.eks_state import Document, Eks, arn, stable_uuid
from skyclust.sandbox.aws.replies import Refusal


def page(given: Document, member: str, items: list[Any]) -> Document:
    start = int(given["nextToken"]) if str(given.get("nextToken", "")).isdigit() else 0
    size = given.get("maxResults") or 100
    answer: Document = {member: items[start : start + size]}
    if start + size < len(items):
        answer["nextToken"] = str(start + size)
    return answer


def list_clusters(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    return page(given, "clusters", sorted(name for where, name in eks.clusters if where == region))


def list_node_groups(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    return page(given, "nodegroups", sorted(eks.cluster(region, given["clusterName"]).node_groups))


def list_fargate_profiles(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    return page(given, "fargateProfileNames", sorted(eks.cluster(region, given["clusterName"]).fargate_profiles))


def list_updates(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    updates = eks.cluster(region, given["name"]).updates.values()
    group, addon = given.get("nodegroupName"), given.get("addonName")
    chosen = [item["id"] for item in updates if item.get("_group") == group and item.get("_addon") == addon]
    return page(given, "updateIds", chosen)


def describe_update(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    update = eks.cluster(region, given["name"]).updates.get(given["updateId"])
    if update is None:
        raise Refusal("ResourceNotFoundException", f"No update found for ID: {given['updateId']}", 404)
    return {"update": update}


def create_fargate_profile(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    cluster = eks.active_cluster(region, given["clusterName"])
    name = given["fargateProfileName"]
    if (found := cluster.fargate_profiles.get(name)) is not None:
        if given.get("clientRequestToken") and found["_request"] == given:
            return {"fargateProfile": found}
        raise Refusal("ResourceInUseException", f"A Fargate Profile already exists with this name: {name}", 409)
    if given.get("subnets"):
        check_subnets(eks, region, given["subnets"], zones=1)
    profile: Document = {
        "fargateProfileName": name,
        "fargateProfileArn": arn(region, "fargateprofile", cluster.name, name, stable_uuid(cluster.key, name, str(at))),
        "clusterName": cluster.name,
        "createdAt": at,
        "podExecutionRoleArn": given["podExecutionRoleArn"],
        "subnets": given.get("subnets", []),
        "selectors": given.get("selectors", []),
        "status": "CREATING",
        "tags": given.get("tags", {}),
        "health": {"issues": []},
        "_request": given,
    }
    cluster.fargate_profiles[name] = profile
    eks.later(at, "aws.fargate_profile.create", f"{cluster.key}/{name}", lambda _: profile.update(status="ACTIVE"))
    return {"fargateProfile": profile}


def describe_fargate_profile(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    profile = eks.cluster(region, given["clusterName"]).fargate_profiles.get(given["fargateProfileName"])
    if profile is None:
        raise Refusal(
            "ResourceNotFoundException", f"No Fargate Profile found with name: {given['fargateProfileName']}.", 404
        )
    return {"fargateProfile": profile}


def delete_fargate_profile(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    answer = describe_fargate_profile(eks, region, caller, given, at)
    cluster, profile = eks.cluster(region, given["clusterName"]), answer["fargateProfile"]
    if profile["status"] != "ACTIVE":
        raise Refusal("ResourceInUseException", f"The Fargate Profile has status {profile['status']}.", 409)
    profile["status"] = "DELETING"
    name = given["fargateProfileName"]
    eks.later(
        at, "aws.fargate_profile.delete", f"{cluster.key}/{name}", lambda _: _drop(cluster.fargate_profiles, name)
    )
    return answer


def _drop(items: dict[str, Document], name: str) -> None:
    items.pop(name, None)


def describe_cluster_versions(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del eks, region, caller
    return page(
        given, "clusterVersions", describe_versions(at, given.get("clusterVersions"), bool(given.get("defaultOnly")))
    )


def list_access_policies(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del eks, region, caller, at
    return page(given, "accessPolicies", [{"name": name, "arn": policy_arn(name)} for name in ACCESS_POLICIES])


def _tagged(eks: Eks, resource_arn: str) -> Document:
    for cluster in eks.clusters.values():
        rows = (("arn", [cluster.document]), ("nodegroupArn", cluster.node_groups.values()),
                ("fargateProfileArn", cluster.fargate_profiles.values()), ("addonArn", cluster.addons.values()),
                ("accessEntryArn", cluster.access_entries.values()),
                ("associationArn", cluster.pod_identities.values()))  # fmt: skip
        for member, documents in rows:
            for document in documents:
                if document[member] == resource_arn:
                    return document
    raise Refusal("NotFoundException", f"No resource found for ARN: {resource_arn}", 404)


def tag_resource(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del region, caller, at
    document = _tagged(eks, given["resourceArn"])
    document["tags"] = {**document["tags"], **given["tags"]}
    return {}


def untag_resource(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del region, caller, at
    document = _tagged(eks, given["resourceArn"])
    document["tags"] = {key: value for key, value in document["tags"].items() if key not in given["tagKeys"]}
    return {}


def list_tags(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del region, caller, at
    return {"tags": _tagged(eks, given["resourceArn"])["tags"]}
