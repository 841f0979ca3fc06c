"""Open clients for one credential and region, and the one way AWS is called.

Used by drivers, checks and reads. Invariants: the SDK repeats no mutating call; every call ends below the lease; what
is raised is a ProviderError without SDK objects or secrets.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from skyclust.contract.errors import AuthenticationFailed, PermissionDenied, ProviderError, Throttled, Unavailable
from skyclust.contract.provider import TENANT
from skyclust.contract.resources import JsonObject
from skyclust.providers.aws.errors import from_exception

CONNECT_SECONDS = 4
READ_SECONDS = 16
CALL_SECONDS = 22  # below the engine's 25 and the lease of 30
#: Before the second and the third attempt of a read.
READ_PAUSES_SECONDS = (0.2, 0.4)
ASSUMED_ROLE_SECONDS = 3600
READS = ("describe_", "list_", "get_", "simulate_")
#: Model files a client needs; loading them is the slow part of making one.
MODELS = ("service-2", "paginators-1", "endpoint-rule-set-1")


@dataclass(frozen=True)
class Credentials:
    """What signs the calls. Only with `from_machine` may it be what the machine offers (environment, instance role)."""

    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    role_arn: str = ""
    external_id: str = field(default="", repr=False)
    from_machine: bool = False
    expires_at: datetime | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any], *, machine_may_assume: bool = False) -> Credentials:
        """From a credential's `data`, which the schema has already checked.

        A role without a key is assumed by the machine, whoever asks: with several tenants, one who knows another's role
        could use it (the confused deputy). So the operator must have allowed it, and the external id is the tenant's
        own, which none can choose. AuthenticationFailed otherwise.
        """
        if data.get("role_arn") and not data.get("access_key") and not machine_may_assume:
            raise AuthenticationFailed(
                "A role without an access key would be assumed with this server's own identity, which its operator has "
                "not allowed (SKYCLUST_AWS_MACHINE_MAY_ASSUME=1). Add the access key that may assume the role.",
                operation="sts:AssumeRole",
            )

        def text(name: str) -> str:
            return str(data.get(name) or "")

        by_machine = bool(data.get("role_arn")) and not data.get("access_key")
        external_id = _external_id_for(data) if by_machine else text("external_id")
        return cls(
            text("access_key"), text("secret_key"), text("session_token"), text("role_arn"), external_id,
            from_machine=by_machine, expires_at=_moment(text("expiration")),
        )  # fmt: skip


def _moment(text: str) -> datetime | None:
    """AuthenticationFailed for what the schema's pattern lets through and is no time."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise AuthenticationFailed("`expiration` is not a time. Give it as AWS told it.") from None


