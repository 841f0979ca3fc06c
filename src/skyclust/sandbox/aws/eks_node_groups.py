"""Managed node groups of EKS and the EC2 instances behind them. Called by the EKS dispatcher.

Invariant: once a node group is ACTIVE it has exactly `desiredSize` instances, tagged as EKS tags them.
"""

from datetime import datetime
from typing import Any

from skyclust.sandbox.aws.eks_catalog import VERSIONS
from skyclust.sandbox.aws.eks_clusters import check_subnets, minor, new_update
from skyclust.sandbox.aws.eks_launch_templates import check_template, template_of
from skyclust.sandbox.aws.eks_state import Document, Eks, EksCluster, arn, group_instances, stable_uuid
from skyclust.sandbox.aws.quotas import quota_value
from skyclust.sandbox.aws.replies import Refusal

DEFAULT_SCALING = {"minSize": 1, "maxSize": 2, "desiredSize": 2}


def create_node_group(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    starved = bool(given.pop("_starved", False))
    cluster = eks.active_cluster(region, given["clusterName"])
    name = given["nodegroupName"]
    if (found := cluster.node_groups.get(name)) is not None:
        token = given.get("clientRequestToken")
        if token and found["_request"] == given:
            return {"nodegroup": found}
        raise Refusal("ResourceInUseException", f"NodeGroup already exists with name {name} and "
                      f"cluster name {cluster.name}",
                      409, clusterName=cluster.name, nodegroupName=name)  # fmt: skip
    template = template_of(eks, cluster.region, given)
    _check(eks, cluster, given, template)
    group = _document(cluster, given, at, template)
    cluster.node_groups[name] = group

    def active(_: datetime) -> None:
        if starved:
            message = (
                "Could not launch On-Demand Instances. InsufficientInstanceCapacity - "
                "We currently do not have sufficient capacity."
            )
            group["status"] = "CREATE_FAILED"
            group["health"] = {"issues": [{"code": "AsgInstanceLaunchFailures", "message": message, "resourceIds": []}]}
            return
        group["status"] = "ACTIVE"
        resize(eks, cluster, group)

    eks.later(at, "aws.node_group.create", f"{cluster.key}/{name}", active)
    return {"nodegroup": group}


def _check(eks: Eks, cluster: EksCluster, given: Document, template: Document) -> None:
    check_template(given, template)
    check_scaling({**DEFAULT_SCALING, **given.get("scalingConfig", {})})
    _check_update_config(given.get("updateConfig", {}))
    vpc_id = check_subnets(eks, cluster.region, given["subnets"], zones=1)
    if vpc_id != cluster.document["resourcesVpcConfig"]["vpcId"]:
        raise Refusal("InvalidParameterException", "Subnets are not in the cluster's VPC.", 400)
    if not any(role.arn == given["nodeRole"] for role in eks.moto.iam().roles.values()):
        message = f"The role {given['nodeRole']} does not exist or cannot be assumed."
        raise Refusal("InvalidParameterException", message, 400)
    if len(cluster.node_groups) >= quota_value(eks.faults, "node_groups"):
        raise Refusal("ResourceLimitExceededException", "Managed nodegroup limit exceeded for the cluster.", 400)
    version = str(given.get("version", cluster.document["version"]))
    _check_version(version, cluster)
    known = _known_types()
    for machine_type in given.get("instanceTypes", []):
        if machine_type not in known:
            raise Refusal("InvalidParameterException", f"[{machine_type}] is not a valid instance type.", 400)


def _check_update_config(config: Document) -> None:
    if {"maxUnavailable", "maxUnavailablePercentage"} <= config.keys():
        message = "maxUnavailable and maxUnavailablePercentage cannot both be specified."
        raise Refusal("InvalidParameterException", message, 400)
    for name in ("maxUnavailable", "maxUnavailablePercentage"):
        if not 1 <= config.get(name, 1) <= 100:
            raise Refusal("InvalidParameterException", f"{name} must be between 1 and 100.", 400)


def _known_types() -> Any:
    from moto.ec2.models.instance_types import INSTANCE_TYPES  # noqa: PLC0415 - a large table that moto loads once

    return INSTANCE_TYPES


def _check_version(version: str, cluster: EksCluster) -> None:
    if version not in VERSIONS:
        raise Refusal("InvalidParameterException", f"Version {version} is not one of {', '.join(VERSIONS)}.", 400)
    if minor(version) > minor(cluster.document["version"]):
        message = f"Requested Nodegroup version {version} is higher than the cluster's {cluster.document['version']}"
        raise Refusal("InvalidParameterException", message, 400)


def check_scaling(scaling: Document) -> None:
    least, desired, most = scaling["minSize"], scaling["desiredSize"], scaling["maxSize"]
    if most < 1:
        raise Refusal("InvalidParameterException", "maxSize must be at least 1", 400)
    if least > most:
        raise Refusal(
            "InvalidParameterException", f"Minimum capacity {least} can't be greater than maximum size {most}", 400
        )
    if desired > most:
        raise Refusal(
            "InvalidParameterException", f"desired capacity {desired} can't be greater than max size {most}", 400
        )
    if desired < least:
        raise Refusal(
            "InvalidParameterException", f"desired capacity {desired} can't be less than minimum size {least}", 400
        )


def _document(cluster: EksCluster, given: Document, at: datetime, template: Document) -> Document:
    """With a launch template, EKS tells neither a disk nor the machine type that the template names."""
    in_template = template.get("data", {}).get("InstanceType")
    machine_types = given.get("instanceTypes") or ["t3.medium"]
    machines = {} if in_template else {"instanceTypes": machine_types}
    disk = {"launchTemplate": template["shown"]} if template else {"diskSize": given.get("diskSize", 20)}
    name = given["nodegroupName"]
    identity = stable_uuid(cluster.key, name, str(at))
    version = str(given.get("version", cluster.document["version"]))
    return {
        "nodegroupName": name,
        "nodegroupArn": arn(cluster.region, "nodegroup", cluster.name, name, identity),
        "clusterName": cluster.name,
        "version": version,
        "releaseVersion": f"{version}.0-20251112",
        "createdAt": at,
        "modifiedAt": at,
        "status": "CREATING",
        "capacityType": given.get("capacityType", "ON_DEMAND"),
        "scalingConfig": {**DEFAULT_SCALING, **given.get("scalingConfig", {})},
        **machines,
        **disk,
        "subnets": given["subnets"],
        "amiType": given.get("amiType", "AL2023_x86_64_STANDARD"),
        "nodeRole": given["nodeRole"],
        "labels": given.get("labels", {}),
        "taints": given.get("taints", []),
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{identity}"}]},
        "health": {"issues": []},
        "updateConfig": given.get("updateConfig") or {"maxUnavailable": 1},
        "tags": given.get("tags", {}),
        "_machine_type": in_template or machine_types[0],
        "_instances": [],
        "_request": given,
    }


def resize(eks: Eks, cluster: EksCluster, group: Document) -> None:
    """Start or end instances until there are as many as desired."""
    backend = eks.moto.ec2(cluster.region)
    running = group_instances(backend, group)
    desired = group["scalingConfig"]["desiredSize"]
    if surplus := running[desired:]:
        backend.terminate_instances([item.id for item in surplus])
    for index in range(len(running), desired):
        group["_instances"].append(_launch(cluster, group, backend, index))
    eks.show_nodes(cluster, group["nodegroupName"])


def _launch(cluster: EksCluster, group: Document, backend: Any, index: int) -> str:
    name = cluster.name
    tags = {  # a node group's own tags do not reach its machines (EKS user guide, "Tag your resources")
        "eks:cluster-name": name,
        "eks:nodegroup-name": group["nodegroupName"],
        f"kubernetes.io/cluster/{name}": "owned",
        "aws:autoscaling:groupName": group["resources"]["autoScalingGroups"][0]["name"],
        "aws:eks:cluster-name": name,
    }
    reservation = backend.run_instances(
        next(iter(backend.amis)), 1, None, [],
        security_group_ids=[cluster.document["resourcesVpcConfig"]["clusterSecurityGroupId"]],
        subnet_id=group["subnets"][index % len(group["subnets"])],
        instance_type=group["_machine_type"], is_instance_type_default=False, region_name=cluster.region,
        lifecycle="spot" if group["capacityType"] == "SPOT" else None,
        tags={"instance": tags, "volume": tags},
    )  # fmt: skip
    machine = reservation.instances[0]
    for interface in machine.nics.values():
        interface.status = "in-use"
        interface.delete_on_termination = True
    return str(machine.id)


def describe_node_group(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    return {"nodegroup": find_node_group(eks.cluster(region, given["clusterName"]), given["nodegroupName"])}


def find_node_group(cluster: EksCluster, name: str) -> Document:
    group = cluster.node_groups.get(name)
    if group is None:
        message = f"No node group found for name: {name}."
        raise Refusal("ResourceNotFoundException", message, 404, clusterName=cluster.name, nodegroupName=name)
    return group


def _changeable(cluster: EksCluster, name: str) -> Document:
    group = find_node_group(cluster, name)
    if group["status"] not in {"ACTIVE", "DEGRADED"}:
        message = f"Nodegroup cannot be updated as it is currently not in Active State (it is {group['status']})"
        raise Refusal("ResourceInUseException", message, 409, clusterName=cluster.name, nodegroupName=name)
    return group


def update_node_group_config(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    cluster = eks.active_cluster(region, given["clusterName"])
    group = _changeable(cluster, given["nodegroupName"])
    scaling = {**group["scalingConfig"], **given.get("scalingConfig", {})}
    check_scaling(scaling)
    _check_update_config(given.get("updateConfig", {}))
    group["status"] = "UPDATING"
    params = {
        "MinSize": str(scaling["minSize"]),
        "MaxSize": str(scaling["maxSize"]),
        "DesiredSize": str(scaling["desiredSize"]),
    }
    update = new_update(cluster, "ConfigUpdate", params, at)
    update["_group"] = group["nodegroupName"]

    def done(due: datetime) -> None:
        labels, taints = given.get("labels", {}), given.get("taints", {})
        kept = {key: value for key, value in group["labels"].items() if key not in labels.get("removeLabels", [])}
        group["labels"] = {**kept, **labels.get("addOrUpdateLabels", {})}
        group["taints"] = _changed_taints(group["taints"], taints)
        group["scalingConfig"] = scaling
        group["updateConfig"] = given.get("updateConfig") or group["updateConfig"]
        _finish(update, group, due)
        resize(eks, cluster, group)

    eks.later(at, "aws.node_group.update", update["id"], done)
    return {"update": update}


def _changed_taints(current: list[Document], change: Document) -> list[Document]:
    touched = {
        (taint["key"], taint["effect"])
        for taint in [*change.get("removeTaints", []), *change.get("addOrUpdateTaints", [])]
    }
    kept = [taint for taint in current if (taint["key"], taint["effect"]) not in touched]
    return [*kept, *change.get("addOrUpdateTaints", [])]


def _finish(update: Document, group: Document, at: datetime) -> None:
    update["status"] = "Successful"
    group["status"] = "ACTIVE"
    group["modifiedAt"] = at


def update_node_group_version(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    cluster = eks.active_cluster(region, given["clusterName"])
    group = _changeable(cluster, given["nodegroupName"])
    version = str(given.get("version", cluster.document["version"]))
    _check_version(version, cluster)
    if minor(version) < minor(group["version"]):
        message = f"Nodegroup version {group['version']} cannot go back to {version}"
        raise Refusal("InvalidParameterException", message, 400)
    group["status"] = "UPDATING"
    update = new_update(cluster, "VersionUpdate", {"Version": version, "ReleaseVersion": f"{version}.0-20251112"}, at)
    update["_group"] = group["nodegroupName"]

    def done(due: datetime) -> None:
        group["version"], group["releaseVersion"] = version, f"{version}.0-20251112"
        backend = eks.moto.ec2(cluster.region)
        if old := group_instances(backend, group):  # a rolling update replaces every machine
            backend.terminate_instances([item.id for item in old])
        _finish(update, group, due)
        resize(eks, cluster, group)

    eks.later(at, "aws.node_group.upgrade", update["id"], done)
    return {"update": update}


def delete_node_group(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    cluster = eks.cluster(region, given["clusterName"])
    group = find_node_group(cluster, given["nodegroupName"])
    if group["status"] in {"CREATING", "UPDATING", "DELETING"}:
        message = f"Nodegroup has status {group['status']} and cannot be deleted now"
        raise Refusal(
            "ResourceInUseException", message, 409, clusterName=cluster.name, nodegroupName=group["nodegroupName"]
        )
    group["status"] = "DELETING"

    def gone(_: datetime) -> None:
        remove_node_group(eks, cluster, group)

    eks.later(at, "aws.node_group.delete", f"{cluster.key}/{group['nodegroupName']}", gone)
    return {"nodegroup": group}


def remove_node_group(eks: Eks, cluster: EksCluster, group: Document) -> None:
    backend = eks.moto.ec2(cluster.region)
    if running := group_instances(backend, group):
        backend.terminate_instances([item.id for item in running])
    cluster.node_groups.pop(group["nodegroupName"], None)
    eks.show_nodes(cluster, group["nodegroupName"])
