"""aws.eks.cluster: the control plane."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from skyclust.contract.errors import InUse, InvalidSpec
from skyclust.contract.resources import Change, JsonObject, Mark, Observed
from skyclust.providers.aws.drivers.ec2 import changed, tag_list, tags_of, wanted_tags
from skyclust.providers.aws.drivers.eks import EksDriver, issues_of, phase_of
from skyclust.providers.aws.sessions import AwsSession

_ACCESS = ("endpoint_public_access", "endpoint_private_access", "public_access_cidrs")


class ClusterDriver(EksDriver):
    """Spec: name, region, version, role_arn, subnet_ids, security_group_ids, endpoint_*_access, public_access_cidrs,

    support_type, deletion_protection, service_cidr, tags, and where asked for `group_tags` of the security group that
    EKS makes for the cluster.
    """

    kind = "aws.eks.cluster"
    title = "EKS cluster"
    arn_member = "arn"
    create_seconds = 617.0
    update_seconds = 480.0
    delete_seconds = 204.0

    def _external_id(self, spec: JsonObject) -> str:
        return str(spec["name"])

    async def _describe(self, session: AwsSession, external_id: str) -> JsonObject:
        cluster: JsonObject = (await session.call("eks", "describe_cluster", name=external_id))["cluster"]
        return cluster

    async def _create(self, session: AwsSession, mark: Mark, spec: JsonObject) -> JsonObject:
        service = {"kubernetesNetworkConfig": {"serviceIpv4Cidr": spec["service_cidr"]}} if spec["service_cidr"] else {}
        made = await session.call(
            "eks", "create_cluster", name=spec["name"], version=spec["version"], roleArn=spec["role_arn"],
            resourcesVpcConfig={
                "subnetIds": spec["subnet_ids"], "securityGroupIds": spec["security_group_ids"], **_endpoint(spec),
            },
            # The creator's entry is a resource of its own, with our mark: EKS's own one would carry none.
            accessConfig={"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
            upgradePolicy={"supportType": spec["support_type"]}, deletionProtection=spec["deletion_protection"],
            tags={**wanted_tags(spec), **mark.tags()}, clientRequestToken=mark.token, **service,
        )  # fmt: skip
        cluster: JsonObject = made["cluster"]
        return cluster

    async def read(self, session: AwsSession, item: JsonObject, spec: JsonObject) -> Observed:
        """One look more for the security group, where its tags matter."""
        seen, group = self.seen(item), (item.get("resourcesVpcConfig") or {}).get("clusterSecurityGroupId")
        wanted = spec.get("group_tags") or {}
        if not wanted or not group:
            return seen
        filters = [{"Name": "group-id", "Values": [group]}]
        groups = await session.listed("ec2", "describe_security_groups", "SecurityGroups", Filters=filters)
        tags = tags_of(groups[0]) if groups else {}
        return replace(seen, fields={**seen.fields, "group_tags": {key: tags.get(key) for key in wanted}})

    def seen(self, item: JsonObject) -> Observed:
        network = item.get("resourcesVpcConfig") or {}
        outputs = {
            "id": item["name"],
            "name": item["name"],
            "arn": item["arn"],
            "region": item["arn"].split(":")[3],
            "version": item.get("version", ""),
            "endpoint": item.get("endpoint", ""),
            "ca_data": (item.get("certificateAuthority") or {}).get("data", ""),
            "vpc_id": network.get("vpcId", ""),
            "security_group_id": network.get("clusterSecurityGroupId", ""),
            "oidc_issuer": ((item.get("identity") or {}).get("oidc") or {}).get("issuer", ""),
        }
        fields = {
            "version": item.get("version"),
            "endpoint_public_access": network.get("endpointPublicAccess"),
            "endpoint_private_access": network.get("endpointPrivateAccess"),
            "public_access_cidrs": sorted(network.get("publicAccessCidrs") or []),
            "support_type": (item.get("upgradePolicy") or {}).get("supportType"),
            "deletion_protection": bool(item.get("deletionProtection")),
            "tags": item.get("tags") or {},
        }
        return Observed(item["name"], phase_of(item), outputs, fields, issues_of(item))

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        # EKS neither takes nor keeps ranges for an API that the internet does not reach
        access = _ACCESS if spec["endpoint_public_access"] else _ACCESS[:2]
        return changed(("group_tags", "version", *access, "support_type", "deletion_protection"), spec, fields)

    async def _change(
        self, session: AwsSession, external_id: str, spec: JsonObject, changes: dict[str, Change]
    ) -> None:
        if "group_tags" in changes:
            cluster = await self._describe(session, external_id)
            group = cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]
            await session.call("ec2", "create_tags", Resources=[group], Tags=tag_list(spec["group_tags"]))
        elif "version" in changes:
            version = next_version(str(changes["version"].before), spec["version"])
            await session.call("eks", "update_cluster_version", name=external_id, version=version)
        elif any(field in changes for field in _ACCESS):
            await _configure(session, external_id, resourcesVpcConfig=_endpoint(spec))
        elif "support_type" in changes:
            await _configure(session, external_id, upgradePolicy={"supportType": spec["support_type"]})
        elif "deletion_protection" in changes:
            await _configure(session, external_id, deletionProtection=spec["deletion_protection"])

    async def _delete(self, session: AwsSession, external_id: str) -> None:
        try:
            await session.call("eks", "delete_cluster", name=external_id)
        except InUse as error:
            held = await _attached(session, external_id)
            raise InUse(error.message, blockers=held, operation=error.operation, code=error.code) from None


async def _attached(session: AwsSession, name: str) -> tuple[str, ...]:
    """Node groups and Fargate profiles that keep a cluster from being deleted."""
    groups = await session.listed("eks", "list_nodegroups", "nodegroups", clusterName=name)
    profiles = await session.listed("eks", "list_fargate_profiles", "fargateProfileNames", clusterName=name)
    return tuple(f"{name}/{item}" for item in [*groups, *profiles])


def next_version(current: str, wanted: str) -> str:
    """EKS goes up one minor version at a time and never down."""
    now, goal = (int(version.split(".")[1]) for version in (current, wanted))
    if goal < now:
        message = f"EKS cannot take a cluster from Kubernetes {current} back to {wanted}. Choose {current} or newer."
        raise InvalidSpec(message, field="version", operation="eks:UpdateClusterVersion")
    return f"1.{now + 1}"


def _endpoint(spec: JsonObject) -> JsonObject:
    access: JsonObject = {
        "endpointPublicAccess": spec["endpoint_public_access"],
        "endpointPrivateAccess": spec["endpoint_private_access"],
    }
    if spec["endpoint_public_access"]:
        access["publicAccessCidrs"] = spec["public_access_cidrs"]
    return access


async def _configure(session: AwsSession, name: str, **change: Any) -> None:
    await session.call("eks", "update_cluster_config", name=name, **change)
