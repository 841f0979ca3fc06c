"""What the credential must be allowed to do, and whether IAM says so. Called by verification.

IAM is asked (SimulatePrincipalPolicy), which does nothing. It judges without resources and conditions, so what a policy
allows for some resources only is told as missing too: it is for people to read, and nothing is refused because of it.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import asyncio

from skyclust.contract.errors import ProviderError
from skyclust.contract.resources import JsonObject
from skyclust.providers.aws.sessions import AwsSession

_EC2 = (
    "AcceptVpcPeeringConnection", "AllocateAddress", "AssociateRouteTable", "AttachInternetGateway",
    "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateInternetGateway", "CreateNatGateway",
    "CreateRoute", "CreateRouteTable", "CreateSecurityGroup", "CreateSubnet", "CreateTags", "CreateVpc",
    "CreateVpcPeeringConnection", "DeleteInternetGateway", "DeleteNatGateway", "DeleteNetworkInterface",
    "DeleteRoute", "DeleteRouteTable", "DeleteSecurityGroup", "DeleteSubnet", "DeleteTags", "DeleteVolume",
    "DeleteVpc", "DeleteVpcPeeringConnection", "DetachInternetGateway", "DisassociateRouteTable",
    "ModifySubnetAttribute", "ModifyVpcAttribute", "ModifyVpcPeeringConnectionOptions", "ReleaseAddress",
    "ReplaceRoute", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress",
)  # fmt: skip
_EKS = (
    "AssociateAccessPolicy", "CreateAccessEntry", "CreateAddon", "CreateCluster", "CreateFargateProfile",
    "CreateNodegroup", "DeleteAccessEntry", "DeleteAddon", "DeleteCluster", "DeleteFargateProfile", "DeleteNodegroup",
    "TagResource", "UntagResource", "UpdateAddon", "UpdateClusterConfig", "UpdateClusterVersion",
    "UpdateNodegroupConfig", "UpdateNodegroupVersion",
)  # fmt: skip
_IAM = (
    "AttachRolePolicy", "CreateRole", "DeleteRole", "DeleteRolePolicy", "DetachRolePolicy", "ListRoles", "PassRole",
    "RemoveRoleFromInstanceProfile", "TagRole", "UntagRole",
)  # fmt: skip
_BALANCERS = ("DeleteLoadBalancer", "DeleteTargetGroup")
#: All that a cluster with everything of its own needs, as IAM names it; the tests hold it against the drivers' calls.
NEEDED = (
    *(f"ec2:{action}" for action in _EC2),
    *(f"eks:{action}" for action in _EKS),
    *(f"elasticloadbalancing:{action}" for action in _BALANCERS),
    *(f"iam:{action}" for action in _IAM),
)
_BATCH = 50


async def denied_by_policy(session: AwsSession, arn: str) -> tuple[str, ...]:
    """Those of `NEEDED` that IAM would not allow to the user or role; none where IAM does not tell.

    The root user cannot be asked about, and most users may not ask (iam:SimulatePrincipalPolicy).
    """
    if arn.endswith(":root"):
        return ()
    batches = [NEEDED[start : start + _BATCH] for start in range(0, len(NEEDED), _BATCH)]
    try:
        found = await asyncio.gather(*(_simulated(session, arn, batch) for batch in batches))
    except ProviderError:
        return ()
    results = [result for page in found for result in page]
    return tuple(str(item["EvalActionName"]) for item in results if item["EvalDecision"] != "allowed")


async def _simulated(session: AwsSession, arn: str, actions: tuple[str, ...]) -> list[JsonObject]:
    given = {"PolicySourceArn": arn, "ActionNames": list(actions)}
    return await session.listed("iam", "simulate_principal_policy", "EvaluationResults", **given)
