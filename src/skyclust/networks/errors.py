"""What can go wrong with networks and with any plan of a cloud; also used by clusters.

A ProviderError never reaches HTTP as such: `refused` says what it means for the one who asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from skyclust.contract.errors import (
    AuthenticationFailed,
    InUse,
    InvalidSpec,
    NameTaken,
    NoCapacity,
    NotSupported,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    Throttled,
    Transient,
)
from skyclust.contract.resources import Finding, InventoryItem
from skyclust.kit.problems import FieldError, Problem, conflict, invalid, not_found

Pointer = Callable[[str], str]


def same(pointer: str) -> str:
    """Pointers into the spec that are pointers into the body too."""
    path = pointer.strip("/")
    return f"/{path}" if path else ""


def refused(error: ProviderError, pointer: Pointer = same) -> Problem:
    """What a cloud's refusal means for the caller. Names the refused call."""
    call: dict[str, Any] = {"refused_call": error.operation} if error.operation else {}
    what = f"{error.message} ({error.operation} was refused.)" if error.operation else error.message
    match error:
        case AuthenticationFailed():
            return Problem(422, "credential-refused", "The cloud does not accept this credential", what,
                           errors=[FieldError("/credential_id", what)], **call)  # fmt: skip
        case PermissionDenied():
            return Problem(422, "permission-denied", "The credential may not do this in the cloud", what,
                           errors=[FieldError("/credential_id", what)], **call)  # fmt: skip
        case QuotaExceeded():
            return Problem(422, "quota-exceeded", "A limit of the cloud account is reached", what, **call)
        case InvalidSpec(field=field):
            return Problem(422, "invalid", "The cloud refuses this request", what,
                           errors=[FieldError(pointer(field), error.message)], **call)  # fmt: skip
        case NotSupported():
            return Problem(422, "not-supported", "This provider does not offer that", what, **call)
        case NameTaken() | InUse():
            return conflict("taken-in-cloud", "Something in the cloud stands in the way", what, **call)
        case Throttled(retry_after_seconds=seconds):
            return _later(what, seconds, call)
        case Transient() | NoCapacity():
            return _later(what, 5, call)
        case _:
            return Problem(502, "cloud-error", "The cloud answered in a way we do not understand", what, **call)


def _later(what: str, seconds: float, call: dict[str, Any]) -> Problem:
    headers = {"Retry-After": str(max(1, round(seconds)))}
    return Problem(503, "cloud-unavailable", "The cloud cannot answer now: try again later", what,
                   headers=headers, **call)  # fmt: skip


