"""The list of what a credential needs is what the drivers call, and IAM is asked about all of it."""

import ast
import asyncio
import itertools
import json
from pathlib import Path

from skyclust.providers.aws import permissions
from skyclust.providers.aws.sessions import READS

FOLDER = Path(permissions.__file__).parent
#: Service of the SDK -> prefix of IAM's actions.
PREFIXES = {"ec2": "ec2", "eks": "eks", "iam": "iam", "elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing"}


def called():
    """Every mutation that the provider's code names, as IAM names the action."""
    found = set()
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            given = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
            words = [item.value if isinstance(item, ast.Constant) else None for item in given]
            for service, method in itertools.pairwise(words):
                if service in PREFIXES and isinstance(method, str) and "_" in method and not method.startswith(READS):
                    action = "".join(part.capitalize() for part in method.split("_"))
                    found.add(f"{PREFIXES[service]}:{action}")
    return found


def test_everything_the_drivers_do_is_in_the_list():
    assert {"ec2:CreateSubnet", "eks:CreateNodegroup", "elasticloadbalancing:DeleteLoadBalancer"} <= called()
    assert called() - set(permissions.NEEDED) == set()


def test_what_a_policy_denies_is_listed_by_verification(aws, sandbox):
    before = asyncio.run(aws.verify(sandbox.credential, "us-west-2"))

    async def deny(session):
        statement = {"Effect": "Deny", "Action": ["eks:Create*", "iam:PassRole"], "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": statement}
        user = before.principal.rsplit("/", 1)[-1]
        await session.call("iam", "put_user_policy", UserName=user, PolicyName="no", PolicyDocument=json.dumps(policy))

    async def story():
        session = aws.connect(sandbox.credential, "us-west-2")
        try:
            await deny(session)
        finally:
            await session.close()
        return await aws.verify(sandbox.credential, "us-west-2")

    after = asyncio.run(story())
    assert before.missing_permissions == ()
    creating = ("AccessEntry", "Addon", "Cluster", "FargateProfile", "Nodegroup")
    assert after.missing_permissions == (*(f"eks:Create{what}" for what in creating), "iam:PassRole")


def test_who_may_not_ask_iam_is_still_verified(aws, sandbox):
    sandbox.fault("SimulatePrincipalPolicy", "error_before")
    identity = asyncio.run(aws.verify(sandbox.credential, "us-west-2"))
    assert (identity.account != "", identity.missing_permissions) == (True, ())
