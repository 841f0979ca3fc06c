"""Launch templates of node groups: what EKS shows of one, and what it refuses beside it. Called for new node groups.

Source: "Customize managed nodes with launch templates", EKS user guide.
"""

from typing import Any

from skyclust.sandbox.aws.eks_state import Document, Eks
from skyclust.sandbox.aws.replies import Refusal

BY_WORD = ("$Default", "$Latest")


def template_of(eks: Eks, region: str, given: Document) -> Document:
    """`shown` as DescribeNodegroup has it, and the template's `data`; {} without one."""
    wanted = given.get("launchTemplate")
    if wanted is None:
        return {}
    templates = eks.moto.ec2(region).launch_templates.values()
    found = [item for item in templates if item.id == wanted.get("id") or item.name == wanted.get("name")]
    if not found:
        raise Refusal("InvalidParameterException", f"The launch template {wanted} does not exist.", 400)
    version = _version(found[0], str(wanted.get("version", "$Default")))
    return {"shown": {"id": found[0].id, "name": found[0].name, "version": str(version.number)}, "data": version.data}


def _version(template: Any, wanted: str) -> Any:
    numbers = [str(version.number) for version in template.versions]
    if wanted not in (*BY_WORD, *numbers):
        message = f"The launch template {template.id} has no version {wanted}."
        raise Refusal("InvalidParameterException", message, 400)
    return template.get_version(wanted)


def check_template(given: Document, template: Document) -> None:
    """What a template may say must not be said beside it."""
    if template and "diskSize" in given:
        raise Refusal("InvalidParameterException", "Disk size must be specified within the launch template.", 400)
    if template.get("data", {}).get("InstanceType") and given.get("instanceTypes"):
        message = "Instance type can not be specified both in the launch template and in the API request."
        raise Refusal("InvalidParameterException", message, 400)
