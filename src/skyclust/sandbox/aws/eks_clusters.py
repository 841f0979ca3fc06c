"""Clusters of EKS: create, read, update, delete. Called by the EKS dispatcher with validated parameters.

Invariant: a cluster is CREATING or DELETING for as long as the clock says, and owns its interfaces and security group.
"""

import base64
import hashlib
import re
from datetime import datetime
from typing import Any

from skyclust.sandbox.aws.eks_catalog import DEFAULT_VERSION, VERSIONS
from skyclust.sandbox.aws.eks_state import Document, Eks, EksCluster, arn, stable_uuid
from skyclust.sandbox.aws.networks import groups, subnets
from skyclust.sandbox.aws.quotas import quota_value
from skyclust.sandbox.aws.replies import Refusal

NAME = re.compile(r"^[0-9A-Za-z][A-Za-z0-9\-_]{0,99}$")
MAX_MINOR_SKEW = 3


def create_cluster(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    name = given["name"]
    if (found := _repeated(eks, region, given)) is not None:
        return {"cluster": found.document}
    vpc_id = _check_new_cluster(eks, region, given)
    key = f"aws-{region}-{name.lower()}-{hashlib.sha256(f'{name}{at}'.encode()).hexdigest()[:6]}"
    cluster = EksCluster(region, key, _document(region, given, vpc_id, at), caller, request=given)
    eks.clusters[(region, name)] = cluster
    _plug_in(eks, cluster)
    access = given.get("accessConfig", {})
    by_entry = access.get("authenticationMode", "CONFIG_MAP") != "CONFIG_MAP"
    if by_entry and access.get("bootstrapClusterCreatorAdminPermissions", True):
        _admit_creator(cluster, caller, at)

    def active(_: datetime) -> None:
        cluster.document["status"] = "ACTIVE"
        cluster.document["endpoint"] = eks.port().endpoint(key)
        pem = eks.port().ca_pem or "none"
        cluster.document["certificateAuthority"] = {"data": base64.b64encode(pem.encode()).decode()}
        eks.serve(cluster)

    eks.later(at, "aws.cluster.create", key, active)
    return {"cluster": cluster.document}


def _repeated(eks: Eks, region: str, given: Document) -> EksCluster | None:
    found = eks.clusters.get((region, given["name"]))
    if found is None:
        return None
    token = given.get("clientRequestToken")
    if token and token == found.request.get("clientRequestToken") and given == found.request:
        return found
    message = f"Cluster already exists with name: {given['name']}"
    raise Refusal("ResourceInUseException", message, 409, clusterName=given["name"])


def _check_new_cluster(eks: Eks, region: str, given: Document) -> str:
    if not NAME.match(given["name"]):
        raise Refusal("InvalidParameterException", "The cluster name must match ^[0-9A-Za-z][A-Za-z0-9-_]{0,99}$.", 400)
    version = given.get("version", DEFAULT_VERSION)
    if version not in VERSIONS:
        known = ", ".join(VERSIONS)
        message = f"unsupported Kubernetes version {version}; valid versions are {known}"
        raise Refusal("InvalidParameterException", message, 400)
    if sum(1 for where, _ in eks.clusters if where == region) >= quota_value(eks.faults, "clusters"):
        raise Refusal("ResourceLimitExceededException", "Cluster limit exceeded for account.", 400)
    check_role(eks, given["roleArn"], "roleArn")
    return check_subnets(eks, region, given["resourcesVpcConfig"].get("subnetIds", []), zones=2)


def check_role(eks: Eks, role_arn: str, field: str) -> None:
    """EKS refuses a role that is not there; IAM's own delay is the caller's to wait out."""
    roles = eks.moto.iam().roles.values()
    if not any(role.arn == role_arn for role in roles):
        raise Refusal(
            "InvalidParameterException", f"{field}: The role {role_arn} does not exist or cannot be assumed.", 400
        )


def check_subnets(eks: Eks, region: str, wanted: list[str], zones: int) -> str:
    """The VPC of the subnets; refused when one is unknown, or they span too few zones or several VPCs."""
    known = {subnet.id: subnet for subnet in subnets(eks.moto.ec2(region))}
    if missing := [subnet_id for subnet_id in wanted if subnet_id not in known]:
        raise Refusal("InvalidParameterException", f"The subnet ID '{missing[0]}' does not exist", 400)
    chosen = [known[subnet_id] for subnet_id in wanted]
    if len({subnet.availability_zone for subnet in chosen}) < zones:
        raise Refusal("InvalidParameterException", "Subnets specified must be in at least two different AZs", 400)
    if len({subnet.vpc_id for subnet in chosen}) != 1:
        raise Refusal("InvalidParameterException", "Subnets specified must be in one VPC", 400)
    return str(chosen[0].vpc_id)


def _document(region: str, given: Document, vpc_id: str, at: datetime) -> Document:
    network = given["resourcesVpcConfig"]
    access = given.get("accessConfig", {})
    issuer = hashlib.sha256(f"{region}{given['name']}{at}".encode()).hexdigest()[:32].upper()
    return {
        "name": given["name"],
        "arn": arn(region, "cluster", given["name"]),
        "createdAt": at,
        "version": given.get("version", DEFAULT_VERSION),
        "roleArn": given["roleArn"],
        "resourcesVpcConfig": {
            "subnetIds": network["subnetIds"],
            "securityGroupIds": network.get("securityGroupIds", []),
            "vpcId": vpc_id,
            "endpointPublicAccess": network.get("endpointPublicAccess", True),
            "endpointPrivateAccess": network.get("endpointPrivateAccess", False),
            "publicAccessCidrs": network.get("publicAccessCidrs", ["0.0.0.0/0"]),
        },
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"}
        | given.get("kubernetesNetworkConfig", {}),
        "logging": given.get("logging", {"clusterLogging": []}),
        "identity": {"oidc": {"issuer": f"https://oidc.eks.{region}.amazonaws.com/id/{issuer}"}},
        "status": "CREATING",
        "certificateAuthority": {},
        "platformVersion": "eks.5",
        "tags": given.get("tags", {}),
        "encryptionConfig": given.get("encryptionConfig", []),
        "health": {"issues": []},
        "accessConfig": {"authenticationMode": access.get("authenticationMode", "CONFIG_MAP")},
        "upgradePolicy": given.get("upgradePolicy", {"supportType": "EXTENDED"}),
        "deletionProtection": given.get("deletionProtection", False),
    }


def _plug_in(eks: Eks, cluster: EksCluster) -> None:
    """The security group and the two interfaces EKS puts into the cluster's network."""
    backend = eks.moto.ec2(cluster.region)
    network = cluster.document["resourcesVpcConfig"]
    name = cluster.name
    tags = {"aws:eks:cluster-name": name, f"kubernetes.io/cluster/{name}": "owned", "Name": f"eks-cluster-sg-{name}"}
    text = "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes"
    group = backend.create_security_group(f"eks-cluster-sg-{name}-{cluster.key[-6:]}", text, network["vpcId"], tags)
    network["clusterSecurityGroupId"] = group.id
    for subnet_id in network["subnetIds"][:2]:
        held = [group.id, *network["securityGroupIds"]]
        interface = backend.create_network_interface(
            backend.get_subnet(subnet_id), None, group_ids=held, description=f"Amazon EKS {name}",
            tags={"cluster.k8s.amazonaws.com/name": name, "eks:eni:owner": "amazon-vpc-cni"},
        )  # fmt: skip
        interface.status = "in-use"
        interface.requester_managed = True
        cluster.interfaces.append(interface.id)


def _admit_creator(cluster: EksCluster, caller: str, at: datetime) -> None:
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    cluster.access_entries[caller] = {
        "clusterName": cluster.name,
        "principalArn": caller,
        "kubernetesGroups": [],
        "accessEntryArn": arn(cluster.region, "access-entry", cluster.name, "user", caller.rpartition("/")[2]),
        "createdAt": at,
        "modifiedAt": at,
        "tags": {},
        "username": caller,
        "type": "STANDARD",
        "_policies": {
            policy: {"policyArn": policy, "accessScope": {"type": "cluster"}, "associatedAt": at, "modifiedAt": at}
        },
    }


def describe_cluster(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller, at
    return {"cluster": eks.cluster(region, given["name"]).document}


def delete_cluster(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    cluster = eks.cluster(region, given["name"])
    if cluster.document["deletionProtection"]:
        raise Refusal("InvalidRequestException", "Deletion protection is on; switch it off first.", 400)
    if cluster.node_groups:
        raise Refusal("ResourceInUseException", "Cluster has nodegroups attached", 409, clusterName=cluster.name)
    if cluster.fargate_profiles:
        raise Refusal("ResourceInUseException", "Cluster has Fargate profiles attached", 409, clusterName=cluster.name)
    if cluster.document["status"] in {"CREATING", "UPDATING", "DELETING"}:
        message = f"Cluster has status {cluster.document['status']} and cannot be deleted now"
        raise Refusal("ResourceInUseException", message, 409, clusterName=cluster.name)
    cluster.document["status"] = "DELETING"

    def gone(_: datetime) -> None:
        unplug(eks, cluster)

    eks.later(at, "aws.cluster.delete", cluster.key, gone)
    return {"cluster": cluster.document}


def unplug(eks: Eks, cluster: EksCluster) -> None:
    backend = eks.moto.ec2(cluster.region)
    for interface_id in cluster.interfaces:
        backend.enis.pop(interface_id, None)
    group_id = cluster.document["resourcesVpcConfig"]["clusterSecurityGroupId"]
    for group in [item for item in groups(backend) if item.id == group_id]:
        backend.groups[group.vpc_id].pop(group_id, None)
    eks.clusters.pop((cluster.region, cluster.name), None)
    eks.stop(cluster)


def update_cluster_version(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    cluster = eks.active_cluster(region, given["name"])
    current, wanted = cluster.document["version"], given["version"]
    if wanted not in VERSIONS or minor(wanted) != minor(current) + 1:
        message = f"Unsupported Kubernetes minor version update from {current} to {wanted}"
        raise Refusal("InvalidParameterException", message, 400)
    _refuse_while_updating(cluster)
    oldest = min((minor(group["version"]) for group in cluster.node_groups.values()), default=minor(current))
    if minor(wanted) - oldest > MAX_MINOR_SKEW and not given.get("force"):
        raise Refusal(
            "InvalidRequestException", f"Nodes at 1.{oldest} are too old for {wanted}; update them first.", 400
        )

    def done(_: datetime) -> None:
        cluster.document["version"] = wanted
        eks.serve(cluster)

    return {"update": _start_update(eks, cluster, "VersionUpdate", {"Version": wanted}, at, done)}


def update_cluster_config(eks: Eks, region: str, caller: str, given: Document, at: datetime) -> Document:
    del caller
    cluster = eks.active_cluster(region, given["name"])
    _refuse_while_updating(cluster)
    changes = {key: value for key, value in given.items() if key not in {"name", "clientRequestToken"}}
    kinds = {
        "resourcesVpcConfig": "EndpointAccessUpdate", "logging": "LoggingUpdate", "accessConfig": "AccessConfigUpdate",
        "upgradePolicy": "UpgradePolicyUpdate", "deletionProtection": "DeletionProtectionUpdate",
    }  # fmt: skip
    if len(changes) != 1 or (field := next(iter(changes))) not in kinds:
        raise Refusal("InvalidParameterException", f"Give exactly one of {sorted(kinds)}.", 400)

    def done(_: datetime) -> None:
        if isinstance(changes[field], dict):
            cluster.document[field] = {**cluster.document.get(field, {}), **changes[field]}
        else:
            cluster.document[field] = changes[field]

    shown = {name: str(value) for name, value in changes.items()}
    return {"update": _start_update(eks, cluster, kinds[field], shown, at, done)}


def _refuse_while_updating(cluster: EksCluster) -> None:
    if cluster.document["status"] != "ACTIVE":
        message = f"Cannot update: cluster {cluster.name} currently has an update in progress"
        raise Refusal("ResourceInUseException", message, 409, clusterName=cluster.name)


def _start_update(
    eks: Eks, cluster: EksCluster, kind: str, params: dict[str, str], at: datetime, done: Any
) -> Document:
    update = new_update(cluster, kind, params, at)
    cluster.document["status"] = "UPDATING"

    def finish(due: datetime) -> None:
        update["status"] = "Successful"
        cluster.document["status"] = "ACTIVE"
        done(due)

    eks.later(at, "aws.cluster.update", update["id"], finish)
    return update


def new_update(cluster: EksCluster, kind: str, params: dict[str, str], at: datetime) -> Document:
    update_id = stable_uuid(cluster.key, kind, str(at), str(len(cluster.updates)))
    update: Document = {
        "id": update_id,
        "status": "InProgress",
        "type": kind,
        "params": [{"type": key, "value": value} for key, value in params.items()],
        "createdAt": at,
        "errors": [],
    }
    cluster.updates[update_id] = update
    return update


def minor(version: str) -> int:
    return int(version.split(".")[1])