def _external_id_for(data: Mapping[str, Any]) -> str:
    """What the trust policy of a role that this server assumes must ask for: unique to a tenant, and not its choice.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    wanted = str(data[TENANT])
    if data.get("external_id") not in (None, "", wanted):
        raise AuthenticationFailed(
            f"For a role that this server assumes, the external id is the workspace's own. Put {wanted} into the "
            "condition sts:ExternalId of the role's trust policy, and leave external_id out.",
            operation="sts:AssumeRole",
        )
    return wanted


class AwsSession:
    """Implements `contract.provider.Session`. One event loop; many concurrent calls."""

    def __init__(self, credentials: Credentials, region: str, endpoint: str | None) -> None:
        """No network and no SDK yet: both come with the first call."""
        self.region = region
        self.credentials = credentials
        self.endpoint = endpoint
        self._sdk: Any = None
        self._clients: dict[str, asyncio.Task[Any]] = {}
        self._open = contextlib.AsyncExitStack()
        self._first = asyncio.Lock()
        self._elsewhere: dict[str, AwsSession] = {}

    async def close(self) -> None:
        """Release connections. Idempotent."""
        opening = list(self._clients.values())
        self._clients.clear()
        await asyncio.gather(*opening, return_exceptions=True)
        await self._open.aclose()
        for session in self._elsewhere.values():
            await session.close()

    def in_region(self, region: str) -> AwsSession:
        """The same credential in another region, for what reaches over a border; closed with this one."""
        if region == self.region:
            return self
        if region not in self._elsewhere:
            self._elsewhere[region] = AwsSession(self.credentials, region, self.endpoint)
        return self._elsewhere[region]

    async def call(self, service: str, method: str, **parameters: Any) -> JsonObject:
        """Call `method` ("create_vpc") of `service` ("ec2"). Reads are tried a few times, mutations exactly once."""
        operation = f"{service}:{_camel(method)}"
        mutating = not method.startswith(READS)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                for pause in READ_PAUSES_SECONDS if not mutating else ():
                    with contextlib.suppress(Throttled, Unavailable):
                        return await self._once(service, method, operation, parameters, mutating=mutating)
                    await asyncio.sleep(pause)
                return await self._once(service, method, operation, parameters, mutating=mutating)
        except TimeoutError as error:
            raise from_exception(error, operation, mutating=mutating) from None

    async def listed(self, service: str, method: str, member: str, **parameters: Any) -> list[Any]:
        """Every item of a paged list, to the end."""
        found: list[Any] = []
        token_in, token_out = _PAGING.get(service, ("NextToken", "NextToken"))
        while True:
            page = await self.call(service, method, **parameters)
            found.extend(page.get(member) or [])
            token = page.get(token_out)
            if not token:
                return found
            parameters = {**parameters, token_in: token}

    async def frozen_credentials(self) -> Any:
        """The keys that sign now (after assuming the role, if there is one), for presigning."""
        await self._client("sts")
        keys = await self._sdk.get_credentials()
        if keys is None:
            raise AuthenticationFailed(
                "There is no credential to sign with. Give an access key.", operation="sts:Presign"
            )
        return await keys.get_frozen_credentials()

    async def endpoint_of(self, service: str) -> str:
        """The URL calls of `service` go to."""
        return str((await self._client(service)).meta.endpoint_url)

    async def _once(
        self, service: str, method: str, operation: str, parameters: JsonObject, *, mutating: bool
    ) -> JsonObject:
        try:
            client = await self._client(service)
            return cast(JsonObject, await getattr(client, method)(**parameters))
        except ProviderError:
            raise
        except Exception as error:  # noqa: BLE001 - every SDK error becomes a class of the contract, unknown ones too
            raise from_exception(error, operation, mutating=mutating) from None

    async def _client(self, service: str) -> Any:
        task = self._clients.get(service)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._clients[service] = asyncio.create_task(self._make_client(service))
        return await asyncio.shield(task)

    async def _make_client(self, service: str) -> Any:
        async with self._first:
            if self._sdk is None:
                self._sdk = await _sdk_session(self.credentials, self.region, self.endpoint)
        return await self._open.enter_async_context(await _create_client(self._sdk, service, self))


_PAGING = {
    "eks": ("nextToken", "nextToken"),
    "iam": ("Marker", "Marker"),
    "elb": ("Marker", "NextMarker"),
    "elbv2": ("Marker", "NextMarker"),
}

_loader: Any = None


async def _sdk_session(credentials: Credentials, region: str, endpoint: str | None) -> Any:
    """An SDK session with these credentials; all sessions share one loader, so that models are read once."""
    if not (credentials.access_key or credentials.role_arn or credentials.from_machine):
        message = "The credential has neither an access key nor a role to assume. Give one of them."
        raise AuthenticationFailed(message, operation="sts:GetCallerIdentity")
    session = await asyncio.to_thread(_new_sdk_session)
    if credentials.access_key:
        session.set_credentials(credentials.access_key, credentials.secret_key, credentials.session_token or None)
    if credentials.role_arn:
        await _assume(session, credentials, region, endpoint)
    return session


def _new_sdk_session() -> Any:
    global _loader  # noqa: PLW0603 - a cache of read-only model files for the whole process
    from aiobotocore.session import AioSession  # noqa: PLC0415 - 0.3 s; only once somebody talks to AWS

    session = AioSession()
    if _loader is None:
        _loader = session.get_component("data_loader")
    session.register_component("data_loader", _loader)
    return session


async def _create_client(sdk: Any, service: str, session: AwsSession) -> Any:
    from aiobotocore.config import AioConfig  # noqa: PLC0415 - as above

    await asyncio.to_thread(_preload, service)
    config = AioConfig(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1},
        max_pool_connections=50,
        user_agent_extra="skyclust",
    )
    # Reading the bundle of authorities takes longer than all the rest, and without TLS nobody looks into it.
    verify = False if (session.endpoint or "").startswith("http://") else None
    return sdk.create_client(
        service, region_name=session.region, endpoint_url=session.endpoint, config=config, verify=verify
    )


def _preload(service: str) -> None:
    from botocore.exceptions import DataNotFoundError  # noqa: PLC0415 - as above

    for model in MODELS:
        with contextlib.suppress(DataNotFoundError):
            _loader.load_service_model(service, model)


async def _assume(session: Any, credentials: Credentials, region: str, endpoint: str | None) -> None:
    """Sign with the role from now on; the SDK renews the role's keys shortly before they expire."""
    from aiobotocore.credentials import AioRefreshableCredentials  # noqa: PLC0415 - as above

    base = Credentials(
        credentials.access_key, credentials.secret_key, credentials.session_token, from_machine=True
    )  # fmt: skip

    async def fetch() -> dict[str, Any]:
        assuming = AwsSession(base, region, endpoint)
        try:
            return await _assumed_keys(assuming, credentials)
        finally:
            await assuming.close()

    metadata = await fetch()
    session._credentials = AioRefreshableCredentials.create_from_metadata(  # noqa: SLF001 - no public way takes refreshable keys
        metadata, refresh_using=fetch, method="assume-role"
    )


