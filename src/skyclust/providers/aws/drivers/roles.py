"""aws.iam.role: what a cluster, its nodes or its Fargate pods may do. Names are deterministic, policies AWS's own."""

from __future__ import annotations

import json

from skyclust.contract.errors import NameTaken
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.drivers.ec2 import aws, refuse_foreign, tag_list, tags_of, wanted_tags
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession


class RoleDriver:
    """Spec: name, role_name, service (who may assume it), policies (ARNs that must be attached), tags."""

    kind = "aws.iam.role"
    consistency_window_seconds = 60.0  # "IAM is eventually consistent", IAM user guide, troubleshooting
    creates = True

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """A fresh role is known everywhere after about 12 s."""
        del spec
        return 12.0 if action == "create" else 0.0

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By name and mark; NameTaken when the name is somebody else's."""
        role = await self.get(aws(session), spec["role_name"])
        if role is None:
            return None
        if not mark.owns_tags(tags_of(role)):
            raise _taken(spec["role_name"])
        return await self.read(aws(session), role)

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """By name."""
        del spec
        role = await self.get(aws(session), external_id)
        return None if role is None else await self.read(aws(session), role)

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """Policies are attached by the first update."""
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": spec["service"]}, "Action": "sts:AssumeRole"}],
        }
        try:
            made = await aws(session).call(
                "iam", "create_role", RoleName=spec["role_name"], AssumeRolePolicyDocument=json.dumps(trust),
                Description=mark.description(), Tags=tag_list({**wanted_tags(spec), **mark.tags()}),
            )  # fmt: skip
        except NameTaken:
            found = await self.find(session, mark, spec)
            if found is None:
                raise
            return found
        role = made["Role"]
        return Observed(role["RoleName"], Phase.SETTLING, {"id": role["RoleName"], "arn": role["Arn"]})

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Policies that are missing. More than we asked for is the user's affair."""
        attached = observed.fields.get("policies", [])
        missing = [policy for policy in spec["policies"] if policy not in attached]
        return (Change("policies", attached, spec["policies"]),) if missing else ()

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """Attaching twice is no error, so everything is attached."""
        del mark
        for change in changes:
            for policy in [policy for policy in spec["policies"] if policy not in change.before]:
                await aws(session).call("iam", "attach_role_policy", RoleName=external_id, PolicyArn=policy)

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """A role goes only when nothing is attached to it."""
        del spec
        role = await self.get(aws(session), external_id)
        if role is None:
            return
        refuse_foreign(mark, tags_of(role), external_id)
        try:
            await _strip(aws(session), external_id)
            await aws(session).call("iam", "delete_role", RoleName=external_id)
        except NotFound:
            return

    async def get(self, session: AwsSession, name: str) -> JsonObject | None:
        """The role with its tags, which no list of roles shows; None when there is none."""
        try:
            role: JsonObject = (await session.call("iam", "get_role", RoleName=name))["Role"]
        except NotFound:
            return None
        return role

    async def read(self, session: AwsSession, role: JsonObject) -> Observed:
        """What is seen of a role that `get` answered: its policies are asked for here."""
        name = role["RoleName"]
        try:
            attached = await session.listed("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)
        except NotFound:
            attached = []
        fields = {"policies": sorted(policy["PolicyArn"] for policy in attached), "tags": tags_of(role)}
        return Observed(name, Phase.READY, {"id": name, "arn": role["Arn"]}, fields)


def _taken(name: str) -> NameTaken:
    return NameTaken(
        f"An IAM role named {name} exists and was not made for this cluster. Delete it, or choose another name.",
        operation="iam:GetRole",
    )


async def _strip(session: AwsSession, name: str) -> None:
    for policy in await session.listed("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        await session.call("iam", "detach_role_policy", RoleName=name, PolicyArn=policy["PolicyArn"])
    for inline in await session.listed("iam", "list_role_policies", "PolicyNames", RoleName=name):
        await session.call("iam", "delete_role_policy", RoleName=name, PolicyName=inline)
    profiles = await session.listed("iam", "list_instance_profiles_for_role", "InstanceProfiles", RoleName=name)
    for profile in profiles:
        await session.call(
            "iam", "remove_role_from_instance_profile", RoleName=name,
            InstanceProfileName=profile["InstanceProfileName"],
        )  # fmt: skip
