"""aws.eks.fargate_profile: which pods run on Fargate. A profile cannot be changed, only replaced."""

from __future__ import annotations

from skyclust.contract.resources import Change, JsonObject, Mark, Observed
from skyclust.providers.aws.drivers.ec2 import changed, wanted_tags
from skyclust.providers.aws.drivers.eks import EksDriver, issues_of, pair, phase_of
from skyclust.providers.aws.sessions import AwsSession

_FIXED = ("pod_role_arn", "subnet_ids", "namespaces")


class FargateProfileDriver(EksDriver):
    """Spec: cluster_name, name, pod_role_arn, subnet_ids, namespaces, tags."""

    kind = "aws.eks.fargate_profile"
    title = "Fargate profile"
    arn_member = "fargateProfileArn"
    create_seconds = 90.0
    delete_seconds = 120.0

    def _external_id(self, spec: JsonObject) -> str:
        return f"{spec['cluster_name']}/{spec['name']}"

    async def _describe(self, session: AwsSession, external_id: str) -> JsonObject:
        cluster, name = pair(external_id)
        answer = await session.call("eks", "describe_fargate_profile", clusterName=cluster, fargateProfileName=name)
        profile: JsonObject = answer["fargateProfile"]
        return profile

    async def _create(self, session: AwsSession, mark: Mark, spec: JsonObject) -> JsonObject:
        made = await session.call(
            "eks", "create_fargate_profile", clusterName=spec["cluster_name"], fargateProfileName=spec["name"],
            podExecutionRoleArn=spec["pod_role_arn"], subnets=spec["subnet_ids"],
            selectors=[{"namespace": namespace} for namespace in spec["namespaces"]],
            tags={**wanted_tags(spec), **mark.tags()}, clientRequestToken=mark.token,
        )  # fmt: skip
        profile: JsonObject = made["fargateProfile"]
        return profile

    def seen(self, item: JsonObject) -> Observed:
        external_id = f"{item['clusterName']}/{item['fargateProfileName']}"
        fields = {
            "pod_role_arn": item.get("podExecutionRoleArn"),
            "subnet_ids": sorted(item.get("subnets") or []),
            "namespaces": sorted(selector["namespace"] for selector in item.get("selectors") or []),
            "tags": item.get("tags") or {},
        }
        outputs = {"id": external_id, "name": item["fargateProfileName"], "arn": item["fargateProfileArn"]}
        return Observed(external_id, phase_of(item), outputs, fields, issues_of(item))

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        wanted = {**spec, "subnet_ids": sorted(spec["subnet_ids"]), "namespaces": sorted(spec["namespaces"])}
        return changed(_FIXED, wanted, fields, replace=_FIXED)

    async def _delete(self, session: AwsSession, external_id: str) -> None:
        cluster, name = pair(external_id)
        await session.call("eks", "delete_fargate_profile", clusterName=cluster, fargateProfileName=name)