def check_findings(findings: Iterable[Finding], pointer: Pointer = same, *, preflight: bool = False) -> None:
    """Raise when a finding forbids going on; warnings pass."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        return
    fields = [FieldError(pointer(finding.field), finding.message) for finding in errors]
    if not preflight:
        raise invalid(fields)
    listed = "; ".join(finding.message for finding in errors[:3])
    raise Problem(
        422, "preflight-failed", "The cloud would refuse this: nothing was made", listed, errors=fields,
        codes=[finding.code for finding in errors],
    )  # fmt: skip


def unknown_provider(name: str, installed: Iterable[str]) -> Problem:
    """404 that tells which there are."""
    listed = ", ".join(sorted(installed))
    return Problem(404, "unknown-provider", "Provider not found", f"{name!r} is not installed here. Use {listed}.")


def wrong_provider(credential_provider: str, wanted: str) -> Problem:
    """422: the credential opens another cloud."""
    detail = f"This credential is for {credential_provider}, not for {wanted}. Choose one for {wanted}."
    return invalid([FieldError("/credential_id", detail)])


def wrong_workspace() -> Problem:
    """422: the credential is in another workspace than the body says."""
    detail = "The credential belongs to another of your workspaces. Leave workspace_id out, or give that one."
    return invalid([FieldError("/workspace_id", detail)])


def network_not_found() -> Problem:
    """404."""
    return not_found("network")


def name_exists(what: str, name: str, region: str, *, row_id: UUID, state: str, operation_id: UUID | None) -> Problem:
    """409 that says what exists."""
    doing = f", operation {operation_id} is running" if operation_id else ""
    return conflict(
        "name-exists",
        f"A {what} of this name exists",
        f"The {what} {name!r} exists in {region} ({state}{doing}; id {row_id}). Choose another name, or delete that "
        "one first.",
        existing={"id": str(row_id), "name": name, "region": region, "state": state,
                  "operation_id": str(operation_id) if operation_id else None},
    )  # fmt: skip


def several(what: str, name: str, candidates: Sequence[dict[str, str]]) -> Problem:
    """409: the name alone does not tell."""
    detail = f"Several are called {name!r}. Add ?credential_id= and ?region=, or use an id."
    return conflict("ambiguous-name", f"More than one {what} has this name", detail, candidates=list(candidates))


def network_not_empty(blockers: Sequence[InventoryItem]) -> Problem:
    """409 naming everything that is not ours. Nothing was touched."""
    listed = ", ".join(
        f"{item.kind} {item.external_id}" + (f" ({item.name})" if item.name else "") for item in blockers
    )
    return conflict(
        "network-not-empty",
        "Something that is not ours is inside the network",
        f"Nothing was touched. Still inside: {listed}. Remove or move it, then delete again.",
        blockers=[
            {"kind": item.kind, "external_id": item.external_id, "name": item.name, "why": item.why}
            for item in blockers
        ],
    )


def deletion_protected(what: str, name: str, switches: Sequence[str], lift: str) -> Problem:
    """409: somebody decided that it stays. `switches` are pointers into the body of a PATCH."""
    listed = " and ".join(switches)
    return conflict(
        "deletion-protected",
        f"The {what} is protected from deletion",
        f"Nothing was touched. {name!r} is protected by {listed}. {lift}",
        switches=list(switches),
    )


def network_in_use(clusters: Sequence[tuple[UUID, str]]) -> Problem:
    """409: a living cluster of ours uses it."""
    names = ", ".join(name for _, name in clusters)
    return conflict(
        "network-in-use",
        "Clusters use this network",
        f"Nothing was touched. These clusters are in it: {names}. Delete them first.",
        clusters=[{"id": str(cluster_id), "name": name} for cluster_id, name in clusters],
    )


def network_was_used() -> Problem:
    """409: what was left behind in it is swept by a deletion only."""
    detail = "Clusters were in this network since it was made. Delete it instead of undoing its creation."
    return conflict("network-was-used", "The creation of this network cannot be undone", detail)


def network_not_ready(name: str) -> Problem:
    """409: nothing can be put into it yet."""
    detail = f"The network {name!r} is not there yet. Follow its operation, then try again."
    return conflict("network-not-ready", "The network is being made", detail)


def belongs_to_cluster(cluster_id: UUID, name: str) -> Problem:
    """409: it comes and goes with its cluster."""
    return conflict(
        "belongs-to-cluster",
        "This network belongs to a cluster",
        f"It was made with the cluster {name!r} ({cluster_id}) and goes with it. Change or delete the cluster.",
        cluster={"id": str(cluster_id), "name": name},
    )


def cannot_change(fields: Sequence[str]) -> Problem:
    """422: only a new one could have it."""
    listed = ", ".join(fields)
    detail = f"The cloud cannot change {listed} in place. Make a new one with it and move over."
    return Problem(422, "cannot-change-in-place", "This does not change in place", detail, fields=list(fields))


# ---- taking over what exists ----
def import_not_offered(title: str) -> Problem:
    """422: the provider has no import."""
    return not_offered(title, "import of what exists")


def not_offered(title: str, what: str) -> Problem:
    """422: the provider does not declare it."""
    detail = f"{title} offers no {what}. GET /providers lists what each offers."
    return Problem(422, "not-supported", "This provider does not offer that", detail)


def nothing_to_import(what: str, wanted: str, region: str, known: Sequence[str]) -> Problem:
    """404 that tells which there are."""
    listed = ", ".join(known[:10]) + (f" and {len(known) - 10} more" if len(known) > 10 else "") or "none"
    detail = f"The credential sees no {what} {wanted!r} in {region}. It sees: {listed}."
    return Problem(404, "not-found", f"There is no such {what} in the cloud", detail)


def several_in_cloud(what: str, name: str, ids: Sequence[str]) -> Problem:
    """409: the name alone does not tell."""
    detail = f"Several {what}s are called {name!r}: {', '.join(ids)}. Give external_id instead of name."
    return conflict("ambiguous-name", f"More than one {what} has this name", detail, external_ids=list(ids))


def taken_already(what: str, name: str, row_id: UUID | None) -> Problem:
    """409: two never manage one thing. Another workspace's is not named."""
    if row_id is None:
        where, known = "another workspace of this installation has it", {}
    else:
        where, known = f"it is here already, as {row_id}", {"existing": {"id": str(row_id)}}
    detail = f"The {what} {name!r} is not taken over: {where}. Release or delete it there first."
    return conflict("already-imported", f"The {what} is taken", detail, **known)


def marked_by_another(what: str, name: str, proof: str) -> Problem:
    """409: somebody's mark is on it."""
    detail = (
        f"The {what} {name!r} carries a mark of SkyClust ({proof}). If another installation manages it, release it "
        "there. If it is an orphan of this one, adopt it (GET /orphans). If nobody does, take the mark off by hand. "
        "Importing it read-only needs none of that."
    )
    return conflict("marked-by-another", f"The {what} carries a mark of SkyClust", detail, proof=proof)


def cannot_import(what: str, name: str, findings: Sequence[Finding]) -> Problem:
    """422: our words cannot say what it is."""
    listed = "; ".join(finding.message for finding in findings[:3])
    return Problem(
        422, "import-refused", f"This {what} cannot be managed as it is",
        f"Nothing was changed. {name}: {listed} Import it read-only (managed: false), or change it first.",
        errors=[FieldError("/managed", finding.message) for finding in findings],
        codes=[finding.code for finding in findings],
    )  # fmt: skip


def read_only(what: str, name: str) -> Problem:
    """409: imported read-only."""
    return conflict(
        "read-only",
        f"The {what} is only observed",
        f"{name!r} was imported read-only: nothing of it is changed from here. To change it, take it over with "
        f"POST .../{{{what}}}:manage.",
    )


def managed_already(what: str, name: str) -> Problem:
    """409: there is nothing to take over."""
    return conflict("managed-already", f"The {what} is managed", f"{name!r} is managed from here already.")


def import_unfinished(what: str, name: str) -> Problem:
    """409: our mark is not on everything yet."""
    detail = f"The import of {name!r} is not finished: part of it does not carry our mark yet. Resume its operation."
    return conflict("import-unfinished", f"The {what} is not taken over yet", detail)


def nothing_to_repair(what: str, name: str) -> Problem:
    """409: as far as the last sweep saw, all is as wanted."""
    detail = f"The last sweep saw nothing of {name!r} that is not as wanted. GET /drift tells how fresh that is."
    return conflict("nothing-to-repair", f"Nothing of the {what} has drifted", detail)


def never_imported(what: str, name: str) -> Problem:
    """409: what we made ourselves is deleted, not given back."""
    detail = f"{name!r} was made here, not imported: there is nobody to give it back to. Delete it instead."
    return conflict("never-imported", f"The {what} was not imported", detail)
