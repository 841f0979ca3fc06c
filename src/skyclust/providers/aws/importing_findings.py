"""What an imported cluster has that our words cannot say, for the person who decides.

Called by the import of clusters. Invariant: reads only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from skyclust.contract.errors import PermissionDenied
from skyclust.contract.resources import Finding, JsonObject
from skyclust.providers.aws.drivers.ec2 import tags_of
from skyclust.providers.aws.drivers.node_groups import ami_type
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.holdings import ACCESS_ENTRY, ADDON, names_held_by
from skyclust.providers.aws.identities import principal
from skyclust.providers.aws.sessions import AwsSession


async def cluster_findings(
    session: AwsSession, cluster: JsonObject, groups: list[JsonObject], profiles: list[JsonObject]
) -> tuple[Finding, ...]:
    """Warnings only: nothing of it keeps the cluster from being managed."""
    addons, access, machines = await asyncio.gather(
        names_held_by(session, ADDON, cluster["name"]), _access(session, cluster), _machines(session, cluster["name"])
    )
    found = [*access, *machines, *_about(cluster)]
    if addons:
        found.append(_warning("", f"Stays unmanaged: the add-ons {', '.join(sorted(addons))}.", "not_managed"))
    for index, group in enumerate(groups):
        found += _about_pool(group, f"/node_pools/{index}")
    return (*found, *(finding for profile in profiles for finding in _about_profile(profile)))


def _warning(field: str, message: str, code: str) -> Finding:
    return Finding("warning", field, message, code)


def _about(cluster: JsonObject) -> Iterator[Finding]:
    if (cluster.get("computeConfig") or {}).get("enabled"):
        yield _warning("", "EKS Auto Mode is on. The machines it makes are not shown as node pools.", "not_shown")
    if groups := cluster["resourcesVpcConfig"].get("securityGroupIds"):
        yield _warning("", f"Stays unmanaged: the cluster's security groups {', '.join(groups)}.", "not_managed")
    if (cluster.get("kubernetesNetworkConfig") or {}).get("ipFamily") == "ipv6":
        yield _warning("", "Its pods have IPv6 addresses, which a cluster made here would not have.", "not_shown")


def _about_pool(group: JsonObject, at: str) -> Iterator[Finding]:
    """Kept as long as the pool lives; a pool made anew in its place would not have it."""
    types = group.get("instanceTypes") or []
    lost = []
    if group.get("launchTemplate"):
        lost.append(f"the launch template {group['launchTemplate'].get('name') or group['launchTemplate']['id']}")
    if types and group.get("amiType") not in (None, ami_type(types[0])):
        lost.append(f"the image {group['amiType']}")
    if group.get("remoteAccess"):
        lost.append("access by SSH")
    if lost:
        told = f"Node pool {group['nodegroupName']} has what cannot be told here: {'; '.join(lost)}."
        yield _warning(at, f"{told} It keeps it, but a change that replaces the pool would not.", "not_told")


def _about_profile(profile: JsonObject) -> Iterator[Finding]:
    if any(selector.get("labels") for selector in profile.get("selectors") or []):
        told = f"Fargate profile {profile['fargateProfileName']} selects pods by labels, which cannot be told here."
        yield _warning("", f"{told} It keeps them, but a change that replaces it would not.", "not_told")


async def _access(session: AwsSession, cluster: JsonObject) -> list[Finding]:
    """Managing EKS takes no right inside the cluster, but showing what runs there does."""
    mode = (cluster.get("accessConfig") or {}).get("authenticationMode", "CONFIG_MAP")
    try:
        who, entries = await asyncio.gather(
            principal(session), names_held_by(session, ACCESS_ENTRY, cluster["name"])
        )  # fmt: skip
    except (PermissionDenied, NotFound):
        return []
    if who in entries:
        return []
    told = "The cluster has no access entry for it" if mode == "API" else "Whether its aws-auth map lets it in is open"
    message = f"Kubernetes itself may refuse {who}. {told}; add one to see workloads and nodes here."
    return [_warning("", message, "no_access")]


async def _machines(session: AwsSession, name: str) -> list[Finding]:
    """Self-managed nodes: tagged for the cluster, but of no node group."""
    filters = [
        {"Name": f"tag:kubernetes.io/cluster/{name}", "Values": ["owned"]},
        {"Name": "instance-state-name", "Values": ["pending", "running"]},
    ]
    found = await session.listed("ec2", "describe_instances", "Reservations", Filters=filters)
    tags = [(item["InstanceId"], tags_of(item)) for reservation in found for item in reservation["Instances"]]
    loose = sorted(machine for machine, told in tags if "eks:nodegroup-name" not in told)
    if not loose:
        return []
    message = f"Stays unmanaged: {len(loose)} machines outside of node groups ({', '.join(loose[:5])})."
    return [_warning("", message, "not_managed")]
