"""Tell an EKS cluster in our words, with its node groups and Fargate profiles. Called by the provider.

Invariant: the blueprint of the spec differs in nothing from what is there. Roles, security groups and the network are
referred to, never taken over. Reads only.
"""

from __future__ import annotations

import asyncio

from skyclust.contract.errors import InvalidSpec
from skyclust.contract.imports import Imported
from skyclust.contract.pools import told_upgrade
from skyclust.contract.resources import JsonObject
from skyclust.contract.specs import AutoScaling, ClusterSpec, NodePoolSpec, Taint
from skyclust.providers.aws.blueprints.networks import IMPORTED
from skyclust.providers.aws.completing import placing
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.holdings import AT_ONCE, POOL, PROFILE, eks_driver, held_by
from skyclust.providers.aws.importing_findings import cluster_findings
from skyclust.providers.aws.launch_templates import template_of
from skyclust.providers.aws.sessions import AwsSession

#: EKS's own when CreateNodegroup names no disk ("diskSize" of the API reference).
DEFAULT_DISK_GB = 20


async def import_cluster(session: AwsSession, name: str) -> Imported:
    """InvalidSpec when there is no such cluster, or none that could be described now."""
    cluster = await _cluster(session, name)
    gate = asyncio.Semaphore(AT_ONCE)
    groups, profiles = await asyncio.gather(
        held_by(session, POOL, name, gate), held_by(session, PROFILE, name, gate)
    )  # fmt: skip
    templates = await asyncio.gather(*(template_of(session, group) for group in groups))
    pools = tuple(_pool(group, template) for group, template in zip(groups, templates, strict=True))
    subnets, findings = await asyncio.gather(
        _subnets(session, cluster), cluster_findings(session, cluster, groups, profiles)
    )
    spec = ClusterSpec(
        name, session.region, cluster["version"], mode="fargate" if profiles and not groups else "standard",
        vpc_id=cluster["resourcesVpcConfig"]["vpcId"], subnet_ids=tuple(item["SubnetId"] for item in subnets),
        node_pools=pools,
        options={
            **_options(cluster, groups, profiles), **placing(subnets),
            IMPORTED: _notes(cluster, list(zip(pools, groups, strict=True)), profiles),
        },
    )  # fmt: skip
    ids = {"cluster": name}
    ids |= {f"node-pool/{group['nodegroupName']}": f"{name}/{group['nodegroupName']}" for group in groups}
    ids |= {
        f"fargate-profile/{item['fargateProfileName']}": f"{name}/{item['fargateProfileName']}" for item in profiles
    }
    return Imported(spec, ids, findings)


async def _cluster(session: AwsSession, name: str) -> JsonObject:
    try:
        cluster: JsonObject = (await session.call("eks", "describe_cluster", name=name))["cluster"]
    except NotFound:
        raise InvalidSpec(f"There is no EKS cluster {name} in {session.region}. Check name and region.") from None
    if "outpostConfig" in cluster or "connectorConfig" in cluster:
        raise InvalidSpec(f"{name} does not run on EKS in the region, but on an Outpost or elsewhere.")
    if cluster["status"] not in ("ACTIVE", "UPDATING"):
        raise InvalidSpec(f"The EKS cluster {name} is {cluster['status'].lower()}. Import it once it is active.")
    return cluster


async def _subnets(session: AwsSession, cluster: JsonObject) -> list[JsonObject]:
    """Those of the control plane that still exist, in its own order."""
    ids = list(cluster["resourcesVpcConfig"]["subnetIds"])
    found = await session.listed(
        "ec2", "describe_subnets", "Subnets", Filters=[{"Name": "subnet-id", "Values": ids}]
    )  # fmt: skip
    return sorted(found, key=lambda item: ids.index(item["SubnetId"]))


def _options(cluster: JsonObject, groups: list[JsonObject], profiles: list[JsonObject]) -> JsonObject:
    """The switches of `options.CLUSTER_OPTIONS_SCHEMA`, as they are."""
    seen = eks_driver("aws.eks.cluster").seen(cluster).fields
    names = ("endpoint_public_access", "endpoint_private_access", "support_type", "deletion_protection")
    options = {name: seen[name] for name in names if seen[name] is not None}
    options["cluster_role_arn"] = cluster["roleArn"]
    if seen["public_access_cidrs"]:
        options["public_access_cidrs"] = seen["public_access_cidrs"]
    if service_cidr := (cluster.get("kubernetesNetworkConfig") or {}).get("serviceIpv4Cidr"):
        options["service_cidr"] = service_cidr
    if groups:
        options["node_role_arn"] = groups[0]["nodeRole"]
    if profiles:
        options["fargate_role_arn"] = profiles[0]["podExecutionRoleArn"]
    if len(profiles) == 1:
        options["fargate_namespaces"] = eks_driver(PROFILE).seen(profiles[0]).fields["namespaces"]
    return options


def _pool(group: JsonObject, template: JsonObject) -> NodePoolSpec:
    """`template` is what its launch template says where the group itself says nothing."""
    seen = eks_driver(POOL).seen(group).fields
    least, most, desired = seen["min"], seen["max"], seen["desired"]
    fixed = (least, most) == (desired, max(desired, 1))
    return NodePoolSpec(
        group["nodegroupName"], seen["machine_type"] or template.get("machine_type", ""), desired,
        auto_scaling=None if fixed else AutoScaling(least, most), spot=seen["spot"],
        disk_gb=seen["disk_gb"] or template.get("disk_gb", DEFAULT_DISK_GB), labels=dict(seen["labels"]),
        taints=tuple(Taint(item["key"], item["value"], item["effect"]) for item in seen["taints"]),
        upgrade=told_upgrade(seen, {"max_unavailable": "1"}), other_types=tuple(seen["other_types"]),
    )  # fmt: skip


def _notes(cluster: JsonObject, pools: list[tuple[NodePoolSpec, JsonObject]], profiles: list[JsonObject]) -> JsonObject:
    """What the blueprint of an imported cluster reads, by node key (`blueprints.clusters.noted`)."""
    notes: JsonObject = {"cluster": {"security_group_ids": cluster["resourcesVpcConfig"].get("securityGroupIds", [])}}
    for pool, group in pools:
        seen = eks_driver(POOL).seen(group).fields
        said = {"version": cluster["version"], "machine_type": pool.machine_type, "disk_gb": pool.disk_gb}
        instead = {name: [told, seen[name]] for name, told in said.items() if seen[name] != told}
        notes[f"node-pool/{pool.name}"] = {
            "node_role_arn": seen["node_role_arn"], "subnet_ids": seen["subnet_ids"], "instead": instead,
        }  # fmt: skip
    for profile in profiles:
        seen = eks_driver(PROFILE).seen(profile).fields
        body = {name: seen[name] for name in ("pod_role_arn", "subnet_ids", "namespaces")}
        notes[f"fargate-profile/{profile['fargateProfileName']}"] = {"name": profile["fargateProfileName"], **body}
    return notes
