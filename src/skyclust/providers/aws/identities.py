"""Whose credential it is and what it may do: its schema, `verify`, and the principal that EKS will know.

Called by the provider. Invariant: a refusal names the refused call; secrets stay in the request.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from skyclust.contract.errors import PermissionDenied, ProviderError
from skyclust.contract.provider import VerifiedIdentity
from skyclust.contract.resources import JsonObject
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.permissions import denied_by_policy
from skyclust.providers.aws.sessions import AwsSession

CREDENTIAL_SCHEMA: JsonObject = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "AWS account",
    "additionalProperties": False,
    "properties": {
        "access_key": {
            "type": "string", "title": "Access key ID", "pattern": "^[A-Za-z0-9_]{4,128}$", "examples": ["AKIA..."],
        },
        "secret_key": {
            "type": "string", "title": "Secret access key", "writeOnly": True, "minLength": 4, "maxLength": 128,
        },
        "session_token": {
            "type": "string", "title": "Session token", "writeOnly": True, "maxLength": 4096,
            "description": "Only for temporary keys.",
        },
        "expiration": {
            "type": "string", "title": "Expiration", "maxLength": 40,
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$",
            "description": "When temporary keys end, as `aws sts get-session-token` tells it.",
        },
        "region": {"type": "string", "title": "Default region", "maxLength": 32},
        "role_arn": {
            "type": "string", "title": "Role to assume", "pattern": "^arn:aws[a-z-]*:iam::[0-9]{12}:role/.{1,512}$",
            "description": "Assumed with the access key; or with the server's identity, if its operator allows that.",
        },
        "external_id": {
            "type": "string", "title": "External ID", "minLength": 2, "maxLength": 1224,
            "description": "What the role's trust policy asks for. For a role that the server assumes with its own "
            "identity it is skyclust-<workspace id>: put that into the policy, and leave this out.",
        },
    },
    "anyOf": [{"required": ["access_key", "secret_key"]}, {"required": ["role_arn"]}],
    "dependentRequired": {
        "access_key": ["secret_key"], "secret_key": ["access_key"], "external_id": ["role_arn"],
        "expiration": ["session_token"],
    },
}  # fmt: skip

#: Reads without which nothing works at all.
_PROBES: tuple[tuple[str, str, JsonObject], ...] = (
    ("ec2", "describe_vpcs", {"MaxResults": 5}),
    ("eks", "list_clusters", {"maxResults": 1}),
)
#: Mutations that EC2 can be asked about without doing them: service, method, parameters.
DRY_RUNS: tuple[tuple[str, str, JsonObject], ...] = (
    ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}),
    ("ec2", "create_internet_gateway", {}),
    ("ec2", "allocate_address", {"Domain": "vpc"}),
)


async def verify(session: AwsSession) -> VerifiedIdentity:
    """Real calls: who are you, may you read, and (as dry runs, and as IAM tells) may you create."""
    told = await session.call("sts", "get_caller_identity")
    for service, method, parameters in _PROBES:
        await session.call(service, method, **parameters)
    roles = await _refusal(session, "iam", "list_roles", {"MaxItems": 1})  # needed unless the user brings own roles
    denied = await denied_by_policy(session, await principal(session))
    missing = tuple(sorted({*await missing_permissions(session), *denied, *([roles] if roles else [])}))
    issued = await _key_created_at(session)
    return VerifiedIdentity(str(told["Account"]), str(told["Arn"]), missing, session.credentials.expires_at, issued)


async def _key_created_at(session: AwsSession) -> datetime | None:
    """Of a user's own access key, if the user may list its keys. Temporary keys have no such date."""
    mine = session.credentials.access_key
    if not mine or session.credentials.session_token or session.credentials.role_arn:
        return None
    try:
        keys = await session.listed("iam", "list_access_keys", "AccessKeyMetadata")
    except ProviderError:
        return None
    return next((key["CreateDate"] for key in keys if key["AccessKeyId"] == mine), None)


async def missing_permissions(session: AwsSession) -> tuple[str, ...]:
    """Operations ("ec2:CreateVpc") that AWS would refuse to this credential."""
    refused = await asyncio.gather(
        *(_refusal(session, service, method, {"DryRun": True, **rest}) for service, method, rest in DRY_RUNS)
    )
    return tuple(operation for operation in refused if operation)


async def _refusal(session: AwsSession, service: str, method: str, parameters: JsonObject) -> str:
    try:
        await session.call(service, method, **parameters)
    except PermissionDenied as error:
        return error.operation
    except ProviderError:
        return ""  # DryRunOperation ("would have succeeded") and whatever else is no missing permission
    return ""


async def principal(session: AwsSession) -> str:
    """The ARN that EKS knows the caller by: for a session of a role, the role itself, with its path."""
    arn = str((await session.call("sts", "get_caller_identity"))["Arn"])
    if ":assumed-role/" not in arn:
        return arn
    role = arn.split("/")[1]
    try:
        return str((await session.call("iam", "get_role", RoleName=role))["Role"]["Arn"])
    except (PermissionDenied, NotFound):
        account = arn.split(":")[4]
        return f"arn:aws:iam::{account}:role/{role}"  # right unless the role has a path
