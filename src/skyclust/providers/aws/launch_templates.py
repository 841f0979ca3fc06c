"""What a node group's launch template says of its machines. Called when a cluster is imported. Reads only."""

from __future__ import annotations

from skyclust.contract.errors import PermissionDenied
from skyclust.contract.resources import JsonObject
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession


async def template_of(session: AwsSession, group: JsonObject) -> JsonObject:
    """`machine_type` and `disk_gb` as far as the template tells them; {} without one, or without a right to it."""
    template = group.get("launchTemplate")
    if not template:
        return {}
    try:
        answer = await session.call(
            "ec2", "describe_launch_template_versions", LaunchTemplateId=template["id"],
            Versions=[template.get("version", "$Default")],
        )  # fmt: skip
    except (NotFound, PermissionDenied):
        return {}
    data = answer["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    sizes = [mapping["Ebs"].get("VolumeSize") for mapping in data.get("BlockDeviceMappings") or [] if "Ebs" in mapping]
    told = {"machine_type": data.get("InstanceType"), "disk_gb": next(iter(sizes), None)}
    return {name: value for name, value in told.items() if value}
