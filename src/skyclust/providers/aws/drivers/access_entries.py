"""aws.eks.access_entry: an IAM principal's way into the cluster, with one access policy for all of it."""

from __future__ import annotations

from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.drivers.ec2 import wanted_tags
from skyclust.providers.aws.drivers.eks import EksDriver, pair
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession


class AccessEntryDriver(EksDriver):
    """Spec: cluster_name, principal_arn, policy_arn, name, tags. The policy is associated by the first update."""

    kind = "aws.eks.access_entry"
    title = "access entry"
    arn_member = "accessEntryArn"

    def _external_id(self, spec: JsonObject) -> str:
        return f"{spec['cluster_name']}/{spec['principal_arn']}"

    async def _describe(self, session: AwsSession, external_id: str) -> JsonObject:
        cluster, principal = pair(external_id)
        entry: JsonObject = (
            await session.call("eks", "describe_access_entry", clusterName=cluster, principalArn=principal)
        )["accessEntry"]
        return entry

    async def read(self, session: AwsSession, item: JsonObject, spec: JsonObject) -> Observed:
        del spec
        try:
            found = await session.listed(
                "eks", "list_associated_access_policies", "associatedAccessPolicies",
                clusterName=item["clusterName"], principalArn=item["principalArn"],
            )  # fmt: skip
        except NotFound:
            found = []
        return self.seen({**item, "policies": [policy["policyArn"] for policy in found]})

    async def _create(self, session: AwsSession, mark: Mark, spec: JsonObject) -> JsonObject:
        made = await session.call(
            "eks", "create_access_entry", clusterName=spec["cluster_name"], principalArn=spec["principal_arn"],
            type="STANDARD", tags={**wanted_tags(spec), **mark.tags()}, clientRequestToken=mark.token,
        )  # fmt: skip
        entry: JsonObject = made["accessEntry"]
        return entry

    def seen(self, item: JsonObject) -> Observed:
        external_id = f"{item['clusterName']}/{item['principalArn']}"
        fields = {"policies": item.get("policies", []), "tags": item.get("tags") or {}}
        outputs = {"id": external_id, "arn": item.get("accessEntryArn", ""), "username": item.get("username", "")}
        return Observed(external_id, Phase.READY, outputs, fields)

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        policies = fields.get("policies", [])
        return [] if spec["policy_arn"] in policies else [Change("policy_arn", policies, spec["policy_arn"])]

    async def _change(
        self, session: AwsSession, external_id: str, spec: JsonObject, changes: dict[str, Change]
    ) -> None:
        del changes
        cluster, principal = pair(external_id)
        await session.call(
            "eks", "associate_access_policy", clusterName=cluster, principalArn=principal,
            policyArn=spec["policy_arn"], accessScope={"type": "cluster"},
        )  # fmt: skip

    async def _delete(self, session: AwsSession, external_id: str) -> None:
        cluster, principal = pair(external_id)
        await session.call("eks", "delete_access_entry", clusterName=cluster, principalArn=principal)