async def _assumed_keys(session: AwsSession, credentials: Credentials) -> dict[str, Any]:
    name = hashlib.sha256(credentials.role_arn.encode()).hexdigest()[:8]
    outside = {"ExternalId": credentials.external_id} if credentials.external_id else {}
    try:
        answer = await session.call(
            "sts", "assume_role", RoleArn=credentials.role_arn, RoleSessionName=f"skyclust-{name}",
            DurationSeconds=ASSUMED_ROLE_SECONDS, **outside,
        )  # fmt: skip
    except PermissionDenied as error:
        raise _untrusted(credentials, error) from None
    keys = answer["Credentials"]
    return {
        "access_key": keys["AccessKeyId"],
        "secret_key": keys["SecretAccessKey"],
        "token": keys["SessionToken"],
        "expiry_time": keys["Expiration"].isoformat(),
    }


def _untrusted(credentials: Credentials, error: PermissionDenied) -> PermissionDenied:
    """What the role's owner has to do about it."""
    asked = f" under the condition that sts:ExternalId is {credentials.external_id}" if credentials.from_machine else ""
    return PermissionDenied(
        f"The role {credentials.role_arn} may not be assumed. Its trust policy must allow sts:AssumeRole to the caller"
        f"{asked}. AWS says: {error.message}",
        operation=error.operation,
        code=error.code,
    )


async def refuse_open_role(credentials: Credentials, region: str, endpoint: str | None) -> None:
    """AuthenticationFailed for a role that this server could assume for any tenant: its policy asks for no external id.

    Does nothing for a role that is assumed with the tenant's own key.
    """
    if not credentials.from_machine:
        return
    assuming = AwsSession(Credentials(from_machine=True), region, endpoint)
    try:
        await _assumed_keys(assuming, replace(credentials, external_id=""))
    except PermissionDenied:
        return
    finally:
        await assuming.close()
    raise AuthenticationFailed(
        f"The role {credentials.role_arn} can be assumed without an external id, so everybody who knows its name "
        "could use it through this server. Add the condition "
        f"sts:ExternalId = {credentials.external_id} to its trust policy.",
        operation="sts:AssumeRole",
    )


def _camel(method: str) -> str:
    return "".join(part.capitalize() for part in method.split("_"))
