"""The nodes' service account and its roles in the project. Called for the kind gcp.iam.service_account.

The account is created with the mark in its description; roles are bound by `update`, as IAM's policy is one document
per project that is read, changed and written back with its etag. A concurrent change is refused by Google and tried
again.
"""

from __future__ import annotations

from skyclust.contract.errors import NameTaken, NotYet
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.gcp.classifying import AlreadyExists, NotFound
from skyclust.providers.gcp.naming import last_segment
from skyclust.providers.gcp.sessions import GcpSession, gcp_session

#: Version of policies that may hold conditions: https://cloud.google.com/iam/docs/policies#versions
_POLICY_VERSION = 3


class ServiceAccountDriver:
    """Implements `contract.provider.Driver`."""

    kind = "gcp.iam.service_account"
    #: IAM is eventually consistent; reads of a new account may fail for about a minute.
    consistency_window_seconds = 60.0
    creates = True

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """IAM answers at once."""
        del action, spec
        return 2.0

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By account id and mark."""
        gcp = gcp_session(session)
        path = _path(gcp, spec)
        account = await _get(gcp, path)
        if account is None:
            return None
        if not mark.owns_description(account.get("description")):
            raise _taken(path)
        return await _observed(gcp, path, spec)

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """The account and what it may do in the project."""
        gcp = gcp_session(session)
        account = await _get(gcp, external_id)
        return None if account is None else await _observed(gcp, external_id, spec)

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """The account alone; it is READY once its roles are bound."""
        gcp = gcp_session(session)
        body = {
            "accountId": spec["account_id"],
            "serviceAccount": {"displayName": spec["display_name"], "description": mark.description()},
        }
        parent = f"projects/{gcp.project}"
        try:
            await gcp.write(lambda apis: apis.iam.projects().serviceAccounts().create(name=parent, body=body))
        except AlreadyExists as error:
            found = await self.find(gcp, mark, spec)
            if found is None:
                raise NotYet("The service account exists but is not visible yet.", operation=error.operation) from error
            return found
        path = _path(gcp, spec)
        return Observed(path, Phase.SETTLING, _outputs(path), message="being created")

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Roles that are not bound; others a user has bound stay."""
        seen = observed.fields.get("roles", [])
        missing = sorted(set(spec["roles"]) - set(seen))
        return (Change("roles", seen, spec["roles"]),) if missing else ()

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """Bind the roles."""
        del changes, mark
        gcp = gcp_session(session)
        policy = await project_policy(gcp)
        await _write_policy(gcp, with_roles(policy, _member(external_id), spec["roles"]))

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """First its roles, so that no binding of a deleted account stays in the project, then the account."""
        del spec
        gcp = gcp_session(session)
        account = await _get(gcp, external_id)
        if account is None:
            return
        if not mark.owns_description(account.get("description")):
            raise _taken(external_id)
        policy = await project_policy(gcp)
        if roles_of(policy, _member(external_id)):
            await _write_policy(gcp, without_member(policy, _member(external_id)))
        try:
            await gcp.write(lambda apis: apis.iam.projects().serviceAccounts().delete(name=external_id))
        except NotFound:
            return


# ---- policies: pure ----
def roles_of(policy: JsonObject, member: str) -> list[str]:
    """Roles bound to a member without a condition, sorted."""
    return sorted(
        binding["role"]
        for binding in policy.get("bindings", [])
        if member in binding.get("members", []) and not binding.get("condition")
    )


def with_roles(policy: JsonObject, member: str, roles: list[str]) -> JsonObject:
    """The policy with the member in an unconditional binding of each role; everything else as it was."""
    missing = set(roles) - set(roles_of(policy, member))
    bindings = []
    for binding in policy.get("bindings", []):
        if binding["role"] in missing and not binding.get("condition"):
            missing.discard(binding["role"])
            bindings.append({**binding, "members": [*binding.get("members", []), member]})
        else:
            bindings.append(binding)
    bindings.extend({"role": role, "members": [member]} for role in sorted(missing))
    return {**policy, "bindings": bindings, "version": _POLICY_VERSION}


def without_member(policy: JsonObject, member: str) -> JsonObject:
    """The policy without any binding of the member."""
    kept = [
        {**binding, "members": [other for other in binding.get("members", []) if other != member]}
        for binding in policy.get("bindings", [])
    ]
    return {**policy, "bindings": [binding for binding in kept if binding["members"]], "version": _POLICY_VERSION}


# ---- calls ----
def _path(gcp: GcpSession, spec: JsonObject) -> str:
    return f"projects/{gcp.project}/serviceAccounts/{spec['account_id']}@{gcp.project}.iam.gserviceaccount.com"


def _member(path: str) -> str:
    return f"serviceAccount:{last_segment(path)}"


def _outputs(path: str) -> JsonObject:
    return {"id": path, "email": last_segment(path), "name": last_segment(path).partition("@")[0]}


async def _get(gcp: GcpSession, path: str) -> JsonObject | None:
    return await gcp.read_or_none(lambda apis: apis.iam.projects().serviceAccounts().get(name=path))


async def _observed(gcp: GcpSession, path: str, spec: JsonObject) -> Observed:
    return observed_account(path, await project_policy(gcp), spec)


def observed_account(path: str, policy: JsonObject, spec: JsonObject) -> Observed:
    """An account that exists, with those of the spec's roles that it holds in the project."""
    bound = roles_of(policy, _member(path))
    return Observed(path, Phase.READY, _outputs(path), {"roles": [role for role in spec["roles"] if role in bound]})


async def project_policy(gcp: GcpSession) -> JsonObject:
    """Who may do what in the project."""
    body = {"options": {"requestedPolicyVersion": _POLICY_VERSION}}
    return await gcp.read(lambda apis: apis.projects.projects().getIamPolicy(resource=gcp.project, body=body))


async def _write_policy(gcp: GcpSession, policy: JsonObject) -> None:
    body = {"policy": policy}
    await gcp.write(lambda apis: apis.projects.projects().setIamPolicy(resource=gcp.project, body=body))


def _taken(path: str) -> NameTaken:
    return NameTaken(
        f"The service account {last_segment(path)} exists and was not made by this stack. Remove it, or choose another "
        "name for the cluster.",
        operation="iam.projects.serviceAccounts.get",
    )
